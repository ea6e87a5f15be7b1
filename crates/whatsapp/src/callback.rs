//! What providers call back with: receipts of messages and news of templates.
//! A call is believed only after its signature over the raw bytes was right.

use domain::{DeliveryStatus, MessageId, Timestamp};
use http::{HeaderMap, Method};

use crate::{SendError, TemplateNews};

/// A call to `/webhooks/{provider}`, as it arrived.
pub struct CallbackRequest<'a> {
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

impl<'a> CallbackRequest<'a> {
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
pub enum CallbackAnswer {
    /// The provider wants to see these words back.
    Echo(String),
    /// News, in the order given. Empty for what concerns nobody here.
    News {
        /// The news.
        news: Vec<News>,
        /// The call's own name, if the provider gives it one, and how long a call
        /// of this name must not be taken again (replay).
        once: Option<(String, std::time::Duration)>,
    },
}

impl CallbackAnswer {
    /// News that may come as often as the provider likes.
    pub const fn news(news: Vec<News>) -> Self {
        Self::News { news, once: None }
    }
}

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Of a message.
    Receipt(Receipt),
    /// Of a template.
    Template(TemplateNews),
}

/// News of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
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
pub enum Refused {
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

impl Refused {
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
