//! What messages say, and the rules the platform has for saying it.

mod check;
mod text;
mod words;

use std::time::Duration;

use domain::{Language, MessageKind};
use futures::future::BoxFuture;

use crate::wire::WireError;

pub use check::check;
pub use text::{notice_body, sms_text, text};

/// A template as the shop wants it: one kind of message in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// What it says.
    pub kind: MessageKind,
    /// In which language.
    pub language: Language,
    /// The life of the code as its footer states it; 0 for notices.
    pub minutes: u64,
}

impl Template {
    /// The longest time a provider keeps trying to deliver a code: at most half of
    /// its life and three minutes, within what the platform takes (30 to 900 s). A
    /// message is never given to a provider with less than this left to live, so
    /// none arrives after its code is over.
    pub fn time_to_live(minutes: u64) -> Duration {
        Duration::from_secs((minutes * 60 / 2).clamp(30, 180))
    }

    /// The name at providers: `marigold_login_code`, `marigold_phone_changed`.
    pub fn name(&self, prefix: &str) -> String {
        match self.kind {
            MessageKind::Code(purpose) => format!("{prefix}_{}_code", purpose.as_str()),
            notice => format!("{prefix}_{}", notice.as_str()),
        }
    }
}

/// What a provider says of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TemplateStatus {
    /// Submitted, not decided yet.
    Pending,
    /// It may be sent.
    Approved,
    /// It was refused.
    Rejected,
    /// It may not be sent for a while, because of its low quality.
    Paused,
    /// It may never be sent again, or was deleted.
    Disabled,
}

impl TemplateStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Approved, Self::Rejected, Self::Paused, Self::Disabled];

    /// The word kept in the row.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// Reads the word kept in the row.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A template as a provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateState {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// The provider's own name for it, needed for sending where there is one.
    pub id: Option<String>,
    /// Whether it may be sent.
    pub status: TemplateStatus,
    /// Why not, in the provider's words.
    pub reason: Option<String>,
    /// The life of the code its footer states, where the provider tells.
    pub minutes: Option<u64>,
}

/// WebhookEvent of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateUpdate {
    /// Which provider.
    pub provider: &'static str,
    /// The template's name.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// What became of it.
    pub status: TemplateStatus,
    /// Why, in the provider's words.
    pub reason: Option<String>,
}

/// A template could not be created or listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The provider refused; its words.
    #[error("{0}")]
    Refused(String),
    /// The provider was not reached, or said nothing that can be read.
    #[error("the provider was not reached; try again later")]
    Unreachable,
    /// The merchant must change something first.
    #[error("{setting}: {why}")]
    Misconfigured {
        /// The setting to change.
        setting: &'static str,
        /// What is wrong with it, and what to do.
        why: String,
    },
}

impl From<WireError> for TemplateError {
    fn from(_: WireError) -> Self {
        Self::Unreachable
    }
}

/// A provider whose templates can be managed by program.
pub trait Templates: Send + Sync {
    /// Creates a template and asks for its approval; one that exists already is
    /// reported as it stands.
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>>;

    /// Every template at the provider whose language the shop speaks.
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
