//! The outbox and the log of messages. A message is written with the thing that
//! caused it; a row with a next try is still to be sent, and whoever sends it
//! first takes a lease.

use domain::{
    AccountId, ChallengeId, Channel, DeliveryStatus, Language, MessageId, MessageKind, Timestamp,
};

use crate::{
    Connection, Error, Recipient, Result,
    connection::{on, touch},
};

/// Messages.
pub struct Messages<'c>(&'c mut Connection);

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
    /// The provider that took it.
    pub provider: Option<String>,
    /// Why it failed, in words for the merchant.
    pub failure: Option<String>,
    /// How often sending was tried.
    pub tries: u32,
    /// When its status last moved.
    pub status_at: Timestamp,
}

/// What became of news about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The status moved; the challenge it belongs to, if any.
    Moved(Option<ChallengeId>),
    /// Known already, or older than what is known.
    Old,
    /// No message has this name at this provider.
    Unknown,
}

const INSERT: &str = "insert into messages
    (id, kind, channel, language, phone, account_id, challenge_id, decoy, status, rank,
     next_try_at, created_at, expires_at, status_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, $9, $9, $10, $9)";

const CLAIM: &str = "update messages set leased_until = $2, tries = tries + 1
    where id in (select id from messages
      where next_try_at <= $1 and (leased_until is null or leased_until <= $1)
      order by next_try_at, id limit $3)
    and next_try_at <= $1 and (leased_until is null or leased_until <= $1)
    returning *";

const NEXT_DUE: &str = "select min(case when leased_until > next_try_at then leased_until
    else next_try_at end) from messages where next_try_at is not null";

const ACCEPT: &str = "update messages set provider = $2, provider_message_id = $3,
      next_try_at = null, leased_until = null, status_at = $5, failure = null,
      status = case when rank < $4 then 'accepted' else status end,
      rank = case when rank < $4 then $4 else rank end
    where id = $1 and provider_message_id is null";

const STEP: &str = "update messages set status = $2, rank = $3, provider = $4, next_try_at = $5,
      leased_until = null, status_at = $6
    where id = $1 and rank < $3";

const RETRY: &str = "update messages set next_try_at = $2, leased_until = null, failure = $3
    where id = $1 and next_try_at is not null";

const FAIL: &str = "update messages set status = 'failed', rank = $2, failure = $3,
      next_try_at = null, leased_until = null, status_at = $4
    where id = $1 and rank < $2";

const RECEIVE: &str = "update messages set status = $3, rank = $4, failure = $5, status_at = $6
    where provider = $1 and provider_message_id = $2 and rank < $4
    returning challenge_id";

const IS_KNOWN: &str =
    "select count(*) from messages where provider = $1 and provider_message_id = $2";

const FIND: &str = "select * from messages where id = $1";

const FIND_OF_CHALLENGE: &str = "select * from messages where challenge_id = $1
    order by created_at desc, rank desc, id limit 1";

const LIST: &str = "select * from messages
    where not decoy and (created_at < $1 or (created_at = $1 and id < $2))
    order by created_at desc, id desc limit $3";

const DELETE_OLD: &str = "delete from messages where created_at < $1 and next_try_at is null";

impl Messages<'_> {
    /// Puts a message in the outbox.
    pub async fn insert(&mut self, message: &NewMessage) -> Result<()> {
        touch!(
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
        let rows: Vec<Row> = on!(self.0, c => {
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
        let due: Option<i64> = on!(self.0, c => {
            sqlx::query_scalar(NEXT_DUE).fetch_one(c).await
        })?;
        Ok(due.map(Timestamp::from_millis))
    }

    /// A provider took the message.
    pub async fn accept(
        &mut self,
        id: &MessageId,
        provider: &str,
        provider_message_id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let rank = DeliveryStatus::Accepted.rank();
        let now = now.as_millis();
        Ok(touch!(self.0, ACCEPT, id.as_str(), provider, provider_message_id, rank, now)? == 1)
    }

    /// Moves a decoy one step on; `next_at` is when the step after is due.
    pub async fn step(
        &mut self,
        id: &MessageId,
        status: DeliveryStatus,
        provider: &str,
        next_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool> {
        let next_at = next_at.map(Timestamp::as_millis);
        let (word, rank, now) = (status.as_str(), status.rank(), now.as_millis());
        Ok(touch!(self.0, STEP, id.as_str(), word, rank, provider, next_at, now)? == 1)
    }

    /// Gives the lease back, to be tried again.
    pub async fn retry(&mut self, id: &MessageId, at: Timestamp, why: &str) -> Result<bool> {
        Ok(touch!(self.0, RETRY, id.as_str(), at.as_millis(), why)? == 1)
    }

    /// Gives the message up.
    pub async fn fail(&mut self, id: &MessageId, why: &str, now: Timestamp) -> Result<bool> {
        let rank = DeliveryStatus::Failed.rank();
        Ok(touch!(self.0, FAIL, id.as_str(), rank, why, now.as_millis())? == 1)
    }

    /// Takes news from a provider. A status only ever moves forward.
    pub async fn receive(
        &mut self,
        provider: &str,
        provider_message_id: &str,
        status: DeliveryStatus,
        failure: Option<&str>,
        now: Timestamp,
    ) -> Result<News> {
        let moved: Option<Option<String>> = on!(self.0, c => {
            sqlx::query_scalar(RECEIVE)
                .bind(provider)
                .bind(provider_message_id)
                .bind(status.as_str())
                .bind(status.rank())
                .bind(failure)
                .bind(now.as_millis())
                .fetch_optional(c)
                .await
        })?;
        if let Some(challenge) = moved {
            return Ok(News::Moved(challenge.as_deref().and_then(ChallengeId::parse)));
        }
        let known: i64 = on!(self.0, c => {
            sqlx::query_scalar(IS_KNOWN).bind(provider).bind(provider_message_id).fetch_one(c).await
        })?;
        Ok(if known > 0 { News::Old } else { News::Unknown })
    }

    /// The message of this name.
    pub async fn find(&mut self, id: &MessageId) -> Result<Option<Message>> {
        self.find_one(FIND, id.as_str()).await
    }

    /// The newest message that carries the code of a challenge.
    pub async fn find_of_challenge(&mut self, id: &ChallengeId) -> Result<Option<Message>> {
        self.find_one(FIND_OF_CHALLENGE, id.as_str()).await
    }

    async fn find_one(&mut self, sql: &'static str, bind: &str) -> Result<Option<Message>> {
        let row: Option<Row> = on!(self.0, c => {
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
        let rows: Vec<Row> = on!(self.0, c => {
            sqlx::query_as(LIST).bind(at).bind(id).bind(i64::from(most)).fetch_all(c).await
        })?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Deletes messages older than `before` that are out of the outbox.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(touch!(self.0, DELETE_OLD, before.as_millis())?)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    channel: String,
    language: String,
    phone: String,
    account_id: Option<String>,
    challenge_id: Option<String>,
    decoy: bool,
    status: String,
    provider: Option<String>,
    failure: Option<String>,
    tries: i64,
    created_at: i64,
    expires_at: i64,
    status_at: i64,
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
                to: Recipient::from_row(self.phone, self.decoy).ok_or_else(corrupt("phone"))?,
                account: self.account_id.as_deref().and_then(AccountId::parse),
                challenge: self.challenge_id.as_deref().and_then(ChallengeId::parse),
                created_at: Timestamp::from_millis(self.created_at),
                expires_at: Timestamp::from_millis(self.expires_at),
            },
            status: DeliveryStatus::parse(&self.status).ok_or_else(corrupt("status"))?,
            provider: self.provider,
            failure: self.failure,
            tries: u32::try_from(self.tries).map_err(|_| corrupt("tries")())?,
            status_at: Timestamp::from_millis(self.status_at),
        })
    }
}
