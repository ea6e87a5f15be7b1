//! Challenges, and the one-time codes that prove them.
//!
//! A [`Challenge`] says who has to prove what: account, purpose, browser, attempts, expiry
//! and what the proof is bound to. How the proof is given is its method (`method`): a code
//! sent by WhatsApp or text message, or a recovery code. Only the first knows of phones, channels
//! and resends. A code of a message is derived, never stored.
//!
//! A [`CodeRequest`] makes a challenge and a message in the caller's transaction
//! (`request`, and `resets` for the password reset); the visitor's browser answers it (`verify`),
//! asks for it again, cancels it (`cancel`), or reads its status (`status`). `enumeration`
//! explains what an anonymous visitor may learn, and [`Policy`] has all limits and times.
//!
//! # The order of locks
//!
//! A transaction changes rows in this order, so that PostgreSQL transactions do not wait for
//! each other in a circle (on SQLite they run one after the other):
//!
//! 1. the turn of the browser (`Challenges::take_turn`), for asking and for answering;
//! 2. challenges;
//! 3. wrong codes (`failures`);
//! 4. the account; then permissions, devices, sign-ins, orders, the turn of their origin (see
//!    `limits::holds`), stock and payments;
//! 5. counters, in the order that `limits` documents;
//! 6. new rows that no other transaction waits for: messages and audit events.
//!
//! Where a new password or phone ends all challenges of an account, PostgreSQL locks these in
//! an order of its own. For this rest, and for what is overlooked, transactions that ask for or
//! answer a code run again after a deadlock (`store::repeatable_transaction`).

mod cancel;
mod enumeration;
mod failures;
mod method;
mod request;
mod resets;
mod spraying;
mod status;
mod verify;

pub use crate::{
    keys::{Key, KeyRing},
    policy::Policy,
};
pub use method::message::Binding;
pub use request::{CodeRequest, Issuer};
pub use resets::KNOWN_BROWSER_TTL;
pub use spraying::AttemptStats;
pub use status::CodeView;
pub use store::{BoxFuture, Challenge, Connection, Recipient};
pub use verify::Grant;

pub(crate) use failures::failure_subjects;
pub(crate) use method::{message::code, recovery_code};
pub(crate) use resets::may_guess;

use std::sync::Arc;

use domain::{Channel, MessageKind, Purpose};
use store::Db;
use whatsapp::MessageProvider;

use crate::{
    audit::Audit, clock::Clock, emails::EmailOutbox, entropy::Entropy, limits::Limits,
    outbox::OutboxSignal,
};

/// Challenges and their codes. Clones share the database and the signal.
#[derive(Clone)]
pub struct Codes {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) policy: Policy,
    /// The keys from which codes are derived.
    pub(crate) keys: KeyRing,
    pub(crate) limits: Limits,
    /// Where attempts are recorded.
    pub(crate) audit: Audit,
    /// Where notices go, beside the phone.
    pub(crate) emails: EmailOutbox,
    pub(crate) outbox: OutboxSignal,
    pub(crate) providers: Arc<[Arc<dyn MessageProvider>]>,
}

impl Codes {
    /// Whether a provider carries the codes of a purpose by text message.
    fn is_sms_available(&self, purpose: Purpose) -> bool {
        let kind = MessageKind::Code(purpose);
        self.providers.iter().any(|provider| provider.carries(Channel::Sms, kind))
    }
}
