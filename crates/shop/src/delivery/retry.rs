//! Recording the result of a send: accepted, to be tried again, postponed, refused or failed.

use std::time::Duration;

use domain::{DeliveryProblem, Timestamp};
use store::{Failure, Message, transaction};
use whatsapp::SendError;

use super::{Delivery, ProviderState};
use crate::error::Result;

/// The longest wait after the first failure; it doubles each time.
const FIRST_RETRY_DELAY: Duration = Duration::from_secs(2);
/// The longest wait between two tries.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(60);
/// Messages that wait for the same moment are spread over this time.
const POSTPONE_JITTER: Duration = Duration::from_millis(500);

impl Delivery {
    /// Records an error other than [`SendError::Retry`]. True if another provider has to be
    /// selected.
    pub(super) async fn record_error(
        &self,
        message: &mut Message,
        provider_state: &ProviderState,
        error: SendError,
    ) -> Result<bool> {
        let name = provider_state.name();
        match &error {
            SendError::Undeliverable { .. } => {
                self.fail(message, failure_of(&error), Some(name)).await?;
                Ok(false)
            }
            SendError::Unknown if provider_state.provider.repeats_safely() => {
                message.provider = Some(name.to_owned());
                let at = self.retry_at(message, None)?;
                self.retry(message, at, name, &error.to_string()).await?;
                Ok(false)
            }
            SendError::Unknown => {
                self.fail(message, failure_of(&error), Some(name)).await?;
                Ok(false)
            }
            SendError::Retry { .. }
            | SendError::Unrecognised { .. }
            | SendError::FailOver { .. }
            | SendError::Misconfigured { .. } => {
                self.refuse(message, name, error.to_string()).await
            }
        }
    }

    /// Records what has to be known if the answer never comes: that this person is sent a
    /// message now, and which provider alone may be asked again. False if the message has to
    /// wait, or its lease was lost.
    pub(super) async fn begin_send(
        &self,
        message: &Message,
        provider_state: &ProviderState,
    ) -> Result<bool> {
        let spacing = provider_state.provider.rate_limits().per_person;
        let only_to = provider_state.provider.repeats_safely().then_some(provider_state.name());
        if spacing.is_zero() && only_to.is_none() {
            return Ok(true);
        }
        let only_to = only_to.map_or_else(|| message.provider.clone(), |name| Some(name.into()));
        let (lease, provider) = (message.lease(), provider_state.name());
        let person = self.limits.subject(&message.new.to)?;
        let now = self.clock.now();
        let begun = transaction!(self.db, |tx| {
            if !spacing.is_zero()
                && let Some(free_at) =
                    tx.recipient_throttle().take(provider, &person, spacing, now).await?
            {
                return Ok::<_, store::Error>(Err(free_at));
            }
            Ok(Ok(tx.messages().mark_sending(&lease, only_to.as_deref(), now).await?))
        });
        match begun.await? {
            Ok(is_ours) => Ok(is_ours),
            Err(free_at) => {
                self.postpone(message, free_at, None).await?;
                Ok(false)
            }
        }
    }

    pub(super) async fn accept(
        &self,
        message: &Message,
        provider: &'static str,
        provider_message_id: String,
    ) -> Result<()> {
        let (id, now) = (message.new.id.clone(), self.clock.now());
        let keeps_code =
            self.provider(provider).is_some_and(|provider| provider.tracks_verifications());
        let kept = message.new.challenge.clone().filter(|_| keeps_code);
        transaction!(self.db, |tx| {
            let name = &provider_message_id;
            if let Some(challenge) = &kept {
                tx.provider_verifications().keep(provider, name, challenge).await?;
            }
            tx.messages().accept(&id, provider, name, now).await
        })
        .await?;
        self.changed(message);
        Ok(())
    }

    /// When to try again: after the provider's wait, and then at a random moment of a time that
    /// grows, so that messages that failed together are not tried again together.
    pub(super) fn retry_at(&self, message: &Message, after: Option<u32>) -> Result<Timestamp> {
        let doubled = 2_u32.saturating_pow(message.attempts.saturating_sub(1));
        let span = FIRST_RETRY_DELAY.saturating_mul(doubled).min(MAX_RETRY_DELAY);
        let after = Duration::from_secs(u64::from(after.unwrap_or(0)));
        Ok(self.clock.now() + after + self.random(span)?)
    }

    /// Schedules another try, unless the message expires before.
    pub(super) async fn retry(
        &self,
        message: &Message,
        at: Timestamp,
        by: &'static str,
        why: &str,
    ) -> Result<()> {
        if at >= message.new.expires_at {
            return self.abandon(message, why.to_owned()).await;
        }
        let (lease, why) = (message.lease(), why.to_owned());
        let only_to = message.provider.clone();
        transaction!(self.db, |tx| {
            tx.messages().retry(&lease, at, by, only_to.as_deref(), &why).await
        })
        .await?;
        Ok(())
    }

    /// Postpones a message that no provider accepts before `at`, and shows that on its page.
    pub(super) async fn postpone_visibly(
        &self,
        message: &Message,
        at: Timestamp,
        why: &str,
    ) -> Result<()> {
        let failure = Failure { problem: DeliveryProblem::Trouble, why: why.to_owned() };
        self.postpone(message, at, Some(failure)).await?;
        self.changed(message);
        Ok(())
    }

    /// Postpones a message without counting a try; never beyond its expiry.
    pub(super) async fn postpone(
        &self,
        message: &Message,
        at: Timestamp,
        failure: Option<Failure>,
    ) -> Result<()> {
        let at = (at + self.random(POSTPONE_JITTER)?).min(message.new.expires_at);
        let lease = message.lease();
        transaction!(self.db, |tx| tx.messages().postpone(&lease, at, failure.as_ref()).await)
            .await?;
        Ok(())
    }

    /// Puts a message back into the outbox, as if it had never been claimed.
    pub(super) async fn release(&self, message: &Message) -> Result<()> {
        let lease = message.lease();
        transaction!(self.db, |tx| tx.messages().release(&lease).await).await?;
        Ok(())
    }

    /// Records that a provider will not accept it. True if another provider may be asked.
    async fn refuse(&self, message: &mut Message, name: &str, why: String) -> Result<bool> {
        if message.provider.is_some() {
            self.abandon(message, why).await?;
            return Ok(false);
        }
        message.refused_by.push(name.to_owned());
        message.failure = Some(why.clone());
        let (lease, refused_by) = (message.lease(), message.refused_by.clone());
        Ok(transaction!(self.db, |tx| tx.messages().refuse(&lease, &refused_by, &why).await)
            .await?)
    }

    /// Fails a message that no provider will accept. If one may have accepted it, the problem is
    /// [`DeliveryProblem::Unknown`].
    pub(super) async fn abandon(&self, message: &Message, why: String) -> Result<()> {
        let problem = match message.provider {
            Some(_) => DeliveryProblem::Unknown,
            None => DeliveryProblem::Trouble,
        };
        self.fail(message, Failure { problem, why }, None).await
    }

    pub(super) async fn fail(
        &self,
        message: &Message,
        failure: Failure,
        provider: Option<&'static str>,
    ) -> Result<()> {
        let (lease, now) = (message.lease(), self.clock.now());
        transaction!(self.db, |tx| tx.messages().fail(&lease, &failure, provider, now).await)
            .await?;
        self.changed(message);
        Ok(())
    }

    /// A random time, at most this long.
    fn random(&self, span: Duration) -> Result<Duration> {
        let thousandths = u32::try_from(self.entropy.bits()? % 1001).unwrap_or(0);
        Ok(span * thousandths / 1000)
    }

    pub(super) fn changed(&self, message: &Message) {
        self.challenge_changed(message.new.challenge.as_ref());
    }
}

/// An error as the row of a message keeps it: a problem for the reader, and the reason for the
/// merchant.
pub(super) fn failure_of(error: &SendError) -> Failure {
    Failure { problem: error.problem(), why: error.to_string() }
}
