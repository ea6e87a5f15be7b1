//! Templates and texts of messages, and the platform's rules for them.

mod check;
pub(crate) mod pages;
mod text;
mod words;

use std::time::Duration;

use domain::{Language, MessageKind};
use futures::future::BoxFuture;
use strum::VariantArray;

use crate::{SendError, http_client::HttpError};

pub use check::check;
pub use text::{amount, notice_body, sms_text, text};

/// A template of the shop: one kind of message in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// What the text says.
    pub kind: MessageKind,
    /// The language of the text.
    pub language: Language,
    /// The lifetime of the code in minutes, as the footer states it; 0 for notices.
    pub minutes: u64,
}

impl Template {
    /// How long a provider may try to deliver a code: half of its lifetime, but at most
    /// three minutes, and within the limits of the platform (30 to 900 s). A message whose
    /// remaining lifetime is shorter is not sent, so that no code arrives after it expired.
    pub fn time_to_live(minutes: u64) -> Duration {
        Duration::from_secs((minutes * 60 / 2).clamp(30, 180))
    }

    /// The name at providers, such as `marigold_login_code` or `marigold_phone_changed`.
    pub fn name(&self, prefix: &str) -> String {
        match self.kind {
            MessageKind::Code(purpose) => format!("{prefix}_{}_code", purpose.as_str()),
            notice => format!("{prefix}_{}", notice.as_str()),
        }
    }
}

/// The status of a template at a provider.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum TemplateStatus {
    /// The template is submitted and not reviewed yet.
    Pending,
    /// The template may be sent.
    Approved,
    /// The platform rejected the template.
    Rejected,
    /// The template is temporarily blocked because of its low quality.
    Paused,
    /// The template is blocked permanently, or was deleted.
    Disabled,
}

impl TemplateStatus {
    /// Every status.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word that the database stores.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Parses the word that the database stores.
    pub fn parse(word: &str) -> Option<Self> {
        word.parse().ok()
    }
}

/// A template at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateState {
    /// The name.
    pub name: String,
    /// The language of the template.
    pub language: Language,
    /// The provider's id of the template, if it assigns one; messages then name the id.
    pub id: Option<String>,
    /// The status.
    pub status: TemplateStatus,
    /// The cause of the status, in the provider's words.
    pub reason: Option<String>,
    /// The lifetime of the code that the footer states, if the provider tells it.
    pub minutes: Option<u64>,
}

/// A provider reports a new status of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateUpdate {
    /// The name of the provider.
    pub provider: &'static str,
    /// The name of the template.
    pub name: String,
    /// The language of the template.
    pub language: Language,
    /// The new status.
    pub status: TemplateStatus,
    /// The cause of the status, in the provider's words.
    pub reason: Option<String>,
}

/// A template could not be created or listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The provider refused the request; the text is for the merchant.
    #[error("{0}")]
    Refused(String),
    /// The provider was not reached, or its reply is unreadable.
    #[error("the provider was not reached; try again later")]
    Unreachable,
    /// The merchant must change a setting first.
    #[error("{setting}: {why}")]
    Misconfigured {
        /// The setting to change.
        setting: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
}

impl From<SendError> for TemplateError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Misconfigured { setting, why } => Self::Misconfigured { setting, why },
            SendError::Retry { .. } | SendError::Unknown => Self::Unreachable,
            SendError::Unrecognised { why }
            | SendError::FailOver { why }
            | SendError::Undeliverable { why } => Self::Refused(why),
        }
    }
}

impl From<HttpError> for TemplateError {
    fn from(_: HttpError) -> Self {
        Self::Unreachable
    }
}

/// The API for templates, which not every provider has.
pub trait Templates: Send + Sync {
    /// Creates a template and submits it for approval; returns the state of a template that
    /// exists already.
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>>;

    /// Lists every template at the provider whose language the shop supports.
    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>>;
}

#[cfg(test)]
mod tests {
    use domain::{Channel, Code, MessageId, PhoneNumber, Timestamp};

    use super::*;
    use crate::OutgoingMessage;

    /// A message in English with the code 000042.
    pub fn message(kind: MessageKind) -> OutgoingMessage {
        let is_code = matches!(kind, MessageKind::Code(_));
        OutgoingMessage {
            id: MessageId::from_bits(1),
            phone: PhoneNumber::from_e164("+447700900111").unwrap(),
            channel: Channel::WhatsApp,
            language: Language::English,
            kind,
            shop_name: "Marigold".into(),
            code: is_code.then(|| Code::from_number(42)),
            minutes: if is_code { 10 } else { 0 },
            remaining: Duration::from_secs(600),
            template_id: None,
            payment: None,
            expires_at: Timestamp::from_millis(0),
        }
    }
}
