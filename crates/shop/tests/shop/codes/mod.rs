//! One-time passwords.

mod brute_force;
mod enumeration;
mod expiry;
mod input;
mod repeated;
mod sms_pumping;
mod spraying;
mod strangers;
pub mod support;
