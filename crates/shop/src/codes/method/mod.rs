//! How the proof that a challenge asks for is given.
//!
//! The only method today is a code in a message, by WhatsApp or text message (`message`).
//! An authenticator app, a recovery code or a passkey is another method: it gets a module of
//! its own and a branch in [`is_right`], and the rules of challenges (attempts, expiry,
//! browser, binding, failures) hold for it unchanged.

pub mod message;

use domain::Code;
use store::{Challenge, ChallengeMethod};

use super::KeyRing;
use crate::error::Result;

/// Whether an answer proves a challenge, by the challenge's own method.
pub(super) fn is_right(keys: &KeyRing, challenge: &Challenge, answer: &Code) -> Result<bool> {
    match challenge.method {
        ChallengeMethod::Message => message::is_right(keys, challenge, answer),
    }
}
