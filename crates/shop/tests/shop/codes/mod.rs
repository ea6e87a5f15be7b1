//! One-time passwords.

mod guessing;
mod support;
