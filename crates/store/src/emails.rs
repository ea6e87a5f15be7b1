//! The outbox and log of e-mails. An e-mail is committed together with what caused it, and is
//! sent afterwards by the process that claims it.

use domain::{
    AccountId, EmailAddress, EmailConfirmationId, EmailId, EmailKind, Language, Timestamp,
    WithdrawalId,
};

use crate::{
    Error, Result,
    connection::{EngineSql, claim_sql, execute, fetch_all, fetch_optional},
};

repository! {
    /// The outbox of e-mails.
    emails: Emails
}

#[derive(Clone, Debug)]
pub struct NewEmail {
    pub id: EmailId,
    pub kind: EmailKind,
    pub language: Language,
    pub to: EmailAddress,
    /// The account of its reader; `None` for a buyer without one.
    pub account: Option<AccountId>,
    /// The confirmation whose link it contains.
    pub confirmation: Option<EmailConfirmationId>,
    /// The notice that it is the receipt of.
    pub withdrawal: Option<WithdrawalId>,
    pub created_at: Timestamp,
    /// When sending it has become useless.
    pub expires_at: Timestamp,
}

/// An e-mail and the state of its delivery.
#[derive(Clone, Debug)]
pub struct QueuedEmail {
    pub new: NewEmail,
    /// How often it was claimed.
    pub attempts: u32,
    /// Until when the claimer is the only one to send it. It also identifies the claim.
    pub leased_until: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    /// Why it failed or waits.
    pub failure: Option<String>,
}

const INSERT: &str = "insert into emails
    (id, kind, language, address, account_id, confirmation_id, next_attempt_at, created_at,
     expires_at, withdrawal_id)
    values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)";

const CLAIM: EngineSql = claim_sql!(
    "update emails set leased_until = $2, attempts = attempts + 1 where id",
    "select id from emails
      where next_attempt_at <= $1 and (leased_until is null or leased_until <= $1)
      order by next_attempt_at, id limit $3",
    "and next_attempt_at <= $1 and (leased_until is null or leased_until <= $1) returning *"
);

const MARK_SENT: &str = "update emails set sent_at = $3, next_attempt_at = null, failure = null
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const RETRY: &str = "update emails set next_attempt_at = $3, leased_until = null, failure = $4
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const FAIL: &str = "update emails set next_attempt_at = null, failure = $3
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const FIND: &str = "select * from emails where id = $1";

const DELETE_OLD: &str = "delete from emails where created_at < $1 and next_attempt_at is null";

impl Emails<'_> {
    /// Puts an e-mail in the outbox.
    pub async fn insert(&mut self, email: &NewEmail) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            email.id.as_str(),
            email.kind.as_str(),
            email.language.as_str(),
            email.to.as_str(),
            email.account.as_ref().map_or("", AccountId::as_str),
            email.confirmation.as_ref().map(EmailConfirmationId::as_str),
            email.created_at.as_millis(),
            email.expires_at.as_millis(),
            email.withdrawal.as_ref().map(WithdrawalId::as_str),
        )?;
        Ok(())
    }

    /// Claims up to `limit` e-mails that are due, until `until`. One statement, so that an
    /// e-mail has one claimer.
    pub async fn claim(
        &mut self,
        limit: u32,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<QueuedEmail>> {
        let sql = self.0.text(CLAIM);
        let rows: Vec<Row> =
            fetch_all!(self.0, sql, now.as_millis(), until.as_millis(), i64::from(limit))?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    pub async fn find(&mut self, id: &EmailId) -> Result<Option<QueuedEmail>> {
        let row: Option<Row> = fetch_optional!(self.0, FIND, id.as_str())?;
        row.map(Row::into_domain).transpose()
    }

    /// Records that a claimed e-mail was sent; `false` if the lease has ended.
    pub async fn mark_sent(&mut self, email: &QueuedEmail, now: Timestamp) -> Result<bool> {
        let (id, lease) = lease(email);
        Ok(execute!(self.0, MARK_SENT, id, lease, now.as_millis())? == 1)
    }

    /// Gives a claimed e-mail back, to be sent at a later time; `false` if the lease has ended.
    pub async fn retry(&mut self, email: &QueuedEmail, at: Timestamp, why: &str) -> Result<bool> {
        let (id, lease) = lease(email);
        Ok(execute!(self.0, RETRY, id, lease, at.as_millis(), why)? == 1)
    }

    /// Records that a claimed e-mail will not be sent; `false` if the lease has ended.
    pub async fn fail(&mut self, email: &QueuedEmail, why: &str) -> Result<bool> {
        let (id, lease) = lease(email);
        Ok(execute!(self.0, FAIL, id, lease, why)? == 1)
    }

    /// Deletes e-mails that left the outbox and were made before a time.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}

/// Id and lease of a claimed e-mail. The lease of an unclaimed one matches no row.
fn lease(email: &QueuedEmail) -> (&str, i64) {
    (email.new.id.as_str(), email.leased_until.map_or(0, Timestamp::as_millis))
}

row! {
    struct Row {
        id: String,
        kind: String,
        language: String,
        address: String,
        account_id: String,
        confirmation_id: Option<String>,
        withdrawal_id: Option<String>,
        attempts: i64,
        leased_until: Option<i64>,
        sent_at: Option<i64>,
        failure: Option<String>,
        created_at: i64,
        expires_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<QueuedEmail> {
        let corrupt = |column| move || Error::corrupt("emails", column);
        let confirmation = self
            .confirmation_id
            .map(|id| EmailConfirmationId::parse(&id).ok_or_else(corrupt("confirmation_id")));
        let withdrawal = self
            .withdrawal_id
            .map(|id| WithdrawalId::parse(&id).ok_or_else(corrupt("withdrawal_id")));
        let account = Some(self.account_id).filter(|id| !id.is_empty());
        let account = account.map(|id| AccountId::parse(&id).ok_or_else(corrupt("account_id")));
        Ok(QueuedEmail {
            new: NewEmail {
                id: EmailId::parse(&self.id).ok_or_else(corrupt("id"))?,
                kind: EmailKind::parse(&self.kind).ok_or_else(corrupt("kind"))?,
                language: Language::parse(&self.language).ok_or_else(corrupt("language"))?,
                to: EmailAddress::parse(&self.address).ok_or_else(corrupt("address"))?,
                account: account.transpose()?,
                confirmation: confirmation.transpose()?,
                withdrawal: withdrawal.transpose()?,
                created_at: Timestamp::from_millis(self.created_at),
                expires_at: Timestamp::from_millis(self.expires_at),
            },
            attempts: u32::try_from(self.attempts).map_err(|_| corrupt("attempts")())?,
            leased_until: self.leased_until.map(Timestamp::from_millis),
            sent_at: self.sent_at.map(Timestamp::from_millis),
            failure: self.failure,
        })
    }
}
