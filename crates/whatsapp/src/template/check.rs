//! The platform's rules for messages.

use domain::MessageKind;

use crate::{OutgoingMessage, SendError};

/// The longest code that the platform accepts.
const MAX_CODE_LEN: usize = 15;
/// The longest name of a shop that leaves enough space for the rest of the text.
const MAX_SHOP_NAME_CHARS: usize = 60;
/// The longest lifetime of a code that the platform can state.
const MAX_CODE_MINUTES: u64 = 90;

/// Checks a message before it is sent; an error is what the platform would refuse.
pub fn check(message: &OutgoingMessage) -> Result<(), SendError> {
    let refuse = |setting: &'static str, why: &str| {
        Err(SendError::Misconfigured { setting, why: why.to_owned() })
    };
    let name = &message.shop_name;
    if name.trim().is_empty() || name.chars().count() > MAX_SHOP_NAME_CHARS {
        return refuse("MARIGOLD_SHOP_NAME", "must have 1 to 60 characters");
    }
    if name.chars().any(char::is_control) || name.contains("    ") {
        return refuse("MARIGOLD_SHOP_NAME", "must be one line without four spaces in a row");
    }
    if name.contains("://") || name.to_lowercase().contains("www.") {
        return refuse("MARIGOLD_SHOP_NAME", "must not contain a web address");
    }
    let is_code = matches!(message.kind, MessageKind::Code(_));
    if is_code && !(1..=MAX_CODE_MINUTES).contains(&message.minutes) {
        return refuse("MARIGOLD_OTP_TTL_SECONDS", "must be 1 to 90 minutes");
    }
    let length = message.code.as_ref().map_or(0, |code| code.expose_text().len());
    if is_code != (length > 0) || length > MAX_CODE_LEN {
        return refuse("the code", "must have 1 to 15 characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::Purpose;

    use super::*;
    use crate::template::tests::message;

    #[test]
    fn every_kind_of_message_passes_the_check() {
        for kind in MessageKind::ALL {
            assert_eq!(check(&message(kind)), Ok(()), "{kind:?}");
        }
    }

    #[test]
    fn addresses_gaps_and_missing_codes_are_refused() {
        let login = || message(MessageKind::Code(Purpose::Login));
        for name in ["", "see https://evil.test", "www.evil.test", "a\nb", "a    b"] {
            assert!(
                check(&OutgoingMessage { shop_name: name.into(), ..login() }).is_err(),
                "{name:?}"
            );
        }
        assert!(check(&OutgoingMessage { code: None, ..login() }).is_err());
        assert!(check(&OutgoingMessage { minutes: 91, ..login() }).is_err());
    }
}
