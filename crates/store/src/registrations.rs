//! Registrations whose phone is not verified yet.

use domain::{AccountId, EmailAddress, Language, PhoneNumber, Secret, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, fetch_optional},
};

repository! {
    /// Registrations whose phone is not verified yet.
    registrations: Registrations
}

#[derive(Clone, Debug)]
pub struct Registration {
    /// The id of the account that this becomes.
    pub account: AccountId,
    pub email: EmailAddress,
    pub name: String,
    /// The phone that is to be verified.
    pub phone: PhoneNumber,
    /// The hash of the password, as a PHC string.
    pub password_hash: Secret<String>,
    pub language: Language,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const INSERT: &str = "insert into registrations
    (account_id, email, name, phone, password_hash, language, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

const UPDATE: &str = "update registrations
    set name = $4, password_hash = $5, language = $6, created_at = $7, expires_at = $8
    where account_id = $1 and email = $2 and phone = $3";

const TAKE: &str = "delete from registrations where account_id = $1 and expires_at > $2
    returning account_id, email, name, phone, password_hash, language, created_at, expires_at";

const DELETE_EXPIRED: &str = "delete from registrations where expires_at <= $1";

impl Registrations<'_> {
    pub async fn insert(&mut self, registration: &Registration) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            registration.account.as_str(),
            registration.email.as_str(),
            registration.name.as_str(),
            registration.phone.expose(),
            registration.password_hash.expose().as_str(),
            registration.language.as_str(),
            registration.created_at.as_millis(),
            registration.expires_at.as_millis(),
        )?;
        Ok(())
    }

    /// Replaces the rest of a registration with the same address and phone; `false` if there is
    /// none of this account.
    pub async fn update(
        &mut self,
        account: &AccountId,
        registration: &Registration,
    ) -> Result<bool> {
        let updated = execute!(
            self.0,
            UPDATE,
            account.as_str(),
            registration.email.as_str(),
            registration.phone.expose(),
            registration.name.as_str(),
            registration.password_hash.expose().as_str(),
            registration.language.as_str(),
            registration.created_at.as_millis(),
            registration.expires_at.as_millis(),
        )?;
        Ok(updated == 1)
    }

    /// Removes a registration to make an account of it. Of concurrent calls, one gets it.
    pub async fn take(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<Registration>> {
        let row: Option<Row> = fetch_optional!(self.0, TAKE, account.as_str(), now.as_millis())?;
        row.map(Row::into_domain).transpose()
    }

    pub async fn delete_expired(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_EXPIRED, now.as_millis())?)
    }
}

row! {
    struct Row {
        account_id: String,
        email: String,
        name: String,
        phone: String,
        password_hash: String,
        language: String,
        created_at: i64,
        expires_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<Registration> {
        let corrupt = |column| move || Error::corrupt("registrations", column);
        Ok(Registration {
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            email: EmailAddress::from_stored(&self.email).ok_or_else(corrupt("email"))?,
            name: self.name,
            phone: PhoneNumber::from_e164(&self.phone).ok_or_else(corrupt("phone"))?,
            password_hash: Secret::new(self.password_hash),
            language: Language::parse(&self.language).ok_or_else(corrupt("language"))?,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}
