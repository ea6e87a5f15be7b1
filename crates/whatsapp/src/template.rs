//! What messages say, and the rules the platform has for saying it.

use domain::{MessageKind, Purpose};

use crate::{Outgoing, SendError};

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
    let refuse = |why: &str| Err(SendError::Misconfigured(why.to_owned()));
    let name = &message.shop_name;
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return refuse("MARIGOLD_SHOP_NAME must have 1 to 60 characters");
    }
    if name.chars().any(char::is_control) || name.contains("    ") {
        return refuse("MARIGOLD_SHOP_NAME must be one line without wide gaps");
    }
    if name.contains("://") || name.to_lowercase().contains("www.") {
        return refuse("MARIGOLD_SHOP_NAME must not hold an address");
    }
    let is_code = matches!(message.kind, MessageKind::Code(_));
    if is_code && !(1..=LONGEST_LIFE).contains(&message.minutes) {
        return refuse("MARIGOLD_OTP_LIFE must be 1 to 90 minutes");
    }
    let length = message.code.as_ref().map_or(0, |code| code.expose_text().len());
    if is_code != (length > 0) || length > LONGEST_CODE {
        return refuse("a message of this kind needs a code of at most 15 characters");
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
