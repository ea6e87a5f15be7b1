//! The platform's replies: the id of an accepted message, or an error object.

use serde::Deserialize;

use super::{ConfigHint, errors};
use crate::{Accepted, SendError, TemplateError, by_status, http_client::Reply};

/// This subcode of "invalid parameter" means an unknown object; it is the only subcode
/// that matters.
const UNKNOWN_OBJECT: (u32, Option<u32>) = (100, Some(33));
/// The code of an unknown object.
const NO_SUCH_OBJECT: u32 = 33;
/// The longest text of a provider that is shown to the merchant, in characters.
const MAX_TEXT_CHARS: usize = 200;
/// A run of this many digits may be a code or a phone number, so it is redacted.
const MIN_REDACTED_DIGITS: usize = 4;

/// The reply to an accepted message.
#[derive(Deserialize)]
struct SendResponse {
    messages: Vec<MessageRef>,
}

#[derive(Deserialize)]
struct MessageRef {
    id: String,
}

/// The reply to a request that failed.
#[derive(Deserialize)]
pub struct ErrorResponse {
    /// The error object.
    pub error: GraphError,
}

/// The fields of the Graph API's error object that the shop uses.
#[derive(Deserialize)]
pub struct GraphError {
    code: u32,
    error_subcode: Option<u32>,
    error_user_title: Option<String>,
    error_user_msg: Option<String>,
}

impl GraphError {
    /// The code to classify by, which also covers [`UNKNOWN_OBJECT`].
    pub fn code(&self) -> u32 {
        if (self.code, self.error_subcode) == UNKNOWN_OBJECT { NO_SUCH_OBJECT } else { self.code }
    }

    /// The platform's text for people, sanitised for the admin pages.
    fn user_message(&self) -> Option<String> {
        let parts = [&self.error_user_title, &self.error_user_msg];
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| sanitise(&parts.join(": ")))
    }
}

/// Reads the id of an accepted message. After a success with an unreadable body the
/// message may have been sent, so that the result is unknown.
pub fn read_accepted(reply: &Reply) -> Result<Accepted, SendError> {
    let taken: Option<SendResponse> = reply.json();
    let first = taken.and_then(|taken| taken.messages.into_iter().next());
    first
        .filter(|message| !message.id.is_empty())
        .map(|message| Accepted { provider_message_id: message.id })
        .ok_or(SendError::Unknown)
}

/// The class of an error reply; by its status, if its body is unreadable.
pub fn classify_error(reply: &Reply, hint: &ConfigHint) -> SendError {
    match reply.json::<ErrorResponse>() {
        Some(failed) => errors::classify(failed.error.code(), reply.retry_after(), hint),
        None => by_status::classify(reply, hint.token, hint.address),
    }
}

/// The cause of an error reply to a request about templates.
pub fn template_error(reply: &Reply, hint: &ConfigHint) -> TemplateError {
    let failed: Option<ErrorResponse> = reply.json();
    match classify_error(reply, hint) {
        SendError::Misconfigured { setting, why }
            if [hint.token, hint.object, hint.address].contains(&setting) =>
        {
            TemplateError::Misconfigured { setting, why }
        }
        _ if failed.is_none() && reply.status.is_server_error() => TemplateError::Unreachable,
        error => {
            let message = failed.and_then(|failed| {
                Some(format!("{}: {}", failed.error.code(), failed.error.user_message()?))
            });
            TemplateError::Refused(message.unwrap_or_else(|| error.to_string()))
        }
    }
}

/// A text of a provider, shortened, on one line, and without digits that could be a code
/// or a phone number.
pub fn sanitise(text: &str) -> String {
    let mut clean = String::new();
    let mut digits = String::new();
    for character in text.chars().take(MAX_TEXT_CHARS).chain(['\n']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        clean.push_str(if digits.len() < MIN_REDACTED_DIGITS { &digits } else { "…" });
        digits.clear();
        clean.push(if character.is_control() { ' ' } else { character });
    }
    clean.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x114_provider_texts_keep_no_digits_of_codes_or_numbers() {
        assert_eq!(sanitise("to +447700900111\r\ncode 493817"), "to +…  code …");
        assert_eq!(sanitise("at most 250 of 1024"), "at most 250 of …");
        assert_eq!(sanitise(&"9".repeat(10_000)), "…");
    }
}
