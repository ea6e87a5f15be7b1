//! Challenges, and the one-time codes that prove them.
//!
//! A [`Challenge`] says who has to prove what: account, purpose, browser, attempts, expiry
//! and what the proof is bound to. How the proof is given is its method (`method`): a code
//! sent by WhatsApp or text message, or a recovery code. Only the first knows of phones, channels
//! and resends. A code of a message is derived, never stored.
//!
//! A [`CodeRequest`] makes a challenge and a message in the caller's transaction
//! (`request`); the visitor's browser answers it (`verify`), asks for it again, cancels it
//! (`cancel`), or reads its status (`status`). `enumeration` explains what an anonymous visitor may
//! learn, and [`Policy`] has all limits and times.

mod cancel;
mod enumeration;
mod failures;
mod method;
mod policy;
mod request;
mod spraying;
mod status;
mod verify;

pub use crate::keys::{Key, KeyRing};
pub use method::message::Binding;
pub use policy::Policy;
pub use request::{CodeRequest, Issuer, IssuerDependencies};
pub use spraying::AttemptStats;
pub use status::CodeView;
pub use store::{BoxFuture, Challenge, Connection, Recipient};
pub use verify::Grant;

pub(crate) use method::{message::code, recovery_code};

use crate::{app::Shop, visitor::Visitor};

/// Challenges and their codes.
pub struct Codes<'s>(pub(crate) &'s Shop);

impl Codes<'_> {
    /// Issues codes to this visitor, inside a transaction.
    pub fn issuer(&self, visitor: &Visitor) -> Issuer {
        let dependencies = IssuerDependencies {
            policy: self.0.settings().policy.clone(),
            keys: self.0.settings().keys.clone(),
            clock: self.0.clock().clone(),
            entropy: self.0.entropy().clone(),
            audit: self.0.audit(),
        };
        Issuer::new(dependencies, visitor)
    }
}
