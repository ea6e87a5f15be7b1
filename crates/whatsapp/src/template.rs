//! What messages say, and the rules the platform has for saying it.

use std::time::Duration;

use domain::{Language, MessageKind, Purpose};
use futures::future::BoxFuture;

use crate::{Outgoing, SendError, wire::WireError};

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

/// News of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateNews {
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
/// The longest code the platform takes.
const LONGEST_CODE: usize = 15;
/// The longest shop name that leaves room for the rest.
const LONGEST_NAME: usize = 60;
/// The longest life of a code the platform states.
const LONGEST_LIFE: u64 = 90;

/// The words of a message.
pub fn text(message: &Outgoing) -> String {
    let shop = &message.shop_name;
    let life = format!("This code is valid for {} minutes.", message.minutes);
    let code = message.code.as_ref().map(domain::Code::expose_text).unwrap_or_default();
    match message.kind {
        MessageKind::Code(Purpose::Login) => {
            format!("Your OTP for logging into {shop} is {code}. {life}")
        }
        MessageKind::Code(Purpose::Reset) => {
            format!("{code} is your code for setting a new password at {shop}. {life}")
        }
        MessageKind::Code(Purpose::Payment) => {
            format!("Use {code} to confirm your payment to {shop}. {life} Never share it.")
        }
        MessageKind::Code(Purpose::Phone) => {
            format!("{code} is your code for proving this phone number to {shop}. {life}")
        }
        MessageKind::AccountExists => format!(
            "Somebody tried to register at {shop} with this number, which has an account already. \
             If it was you, sign in or reset your password instead."
        ),
        MessageKind::PhoneChanged => format!(
            "Codes of your {shop} account now go to another phone. If this was not you, reset your \
             password at once and write to us."
        ),
        MessageKind::PasswordChanged => format!(
            "The password of your {shop} account was changed. If this was not you, reset it at once."
        ),
        MessageKind::SignInRefused => format!(
            "Somebody gave your password at {shop}, and then wrong codes only. If this was not you, \
             change your password."
        ),
    }
}

/// Refuses what the platform would refuse.
pub fn check(message: &Outgoing) -> Result<(), SendError> {
    let refuse = |setting: &'static str, why: &str| {
        Err(SendError::Misconfigured { setting, why: why.to_owned() })
    };
    let name = &message.shop_name;
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return refuse("MARIGOLD_SHOP_NAME", "must have 1 to 60 characters");
    }
    if name.chars().any(char::is_control) || name.contains("    ") {
        return refuse("MARIGOLD_SHOP_NAME", "must be one line without wide gaps");
    }
    if name.contains("://") || name.to_lowercase().contains("www.") {
        return refuse("MARIGOLD_SHOP_NAME", "must not hold an address");
    }
    let is_code = matches!(message.kind, MessageKind::Code(_));
    if is_code && !(1..=LONGEST_LIFE).contains(&message.minutes) {
        return refuse("MARIGOLD_OTP_LIFE_SECONDS", "must be 1 to 90 minutes");
    }
    let length = message.code.as_ref().map_or(0, |code| code.expose_text().len());
    if is_code != (length > 0) || length > LONGEST_CODE {
        return refuse("the code", "must be there, with at most 15 characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::{Channel, Code, Language, MessageId, PhoneNumber, Timestamp};

    use super::*;

    fn message(kind: MessageKind) -> Outgoing {
        let is_code = matches!(kind, MessageKind::Code(_));
        Outgoing {
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

    #[test]
    fn the_model_sentence_is_word_for_word() {
        assert_eq!(
            text(&message(MessageKind::Code(Purpose::Login))),
            "Your OTP for logging into Marigold is 000042. This code is valid for 10 minutes."
        );
    }

    #[test]
    fn s_o12_every_kind_reads_differently_and_passes_the_platform() {
        let texts: HashSet<_> = MessageKind::ALL.map(|kind| text(&message(kind))).into();
        assert_eq!(texts.len(), MessageKind::ALL.len());
        for kind in MessageKind::ALL {
            assert_eq!(check(&message(kind)), Ok(()), "{kind:?}");
        }
    }

    #[test]
    fn the_platform_refuses_addresses_gaps_and_missing_codes() {
        let login = || message(MessageKind::Code(Purpose::Login));
        for name in ["", "see https://evil.test", "www.evil.test", "a\nb", "a    b"] {
            assert!(check(&Outgoing { shop_name: name.into(), ..login() }).is_err(), "{name:?}");
        }
        assert!(check(&Outgoing { code: None, ..login() }).is_err());
        assert!(check(&Outgoing { minutes: 91, ..login() }).is_err());
    }
}
