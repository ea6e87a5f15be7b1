//! A phone network in a box: takes messages as a provider does, shows them on
//! simulated phones, and can be told to have trouble. For demonstrations and
//! tests; production refuses it.

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

/// How long a message takes to be sent on.
pub const UNTIL_SENT: Duration = Duration::from_millis(40);
/// How long it then takes to be on the phone.
pub const UNTIL_DELIVERED: Duration = Duration::from_millis(60);
/// How much longer a slow one takes.
const SLOW: Duration = Duration::from_secs(8);
/// How long a message that is to be overtaken waits for the next one.
const OVERTAKEN: Duration = Duration::from_secs(10);
/// Messages a phone keeps.
const KEPT: usize = 50;
/// Phones the network remembers.
const PHONES: usize = 10_000;
/// WebhookEvent a slow listener may fall behind before it misses some.
const BACKLOG: usize = 256;
/// The provider's name in rows.
const NAME: &str = "simulator";

/// Trouble.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// None.
    #[default]
    None,
    /// Messages take eight seconds.
    Slow,
    /// Messages are sent and never arrive.
    Lost,
    /// The number cannot be reached.
    Undeliverable,
    /// The provider takes nothing.
    ProviderDown,
    /// Every message arrives twice.
    Duplicate,
    /// A message arrives after the one that follows it.
    OutOfOrder,
}

/// A message on a simulated phone. Its `Debug` says nothing of what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct SimulatedMessage {
    /// The provider's name for it.
    pub id: String,
    /// The phone it is on.
    pub phone: PhoneNumber,
    /// How it came.
    pub channel: Channel,
    /// What it is for.
    pub purpose: MessageKind,
    /// Its language.
    pub language: Language,
    /// What it says.
    pub text: String,
    /// The code in it, for the "Copy code" button.
    pub code: Option<String>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// When the provider took it.
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

/// The network.
pub struct Simulator {
    /// Itself, for the messages that travel after `send` has answered.
    network: Weak<Self>,
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
    fault: Fault,
    faults: HashMap<PhoneNumber, Fault>,
    overtaken: HashMap<PhoneNumber, Vec<SimulatedMessage>>,
}

impl Simulator {
    /// A network that takes its time as a real one does.
    pub fn new(events: EventSender, now: Now) -> Arc<Self> {
        Self::made(events, now, false)
    }

    /// A network without delays, for tests.
    pub fn instant(events: EventSender, now: Now) -> Arc<Self> {
        Self::made(events, now, true)
    }

    fn made(events: EventSender, now: Now, is_instant: bool) -> Arc<Self> {
        Arc::new_cyclic(|network| Self {
            network: network.clone(),
            events,
            now,
            is_instant,
            state: Mutex::default(),
            changes: broadcast::Sender::new(BACKLOG),
        })
    }

    /// The messages on a phone, newest first.
    pub fn messages(&self, phone: &PhoneNumber) -> Vec<SimulatedMessage> {
        self.state().chats.get(phone).map(|chat| chat.iter().cloned().collect()).unwrap_or_default()
    }

    /// The phones with messages, the latest first.
    pub fn chats(&self) -> Vec<PhoneNumber> {
        self.state().order.iter().rev().cloned().collect()
    }

    /// Sets the trouble of one phone, or of all that have none of their own.
    pub fn set_fault(&self, phone: Option<PhoneNumber>, fault: Fault) {
        let mut state = self.state();
        match phone {
            None => state.fault = fault,
            Some(phone) if fault == Fault::None => {
                state.faults.remove(&phone);
            }
            Some(phone) => {
                state.faults.insert(phone, fault);
            }
        }
    }

    /// The trouble a phone has.
    pub fn fault(&self, phone: &PhoneNumber) -> Fault {
        let state = self.state();
        state.faults.get(phone).copied().unwrap_or(state.fault)
    }

    /// Somebody looks at the phone: what is on it has been read.
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

    /// The phones on which something changes, as it changes.
    pub fn changes(&self) -> broadcast::Receiver<PhoneNumber> {
        self.changes.subscribe()
    }

    fn take(&self, message: SimulatedMessage) {
        let fault = self.fault(&message.phone);
        if self.is_instant {
            self.report(&message.id, DeliveryStatus::Sent, None);
            self.arrive(message, fault);
            return;
        }
        let Some(network) = self.network.upgrade() else { return };
        tokio::spawn(async move {
            tokio::time::sleep(UNTIL_SENT).await;
            network.report(&message.id, DeliveryStatus::Sent, None);
            let slow = if fault == Fault::Slow { SLOW } else { Duration::ZERO };
            tokio::time::sleep(UNTIL_DELIVERED + slow).await;
            let phone = message.phone.clone();
            network.arrive(message, fault);
            if fault == Fault::OutOfOrder {
                tokio::time::sleep(OVERTAKEN).await;
                network.release(&phone);
            }
        });
    }

    /// The message reaches the phone, or what the trouble leaves of it.
    fn arrive(&self, message: SimulatedMessage, fault: Fault) {
        match fault {
            Fault::Lost | Fault::ProviderDown => {}
            Fault::Undeliverable => {
                let why = "the number is not on WhatsApp";
                self.report(&message.id, DeliveryStatus::Failed, Some(why));
            }
            Fault::OutOfOrder => {
                let phone = message.phone.clone();
                let waiting = self.state().overtaken.remove(&phone);
                match waiting {
                    None => drop(self.state().overtaken.insert(phone, vec![message])),
                    Some(earlier) => {
                        self.show(message);
                        earlier.into_iter().for_each(|message| self.show(message));
                    }
                }
            }
            Fault::Duplicate => {
                self.show(message.clone());
                self.show(message);
            }
            Fault::None | Fault::Slow => self.show(message),
        }
    }

    fn release(&self, phone: &PhoneNumber) {
        let waiting = self.state().overtaken.remove(phone).unwrap_or_default();
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
        }));
    }

    fn announce(&self, phone: &PhoneNumber) {
        // Nobody looking is no failure.
        let _ = self.changes.send(phone.clone());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Puts a message on its phone, and forgets what is too much to keep.
    fn keep(&mut self, message: SimulatedMessage) {
        self.order.retain(|phone| *phone != message.phone);
        self.order.push_back(message.phone.clone());
        if self.order.len() > PHONES
            && let Some(oldest) = self.order.pop_front()
        {
            self.chats.remove(&oldest);
        }
        let chat = self.chats.entry(message.phone.clone()).or_default();
        chat.push_front(message);
        chat.truncate(KEPT);
    }
}

impl MessageProvider for Simulator {
    fn name(&self) -> &'static str {
        NAME
    }

    fn carries(&self, _channel: Channel, _kind: MessageKind) -> bool {
        true
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            template::check(message)?;
            if self.fault(&message.phone) == Fault::ProviderDown {
                return Err(SendError::Retry {
                    after_seconds: None,
                    why: "the simulated provider is down".into(),
                });
            }
            let id = format!("sim-{}", message.id);
            self.take(SimulatedMessage {
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
