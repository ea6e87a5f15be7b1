//! One-time passwords.

mod brute_force;
mod enumeration;
mod expiry;
mod input;
mod repeated;
mod sms_pumping;
mod spraying;
pub mod support;
mod unknown_browsers;
