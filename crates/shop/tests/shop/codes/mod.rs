//! One-time passwords.

mod guessing;
mod input;
mod life;
mod pumping;
mod strangers;
pub mod support;
