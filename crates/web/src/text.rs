//! The texts of a page, and the flash messages of success.

use serde::{Deserialize, Serialize};
pub use text::{Text, message};

use crate::routes;

/// A success that the next page reports once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlashMessage {
    /// The same code was sent once more.
    CodeSentAgain,
    /// The same code was sent by text message.
    CodeSentBySms,
    /// A new password is set, and every browser was signed out.
    PasswordSet,
    /// A new password is set.
    PasswordChanged,
    /// The account has a new phone.
    PhoneChanged,
    /// This browser is signed in.
    SignedIn,
    /// This browser is signed out.
    SignedOut,
    /// Another browser was signed out.
    SessionEnded,
    /// Every other browser was signed out.
    OtherSessionsEnded,
    /// A trusted device was revoked.
    DeviceForgotten,
    /// The account was created.
    Welcome,
    /// The account has no saved recovery codes, or few are left.
    RecoveryCodesOffered,
    /// The recovery codes are saved.
    RecoveryCodesSaved,
    /// A link was sent to the e-mail address.
    EmailLinkSent,
    /// The e-mail address is confirmed.
    EmailConfirmed,
    /// The account was deleted.
    AccountDeleted,
    /// A variant was added to the cart.
    AddedToCart,
    /// The cart was changed.
    CartChanged,
    /// A line was removed from the cart.
    LineRemoved,
    /// Another action was done.
    Saved,
}

impl FlashMessage {
    /// The message in words.
    pub fn words(self, text: &Text) -> String {
        match self {
            Self::CodeSentAgain => message!(text, "flash-code-sent-again"),
            Self::CodeSentBySms => message!(text, "flash-code-sent-by-sms"),
            Self::PasswordSet => message!(text, "flash-password-set"),
            Self::PasswordChanged => message!(text, "flash-password-changed"),
            Self::PhoneChanged => message!(text, "flash-phone-changed"),
            Self::SignedIn => message!(text, "flash-signed-in"),
            Self::SignedOut => message!(text, "flash-signed-out"),
            Self::SessionEnded => message!(text, "flash-session-ended"),
            Self::OtherSessionsEnded => message!(text, "flash-other-sessions-ended"),
            Self::DeviceForgotten => message!(text, "flash-device-forgotten"),
            Self::Welcome => message!(text, "flash-welcome"),
            Self::RecoveryCodesOffered => message!(text, "flash-recovery-codes-offered"),
            Self::EmailLinkSent => message!(text, "flash-email-link-sent"),
            Self::EmailConfirmed => message!(text, "flash-email-confirmed"),
            Self::RecoveryCodesSaved => message!(text, "flash-recovery-codes-saved"),
            Self::AccountDeleted => message!(text, "flash-account-deleted"),
            Self::AddedToCart => message!(text, "flash-added-to-cart"),
            Self::CartChanged => message!(text, "flash-cart-changed"),
            Self::LineRemoved => message!(text, "flash-line-removed"),
            Self::Saved => message!(text, "flash-saved"),
        }
    }

    /// The page on which to go on, and the words of the link to it.
    pub fn link(self, text: &Text) -> Option<(&'static str, String)> {
        match self {
            Self::Welcome | Self::RecoveryCodesOffered => {
                Some((routes::ACCOUNT_RECOVERY_CODES, message!(text, "recovery-codes-link")))
            }
            _ => None,
        }
    }
}
