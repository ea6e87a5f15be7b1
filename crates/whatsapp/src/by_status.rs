//! The class of an error reply by its status, for replies whose body is unreadable.

use crate::{SendError, http_client::Reply};

/// Classifies an error reply. `key` and `address` are the settings with the credentials
/// and the address of the request.
pub(crate) fn classify(reply: &Reply, key: &'static str, address: &'static str) -> SendError {
    let why = format!("the provider answered with status {}", reply.status.as_u16());
    match reply.status.as_u16() {
        // The provider accepted the message, but its id is incomplete or missing.
        200..=299 => SendError::Unknown,
        401 | 403 => misconfigured(key, &why, "copy the key from the provider's console again"),
        402 => SendError::FailOver { why: format!("{why}: the account has no balance left") },
        300..=399 | 404 | 405 => {
            misconfigured(address, &why, "this address serves nothing; correct it")
        }
        408 | 429 | 500..=599 => SendError::Retry { after_seconds: reply.retry_after(), why },
        _ => SendError::FailOver { why },
    }
}

/// An error that the merchant resolves: what is wrong, and what to change.
pub(crate) fn misconfigured(setting: &'static str, what: &str, change: &str) -> SendError {
    SendError::Misconfigured { setting, why: format!("{what}: {change}") }
}
