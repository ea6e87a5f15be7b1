//! The outbox and the log of messages. A message is written with the thing that
//! caused it; a row with a next try is still to be sent, and whoever sends it
//! first takes a lease.

use domain::{
    AccountId, ChallengeId, Channel, DeliveryProblem, DeliveryStatus, Language, MessageId,
    MessageKind, Timestamp,
};

use crate::{
    Connection, Error, Recipient, Result,
    connection::{execute, with_connection},
};

/// Messages.
pub struct Messages<'c>(pub(crate) &'c mut Connection);

impl Connection {
    /// Messages to phones.
    pub fn messages(&mut self) -> Messages<'_> {
        Messages(self)
    }
}

/// A message to send.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Which one.
    pub id: MessageId,
    /// What it says.
    pub kind: MessageKind,
    /// How it travels.
    pub channel: Channel,
    /// Its language.
    pub language: Language,
    /// To whom, or seemingly to whom.
    pub to: Recipient,
    /// The account it concerns.
    pub account: Option<AccountId>,
    /// The challenge whose code it carries.
    pub challenge: Option<ChallengeId>,
    /// When it was caused; it is sent as soon as possible.
    pub created_at: Timestamp,
    /// When it becomes worthless.
    pub expires_at: Timestamp,
}

/// A message and how far it has come.
#[derive(Clone, Debug)]
pub struct Message {
    /// What was to be sent.
    pub new: NewMessage,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// The provider that took it, or that alone may be asked again because it may
    /// have taken it.
    pub provider: Option<String>,
    /// Why it failed or waits, in words for the merchant.
    pub failure: Option<String>,
    /// What its reader is told of that.
    pub problem: Option<DeliveryProblem>,
    /// The providers that will not take it, whenever they are asked.
    pub refused_by: Vec<String>,
    /// The provider that last asked for patience.
    pub deferred_by: Option<String>,
    /// How often sending was tried.
    pub attempts: u32,
    /// When it was last handed to a provider.
    pub sent_at: Option<Timestamp>,
    /// Until when it belongs to whoever claimed it.
    pub leased_until: Option<Timestamp>,
    /// When its status last moved.
    pub status_changed_at: Timestamp,
}

/// A claim on a message. Whoever writes down what became of it names the claim, so
/// that somebody whose lease ran out long ago changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The message.
    pub id: MessageId,
    /// Until when it is claimed.
    pub until: Timestamp,
}

impl Message {
    /// The claim on it; one that nobody has holds nothing.
    pub fn lease(&self) -> Lease {
        let until = self.leased_until.unwrap_or(Timestamp::from_millis(0));
        Lease { id: self.new.id.clone(), until }
    }
}

const INSERT: &str = "insert into messages
    (id, kind, channel, language, phone, account_id, challenge_id, is_decoy, status, status_rank,
     next_attempt_at, created_at, expires_at, status_changed_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $9, $9, $10, $9)";

const CLAIM: &str = "update messages set leased_until = $2, attempts = attempts + 1
    where id in (select id from messages
      where next_attempt_at <= $1 and (leased_until is null or leased_until <= $1)
      order by next_attempt_at, id limit $3)
    and next_attempt_at <= $1 and (leased_until is null or leased_until <= $1)
    returning *";

const NEXT_DUE: &str = "select min(case when leased_until > next_attempt_at then leased_until
    else next_attempt_at end) from messages where next_attempt_at is not null";

const FIND: &str = "select * from messages where id = $1";

const FIND_OF_CHALLENGE: &str = "select * from messages where challenge_id = $1
    order by created_at desc, channel = 'sms' desc, status_rank desc, id limit 1";

const LIST: &str = "select * from messages
    where not is_decoy and (created_at < $1 or (created_at = $1 and id < $2))
    order by created_at desc, id desc limit $3";

const BECOME_ANOTHER: &str = "update messages
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

    /// Takes up to `most` messages that are due, so that nobody else does before
    /// `until`. One statement.
    pub async fn claim(
        &mut self,
        most: u32,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        let rows: Vec<Row> = with_connection!(self.0, c => {
            sqlx::query_as(CLAIM)
                .bind(now.as_millis())
                .bind(until.as_millis())
                .bind(i64::from(most))
                .fetch_all(c)
                .await
        })?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// When the next message is due.
    pub async fn next_due(&mut self) -> Result<Option<Timestamp>> {
        let due: Option<i64> = with_connection!(self.0, c => {
            sqlx::query_scalar(NEXT_DUE).fetch_one(c).await
        })?;
        Ok(due.map(Timestamp::from_millis))
    }

    /// The message of this name.
    pub async fn find(&mut self, id: &MessageId) -> Result<Option<Message>> {
        self.find_one(FIND, id.as_str()).await
    }

    /// The newest message that carries the code of a challenge; of two of one
    /// moment, the text message, which is only ever the second.
    pub async fn find_of_challenge(&mut self, id: &ChallengeId) -> Result<Option<Message>> {
        self.find_one(FIND_OF_CHALLENGE, id.as_str()).await
    }

    async fn find_one(&mut self, sql: &'static str, bind: &str) -> Result<Option<Message>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(sql).bind(bind).fetch_optional(c).await
        })?;
        row.map(Row::into_domain).transpose()
    }

    /// A page of the log, newest first, after this moment and id. Decoys were
    /// never messages, so they are not in it.
    pub async fn list(
        &mut self,
        after: Option<(Timestamp, &MessageId)>,
        most: u32,
    ) -> Result<Vec<Message>> {
        let (at, id) = after.map_or((i64::MAX, ""), |(at, id)| (at.as_millis(), id.as_str()));
        let rows: Vec<Row> = with_connection!(self.0, c => {
            sqlx::query_as(LIST).bind(at).bind(id).bind(i64::from(most)).fetch_all(c).await
        })?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Changes what a message says and to whom. False if it is no longer the claimer's.
    pub async fn become_another(&mut self, lease: &Lease, other: &NewMessage) -> Result<bool> {
        let touched = execute!(
            self.0,
            BECOME_ANOTHER,
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

    /// Deletes messages older than `before` that are out of the outbox.
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
