//! Refusals, problems and news in words, in one place.

use domain::{Channel, DeliveryProblem, DeliveryStatus, Field, Problem, Refusal, code::CodeFormat};
use serde::{Deserialize, Serialize};

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

/// FlashMessage in words.
pub const fn flash(news: FlashMessage) -> &'static str {
    match news {
        FlashMessage::CodeSentAgain => "We sent the code again. It is the same code as before.",
        FlashMessage::CodeSentBySms => "We sent the same code by text message.",
        FlashMessage::PasswordSet => {
            "Your new password is set and every device was signed out. Please sign in."
        }
        FlashMessage::PasswordChanged => "Your password is changed. Other devices were signed out.",
        FlashMessage::PhoneChanged => {
            "Your phone number is changed. Other devices were signed out."
        }
        FlashMessage::SignedOut => "You are signed out.",
        FlashMessage::SessionEnded => "That session has ended.",
        FlashMessage::OtherSessionsEnded => "All your other sessions have ended.",
        FlashMessage::DeviceForgotten => "That device will be asked for a code again.",
        FlashMessage::Welcome => "Welcome! Your account is ready.",
        FlashMessage::AddedToCart => "Added to your cart.",
        FlashMessage::CartChanged => "Your cart is up to date.",
        FlashMessage::Saved => "Saved.",
    }
}

/// A refusal in words: what is wrong, and what to do.
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(problems) => match problems.as_slice() {
            [one] => problem(*one),
            _ => "Please correct the marked fields.".into(),
        },
        Refusal::WrongOrExpired { left } => wrong_code(*left),
        Refusal::NoChallenge => "There is no code to check here. Please start again.".into(),
        Refusal::TooSoon { seconds } => {
            format!("A code was sent a moment ago. You can send it again in {}.", span(*seconds))
        }
        Refusal::ResendsSpent => {
            "This code was sent as often as possible. Please start again for a new one.".into()
        }
        Refusal::TooMany { seconds } => {
            format!("That was tried too often. Please try again in {}.", span(*seconds))
        }
        Refusal::PhoneDisabled => {
            "Codes are switched off for this phone after too many wrong ones. Please write to us: once we know that it is you, we switch them on again.".into()
        }
        Refusal::OrderChanged => {
            "Something in your order changed since the code was sent. Please review it again.".into()
        }
        Refusal::ConfirmationEnded => {
            "That was one wrong code too many. Nothing was charged. Please review your order and place it again, with your password.".into()
        }
        Refusal::PaymentDeclined => {
            "Your payment was declined. Nothing was charged. Please choose another way to pay.".into()
        }
        Refusal::OutOfStock { left: 0 } => "Something in your cart has just sold out.".into(),
        Refusal::OutOfStock { left } => format!("Only {left} left. Please take fewer."),
        Refusal::CartEmpty => "Your cart is empty.".into(),
        Refusal::CartFull => "Your cart is full. Please order these things first.".into(),
        Refusal::WrongCredentials => "That e-mail address and password do not match.".into(),
        Refusal::WrongPassword => "That is not your current password.".into(),
        Refusal::SignInNeeded => "Please sign in first.".into(),
        Refusal::StepUpNeeded => "Please confirm that it is you first.".into(),
        Refusal::NotFound => "We could not find that.".into(),
        Refusal::NotPossible => "That is not possible any more.".into(),
        Refusal::Busy { seconds } => {
            format!("The shop is very busy. Please try again in {}.", span(*seconds))
        }
    }
}

fn wrong_code(left: u32) -> String {
    match left {
        0 => "That code is wrong or its time is over, and it cannot be used any more. Please start again for a new code.".into(),
        1 => "That code is wrong or its time is over. You can try once more.".into(),
        _ => format!("That code is wrong or its time is over. You can try {left} more times."),
    }
}

/// One problem with one field, in words.
pub fn problem(problem: Problem) -> String {
    match problem {
        Problem::Line(field) => line(field),
        Problem::EmailInvalid => "Enter an e-mail address in the form name@example.com.".into(),
        Problem::EmailTaken => {
            "This e-mail address already has an account. Please sign in, or set a new password."
                .into()
        }
        Problem::PhoneInvalid => {
            "Enter a mobile number with its country code, such as +44 7700 900111.".into()
        }
        Problem::PhoneCountry => "We cannot send codes to numbers of this country yet.".into(),
        Problem::PasswordTooShort => "Use at least 12 characters.".into(),
        Problem::PasswordTooLong => "Use at most 128 characters.".into(),
        Problem::PasswordCommon => {
            "This password is on the list that guessers try first. Please choose another.".into()
        }
        Problem::Code(CodeFormat::Empty) => "Enter the code from the message.".into(),
        Problem::Code(CodeFormat::Length) => "The code has six digits.".into(),
        Problem::Code(CodeFormat::NotDigits) => "The code has digits only.".into(),
        Problem::Choice(_) => "Please choose one of the options.".into(),
    }
}

fn line(field: Field) -> String {
    match field {
        Field::Name => "Enter a name of up to 100 characters.".into(),
        Field::Street => "Enter street and number.".into(),
        Field::City => "Enter a town.".into(),
        Field::Postcode => "Enter a postal code.".into(),
        Field::Country => "Choose a country.".into(),
        Field::Quantity => "Enter a number from 1 to 20.".into(),
        Field::Price => "Enter a price such as 12.50.".into(),
        Field::Stock => "Enter a whole number, 0 or more.".into(),
        _ => "Fill in this field.".into(),
    }
}

/// How far the message with a code has come, by which channel, and what went
/// wrong with it if something did.
pub const fn delivery(
    status: DeliveryStatus,
    channel: Channel,
    problem: Option<DeliveryProblem>,
) -> &'static str {
    match (status, channel) {
        (DeliveryStatus::Queued, Channel::WhatsApp) => "We are sending your message.",
        (DeliveryStatus::Accepted, Channel::WhatsApp) => "Your message is on its way.",
        (DeliveryStatus::Sent, Channel::WhatsApp) => {
            "Your message was sent and is on its way to your phone."
        }
        (DeliveryStatus::Delivered, Channel::WhatsApp) => "Your message is on your phone.",
        (DeliveryStatus::Read, Channel::WhatsApp) => "Your message was opened on your phone.",
        (DeliveryStatus::Queued, Channel::Sms) => "We are sending your text message.",
        (DeliveryStatus::Accepted, Channel::Sms) => "Your text message is on its way.",
        (DeliveryStatus::Sent, Channel::Sms) => {
            "Your text message was sent and is on its way to your phone."
        }
        (DeliveryStatus::Delivered, Channel::Sms) => "Your text message is on your phone.",
        (DeliveryStatus::Read, Channel::Sms) => "Your text message was opened on your phone.",
        (DeliveryStatus::Failed, _) => failure(channel, problem),
    }
}

/// What went wrong with a message, and what helps.
const fn failure(channel: Channel, problem: Option<DeliveryProblem>) -> &'static str {
    match (problem, channel) {
        (Some(DeliveryProblem::Unreachable), Channel::WhatsApp) => {
            "WhatsApp cannot reach this number just now. Check that your phone is on and connected, or use another way."
        }
        (Some(DeliveryProblem::Unreachable), Channel::Sms) => {
            "Text messages cannot reach this number just now. Check that your phone is on, or use another way."
        }
        (Some(DeliveryProblem::Trouble), _) => {
            "Your message could not be sent: the trouble is on our side. Send the code again in a minute, or use another way."
        }
        (Some(DeliveryProblem::Unknown), _) => {
            "We cannot tell whether your message was sent. If nothing comes in a minute, send the code again."
        }
        (Some(DeliveryProblem::Late), _) => {
            "Your message could not be sent in time. Send the code again, or use another way."
        }
        (None, _) => {
            "Your message could not be delivered. Check that your phone is on, then send the code again or use another way."
        }
    }
}

/// A span of time as people say it.
pub fn span(seconds: u32) -> String {
    match seconds {
        1 => "1 second".into(),
        0..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_round_up_so_that_waiting_is_enough() {
        assert_eq!(span(1), "1 second");
        assert_eq!(span(61), "61 seconds");
        assert_eq!(span(121), "3 minutes");
        assert_eq!(span(7201), "3 hours");
    }
}
