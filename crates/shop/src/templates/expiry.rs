//! The validity that a template states must be the one that the shop enforces. Otherwise the
//! shop does not start, because "valid for 10 minutes" would be wrong.

use domain::{Language, MessageKind, Purpose};
use whatsapp::Template;

use super::Templates;
use crate::error::Error;

/// A template states another validity than the shop enforces.
#[derive(Debug, thiserror::Error)]
pub enum ExpiryMismatch {
    /// A template with another validity.
    #[error(
        "the template {name} ({tag}) at {provider} says that its code is valid for {stated} \
         minutes, but {enforced} are enforced: set {setting}={seconds}, or delete the template at \
         {provider} and run `marigold templates submit {provider}`",
        tag = language.as_str(),
        seconds = stated * 60
    )]
    Stated {
        /// The provider.
        provider: &'static str,
        /// Its name at the provider.
        name: String,
        /// Its language.
        language: Language,
        /// The minutes in its footer.
        stated: u64,
        /// The minutes the shop enforces.
        enforced: u64,
        /// The setting that decides them.
        setting: &'static str,
    },
    /// The statuses could not be read.
    #[error("the templates could not be read")]
    Unread(#[from] Error),
}

impl Templates {
    /// Fails if the template of a code states another validity than the shop enforces.
    pub async fn ensure_expiry_matches(&self) -> Result<(), ExpiryMismatch> {
        let wrong = self.states().await?.into_iter().find(|view| !view.is_expiry_right);
        let Some(view) = wrong else { return Ok(()) };
        Err(ExpiryMismatch::Stated {
            enforced: self.template(view.kind, view.language).minutes,
            provider: view.provider,
            name: view.name,
            language: view.language,
            stated: view.minutes.unwrap_or_default(),
            setting: setting(view.kind),
        })
    }
}

/// Whether the stated minutes are right or unknown.
pub(super) fn is_right(template: &Template, stated: Option<u64>) -> bool {
    let is_code = matches!(template.kind, MessageKind::Code(_));
    !is_code || stated.is_none_or(|minutes| minutes == template.minutes)
}

/// The setting that decides how long a kind of code is valid.
pub(super) const fn setting(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Code(Purpose::Payment) => "MARIGOLD_OTP_PAYMENT_TTL_SECONDS",
        _ => "MARIGOLD_OTP_TTL_SECONDS",
    }
}
