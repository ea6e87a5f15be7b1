//! What providers call back with: receipts of messages and news of templates.
//! A call is believed only after its signature over the raw bytes was right.

use domain::{DeliveryStatus, MessageId, Timestamp};
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;

use crate::{SendError, TemplateUpdate};

/// The deepest nesting of a body that is read; what providers send is less than ten deep.
const DEEPEST: usize = 32;

/// A call to `/webhooks/{provider}`, as it arrived.
pub struct WebhookRequest<'a> {
    /// GET or POST.
    pub method: &'a Method,
    /// The whole address as the provider was told it, with the raw query: from
    /// the shop's own settings, never from the `Host` header.
    pub url: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The raw body; its size is limited already.
    pub body: &'a [u8],
    /// When it arrived.
    pub now: Timestamp,
}

impl<'a> WebhookRequest<'a> {
    /// The raw query, without its question mark.
    pub fn query(&self) -> &'a str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What a call means. The caller answers 200 to all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookResponse {
    /// The provider wants to see these words back.
    Echo(String),
    /// WebhookEvent, in the order given. Empty for what concerns nobody here.
    Events {
        /// The news.
        events: Vec<WebhookEvent>,
        /// The call's own name, if the provider gives it one, and how long a call
        /// of this name must not be taken again (replay).
        once: Option<(String, std::time::Duration)>,
    },
}

impl WebhookResponse {
    /// WebhookEvent that may come as often as the provider likes.
    pub const fn events(events: Vec<WebhookEvent>) -> Self {
        Self::Events { events, once: None }
    }
}

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookEvent {
    /// Of a message.
    Delivery(DeliveryReport),
    /// Of a template.
    Template(TemplateUpdate),
}

/// WebhookEvent of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Which provider.
    pub provider: &'static str,
    /// The provider's name for the message.
    pub provider_message_id: String,
    /// Our own name for it, where the provider echoes it: finds a message whose
    /// acceptance was never heard of.
    pub reference: Option<MessageId>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Why it failed, if it did.
    pub failure: Option<SendError>,
}

/// Why a call is not believed. Counted by reason; the caller learns only the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum WebhookError {
    /// This provider takes no such calls.
    #[error("no such calls are taken")]
    NotOffered,
    /// There is no signature.
    #[error("there is no signature")]
    NoSignature,
    /// The signature, token or secret is wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// It was signed too long ago, or for later.
    #[error("it is stale")]
    Stale,
    /// Signed, but not what this provider sends: not parsed, too deep, too much.
    #[error("it cannot be read")]
    Malformed,
}

impl WebhookError {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::NotOffered, Self::NoSignature, Self::BadSignature, Self::Stale, Self::Malformed];

    /// The reason in one word, for counts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::NoSignature => "no_signature",
            Self::BadSignature => "bad_signature",
            Self::Stale => "stale",
            Self::Malformed => "malformed",
        }
    }
}

/// Reads a body whose signature was right: tolerant of unknown keys, not of depth.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, WebhookError> {
    if depth(body) > DEEPEST {
        return Err(WebhookError::Malformed);
    }
    serde_json::from_slice(body).map_err(|_| WebhookError::Malformed)
}

/// How deep the brackets of a JSON text are nested, those inside of strings aside.
fn depth(json: &[u8]) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' if !is_text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_body_nested_too_deep_is_refused_and_brackets_in_text_do_not_count() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read_json::<Value>(nested(DEEPEST).as_bytes()).is_ok());
        let refused = read_json::<Value>(nested(DEEPEST + 1).as_bytes());
        assert_eq!(refused, Err(WebhookError::Malformed));
        let text = format!(r#"["\\\"{}"]"#, "[".repeat(100));
        assert!(read_json::<Value>(text.as_bytes()).is_ok());
    }
}
