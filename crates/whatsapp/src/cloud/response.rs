//! The platform's answer to a message.

use serde::Deserialize;

use super::{Blame, errors};
use crate::{Accepted, SendError, TemplateError, by_status, wire::Reply};

/// An unknown object is told by this subcode of "invalid parameter"; it is the one
/// subcode that matters.
const UNKNOWN_OBJECT: (u32, Option<u32>) = (100, Some(33));
/// The code that stands for an unknown object by itself.
const NO_SUCH_OBJECT: u32 = 33;
/// The longest text of the platform's that is shown to the merchant.
const LONGEST_TEXT: usize = 200;
/// Runs of digits from this length on may be a code or a number.
const TELLING_DIGITS: usize = 4;

/// The answer to a message that was taken.
#[derive(Deserialize)]
struct Taken {
    messages: Vec<Named>,
}

/// A message by its name.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// The answer to a call that failed.
#[derive(Deserialize)]
pub struct Failed {
    /// Why.
    pub error: GraphError,
}

/// The error object of the Graph API, as far as it is needed.
#[derive(Deserialize)]
pub struct GraphError {
    code: u32,
    error_subcode: Option<u32>,
    error_user_title: Option<String>,
    error_user_msg: Option<String>,
}

impl GraphError {
    /// The code that says it all.
    pub fn code(&self) -> u32 {
        if (self.code, self.error_subcode) == UNKNOWN_OBJECT { NO_SUCH_OBJECT } else { self.code }
    }

    /// What the platform says to people, fit for the merchant's page.
    fn told(&self) -> Option<String> {
        let parts = [&self.error_user_title, &self.error_user_msg];
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| sanitise(&parts.join(": ")))
    }
}

/// The name of the message that was taken. A success that cannot be read is no
/// success and no failure: the message may have been sent.
pub fn taken(reply: &Reply) -> Result<Accepted, SendError> {
    let taken: Option<Taken> = reply.json();
    let first = taken.and_then(|taken| taken.messages.into_iter().next());
    first
        .filter(|message| !message.id.is_empty())
        .map(|message| Accepted { provider_message_id: message.id })
        .ok_or(SendError::Unknown)
}

/// Reads the answer to a message.
pub fn read(reply: &Reply, blame: &Blame) -> Result<Accepted, SendError> {
    if reply.status.is_success() {
        return taken(reply);
    }
    Err(refused(reply, blame))
}

/// Why a call was refused.
pub fn refused(reply: &Reply, blame: &Blame) -> SendError {
    match reply.json::<Failed>() {
        Some(failed) => errors::classify(failed.error.code(), reply.retry_after(), blame),
        None => by_status::classify(reply, blame.token, blame.address),
    }
}

/// Why a call about templates was refused.
pub fn template_error(reply: &Reply, blame: &Blame) -> TemplateError {
    let failed: Option<Failed> = reply.json();
    match refused(reply, blame) {
        SendError::Misconfigured { setting, why }
            if [blame.token, blame.object, blame.address].contains(&setting) =>
        {
            TemplateError::Misconfigured { setting, why }
        }
        _ if failed.is_none() && reply.status.is_server_error() => TemplateError::Unreachable,
        error => {
            let told = failed.and_then(|failed| {
                Some(format!("{}: {}", failed.error.code(), failed.error.told()?))
            });
            TemplateError::Refused(told.unwrap_or_else(|| error.to_string()))
        }
    }
}

/// A provider's own words, cut short, on one line, and without digits that could
/// be a code or a number.
pub fn sanitise(text: &str) -> String {
    let mut clean = String::new();
    let mut digits = String::new();
    for character in text.chars().take(LONGEST_TEXT).chain(['\n']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        clean.push_str(if digits.len() < TELLING_DIGITS { &digits } else { "…" });
        digits.clear();
        clean.push(if character.is_control() { ' ' } else { character });
    }
    clean.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x114_words_of_a_provider_keep_no_digits_that_tell() {
        assert_eq!(sanitise("to +447700900111\r\ncode 493817"), "to +…  code …");
        assert_eq!(sanitise("at most 250 of 1024"), "at most 250 of …");
        assert_eq!(sanitise(&"9".repeat(10_000)), "…");
    }
}
