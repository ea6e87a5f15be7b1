//! One message: what it carries, who takes it, and what its provider answered.

use std::time::Duration;

use domain::{
    ChallengeState, Code, DeliveryProblem, DeliveryStatus, MessageKind, PhoneNumber, Timestamp,
};
use store::{Challenge, Failure, Message, Recipient};
use whatsapp::{Accepted, OutgoingMessage, SendError};

use super::{
    Delivery,
    breaker::Permit,
    routing::{Chosen, Route},
};
use crate::{Result, codes, metrics};

/// How long a provider may take to answer: more than the wire's own limit of 10 s,
/// and well inside the lease.
pub(super) const PATIENCE: Duration = Duration::from_secs(12);

/// What a message carries.
struct Content {
    code: Option<Code>,
    minutes: u64,
    payment: Option<(String, String)>,
}

/// What became of asking one courier.
enum Asked {
    /// It answered.
    Answer(Result<Accepted, SendError>),
    /// It was not asked; the row says when it will be.
    NotYet,
}

impl Delivery<'_> {
    /// Hands a claimed message to one courier after the other, until one has it,
    /// it has to wait, or none is left.
    pub(super) async fn send(&self, mut message: Message) -> Result<()> {
        if message.status == DeliveryStatus::Queued {
            self.become_note(&mut message).await?;
        }
        let Some(content) = self.content(&message).await? else {
            return self.fail(&message, late("its code was no longer needed"), None).await;
        };
        let Recipient::Phone(phone) = message.new.to.clone() else {
            return self.step(&message).await;
        };
        loop {
            if self.0.clock().now() >= message.new.expires_at {
                return self.fail(&message, late(OVER), None).await;
            }
            let chosen = match self.choose(&message, &[]).await? {
                Route::ProviderState(chosen) => chosen,
                Route::Later { at, why } => return self.wait_for(&message, at, &why).await,
                Route::None { why } => return self.give_up(&message, why).await,
            };
            if !self.ask(&mut message, &phone, chosen, &content).await? {
                return Ok(());
            }
        }
    }

    /// Asks one courier, or two if the first has asked for patience too often.
    /// True if another is to be chosen.
    async fn ask(
        &self,
        message: &mut Message,
        phone: &PhoneNumber,
        chosen: Chosen,
        content: &Content,
    ) -> Result<bool> {
        let mut chosen = chosen;
        let mut impatient = Vec::new();
        loop {
            let provider_state = chosen.provider_state.clone();
            let error = match self.hand_over(message, phone, &chosen, content).await? {
                Asked::NotYet => return Ok(false),
                Asked::Answer(Ok(accepted)) => {
                    self.accept(message, provider_state.name(), accepted.provider_message_id)
                        .await?;
                    return Ok(false);
                }
                Asked::Answer(Err(error)) => error,
            };
            let SendError::Retry { after_seconds, why } = error else {
                return self.take_error(message, &provider_state, error).await;
            };
            impatient.push(provider_state.name());
            let at = self.again_at(message, after_seconds)?;
            let is_second = message.deferred_by.as_deref() == Some(provider_state.name());
            if (is_second || at >= message.new.expires_at)
                && let Route::ProviderState(standby) = self.choose(message, &impatient).await?
            {
                chosen = standby;
                continue;
            }
            self.retry(message, at, provider_state.name(), &why).await?;
            return Ok(false);
        }
    }

    /// Waits for the courier's turn, writes down what must be known if no answer
    /// comes, hands the message over, and lets the breaker learn from the answer.
    async fn hand_over(
        &self,
        message: &Message,
        phone: &PhoneNumber,
        chosen: &Chosen,
        content: &Content,
    ) -> Result<Asked> {
        let provider_state = &chosen.provider_state;
        let (pass, wait) = match provider_state.admit(self.0.clock().now()) {
            Ok(admitted) => admitted,
            Err(at) => {
                self.postpone(message, at, None).await?;
                return Ok(Asked::NotYet);
            }
        };
        let mut unused = Unused { delivery: self, chosen, pass: Some(pass) };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        if self.0.signals().is_stopping() {
            self.release(message).await?;
            return Ok(Asked::NotYet);
        }
        if !self.begin(message, provider_state).await? {
            return Ok(Asked::NotYet);
        }
        unused.pass = None;
        let outgoing = self.outgoing(message, phone, chosen, content);
        if content.code.is_some() && message.attempts <= 1 {
            let delay = self.0.clock().now().since(message.new.created_at);
            metrics::record_code_delay(provider_state.name(), message.new.channel, delay);
        }
        let started = tokio::time::Instant::now();
        let answer = tokio::time::timeout(PATIENCE, provider_state.provider.send(&outgoing)).await;
        let answer = answer.unwrap_or(Err(SendError::Unknown));
        let outcome = answer.as_ref().map_or_else(SendError::class, |_| "accepted");
        metrics::record_send(provider_state.name(), outcome, started.elapsed());
        provider_state.learn(pass, &answer, self.0.clock().now());
        Ok(Asked::Answer(answer))
    }

    fn outgoing(
        &self,
        message: &Message,
        phone: &PhoneNumber,
        chosen: &Chosen,
        content: &Content,
    ) -> OutgoingMessage {
        OutgoingMessage {
            id: message.new.id.clone(),
            phone: phone.clone(),
            channel: message.new.channel,
            language: chosen.language,
            kind: message.new.kind,
            shop_name: self.0.settings().shop_name.clone(),
            code: content.code.clone(),
            minutes: content.minutes,
            remaining: message.new.expires_at.since(self.0.clock().now()),
            expires_at: message.new.expires_at,
            template_id: chosen.template_id.clone(),
            payment: content.payment.clone(),
        }
    }

    /// What the message carries; `None` if its challenge is over, so that it would
    /// only confuse.
    async fn content(&self, message: &Message) -> Result<Option<Content>> {
        let (MessageKind::Code(purpose), Some(id)) = (message.new.kind, &message.new.challenge)
        else {
            return Ok(Some(Content { code: None, minutes: 0, payment: None }));
        };
        let settings = self.0.settings();
        let now = self.0.clock().now();
        let challenge = self.0.db().read().await?.challenges().find(id).await?;
        // One that became a decoy since then was replaced.
        let is_replaced =
            |challenge: &Challenge| challenge.to.is_decoy() && !message.new.to.is_decoy();
        match challenge {
            Some(challenge)
                if challenge.state(settings.policy.attempts, now) == ChallengeState::Live
                    && !is_replaced(&challenge) =>
            {
                Ok(Some(Content {
                    code: Some(codes::code(&settings.keys, &challenge)?),
                    minutes: settings.policy.minutes_of(purpose),
                    payment: self.payment(&challenge).await?,
                }))
            }
            _ => Ok(None),
        }
    }

    /// Amount and payee of the order a code confirms, as the shopper sees them.
    async fn payment(&self, challenge: &Challenge) -> Result<Option<(String, String)>> {
        let Some(id) = &challenge.order else { return Ok(None) };
        let order = self.0.db().read().await?.orders().find(id).await?;
        Ok(order.map(|order| (order.terms.total.to_string(), order.terms.payee)))
    }
}

/// Why a message that is too late failed, for the merchant.
const OVER: &str = "its time was over before it could be sent";

/// A message that is of no use any more.
fn late(why: &str) -> Failure {
    Failure { problem: DeliveryProblem::Late, why: why.to_owned() }
}

/// Gives a pass back that was not used, however its message's way ended.
struct Unused<'a> {
    delivery: &'a Delivery<'a>,
    chosen: &'a Chosen,
    pass: Option<Permit>,
}

impl Drop for Unused<'_> {
    fn drop(&mut self) {
        if let Some(pass) = self.pass {
            let now: Timestamp = self.delivery.0.clock().now();
            self.chosen.provider_state.give_back(pass, now);
        }
    }
}
