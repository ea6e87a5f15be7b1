//! What becomes of a message: accepted, tried again, put off, refused, failed; and
//! what its provider says of it later. Whoever claimed the message writes under
//! its lease; a status only ever moves forward.

use domain::{ChallengeId, DeliveryProblem, DeliveryStatus, MessageId, Timestamp};

use crate::{
    Lease, Messages, Result,
    connection::{execute, with_connection},
};

/// Why a message failed or waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What its reader is told.
    pub problem: DeliveryProblem,
    /// What the merchant is told: no code, no number.
    pub why: String,
}

/// How a provider names a message in its news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderMessageName {
    /// Which provider.
    pub provider: String,
    /// The provider's name for the message.
    pub provider_message_id: String,
    /// Our own name, if the provider echoes it.
    pub reference: Option<MessageId>,
}

/// What became of news about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusUpdate {
    /// The status moved; the challenge it belongs to, if any.
    Applied(Option<ChallengeId>),
    /// Known already, or older than what is known.
    Stale,
    /// No message has this name at this provider.
    Unknown,
}

/// The name moves on to the newest message where a provider names several alike.
const UNNAME: &str = "update messages set provider_message_id = null
    where provider = $2 and provider_message_id = $3 and id <> $1";

const ACCEPT: &str = "update messages set provider = $2, provider_message_id = $3,
      next_attempt_at = null, leased_until = null, status_changed_at = $5, sent_at = $5,
      status = case when status_rank < $4 then 'accepted' else status end,
      failure = case when status_rank < $4 then null else failure end,
      problem = case when status_rank < $4 then null else problem end,
      status_rank = case when status_rank < $4 then $4 else status_rank end
    where id = $1 and provider_message_id is null and not exists (select 1 from messages
      as other where other.provider = $2 and other.provider_message_id = $3)";

const HAND_OVER: &str = "update messages set sent_at = $4, provider = $3
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const STEP: &str =
    "update messages set status = $3, status_rank = $4, provider = $5, next_attempt_at = $6,
      leased_until = null, status_changed_at = $7, sent_at = coalesce(sent_at, $7),
      failure = null, problem = null
    where id = $1 and leased_until = $2 and status_rank < $4";

const RETRY: &str = "update messages set next_attempt_at = $3, leased_until = null, failure = $4,
      deferred_by = $5, provider = $6
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const POSTPONE: &str = "update messages set next_attempt_at = $3, leased_until = null,
      attempts = attempts - 1, failure = $4, problem = $5
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const RELEASE: &str = "update messages set leased_until = null, attempts = attempts - 1
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const REFUSE: &str = "update messages set refused_by = $3, failure = $4, provider = null
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const FAIL: &str = "update messages set status = 'failed', status_rank = $3, problem = $4, failure = $5,
      provider = coalesce($6, provider), next_attempt_at = null, leased_until = null, status_changed_at = $7
    where id = $1 and leased_until = $2 and next_attempt_at is not null and status_rank < $3";

const RECEIVE: &str =
    "update messages set status = $3, status_rank = $4, problem = $5, failure = $6,
      status_changed_at = $7
    where provider = $1 and provider_message_id = $2 and status_rank < $4
    returning challenge_id";

/// A message whose acceptance was never heard of gets its name from news: one
/// that is still in the outbox, or was given up because nobody knew.
const NAME: &str = "update messages set provider = $1, provider_message_id = $2,
      next_attempt_at = null, leased_until = null, sent_at = coalesce(sent_at, $5),
      status = case when status_rank < $4 or problem = 'unknown' then 'accepted' else status end,
      failure = case when status_rank < $4 or problem = 'unknown' then null else failure end,
      problem = case when status_rank < $4 or problem = 'unknown' then null else problem end,
      status_rank = case when status_rank < $4 or problem = 'unknown' then $4 else status_rank end
    where id = $3 and provider_message_id is null and not is_decoy
    and (provider is null or provider = $1)
    returning challenge_id";

const IS_KNOWN: &str =
    "select count(*) from messages where provider = $1 and provider_message_id = $2";

impl Messages<'_> {
    /// A provider took the message. True whoever claims it meanwhile.
    pub async fn accept(
        &mut self,
        id: &MessageId,
        provider: &str,
        provider_message_id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let rank = DeliveryStatus::Accepted.rank();
        let (id, now) = (id.as_str(), now.as_millis());
        if execute!(self.0, ACCEPT, id, provider, provider_message_id, rank, now)? == 1 {
            return Ok(true);
        }
        execute!(self.0, UNNAME, id, provider, provider_message_id)?;
        Ok(execute!(self.0, ACCEPT, id, provider, provider_message_id, rank, now)? == 1)
    }

    /// The message is about to be handed over. `only_to` names the provider that
    /// alone may be asked again if no answer comes. False if it is no longer the
    /// claimer's to hand over.
    pub async fn hand_over(
        &mut self,
        lease: &Lease,
        only_to: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        Ok(execute!(self.0, HAND_OVER, id, until, only_to, now.as_millis())? == 1)
    }

    /// Moves a decoy one step on; `next_at` is when the step after is due.
    pub async fn step(
        &mut self,
        lease: &Lease,
        status: DeliveryStatus,
        provider: &str,
        next_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool> {
        let next_at = next_at.map(Timestamp::as_millis);
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        let (word, rank, now) = (status.as_str(), status.rank(), now.as_millis());
        Ok(execute!(self.0, STEP, id, until, word, rank, provider, next_at, now)? == 1)
    }

    /// Gives the lease back, to be tried again: `by` asked for patience, and
    /// `only_to` alone may be asked again if it may have taken the message.
    pub async fn retry(
        &mut self,
        lease: &Lease,
        at: Timestamp,
        by: &str,
        only_to: Option<&str>,
        why: &str,
    ) -> Result<bool> {
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        Ok(execute!(self.0, RETRY, id, until, at.as_millis(), why, by, only_to)? == 1)
    }

    /// Gives the lease back without having tried. A failure is noted if its reader
    /// should know that it waits.
    pub async fn postpone(
        &mut self,
        lease: &Lease,
        at: Timestamp,
        failure: Option<&Failure>,
    ) -> Result<bool> {
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        let why = failure.map(|failure| failure.why.as_str());
        let problem = failure.map(|failure| failure.problem.as_str());
        Ok(execute!(self.0, POSTPONE, id, until, at.as_millis(), why, problem)? == 1)
    }

    /// Gives the lease back as if it had never been taken.
    pub async fn release(&mut self, lease: &Lease) -> Result<bool> {
        Ok(execute!(self.0, RELEASE, lease.id.as_str(), lease.until.as_millis())? == 1)
    }

    /// Writes down who will not take the message whenever it is asked.
    pub async fn refuse(
        &mut self,
        lease: &Lease,
        refused_by: &[String],
        why: &str,
    ) -> Result<bool> {
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        Ok(execute!(self.0, REFUSE, id, until, refused_by.join(" "), why)? == 1)
    }

    /// Gives the message up. The provider is named if it may have taken it.
    pub async fn fail(
        &mut self,
        lease: &Lease,
        failure: &Failure,
        provider: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        let (rank, problem) = (DeliveryStatus::Failed.rank(), failure.problem.as_str());
        let (why, now) = (failure.why.as_str(), now.as_millis());
        Ok(execute!(self.0, FAIL, id, until, rank, problem, why, provider, now)? == 1)
    }

    /// Takes news from a provider, of the message it names, or else of the one it
    /// echoes our own name of, if that has no other name yet.
    pub async fn receive(
        &mut self,
        name: &ProviderMessageName,
        status: DeliveryStatus,
        failure: Option<&Failure>,
        now: Timestamp,
    ) -> Result<StatusUpdate> {
        if let Some(challenge) = self.move_on(name, status, failure, now).await? {
            return Ok(StatusUpdate::Applied(challenge.as_deref().and_then(ChallengeId::parse)));
        }
        let (provider, id) = (&name.provider, &name.provider_message_id);
        let known: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(IS_KNOWN).bind(provider).bind(id).fetch_one(c).await
        })?;
        if known > 0 {
            return Ok(StatusUpdate::Stale);
        }
        let Some(challenge) = self.name(name, now).await? else { return Ok(StatusUpdate::Unknown) };
        self.move_on(name, status, failure, now).await?;
        Ok(StatusUpdate::Applied(challenge.as_deref().and_then(ChallengeId::parse)))
    }

    async fn move_on(
        &mut self,
        name: &ProviderMessageName,
        status: DeliveryStatus,
        failure: Option<&Failure>,
        now: Timestamp,
    ) -> Result<Option<Option<String>>> {
        Ok(with_connection!(self.0, c => {
            sqlx::query_scalar(RECEIVE)
                .bind(name.provider.as_str())
                .bind(name.provider_message_id.as_str())
                .bind(status.as_str())
                .bind(status.rank())
                .bind(failure.map(|failure| failure.problem.as_str()))
                .bind(failure.map(|failure| failure.why.as_str()))
                .bind(now.as_millis())
                .fetch_optional(c)
                .await
        })?)
    }

    async fn name(
        &mut self,
        name: &ProviderMessageName,
        now: Timestamp,
    ) -> Result<Option<Option<String>>> {
        let Some(reference) = &name.reference else { return Ok(None) };
        Ok(with_connection!(self.0, c => {
            sqlx::query_scalar(NAME)
                .bind(name.provider.as_str())
                .bind(name.provider_message_id.as_str())
                .bind(reference.as_str())
                .bind(DeliveryStatus::Accepted.rank())
                .bind(now.as_millis())
                .fetch_optional(c)
                .await
        })?)
    }
}
