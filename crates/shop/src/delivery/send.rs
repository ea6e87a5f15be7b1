//! Sending one message: its content, the providers that are asked, and their answers.

use std::time::Duration;

use domain::{ChallengeState, Code, DeliveryProblem, DeliveryStatus, MessageKind, PhoneNumber};
use store::{Challenge, Failure, Message, Recipient};
use whatsapp::{Accepted, OutgoingMessage, Payment, SendError};

use super::{
    Delivery,
    breaker::Permit,
    routing::{Route, Selection},
};
use crate::{clock::Clock, codes, error::Result, metrics};

/// How long a provider may take to answer: longer than the HTTP client's own limit of 10 s,
/// and well inside the lease.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(12);

/// The content of a message.
struct Content {
    code: Option<Code>,
    minutes: u64,
    payment: Option<Payment>,
}

/// The result of handing a message to one provider.
enum HandOver {
    /// The provider answered, or did not answer in time.
    Answered(Result<Accepted, SendError>),
    /// The provider was not asked; the row says when it will be.
    Postponed,
}

impl Delivery {
    /// Hands a claimed message to one provider after the other, until one accepts it, it has
    /// to wait, or none is left.
    pub(super) async fn send(&self, mut message: Message) -> Result<()> {
        if message.status == DeliveryStatus::Queued {
            self.replace_by_notice(&mut message).await?;
        }
        let Some(content) = self.content(&message).await? else {
            return self.fail(&message, too_late("its code was no longer needed"), None).await;
        };
        let Recipient::Phone(phone) = message.new.to.clone() else {
            return self.advance_decoy(&message).await;
        };
        loop {
            if self.clock.now() >= message.new.expires_at {
                return self.fail(&message, too_late(EXPIRED), None).await;
            }
            let selection = match self.select_provider(&message, &[]).await? {
                Route::Provider(selection) => selection,
                Route::Later { at, why } => return self.postpone_visibly(&message, at, &why).await,
                Route::None { why } => return self.abandon(&message, why).await,
            };
            if !self.ask(&mut message, &phone, selection, &content).await? {
                return Ok(());
            }
        }
    }

    /// Asks one provider, and a second one if the first asks to be tried later too often.
    /// True if another provider has to be selected.
    async fn ask(
        &self,
        message: &mut Message,
        phone: &PhoneNumber,
        selection: Selection,
        content: &Content,
    ) -> Result<bool> {
        let mut selection = selection;
        let mut busy = Vec::new();
        loop {
            let provider_state = selection.provider_state.clone();
            let error = match self.hand_over(message, phone, &selection, content).await? {
                HandOver::Postponed => return Ok(false),
                HandOver::Answered(Ok(accepted)) => {
                    self.accept(message, provider_state.name(), accepted.provider_message_id)
                        .await?;
                    return Ok(false);
                }
                HandOver::Answered(Err(error)) => error,
            };
            let is_second = message.deferred_by.as_deref() == Some(provider_state.name());
            let (after_seconds, why) = match error {
                SendError::Retry { after_seconds, why } => (after_seconds, why),
                SendError::Unrecognised { why } if !is_second => (None, why),
                error => return self.record_error(message, &provider_state, error).await,
            };
            busy.push(provider_state.name());
            let at = self.retry_at(message, after_seconds)?;
            if (is_second || at >= message.new.expires_at)
                && let Route::Provider(standby) = self.select_provider(message, &busy).await?
            {
                selection = standby;
                continue;
            }
            self.retry(message, at, provider_state.name(), &why).await?;
            return Ok(false);
        }
    }

    /// Waits for the provider's rate limit, records what has to be known if no answer comes,
    /// hands the message over, and reports the answer to the circuit breaker.
    async fn hand_over(
        &self,
        message: &Message,
        phone: &PhoneNumber,
        selection: &Selection,
        content: &Content,
    ) -> Result<HandOver> {
        let provider_state = &selection.provider_state;
        let (permit, wait) = match provider_state.admit(self.clock.now()) {
            Ok(admitted) => admitted,
            Err(at) => {
                self.postpone(message, at, None).await?;
                return Ok(HandOver::Postponed);
            }
        };
        let mut unused = UnusedPermit { clock: &self.clock, selection, permit: Some(permit) };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        if self.state.dispatcher.is_stopping() {
            self.release(message).await?;
            return Ok(HandOver::Postponed);
        }
        if !self.begin_send(message, provider_state).await? {
            return Ok(HandOver::Postponed);
        }
        unused.permit = None;
        let outgoing = self.outgoing(message, phone, selection, content);
        if content.code.is_some() && message.attempts <= 1 {
            let delay = self.clock.now().since(message.new.created_at);
            metrics::record_code_delay(provider_state.name(), message.new.channel, delay);
        }
        let started = tokio::time::Instant::now();
        let answer =
            tokio::time::timeout(SEND_TIMEOUT, provider_state.provider.send(&outgoing)).await;
        let answer = answer.unwrap_or(Err(SendError::Unknown));
        let outcome = answer.as_ref().map_or_else(SendError::class, |_| "accepted");
        metrics::record_send(provider_state.name(), outcome, started.elapsed());
        provider_state.record(permit, &answer, self.clock.now());
        Ok(HandOver::Answered(answer))
    }

    fn outgoing(
        &self,
        message: &Message,
        phone: &PhoneNumber,
        selection: &Selection,
        content: &Content,
    ) -> OutgoingMessage {
        OutgoingMessage {
            id: message.new.id.clone(),
            phone: phone.clone(),
            channel: message.new.channel,
            language: selection.language,
            kind: message.new.kind,
            shop_name: self.settings.shop_name.clone(),
            code: content.code.clone(),
            minutes: content.minutes,
            remaining: message.new.expires_at.since(self.clock.now()),
            expires_at: message.new.expires_at,
            template_id: selection.template_id.clone(),
            payment: content.payment.clone(),
        }
    }

    /// The content of a message; `None` if its challenge has ended, so that it would only
    /// confuse its reader.
    async fn content(&self, message: &Message) -> Result<Option<Content>> {
        let (MessageKind::Code(purpose), Some(id)) = (message.new.kind, &message.new.challenge)
        else {
            return Ok(Some(Content { code: None, minutes: 0, payment: None }));
        };
        let settings = &self.settings;
        let now = self.clock.now();
        let challenge = self.db.read().await?.challenges().find(id).await?;
        // A challenge that has become a decoy since then was replaced.
        let is_replaced =
            |challenge: &Challenge| challenge.to.is_decoy() && !message.new.to.is_decoy();
        match challenge {
            Some(challenge)
                if challenge.state(settings.policy.attempts, now) == ChallengeState::Live
                    && !is_replaced(&challenge) =>
            {
                Ok(Some(Content {
                    code: Some(codes::code(&settings.keys, &challenge)?),
                    minutes: settings.policy.code_minutes_for(purpose),
                    payment: self.payment(&challenge).await?,
                }))
            }
            _ => Ok(None),
        }
    }

    /// What the code pays: amount and payee of the order that it confirms.
    async fn payment(&self, challenge: &Challenge) -> Result<Option<Payment>> {
        let Some(id) = &challenge.order else { return Ok(None) };
        let order = self.db.read().await?.orders().find(id).await?;
        Ok(order.map(|order| Payment { amount: order.header.total, payee: order.header.payee }))
    }
}

/// Why a message that expired has failed, for the merchant.
const EXPIRED: &str = "it expired before it could be sent";

/// The failure of a message that is of no use any more.
fn too_late(why: &str) -> Failure {
    Failure { problem: DeliveryProblem::Late, why: why.to_owned() }
}

/// Releases a permit that was not used, in whichever way sending ended.
struct UnusedPermit<'a> {
    clock: &'a Clock,
    selection: &'a Selection,
    permit: Option<Permit>,
}

impl Drop for UnusedPermit<'_> {
    fn drop(&mut self) {
        if let Some(permit) = self.permit {
            self.selection.provider_state.release(permit, self.clock.now());
        }
    }
}
