//! A simulated provider with simulated phones. It accepts messages, shows them on the
//! phones, and can simulate faults. It is for demonstrations and tests; the production mode
//! refuses it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use domain::{Channel, DeliveryStatus, Language, MessageKind, PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::{
    Accepted, BoxFuture, DeliveryReport, EventSender, MessageProvider, Now, OutgoingMessage,
    SendError, WebhookEvent, template,
};

/// The time from acceptance until a message is sent.
pub const SENT_DELAY: Duration = Duration::from_millis(40);
/// The time from sending until a message is delivered.
pub const DELIVERED_DELAY: Duration = Duration::from_millis(60);
/// The additional delay of [`SimulatedFault::Slow`].
const SLOW_DELAY: Duration = Duration::from_secs(8);
/// How long [`SimulatedFault::OutOfOrder`] holds a message back for the next one.
const REORDER_TIMEOUT: Duration = Duration::from_secs(10);
/// The most messages that a phone keeps.
const MAX_MESSAGES_PER_PHONE: usize = 50;
/// The most phones that the simulator keeps.
const MAX_PHONES: usize = 10_000;
/// How many changes a slow subscriber may fall behind before it misses some.
const CHANGES_CAPACITY: usize = 256;
/// The name of the provider in rows.
const NAME: &str = "simulator";

/// A fault that the simulator simulates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedFault {
    /// No fault.
    #[default]
    None,
    /// Messages take eight seconds longer.
    Slow,
    /// Messages are sent but never delivered.
    Lost,
    /// The number cannot be reached.
    Undeliverable,
    /// The provider accepts no messages.
    ProviderDown,
    /// Every message is delivered twice.
    Duplicate,
    /// A message is delivered after the next one.
    OutOfOrder,
}

/// A message on a simulated phone. Its `Debug` contains neither text nor code.
#[derive(Clone, PartialEq, Eq)]
pub struct SimulatedMessage {
    /// The provider's id of the message.
    pub id: String,
    /// The recipient.
    pub phone: PhoneNumber,
    /// WhatsApp or text message.
    pub channel: Channel,
    /// What the message is for.
    pub purpose: MessageKind,
    /// The language of the text.
    pub language: Language,
    /// The text.
    pub text: String,
    /// The code in the text, for the button "Copy code".
    pub code: Option<String>,
    /// The delivery status.
    pub status: DeliveryStatus,
    /// When the provider accepted the message.
    pub sent_at: Timestamp,
}

impl std::fmt::Debug for SimulatedMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimulatedMessage")
            .field("id", &self.id)
            .field("phone", &self.phone)
            .field("purpose", &self.purpose)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The simulated provider.
pub struct Simulator {
    /// The simulator itself, for the tasks that deliver messages after `send` returned.
    this: Weak<Self>,
    events: EventSender,
    now: Now,
    is_instant: bool,
    state: Mutex<State>,
    changes: broadcast::Sender<PhoneNumber>,
}

#[derive(Default)]
struct State {
    chats: HashMap<PhoneNumber, VecDeque<SimulatedMessage>>,
    order: VecDeque<PhoneNumber>,
    fault: SimulatedFault,
    faults: HashMap<PhoneNumber, SimulatedFault>,
    held_back: HashMap<PhoneNumber, Vec<SimulatedMessage>>,
}

impl Simulator {
    /// A simulator that delivers with delays.
    pub fn new(events: EventSender, now: Now) -> Arc<Self> {
        Self::build(events, now, false)
    }

    /// A simulator that delivers immediately, for tests.
    pub fn instant(events: EventSender, now: Now) -> Arc<Self> {
        Self::build(events, now, true)
    }

    fn build(events: EventSender, now: Now, is_instant: bool) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            events,
            now,
            is_instant,
            state: Mutex::default(),
            changes: broadcast::Sender::new(CHANGES_CAPACITY),
        })
    }

    /// The messages on a phone, the newest first.
    pub fn messages(&self, phone: &PhoneNumber) -> Vec<SimulatedMessage> {
        self.state().chats.get(phone).map(|chat| chat.iter().cloned().collect()).unwrap_or_default()
    }

    /// The phones with messages, the one with the newest message first.
    pub fn chats(&self) -> Vec<PhoneNumber> {
        self.state().order.iter().rev().cloned().collect()
    }

    /// Sets the fault of one phone, or the default fault of all phones.
    pub fn set_fault(&self, phone: Option<PhoneNumber>, fault: SimulatedFault) {
        let mut state = self.state();
        match phone {
            None => state.fault = fault,
            Some(phone) if fault == SimulatedFault::None => {
                state.faults.remove(&phone);
            }
            Some(phone) => {
                state.faults.insert(phone, fault);
            }
        }
    }

    /// The fault of a phone.
    pub fn fault(&self, phone: &PhoneNumber) -> SimulatedFault {
        let state = self.state();
        state.faults.get(phone).copied().unwrap_or(state.fault)
    }

    /// Marks every message on a phone as read.
    pub fn mark_read(&self, phone: &PhoneNumber) {
        let mut read = Vec::new();
        if let Some(chat) = self.state().chats.get_mut(phone) {
            for message in chat.iter_mut().filter(|m| m.status < DeliveryStatus::Read) {
                message.status = DeliveryStatus::Read;
                read.push(message.id.clone());
            }
        }
        for id in &read {
            self.report(id, DeliveryStatus::Read, None);
        }
        if !read.is_empty() {
            self.announce(phone);
        }
    }

    /// Subscribes to the phones whose messages change.
    pub fn changes(&self) -> broadcast::Receiver<PhoneNumber> {
        self.changes.subscribe()
    }

    /// Starts the delivery of an accepted message.
    fn deliver(&self, message: SimulatedMessage) {
        let fault = self.fault(&message.phone);
        if self.is_instant {
            self.report(&message.id, DeliveryStatus::Sent, None);
            self.arrive(message, fault);
            return;
        }
        let Some(simulator) = self.this.upgrade() else { return };
        tokio::spawn(async move {
            tokio::time::sleep(SENT_DELAY).await;
            simulator.report(&message.id, DeliveryStatus::Sent, None);
            let slow = if fault == SimulatedFault::Slow { SLOW_DELAY } else { Duration::ZERO };
            tokio::time::sleep(DELIVERED_DELAY + slow).await;
            let phone = message.phone.clone();
            simulator.arrive(message, fault);
            if fault == SimulatedFault::OutOfOrder {
                tokio::time::sleep(REORDER_TIMEOUT).await;
                simulator.release(&phone);
            }
        });
    }

    /// Delivers a message to its phone, unless the fault prevents that.
    fn arrive(&self, message: SimulatedMessage, fault: SimulatedFault) {
        match fault {
            SimulatedFault::Lost | SimulatedFault::ProviderDown => {}
            SimulatedFault::Undeliverable => {
                let why = "the number is not on WhatsApp";
                self.report(&message.id, DeliveryStatus::Failed, Some(why));
            }
            SimulatedFault::OutOfOrder => {
                let phone = message.phone.clone();
                let waiting = self.state().held_back.remove(&phone);
                match waiting {
                    None => drop(self.state().held_back.insert(phone, vec![message])),
                    Some(earlier) => {
                        self.show(message);
                        earlier.into_iter().for_each(|message| self.show(message));
                    }
                }
            }
            SimulatedFault::Duplicate => {
                self.show(message.clone());
                self.show(message);
            }
            SimulatedFault::None | SimulatedFault::Slow => self.show(message),
        }
    }

    fn release(&self, phone: &PhoneNumber) {
        let waiting = self.state().held_back.remove(phone).unwrap_or_default();
        waiting.into_iter().for_each(|message| self.show(message));
    }

    fn show(&self, mut message: SimulatedMessage) {
        message.status = DeliveryStatus::Delivered;
        let (id, phone) = (message.id.clone(), message.phone.clone());
        self.state().keep(message);
        self.report(&id, DeliveryStatus::Delivered, None);
        self.announce(&phone);
    }

    fn report(&self, id: &str, status: DeliveryStatus, failure: Option<&str>) {
        (self.events)(WebhookEvent::Delivery(DeliveryReport {
            provider: NAME,
            provider_message_id: id.to_owned(),
            reference: None,
            status,
            failure: failure.map(|why| SendError::Undeliverable { why: why.to_owned() }),
            recipient: None,
        }));
    }

    fn announce(&self, phone: &PhoneNumber) {
        // Sending fails only if there is no subscriber, which is fine.
        let _ = self.changes.send(phone.clone());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Stores a message, and removes the oldest ones above the limits.
    fn keep(&mut self, message: SimulatedMessage) {
        self.order.retain(|phone| *phone != message.phone);
        self.order.push_back(message.phone.clone());
        if self.order.len() > MAX_PHONES
            && let Some(oldest) = self.order.pop_front()
        {
            self.chats.remove(&oldest);
        }
        let chat = self.chats.entry(message.phone.clone()).or_default();
        chat.push_front(message);
        chat.truncate(MAX_MESSAGES_PER_PHONE);
    }
}

impl MessageProvider for Simulator {
    fn name(&self) -> &'static str {
        NAME
    }

    fn carries(&self, _channel: Channel, _kind: MessageKind) -> bool {
        true
    }

    /// A simulated phone shows the text that the shop would write, whatever the channel.
    fn states_payment(&self, _channel: Channel) -> bool {
        true
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            template::check(message)?;
            if self.fault(&message.phone) == SimulatedFault::ProviderDown {
                return Err(SendError::Retry {
                    after_seconds: None,
                    why: "the simulated provider is down".into(),
                });
            }
            let id = format!("sim-{}", message.id);
            self.deliver(SimulatedMessage {
                id: id.clone(),
                phone: message.phone.clone(),
                channel: message.channel,
                purpose: message.kind,
                language: message.language,
                text: template::text(message),
                code: message.code.as_ref().map(domain::Code::expose_text),
                status: DeliveryStatus::Accepted,
                sent_at: (self.now)(),
            });
            Ok(Accepted { provider_message_id: id })
        })
    }
}
