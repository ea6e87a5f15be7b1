//! What the row of a message becomes after an answer, or without one.

use std::time::Duration;

use domain::{DeliveryProblem, Timestamp};
use store::{Failure, Message};
use whatsapp::SendError;

use super::{Delivery, ProviderState};
use crate::Result;

/// The wait after the first failure; it doubles each time.
const FIRST_RETRY: Duration = Duration::from_secs(2);
/// The longest wait between two tries.
const LONGEST_RETRY: Duration = Duration::from_secs(60);
/// Over how long messages spread that waited for the same moment.
const SPREAD: Duration = Duration::from_millis(500);

impl Delivery<'_> {
    /// Takes an answer that is neither yes nor "later". True if another courier is
    /// to be chosen.
    pub(super) async fn take_error(
        &self,
        message: &mut Message,
        provider_state: &ProviderState,
        error: SendError,
    ) -> Result<bool> {
        let name = provider_state.name();
        match &error {
            SendError::Undeliverable { .. } => {
                self.fail(message, Failure::of(&error), Some(name)).await?;
                Ok(false)
            }
            SendError::Unknown if provider_state.provider.repeats_safely() => {
                message.provider = Some(name.to_owned());
                let at = self.again_at(message, None)?;
                self.retry(message, at, name, &error.to_string()).await?;
                Ok(false)
            }
            SendError::Unknown => {
                self.fail(message, Failure::of(&error), Some(name)).await?;
                Ok(false)
            }
            SendError::Retry { .. }
            | SendError::FailOver { .. }
            | SendError::Misconfigured { .. } => {
                self.refuse(message, name, error.to_string()).await
            }
        }
    }

    /// What must be known if the answer never comes: that this person was sent
    /// something now, and who alone may be asked again. False if the message has
    /// to wait, or is no longer ours.
    pub(super) async fn begin(
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
        let person = self.0.limits().subject(&message.new.to)?;
        let now = self.0.clock().now();
        let begun = self.0.db().write(move |tx| {
            Box::pin(async move {
                if !spacing.is_zero()
                    && let Some(free_at) =
                        tx.recipient_throttle().take(provider, &person, spacing, now).await?
                {
                    return Ok::<_, store::Error>(Err(free_at));
                }
                Ok(Ok(tx.messages().hand_over(&lease, only_to.as_deref(), now).await?))
            })
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
        let (id, now) = (message.new.id.clone(), self.0.clock().now());
        let keeps_code =
            self.provider(provider).is_some_and(|provider| provider.tracks_verifications());
        let kept = message.new.challenge.clone().filter(|_| keeps_code);
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let name = &provider_message_id;
                    if let Some(challenge) = &kept {
                        tx.provider_verifications().keep(provider, name, challenge).await?;
                    }
                    tx.messages().accept(&id, provider, name, now).await
                })
            })
            .await?;
        self.changed(message);
        Ok(())
    }

    /// When to try again: after the provider's wait, and then at a random moment of
    /// a span that grows, so that what failed together does not come back together.
    pub(super) fn again_at(&self, message: &Message, after: Option<u32>) -> Result<Timestamp> {
        let doubled = 2_u32.saturating_pow(message.attempts.saturating_sub(1));
        let span = FIRST_RETRY.saturating_mul(doubled).min(LONGEST_RETRY);
        let after = Duration::from_secs(u64::from(after.unwrap_or(0)));
        Ok(self.0.clock().now() + after + self.random(span)?)
    }

    /// Later, as long as the message is worth it.
    pub(super) async fn retry(
        &self,
        message: &Message,
        at: Timestamp,
        by: &'static str,
        why: &str,
    ) -> Result<()> {
        if at >= message.new.expires_at {
            return self.give_up(message, why.to_owned()).await;
        }
        let (lease, why) = (message.lease(), why.to_owned());
        let only_to = message.provider.clone();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    tx.messages().retry(&lease, at, by, only_to.as_deref(), &why).await
                })
            })
            .await?;
        Ok(())
    }

    /// Nobody takes it before `at`, and its reader should know.
    pub(super) async fn wait_for(&self, message: &Message, at: Timestamp, why: &str) -> Result<()> {
        let failure = Failure { problem: DeliveryProblem::Trouble, why: why.to_owned() };
        self.postpone(message, at, Some(failure)).await?;
        self.changed(message);
        Ok(())
    }

    /// Not now, and that was no try; never beyond the moment it becomes worthless.
    pub(super) async fn postpone(
        &self,
        message: &Message,
        at: Timestamp,
        failure: Option<Failure>,
    ) -> Result<()> {
        let at = (at + self.random(SPREAD)?).min(message.new.expires_at);
        let lease = message.lease();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.messages().postpone(&lease, at, failure.as_ref()).await })
            })
            .await?;
        Ok(())
    }

    /// Back to the outbox, as if it had never been claimed.
    pub(super) async fn release(&self, message: &Message) -> Result<()> {
        let lease = message.lease();
        self.0
            .db()
            .write(move |tx| Box::pin(async move { tx.messages().release(&lease).await }))
            .await?;
        Ok(())
    }

    /// This provider will not take it. True if another may.
    async fn refuse(&self, message: &mut Message, name: &str, why: String) -> Result<bool> {
        if message.provider.is_some() {
            self.give_up(message, why).await?;
            return Ok(false);
        }
        message.refused_by.push(name.to_owned());
        message.failure = Some(why.clone());
        let (lease, refused_by) = (message.lease(), message.refused_by.clone());
        Ok(self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.messages().refuse(&lease, &refused_by, &why).await })
            })
            .await?)
    }

    /// Nobody will take it any more. What one may have taken is not said to be lost.
    pub(super) async fn give_up(&self, message: &Message, why: String) -> Result<()> {
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
        let (lease, now) = (message.lease(), self.0.clock().now());
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.messages().fail(&lease, &failure, provider, now).await })
            })
            .await?;
        self.changed(message);
        Ok(())
    }

    /// Somewhere in a span.
    fn random(&self, span: Duration) -> Result<Duration> {
        let thousandths = u32::try_from(self.0.entropy().bits()? % 1001).unwrap_or(0);
        Ok(span * thousandths / 1000)
    }

    pub(super) fn changed(&self, message: &Message) {
        self.0.signals().changed(message.new.challenge.as_ref());
    }
}

/// What a row keeps of a provider's answer.
pub(super) trait Explained {
    /// For the reader in a word, for the merchant in a sentence.
    fn of(error: &SendError) -> Self;
}

impl Explained for Failure {
    fn of(error: &SendError) -> Self {
        Self { problem: error.problem(), why: error.to_string() }
    }
}
