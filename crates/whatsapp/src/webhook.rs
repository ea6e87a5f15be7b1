//! Webhook calls of the providers: delivery reports of messages and updates of templates.
//! A call is read only after its signature over the raw bytes was verified.

use domain::{DeliveryStatus, MessageId, PhoneNumber, Timestamp};
use http::{HeaderMap, Method};
use strum::VariantArray;

use crate::{SendError, TemplateUpdate};

/// The size that a call may have, unless a provider documents a larger one. A delivery report has
/// about one KiB.
pub const MAX_CALL_BYTES: usize = 256 * 1024;

/// A call of `/webhooks/{provider}`, as it arrived.
pub struct WebhookRequest<'a> {
    /// GET or POST.
    pub method: &'a Method,
    /// The whole address that the provider was given, with the raw query. Its origin comes
    /// from the settings of the shop, never from the `Host` header.
    pub url: &'a str,
    /// The headers of the call.
    pub headers: &'a HeaderMap,
    /// The raw body, whose size the caller has limited.
    pub body: &'a [u8],
    /// When the call arrived.
    pub now: Timestamp,
}

impl<'a> WebhookRequest<'a> {
    /// The raw query without the question mark; empty if there is none.
    pub fn query(&self) -> &'a str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value of a header; `None` if it is missing or not ASCII text.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What a verified call means. The caller answers each of them with 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookResponse {
    /// The provider expects this text as the answer.
    Echo(String),
    /// Events in the order of the call; empty if the shop uses none of them.
    Events {
        /// The events.
        events: Vec<WebhookEvent>,
        /// The id of the call, if it has one, and how long a second call with this id
        /// must be ignored (replay protection).
        once: Option<(String, std::time::Duration)>,
    },
}

impl WebhookResponse {
    /// Events of a call that may be repeated without harm.
    pub const fn events(events: Vec<WebhookEvent>) -> Self {
        Self::Events { events, once: None }
    }
}

/// An event that a provider reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookEvent {
    /// A message was sent, delivered, read, or it failed.
    Delivery(DeliveryReport),
    /// The status of a template changed.
    Template(TemplateUpdate),
    /// A person has another number, or other ids, than before.
    UserChange(UserChange),
}

/// The delivery status of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The name of the provider.
    pub provider: &'static str,
    /// The provider's id of the message.
    pub provider_message_id: String,
    /// The shop's id of the message, if the provider repeats it. It finds a message whose
    /// request was never answered.
    pub reference: Option<MessageId>,
    /// The new status.
    pub status: DeliveryStatus,
    /// The cause, if the status is "failed".
    pub failure: Option<SendError>,
    /// WhatsApp's ids of the recipient, if the provider reports them.
    pub recipient: Option<UserIds>,
}

/// WhatsApp's id of a person for one business (a business-scoped user id), such as
/// `GB.13491208655302741918`. It is no phone number and has no conversion to one: a message to it
/// would be accepted and dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(String);

/// The longest id of a person that is accepted.
const MAX_USER_ID_LEN: usize = 160;

impl UserId {
    /// Reads an id: letters, digits and punctuation, and not digits alone, as a number would be.
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = (1..=MAX_USER_ID_LEN).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && text.bytes().any(|byte| byte.is_ascii_alphabetic());
        is_id.then(|| Self(text.to_owned()))
    }

    /// The id as the provider writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ids of a person: for the business, and for the businesses that it shares a parent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserIds {
    /// The id for this business.
    pub user: UserId,
    /// The id for the parent of several businesses.
    pub parent: Option<UserId>,
}

/// A person has another number, or other ids. Numbers and ids may be withheld, so each may be
/// missing. The new number is not read, because nothing may be moved to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange {
    /// The name of the provider.
    pub provider: &'static str,
    /// The provider's id of this notice.
    pub notice_id: String,
    /// What has changed.
    pub kind: UserChangeKind,
    /// The number before the change.
    pub number: Option<PhoneNumber>,
    /// The ids before the change.
    pub previous: Option<UserIds>,
    /// The ids after the change.
    pub current: Option<UserIds>,
}

/// What changed about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserChangeKind {
    /// The phone number.
    Number,
    /// The ids. The number may have changed too, and the person withholds it.
    Ids,
}

/// Why a call is rejected. Metrics count the reasons; the sender of the call learns only
/// the HTTP status.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    thiserror::Error,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum WebhookError {
    /// The provider makes no calls of this kind.
    #[error("the provider makes no calls of this kind")]
    NotOffered,
    /// The call carries no signature.
    #[error("the call carries no signature")]
    NoSignature,
    /// The signature, token or secret is wrong.
    #[error("the signature of the call is wrong")]
    BadSignature,
    /// The call names an algorithm of its signature that the shop does not know.
    #[error("the signature of the call has an unknown algorithm")]
    UnknownAlgorithm,
    /// The call is signed with a shared key, and the shop has none.
    #[error("the call is signed with a shared key that the shop does not have")]
    NoSharedKey,
    /// The call was signed too long ago, or for a later time.
    #[error("the call was signed too long ago")]
    Stale,
    /// The signature is right, but the body is not what the provider sends: it is not
    /// valid, or has too many events.
    #[error("the body of the call is unreadable")]
    Malformed,
}

impl WebhookError {
    /// Every reason.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The reason in one word, for metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
