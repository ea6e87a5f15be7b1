//! The gateway `stripe` against a small HTTP server that answers as Stripe's documentation says, or
//! fails as a network does.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails the test")]
#![expect(clippy::panic, reason = "a helper that fails fails the test")]
#![expect(clippy::indexing_slicing, reason = "a helper that fails fails the test")]

mod account;
mod attacks;
mod cancel;
mod capture;
mod check;
mod emulator;
mod events;
mod find;
mod new_card;
mod poll;
mod refund;
mod saved_card;
mod support;
mod transport;
