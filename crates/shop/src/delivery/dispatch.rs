//! Sending the outbox. A message is claimed with a lease, its code is derived
//! now, and the provider's answer decides what its row becomes. Two processes
//! never send one message at the same time; a process that dies lets its lease
//! run out, and the same message with the same code is sent again.

use std::time::Duration;

use domain::{ChallengeState, Code, DeliveryStatus, MessageKind, Timestamp};
use store::{Message, Recipient};
use tokio::task::JoinSet;
use whatsapp::{Outgoing, SendError};

use super::Delivery;
use crate::{Error, Mode, Result, codes};

/// How long a claimed message belongs to its claimer.
const LEASE: Duration = Duration::from_secs(60);
/// How long a provider may take to answer; well inside the lease.
const PATIENCE: Duration = Duration::from_secs(15);
/// The wait after the first failure; it doubles each time.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// The longest wait between two tries.
const LONGEST_RETRY: Duration = Duration::from_secs(60);
/// How long to rest when nothing is known to be due.
const REST: Duration = Duration::from_secs(1);

impl Delivery<'_> {
    /// Sends what is due, waits for every answer, and says how many there were.
    pub async fn run_due(&self) -> usize {
        let mut sent = 0;
        loop {
            let claimed = match self.claim().await {
                Ok(claimed) => claimed,
                Err(error) => {
                    report(&error);
                    return sent;
                }
            };
            if claimed.is_empty() {
                return sent;
            }
            sent += claimed.len();
            claimed.join_all().await;
        }
    }

    /// Sends for ever: what is due at once, the rest when it is. One provider's
    /// slow answer holds up nothing but its own message.
    pub async fn run(&self) -> std::convert::Infallible {
        loop {
            match self.claim().await {
                Ok(claimed) if claimed.is_empty() => self.rest().await,
                Ok(mut claimed) => claimed.detach_all(),
                Err(error) => {
                    report(&error);
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Rests until a message is new or due, a second at most.
    pub async fn rest(&self) {
        let span = self.until_due().await.unwrap_or(REST).min(REST);
        tokio::select! {
            () = self.0.signals().woken() => {}
            () = tokio::time::sleep(span) => {}
        }
    }

    async fn until_due(&self) -> Result<Duration> {
        let due_at = self.0.db().read().await?.messages().next_due().await?;
        Ok(due_at.map_or(REST, |due_at| due_at.since(self.0.clock().now())))
    }

    /// Claims as many messages as may be in flight, and starts sending them.
    async fn claim(&self) -> Result<JoinSet<()>> {
        let shop = self.0;
        let places = shop.signals().in_flight.clone();
        let first = places.clone().acquire_owned().await.map_err(|_| store::Error::ShuttingDown)?;
        let most = u32::try_from(places.available_permits() + 1).unwrap_or(1);
        let now = shop.clock().now();
        let claimed = shop
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.messages().claim(most, now + LEASE, now).await })
            })
            .await?;
        let mut place = Some(first);
        let mut sending = JoinSet::new();
        for message in claimed {
            let place = match place.take() {
                Some(place) => Ok(place),
                None => places.clone().acquire_owned().await,
            };
            let shop = shop.clone();
            sending.spawn(async move {
                let _place = place;
                if let Err(error) = shop.delivery().send(&message).await {
                    report(&error);
                }
            });
        }
        Ok(sending)
    }

    async fn send(&self, message: &Message) -> Result<()> {
        let now = self.0.clock().now();
        if now >= message.new.expires_at {
            return self.fail(message, "its time was over before it could be sent").await;
        }
        let Some(code) = self.code(message, now).await? else {
            return self.fail(message, "its code was no longer needed").await;
        };
        let Recipient::Phone(phone) = &message.new.to else { return self.step(message, now).await };
        let settings = self.0.settings();
        let outgoing = Outgoing {
            id: message.new.id.clone(),
            phone: phone.clone(),
            channel: message.new.channel,
            language: message.new.language,
            kind: message.new.kind,
            shop_name: settings.shop_name.clone(),
            code: code.0,
            minutes: code.1,
            remaining: message.new.expires_at.since(now),
            expires_at: message.new.expires_at,
            template_id: None,
            payment: None,
        };
        let answer = tokio::time::timeout(PATIENCE, self.0.courier().send(&outgoing)).await;
        match answer.unwrap_or(Err(SendError::Unknown)) {
            Ok(accepted) => self.accept(message, accepted.provider_message_id).await,
            Err(error) => self.fail_or_retry(message, error).await,
        }
    }

    /// The code a message carries and its life in minutes; `None` if the
    /// challenge is over, so that the message would only confuse.
    async fn code(&self, message: &Message, now: Timestamp) -> Result<Option<(Option<Code>, u64)>> {
        let (MessageKind::Code(purpose), Some(id)) = (message.new.kind, &message.new.challenge)
        else {
            return Ok(Some((None, 0)));
        };
        let settings = self.0.settings();
        let challenge = self.0.db().read().await?.challenges().find(id).await?;
        match challenge {
            Some(challenge)
                if challenge.state(settings.policy.attempts, now) == ChallengeState::Live =>
            {
                let code = codes::code(&settings.keys, &challenge)?;
                Ok(Some((Some(code), settings.policy.minutes_of(purpose))))
            }
            _ => Ok(None),
        }
    }

    async fn accept(&self, message: &Message, provider_message_id: String) -> Result<()> {
        let (id, now) = (message.new.id.clone(), self.0.clock().now());
        let provider = self.0.courier().name();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    tx.messages().accept(&id, provider, &provider_message_id, now).await
                })
            })
            .await?;
        self.changed(message);
        Ok(())
    }

    async fn fail_or_retry(&self, message: &Message, error: SendError) -> Result<()> {
        match error {
            SendError::Retry { after_seconds, .. } => self.retry(message, after_seconds).await,
            SendError::Unknown => self.fail(message, "the provider never answered").await,
            SendError::Undeliverable { why } => self.fail(message, &why).await,
            SendError::FailOver { why } => self.fail(message, &why).await,
            SendError::Misconfigured { setting, why } => {
                tracing::error!(setting, why, "messages cannot be sent");
                self.fail(message, &why).await
            }
        }
    }

    /// Later, with a growing and uneven wait, as long as the code lives.
    async fn retry(&self, message: &Message, after_seconds: Option<u32>) -> Result<()> {
        let doubled = 2_u32.saturating_pow(message.tries.saturating_sub(1));
        let wait = FIRST_RETRY.saturating_mul(doubled).min(LONGEST_RETRY);
        let wait =
            self.uneven(wait)?.max(Duration::from_secs(u64::from(after_seconds.unwrap_or(0))));
        let at = self.0.clock().now() + wait;
        if at >= message.new.expires_at {
            return self.fail(message, "the provider was not reached in time").await;
        }
        let id = message.new.id.clone();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.messages().retry(&id, at, "trying again").await })
            })
            .await?;
        Ok(())
    }

    async fn fail(&self, message: &Message, why: &str) -> Result<()> {
        let (id, now, why) = (message.new.id.clone(), self.0.clock().now(), why.to_owned());
        self.0
            .db()
            .write(move |tx| Box::pin(async move { tx.messages().fail(&id, &why, now).await }))
            .await?;
        self.changed(message);
        Ok(())
    }

    /// Moves a decoy on, at the pace of a real message. Nothing is sent.
    async fn step(&self, message: &Message, now: Timestamp) -> Result<()> {
        let (status, next_in) = match (message.status, self.0.settings().mode) {
            (DeliveryStatus::Queued, Mode::Demo) => {
                (DeliveryStatus::Accepted, Some(whatsapp::simulator::UNTIL_SENT))
            }
            (DeliveryStatus::Queued, Mode::Production) => {
                (DeliveryStatus::Accepted, Some(Duration::from_millis(400)))
            }
            (DeliveryStatus::Accepted, Mode::Demo) => {
                (DeliveryStatus::Sent, Some(whatsapp::simulator::UNTIL_DELIVERED))
            }
            (DeliveryStatus::Accepted, Mode::Production) => {
                (DeliveryStatus::Sent, Some(Duration::from_millis(1_200)))
            }
            _ => (DeliveryStatus::Delivered, None),
        };
        let next_at = next_in.map(|span| self.uneven(span)).transpose()?.map(|span| now + span);
        let (id, provider) = (message.new.id.clone(), self.0.courier().name());
        self.0
            .db()
            .write(move |tx| {
                Box::pin(
                    async move { tx.messages().step(&id, status, provider, next_at, now).await },
                )
            })
            .await?;
        self.changed(message);
        self.wake();
        Ok(())
    }

    /// Between two thirds and four thirds of a span, so that what failed together
    /// does not come back together.
    fn uneven(&self, span: Duration) -> Result<Duration> {
        let thousandths = u32::try_from(self.0.entropy().bits()? % 667).unwrap_or(0);
        Ok(span * (667 + thousandths) / 1000)
    }

    fn changed(&self, message: &Message) {
        self.0.signals().changed(message.new.challenge.as_ref());
    }
}

fn report(error: &Error) {
    tracing::error!(error = error as &dyn std::error::Error, "a message could not be handled");
}
