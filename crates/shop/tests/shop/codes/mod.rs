//! One-time passwords.

mod delivery;
mod guessing;
mod input;
mod life;
mod pumping;
mod strangers;
mod support;
