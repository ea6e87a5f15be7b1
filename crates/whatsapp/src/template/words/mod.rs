//! The sentences of all messages: one file for each language, one sentence for each kind.
//! A missing sentence does not compile; tests check the rest.
//!
//! `{shop}`, `{code}`, `{minutes}` and `{amount}` stand for the name of the shop, the code,
//! its lifetime and the amount of a payment. The sentences of codes are for text messages
//! only, because the platform writes the WhatsApp text of codes itself. The sentences of
//! notices are also the bodies of their templates, so they neither begin nor end with a
//! placeholder.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod hi;
mod id;
mod pt_br;

use domain::{Language, MessageKind, Money, Purpose};

/// The sentences of one language.
pub struct Words {
    decimal_mark: char,
    login: &'static str,
    reset: &'static str,
    payment: &'static str,
    payment_of: &'static str,
    phone: &'static str,
    step_up: &'static str,
    order_lookup: &'static str,
    account_exists: &'static str,
    phone_changed: &'static str,
    password_changed: &'static str,
    sign_in_refused: &'static str,
    code_reused: &'static str,
    codes_soon_off: &'static str,
    recovery_code_used: &'static str,
    phone_change_requested: &'static str,
    sign_in_displaced: &'static str,
    account_deleted: &'static str,
}

/// The sentence of a kind of message, with its placeholders.
pub const fn sentence(kind: MessageKind, language: Language) -> &'static str {
    let words = words(language);
    match kind {
        MessageKind::Code(Purpose::Login) => words.login,
        MessageKind::Code(Purpose::Reset) => words.reset,
        MessageKind::Code(Purpose::Payment) => words.payment,
        MessageKind::Code(Purpose::Phone) => words.phone,
        MessageKind::Code(Purpose::StepUp) => words.step_up,
        MessageKind::Code(Purpose::OrderLookup) => words.order_lookup,
        MessageKind::AccountExists => words.account_exists,
        MessageKind::PhoneChanged => words.phone_changed,
        MessageKind::PasswordChanged => words.password_changed,
        MessageKind::SignInRefused => words.sign_in_refused,
        MessageKind::CodeReused => words.code_reused,
        MessageKind::CodesSoonOff => words.codes_soon_off,
        MessageKind::RecoveryCodeUsed => words.recovery_code_used,
        MessageKind::PhoneChangeRequested => words.phone_change_requested,
        MessageKind::SignInDisplaced => words.sign_in_displaced,
        MessageKind::AccountDeleted => words.account_deleted,
    }
}

/// An amount as a sentence of this language states it: the number, and the code of the currency,
/// because few symbols of currencies are in the alphabet of text messages.
pub fn amount(amount: Money, language: Language) -> String {
    let mark = words(language).decimal_mark;
    let number: String =
        amount.decimal().chars().map(|c| if c == '.' { mark } else { c }).collect();
    format!("{number} {}", amount.currency().code())
}

/// The sentence of a payment code that also states the amount.
pub const fn payment_of(language: Language) -> &'static str {
    words(language).payment_of
}

const fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &en::WORDS,
        Language::Spanish => &es::WORDS,
        Language::Portuguese => &pt_br::WORDS,
        Language::Hindi => &hi::WORDS,
        Language::Indonesian => &id::WORDS,
        Language::Arabic => &ar::WORDS,
        Language::German => &de::WORDS,
        Language::French => &fr::WORDS,
    }
}
