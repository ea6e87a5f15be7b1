//! The class of an answer by its status alone, where its body says nothing that
//! can be read.

use crate::{SendError, wire::Reply};

/// Classes an answer that did not take the message. `key` and `address` are the
/// settings that hold the credentials and the address that was asked.
pub(crate) fn classify(reply: &Reply, key: &'static str, address: &'static str) -> SendError {
    let why = format!("it answered {}", reply.status.as_u16());
    match reply.status.as_u16() {
        // Taken, but the answer's name for it broke off or is missing.
        200..=299 => SendError::Unknown,
        401 | 403 => misconfigured(key, &why, "copy the key again from the provider's console"),
        402 => SendError::FailOver { why: format!("{why}: the account has no money left") },
        300..=399 | 404 | 405 => misconfigured(address, &why, "nothing is served there"),
        408 | 429 | 500..=599 => SendError::Retry { after_seconds: reply.retry_after(), why },
        _ => SendError::FailOver { why },
    }
}

/// What to change, and why.
pub(crate) fn misconfigured(setting: &'static str, what: &str, change: &str) -> SendError {
    SendError::Misconfigured { setting, why: format!("{what}: {change}") }
}
