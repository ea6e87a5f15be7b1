//! How the proof that a challenge asks for is given.
//!
//! The methods today are a code in a message, by WhatsApp or text message (`message`), and,
//! for a sign-in, a recovery code (`recovery_code`). An authenticator app or a passkey is
//! another method: it gets a module of its own and a branch in [`is_right`], and the rules of
//! challenges (attempts, expiry, browser, binding, failures) hold for it unchanged.

pub mod message;
pub mod recovery_code;

use domain::{Code, RecoveryCode, Timestamp};
use store::{Challenge, ChallengeMethod, Connection};

use super::KeyRing;
use crate::error::Result;

/// What a visitor gave as proof.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// A code of a message.
    Code(Code),
    /// A recovery code.
    RecoveryCode(RecoveryCode),
}

/// Whether an answer proves a challenge, by the challenge's own method.
pub(super) async fn is_right(
    tx: &mut Connection,
    keys: &KeyRing,
    challenge: &Challenge,
    answer: &Answer,
) -> Result<bool> {
    match (challenge.method, answer) {
        (ChallengeMethod::Message, Answer::Code(code)) => message::is_right(keys, challenge, code),
        (ChallengeMethod::RecoveryCode, Answer::RecoveryCode(code)) => {
            recovery_code::is_right(tx, challenge, code).await
        }
        (ChallengeMethod::Message | ChallengeMethod::RecoveryCode, _) => Ok(false),
    }
}

/// Whether an answer proved a challenge that was consumed at this time.
pub(super) async fn was_right(
    tx: &mut Connection,
    keys: &KeyRing,
    challenge: &Challenge,
    answer: &Answer,
    consumed_at: Timestamp,
) -> Result<bool> {
    match (challenge.method, answer) {
        (ChallengeMethod::RecoveryCode, Answer::RecoveryCode(code)) => {
            recovery_code::was_right(tx, challenge, code, consumed_at).await
        }
        _ => is_right(tx, keys, challenge, answer).await,
    }
}
