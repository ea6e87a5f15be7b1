//! One-time passwords.

mod guessing;
mod input;
mod life;
mod pumping;
mod spraying;
mod strangers;
pub mod support;
