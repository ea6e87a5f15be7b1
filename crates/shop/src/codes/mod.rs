//! One-time passwords: asking for one, answering one, and the rules of both.
//!
//! A code is derived, never stored (`derive`). A [`CodeRequest`] makes a
//! challenge and a message in the caller's transaction (`request`); the visitor's
//! browser answers it (`verify`), asks for it again (`resend`), by text message
//! (`sms`), gives it up (`give_up`), or looks at it (`status`). The simulator links to
//! the phone that its message went to (`recipient`). What is kept from strangers stands
//! in `strangers`. Every number stands in [`Policy`].

mod cancel;
mod derive;
mod enumeration;
mod failures;
mod keys;
mod policy;
mod recipient;
mod reenable;
mod request;
mod resend;
mod sms;
mod spraying;
mod status;
mod verify;

pub use derive::Binding;
pub use keys::{Key, KeyRing};
pub use policy::Policy;
pub use request::{CodeRequest, Issuer};
pub use spraying::AttemptStats;
pub use status::CodeView;
pub use store::{BoxFuture, Challenge, Connection, Recipient};
pub use verify::Grant;

pub(crate) use derive::{code, keyed_name};

use crate::{Shop, Visitor};

/// One-time passwords.
pub struct Codes<'s>(&'s Shop);

impl Shop {
    /// One-time passwords.
    pub fn codes(&self) -> Codes<'_> {
        Codes(self)
    }
}

impl Codes<'_> {
    /// Whoever asks for codes on this visitor's behalf, inside a transaction.
    pub fn issuer(&self, visitor: &Visitor) -> Issuer {
        Issuer::new(self.0.clone(), visitor)
    }
}
