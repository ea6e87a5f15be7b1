//! One-time passwords: asking for one, answering one, and the rules of both.

mod keys;
mod policy;

pub use keys::{Key, KeyRing};
pub use policy::Policy;
