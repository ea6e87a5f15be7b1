//! The delivery of a message: what came of handing it to a provider, and what the provider
//! reports later. The claimer of a message writes under its lease, and a status only moves
//! to a later one.

use domain::{ChallengeId, DeliveryProblem, DeliveryStatus, MessageId, Timestamp};

use crate::{
    Lease, Messages, Result,
    connection::{execute, fetch_optional_scalar, fetch_scalar},
};

/// Why a message failed or waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the recipient is told.
    pub problem: DeliveryProblem,
    /// What the merchant is told. It contains no code and no phone number.
    pub why: String,
}

/// How a provider names a message in a delivery report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderMessageName {
    pub provider: String,
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// Our id of the message, if the provider repeats it.
    pub reference: Option<MessageId>,
}

/// What a delivery report changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusUpdate {
    /// The status of the message changed; with the challenge of the message, if any.
    Applied(Option<ChallengeId>),
    /// The message has this status or a later one already.
    Stale,
    /// The report names no message of ours.
    Unknown,
}

/// Where a provider gives several messages the same id, the newest one keeps it.
const RELEASE_PROVIDER_ID: &str = "update messages set provider_message_id = null
    where provider = $2 and provider_message_id = $3 and id <> $1";

const ACCEPT: &str = "update messages set provider = $2, provider_message_id = $3,
      next_attempt_at = null, leased_until = null, status_changed_at = $5, sent_at = $5,
      status = case when status_rank < $4 then 'accepted' else status end,
      failure = case when status_rank < $4 then null else failure end,
      problem = case when status_rank < $4 then null else problem end,
      status_rank = case when status_rank < $4 then $4 else status_rank end
    where id = $1 and provider_message_id is null and not exists (select 1 from messages
      as other where other.provider = $2 and other.provider_message_id = $3)";

const MARK_SENDING: &str = "update messages set sent_at = $4, provider = $3
    where id = $1 and leased_until = $2 and next_attempt_at is not null";

const ADVANCE_DECOY: &str =
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

const FAIL: &str = "update messages set status = 'failed', status_rank = $3, problem = $4,
      failure = $5, provider = coalesce($6, provider), next_attempt_at = null,
      leased_until = null, status_changed_at = $7
    where id = $1 and leased_until = $2 and next_attempt_at is not null and status_rank < $3";

const APPLY_REPORT: &str =
    "update messages set status = $3, status_rank = $4, problem = $5, failure = $6,
      status_changed_at = $7
    where provider = $1 and provider_message_id = $2 and status_rank < $4
    returning challenge_id";

/// Gives a message the provider's id that a report brings, if the answer with that id was
/// lost: the message is still in the outbox, or failed because its fate was unknown.
const ADOPT_PROVIDER_ID: &str = "update messages set provider = $1, provider_message_id = $2,
      next_attempt_at = null, leased_until = null, sent_at = coalesce(sent_at, $5),
      status = case when status_rank < $4 or problem = 'unknown' then 'accepted' else status end,
      failure = case when status_rank < $4 or problem = 'unknown' then null else failure end,
      problem = case when status_rank < $4 or problem = 'unknown' then null else problem end,
      status_rank = case when status_rank < $4 or problem = 'unknown' then $4 else status_rank end
    where id = $3 and provider_message_id is null and not is_decoy
    and (provider is null or provider = $1)
    returning challenge_id";

/// A process that dies between the provider's acceptance and its own commit sends the message
/// once more, and the row keeps the id of the second copy. The recipient has the code as soon
/// as one copy was delivered, so a report of the first copy counts from there on.
const APPLY_REPORT_OF_COPY: &str =
    "update messages set status = $3, status_rank = $4, problem = null, failure = null,
      status_changed_at = $5
    where id = $2 and provider = $1 and provider_message_id is not null and not is_decoy
    and status_rank < $4
    returning challenge_id";

const IS_COPY: &str = "select count(*) from messages
    where id = $2 and provider = $1 and provider_message_id is not null and not is_decoy";

const IS_KNOWN: &str =
    "select count(*) from messages where provider = $1 and provider_message_id = $2";

impl Messages<'_> {
    /// Records that a provider accepted the message, whether or not the lease has ended.
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
        execute!(self.0, RELEASE_PROVIDER_ID, id, provider, provider_message_id)?;
        Ok(execute!(self.0, ACCEPT, id, provider, provider_message_id, rank, now)? == 1)
    }

    /// Records that the message is about to be handed to a provider; `false` if the lease
    /// has ended. `only_to` names the only provider that may be asked again if no answer
    /// comes.
    pub async fn mark_sending(
        &mut self,
        lease: &Lease,
        only_to: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        Ok(execute!(self.0, MARK_SENDING, id, until, only_to, now.as_millis())? == 1)
    }

    /// Moves a decoy to its next status; `next_at` is when the status after that is due.
    pub async fn advance_decoy(
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
        Ok(execute!(self.0, ADVANCE_DECOY, id, until, word, rank, provider, next_at, now)? == 1)
    }

    /// Ends the lease and plans the next attempt. The provider `by` asked to be tried again
    /// later; `only_to` names the only provider that may be asked, if it may have accepted
    /// the message.
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

    /// Ends the lease without an attempt, and plans the next one. A failure is recorded if
    /// the recipient should know that the message waits.
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

    /// Ends the lease as if the message had not been claimed.
    pub async fn release(&mut self, lease: &Lease) -> Result<bool> {
        Ok(execute!(self.0, RELEASE, lease.id.as_str(), lease.until.as_millis())? == 1)
    }

    /// Records the providers that refused the message for good.
    pub async fn refuse(
        &mut self,
        lease: &Lease,
        refused_by: &[String],
        why: &str,
    ) -> Result<bool> {
        let (id, until) = (lease.id.as_str(), lease.until.as_millis());
        Ok(execute!(self.0, REFUSE, id, until, refused_by.join(" "), why)? == 1)
    }

    /// Ends the attempts to send a message. The provider is named if it may have accepted
    /// the message.
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

    /// Applies a delivery report to the message with the provider's id; if there is none, to
    /// the message with our id, if it has no id of a provider yet or the report says that
    /// another copy of it was delivered or read.
    pub async fn receive(
        &mut self,
        name: &ProviderMessageName,
        status: DeliveryStatus,
        failure: Option<&Failure>,
        now: Timestamp,
    ) -> Result<StatusUpdate> {
        if let Some(challenge) = self.apply_report(name, status, failure, now).await? {
            return Ok(StatusUpdate::Applied(challenge.as_deref().and_then(ChallengeId::parse)));
        }
        let (provider, id) = (&name.provider, &name.provider_message_id);
        let known: i64 = fetch_scalar!(self.0, IS_KNOWN, provider, id)?;
        if known > 0 {
            return Ok(StatusUpdate::Stale);
        }
        let challenge = match self.adopt_provider_id(name, now).await? {
            Some(challenge) => {
                self.apply_report(name, status, failure, now).await?;
                Some(challenge)
            }
            None => match self.apply_report_of_copy(name, status, now).await? {
                None if self.is_copy(name).await? => return Ok(StatusUpdate::Stale),
                applied => applied,
            },
        };
        Ok(challenge.map_or(StatusUpdate::Unknown, |challenge| {
            StatusUpdate::Applied(challenge.as_deref().and_then(ChallengeId::parse))
        }))
    }

    async fn apply_report(
        &mut self,
        name: &ProviderMessageName,
        status: DeliveryStatus,
        failure: Option<&Failure>,
        now: Timestamp,
    ) -> Result<Option<Option<String>>> {
        Ok(fetch_optional_scalar!(
            self.0,
            APPLY_REPORT,
            name.provider.as_str(),
            name.provider_message_id.as_str(),
            status.as_str(),
            status.rank(),
            failure.map(|failure| failure.problem.as_str()),
            failure.map(|failure| failure.why.as_str()),
            now.as_millis()
        )?)
    }

    async fn adopt_provider_id(
        &mut self,
        name: &ProviderMessageName,
        now: Timestamp,
    ) -> Result<Option<Option<String>>> {
        let Some(reference) = &name.reference else { return Ok(None) };
        Ok(fetch_optional_scalar!(
            self.0,
            ADOPT_PROVIDER_ID,
            name.provider.as_str(),
            name.provider_message_id.as_str(),
            reference.as_str(),
            DeliveryStatus::Accepted.rank(),
            now.as_millis()
        )?)
    }

    /// Whether our id in the report names a message that the provider knows by another id.
    async fn is_copy(&mut self, name: &ProviderMessageName) -> Result<bool> {
        let Some(reference) = &name.reference else { return Ok(false) };
        let count: i64 =
            fetch_scalar!(self.0, IS_COPY, name.provider.as_str(), reference.as_str())?;
        Ok(count > 0)
    }

    async fn apply_report_of_copy(
        &mut self,
        name: &ProviderMessageName,
        status: DeliveryStatus,
        now: Timestamp,
    ) -> Result<Option<Option<String>>> {
        let has_arrived = matches!(status, DeliveryStatus::Delivered | DeliveryStatus::Read);
        let Some(reference) = name.reference.as_ref().filter(|_| has_arrived) else {
            return Ok(None);
        };
        Ok(fetch_optional_scalar!(
            self.0,
            APPLY_REPORT_OF_COPY,
            name.provider.as_str(),
            reference.as_str(),
            status.as_str(),
            status.rank(),
            now.as_millis()
        )?)
    }
}
