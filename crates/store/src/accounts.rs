//! Accounts: who may sign in, and where their codes are sent.

use domain::{AccountId, EmailAddress, Language, PhoneNumber, Role, Secret, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_optional},
};

repository! {
    /// Accounts: who may sign in, and where their codes are sent.
    accounts: Accounts
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub email: EmailAddress,
    pub name: String,
    /// Where codes are sent. The owner proved that they receive messages there.
    pub phone: PhoneNumber,
    pub phone_verified_at: Timestamp,
    /// The hash of the password, as a PHC string.
    pub password_hash: Secret<String>,
    pub role: Role,
    /// The language of the messages that are sent to the account.
    pub language: Language,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

const INSERT: &str = "insert into accounts
    (id, email, name, phone, phone_verified_at, password_hash, role, language, created_at,
     disabled_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing";

const FIND: &str = "select * from accounts where id = $1";
const FIND_BY_EMAIL: &str = "select * from accounts where email = $1";
const FIND_BY_PHONE: &str = "select * from accounts where phone = $1";
const FIND_ENABLED: &str = "select * from accounts where id = $1 and disabled_at is null";
const FIND_ENABLED_BY_EMAIL: &str =
    "select * from accounts where email = $1 and disabled_at is null";
const FIND_ENABLED_BY_PHONE: &str =
    "select * from accounts where phone = $1 and disabled_at is null";

const FIND_BY_EMAIL_OR_PHONE: &str = "select * from accounts where email = $1 or phone = $2
    order by created_at, id limit 2";

const SET_PASSWORD: &str = "update accounts set password_hash = $2
    where id = $1 and disabled_at is null";

const REPLACE_HASH: &str = "update accounts set password_hash = $3
    where id = $1 and password_hash = $2";

/// Changes nothing, and locks the row until the transaction ends.
const LOCK: &str = "update accounts set language = language where id = $1";

const SET_LANGUAGE: &str = "update accounts set language = $2 where id = $1 and language <> $2";

const SET_PHONE: &str = "update accounts set phone = $3, phone_verified_at = $4
    where id = $1 and phone = $2 and disabled_at is null
    and not exists (select 1 from accounts as other where other.phone = $3 and other.id <> $1)";

impl Accounts<'_> {
    /// Adds an account; `false` if the address or the phone has one already.
    pub async fn insert(&mut self, account: &Account) -> Result<bool> {
        let added = execute!(
            self.0,
            INSERT,
            account.id.as_str(),
            account.email.as_str(),
            account.name.as_str(),
            account.phone.expose(),
            account.phone_verified_at.as_millis(),
            account.password_hash.expose().as_str(),
            account.role.as_str(),
            account.language.as_str(),
            account.created_at.as_millis(),
            account.disabled_at.map(Timestamp::as_millis),
        )?;
        Ok(added == 1)
    }

    pub async fn find(&mut self, id: &AccountId) -> Result<Option<Account>> {
        self.find_one(FIND, id.as_str()).await
    }

    pub async fn find_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>> {
        self.find_one(FIND_BY_EMAIL, email.as_str()).await
    }

    pub async fn find_by_phone(&mut self, phone: &PhoneNumber) -> Result<Option<Account>> {
        self.find_one(FIND_BY_PHONE, phone.expose()).await
    }

    /// An account that may sign in and change: not a disabled one.
    pub async fn find_enabled(&mut self, id: &AccountId) -> Result<Option<Account>> {
        self.find_one(FIND_ENABLED, id.as_str()).await
    }

    pub async fn find_enabled_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>> {
        self.find_one(FIND_ENABLED_BY_EMAIL, email.as_str()).await
    }

    pub async fn find_enabled_by_phone(&mut self, phone: &PhoneNumber) -> Result<Option<Account>> {
        self.find_one(FIND_ENABLED_BY_PHONE, phone.expose()).await
    }

    /// The accounts that have this address or this phone: none, one or two.
    pub async fn find_by_email_or_phone(
        &mut self,
        email: &EmailAddress,
        phone: &PhoneNumber,
    ) -> Result<Vec<Account>> {
        let rows: Vec<Row> =
            fetch_all!(self.0, FIND_BY_EMAIL_OR_PHONE, email.as_str(), phone.expose())?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Sets a new password; `false` if there is no such account or it is disabled.
    pub async fn set_password(&mut self, id: &AccountId, hash: &Secret<String>) -> Result<bool> {
        Ok(execute!(self.0, SET_PASSWORD, id.as_str(), hash.expose().as_str())? == 1)
    }

    /// Stores the same password hashed with newer parameters, unless the password was
    /// changed in the meantime.
    pub async fn replace_hash(
        &mut self,
        id: &AccountId,
        old: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<bool> {
        let (old, new) = (old.expose().as_str(), new.expose().as_str());
        Ok(execute!(self.0, REPLACE_HASH, id.as_str(), old, new)? == 1)
    }

    /// Makes other transactions that sign in to or change the account wait for this one.
    pub async fn lock(&mut self, id: &AccountId) -> Result<()> {
        execute!(self.0, LOCK, id.as_str())?;
        Ok(())
    }

    /// Sets the language of the account's messages; `false` if it is that already.
    pub async fn set_language(&mut self, id: &AccountId, language: Language) -> Result<bool> {
        Ok(execute!(self.0, SET_LANGUAGE, id.as_str(), language.as_str())? == 1)
    }

    /// Changes the phone of an account; `false` if the account no longer has the old one,
    /// or another account has the new one. After `false` the transaction must be undone,
    /// because PostgreSQL may have aborted it.
    pub async fn set_phone(
        &mut self,
        id: &AccountId,
        old: &PhoneNumber,
        new: &PhoneNumber,
        now: Timestamp,
    ) -> Result<bool> {
        let (old, new) = (old.expose(), new.expose());
        match execute!(self.0, SET_PHONE, id.as_str(), old, new, now.as_millis()) {
            Ok(moved) => Ok(moved == 1),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn find_one(&mut self, sql: &'static str, key: &str) -> Result<Option<Account>> {
        let row: Option<Row> = fetch_optional!(self.0, sql, key)?;
        row.map(Row::into_domain).transpose()
    }
}

row! {
    struct Row {
        id: String,
        email: String,
        name: String,
        phone: Option<String>,
        phone_verified_at: Option<i64>,
        password_hash: String,
        role: String,
        language: String,
        created_at: i64,
        disabled_at: Option<i64>,
    }
}

impl Row {
    fn into_domain(self) -> Result<Account> {
        let corrupt = |column| move || Error::corrupt("accounts", column);
        let phone = self.phone.as_deref().and_then(PhoneNumber::from_e164);
        let verified_at = self.phone_verified_at.map(Timestamp::from_millis);
        Ok(Account {
            id: AccountId::parse(&self.id).ok_or_else(corrupt("id"))?,
            email: EmailAddress::from_stored(&self.email).ok_or_else(corrupt("email"))?,
            name: self.name,
            phone: phone.ok_or_else(corrupt("phone"))?,
            phone_verified_at: verified_at.ok_or_else(corrupt("phone_verified_at"))?,
            password_hash: Secret::new(self.password_hash),
            role: Role::parse(&self.role).ok_or_else(corrupt("role"))?,
            language: Language::parse(&self.language).ok_or_else(corrupt("language"))?,
            created_at: Timestamp::from_millis(self.created_at),
            disabled_at: self.disabled_at.map(Timestamp::from_millis),
        })
    }
}
