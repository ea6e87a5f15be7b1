//! The texts of a page, for pages and calls, and what went well in words.

use serde::{Deserialize, Serialize};
pub use text::{Text, message};

/// Something good that happened, told once on the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlashMessage {
    /// The same code was sent once more.
    CodeSentAgain,
    /// The same code was sent by text message.
    CodeSentBySms,
    /// A new password holds; everybody was signed out.
    PasswordSet,
    /// A new password holds.
    PasswordChanged,
    /// The account has a new phone.
    PhoneChanged,
    /// This browser is signed out.
    SignedOut,
    /// Another browser was signed out.
    SessionEnded,
    /// Every other browser was signed out.
    OtherSessionsEnded,
    /// A trusted device is trusted no more.
    DeviceForgotten,
    /// The account is open.
    Welcome,
    /// Something went into the cart.
    AddedToCart,
    /// The cart is as asked.
    CartChanged,
    /// What was asked is done.
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
            Self::SignedOut => message!(text, "flash-signed-out"),
            Self::SessionEnded => message!(text, "flash-session-ended"),
            Self::OtherSessionsEnded => message!(text, "flash-other-sessions-ended"),
            Self::DeviceForgotten => message!(text, "flash-device-forgotten"),
            Self::Welcome => message!(text, "flash-welcome"),
            Self::AddedToCart => message!(text, "flash-added-to-cart"),
            Self::CartChanged => message!(text, "flash-cart-changed"),
            Self::Saved => message!(text, "flash-saved"),
        }
    }
}
