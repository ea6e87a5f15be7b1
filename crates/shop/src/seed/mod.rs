//! The catalogue and the accounts of the demonstration. Seeding again changes no price, no
//! stock and no order that exists.

mod order_history;
mod products;

use domain::{AccountId, EmailAddress, Language, PhoneNumber, Refusal, Role, Secret};
use store::{Account, Db, transaction};

use crate::{
    clock::Clock,
    draft::Seller,
    entropy::Entropy,
    error::{Error, Fault, Result},
    passwords::{self, Passwords},
    payments::Payments,
};

/// The catalogue and the accounts of the demonstration.
pub struct Seed<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) passwords: &'s Passwords,
    pub(crate) seller: Seller,
    pub(crate) payments: &'s Payments,
}

/// The passwords of the two demonstration accounts.
#[derive(Clone, Debug)]
pub struct DemoPasswords {
    /// Of `shopper@example.com`.
    pub shopper: Secret<String>,
    /// Of `merchant@example.com`.
    pub merchant: Secret<String>,
}

struct Person {
    email: &'static str,
    name: &'static str,
    phone: &'static str,
    role: Role,
}

const SHOPPER: Person = Person {
    email: "shopper@example.com",
    name: "Robin Shopper",
    phone: "+447700900111",
    role: Role::Shopper,
};
const MERCHANT: Person = Person {
    email: "merchant@example.com",
    name: "Maren Merchant",
    phone: "+447700900222",
    role: Role::Merchant,
};

impl Seed<'_> {
    /// Creates the two demonstration accounts, the shopper with an order history. An account
    /// that exists keeps everything, but its password is set to the one given here, so that
    /// the passwords printed at the start are right.
    pub async fn seed_accounts(&self, demo: &DemoPasswords) -> Result<()> {
        let shopper = self.seed_account(&SHOPPER, &demo.shopper).await?;
        self.seed_account(&MERCHANT, &demo.merchant).await?;
        self.seed_orders(&shopper).await
    }

    async fn seed_account(&self, person: &Person, password: &Secret<String>) -> Result<AccountId> {
        let email = EmailAddress::parse(person.email).ok_or(Fault::Broken("demo e-mail"))?;
        let found = self.db.read().await?.accounts().find_by_email(&email).await?;
        let chosen = passwords::choose(password.expose().clone(), &[person.email])?;
        if let Some(account) = &found {
            let hash = Some(account.password_hash.clone());
            if self.passwords.verify(chosen.clone(), hash).await?.is_right {
                return Ok(account.id.clone());
            }
        }
        let hash = self.passwords.hash(chosen, self.entropy).await?;
        let account = match found {
            Some(account) => Account { password_hash: hash, ..account },
            None => self.account(person, email, hash)?,
        };
        transaction!(self.db, |tx| {
            let mut accounts = tx.accounts();
            let is_there = accounts.set_password(&account.id, &account.password_hash).await?
                || accounts.insert(&account).await?;
            if is_there { Ok(account.id) } else { Err(phone_taken()) }
        })
        .await
    }

    fn account(
        &self,
        person: &Person,
        email: EmailAddress,
        password_hash: Secret<String>,
    ) -> Result<Account> {
        let now = self.clock.now();
        Ok(Account {
            id: AccountId::from_bits(self.entropy.bits()?),
            email,
            name: person.name.to_owned(),
            phone: PhoneNumber::from_e164(person.phone).ok_or(Fault::Broken("demo phone"))?,
            phone_verified_at: now,
            password_hash,
            role: person.role,
            language: Language::English,
            created_at: now,
            disabled_at: None,
        })
    }
}

/// Another account has the phone of a demonstration account by now.
fn phone_taken() -> Error {
    Error::Refused(Refusal::NotPossible)
}
