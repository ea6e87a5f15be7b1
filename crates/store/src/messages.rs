//! The outbox and the log of messages. A message is committed together with what caused
//! it. A message that has a next attempt is in the outbox; the dispatcher that sends it
//! claims it first, and holds it under a lease.

use domain::{
    AccountId, ChallengeId, Channel, DeliveryProblem, DeliveryStatus, Language, MessageId,
    MessageKind, Timestamp,
};

use crate::{
    Error, Recipient, Result,
    connection::{EngineSql, claim_sql, execute, fetch_all, fetch_optional, fetch_scalar},
};

repository! {
    /// The outbox and log of messages to phones.
    messages: Messages
}

#[derive(Clone, Debug)]
pub struct NewMessage {
    pub id: MessageId,
    pub kind: MessageKind,
    pub channel: Channel,
    pub language: Language,
    pub to: Recipient,
    pub account: Option<AccountId>,
    /// The challenge whose code it contains.
    pub challenge: Option<ChallengeId>,
    pub created_at: Timestamp,
    /// When sending it has become useless.
    pub expires_at: Timestamp,
}

/// A message and the state of its delivery.
#[derive(Clone, Debug)]
pub struct Message {
    pub new: NewMessage,
    pub status: DeliveryStatus,
    /// The provider that accepted it; before that, the only provider that may be asked
    /// again, because it may have accepted a request whose answer was lost.
    pub provider: Option<String>,
    /// Why it failed or waits, as the merchant is told.
    pub failure: Option<String>,
    /// Why it failed or waits, as its recipient is told.
    pub problem: Option<DeliveryProblem>,
    /// The providers that refused it for good.
    pub refused_by: Vec<String>,
    /// The provider that last asked to be tried again later.
    pub deferred_by: Option<String>,
    pub attempts: u32,
    pub sent_at: Option<Timestamp>,
    /// Until when the claimer is the only one to send it.
    pub leased_until: Option<Timestamp>,
    pub status_changed_at: Timestamp,
}

/// A claim on a message. Every statement that records a result names the lease, so that a
/// claimer whose lease has ended changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub id: MessageId,
    /// When the claim ends. It also identifies the claim.
    pub until: Timestamp,
}

impl Message {
    /// The lease of this message. The lease of an unclaimed message matches no row.
    pub fn lease(&self) -> Lease {
        let until = self.leased_until.unwrap_or(Timestamp::from_millis(0));
        Lease { id: self.new.id.clone(), until }
    }
}

const INSERT: &str = "insert into messages
    (id, kind, channel, language, phone, account_id, challenge_id, is_decoy, status, status_rank,
     next_attempt_at, created_at, expires_at, status_changed_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $9, $9, $10, $9)";

const CLAIM: EngineSql = claim_sql!(
    "update messages set leased_until = $2, attempts = attempts + 1 where id",
    "select id from messages
      where next_attempt_at <= $1 and (leased_until is null or leased_until <= $1)
      order by next_attempt_at, id limit $3",
    "and next_attempt_at <= $1 and (leased_until is null or leased_until <= $1) returning *"
);

const NEXT_DUE: &str = "select min(case when leased_until > next_attempt_at then leased_until
    else next_attempt_at end) from messages where next_attempt_at is not null";

const FIND: &str = "select * from messages where id = $1";

const FIND_BY_CHALLENGE: &str = "select * from messages where challenge_id = $1
    order by created_at desc, channel = 'sms' desc, status_rank desc, id limit 1";

const LIST: &str = "select * from messages
    where not is_decoy and (created_at < $1 or (created_at = $1 and id < $2))
    order by created_at desc, id desc limit $3";

const REPLACE_CONTENT: &str = "update messages
    set kind = $3, language = $4, phone = $5, account_id = $6, is_decoy = $7
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const DELETE_OLD: &str = "delete from messages where created_at < $1 and next_attempt_at is null";

impl Messages<'_> {
    /// Puts a message in the outbox.
    pub async fn insert(&mut self, message: &NewMessage) -> Result<()> {
        execute!(
            self.0,
            INSERT,
            message.id.as_str(),
            message.kind.as_str(),
            message.channel.as_str(),
            message.language.as_str(),
            message.to.as_str(),
            message.account.as_ref().map(AccountId::as_str),
            message.challenge.as_ref().map(ChallengeId::as_str),
            message.to.is_decoy(),
            message.created_at.as_millis(),
            message.expires_at.as_millis(),
        )?;
        Ok(())
    }

    /// Claims up to `limit` messages that are due, until `until`. One statement, so that a
    /// message has one claimer.
    pub async fn claim(
        &mut self,
        limit: u32,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        let sql = self.0.text(CLAIM);
        let rows: Vec<Row> =
            fetch_all!(self.0, sql, now.as_millis(), until.as_millis(), i64::from(limit))?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// When the next message of the outbox is due.
    pub async fn next_due(&mut self) -> Result<Option<Timestamp>> {
        let due: Option<i64> = fetch_scalar!(self.0, NEXT_DUE)?;
        Ok(due.map(Timestamp::from_millis))
    }

    pub async fn find(&mut self, id: &MessageId) -> Result<Option<Message>> {
        self.find_one(FIND, id.as_str()).await
    }

    /// The newest message that contains the code of a challenge. Of two of the same time,
    /// the text message is the newer one.
    pub async fn find_of_challenge(&mut self, id: &ChallengeId) -> Result<Option<Message>> {
        self.find_one(FIND_BY_CHALLENGE, id.as_str()).await
    }

    async fn find_one(&mut self, sql: &'static str, bind: &str) -> Result<Option<Message>> {
        let row: Option<Row> = fetch_optional!(self.0, sql, bind)?;
        row.map(Row::into_domain).transpose()
    }

    /// A page of the log, newest first, after this time and id. Decoys are left out.
    pub async fn list(
        &mut self,
        after: Option<(Timestamp, &MessageId)>,
        limit: u32,
    ) -> Result<Vec<Message>> {
        let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (at.as_millis(), id.as_str()));
        let rows: Vec<Row> = fetch_all!(self.0, LIST, at, id, i64::from(limit))?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Changes the kind, language and recipient of a claimed message; `false` if the lease
    /// has ended.
    pub async fn replace_content(&mut self, lease: &Lease, other: &NewMessage) -> Result<bool> {
        let touched = execute!(
            self.0,
            REPLACE_CONTENT,
            lease.id.as_str(),
            lease.until.as_millis(),
            other.kind.as_str(),
            other.language.as_str(),
            other.to.as_str(),
            other.account.as_ref().map(AccountId::as_str),
            other.to.is_decoy(),
        )?;
        Ok(touched == 1)
    }

    /// Deletes messages that were made before `before` and have left the outbox.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}

row! {
    struct Row {
        id: String,
        kind: String,
        channel: String,
        language: String,
        phone: String,
        account_id: Option<String>,
        challenge_id: Option<String>,
        is_decoy: bool,
        status: String,
        provider: Option<String>,
        failure: Option<String>,
        problem: Option<String>,
        refused_by: String,
        deferred_by: Option<String>,
        attempts: i64,
        sent_at: Option<i64>,
        leased_until: Option<i64>,
        created_at: i64,
        expires_at: i64,
        status_changed_at: i64,
    }
}

impl Row {
    fn into_domain(self) -> Result<Message> {
        let corrupt = |column| move || Error::corrupt("messages", column);
        Ok(Message {
            new: NewMessage {
                id: MessageId::parse(&self.id).ok_or_else(corrupt("id"))?,
                kind: MessageKind::parse(&self.kind).ok_or_else(corrupt("kind"))?,
                channel: Channel::parse(&self.channel).ok_or_else(corrupt("channel"))?,
                language: Language::parse(&self.language).ok_or_else(corrupt("language"))?,
                to: Recipient::from_row(self.phone, self.is_decoy).ok_or_else(corrupt("phone"))?,
                account: self.account_id.as_deref().and_then(AccountId::parse),
                challenge: self.challenge_id.as_deref().and_then(ChallengeId::parse),
                created_at: Timestamp::from_millis(self.created_at),
                expires_at: Timestamp::from_millis(self.expires_at),
            },
            status: DeliveryStatus::parse(&self.status).ok_or_else(corrupt("status"))?,
            provider: self.provider,
            failure: self.failure,
            problem: self.problem.as_deref().and_then(DeliveryProblem::parse),
            refused_by: self.refused_by.split_whitespace().map(str::to_owned).collect(),
            deferred_by: self.deferred_by,
            sent_at: self.sent_at.map(Timestamp::from_millis),
            leased_until: self.leased_until.map(Timestamp::from_millis),
            attempts: u32::try_from(self.attempts).map_err(|_| corrupt("attempts")())?,
            status_changed_at: Timestamp::from_millis(self.status_changed_at),
        })
    }
}
