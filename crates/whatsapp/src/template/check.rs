//! The rules the platform has for what is sent.

use domain::MessageKind;

use crate::{OutgoingMessage, SendError};

/// The longest code the platform takes.
const LONGEST_CODE: usize = 15;
/// The longest shop name that leaves room for the rest.
const LONGEST_NAME: usize = 60;
/// The longest life of a code the platform states.
const LONGEST_LIFE: u64 = 90;

/// Refuses what the platform would refuse.
pub fn check(message: &OutgoingMessage) -> Result<(), SendError> {
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
    use domain::Purpose;

    use super::*;
    use crate::template::tests::message;

    #[test]
    fn every_kind_passes_the_platform() {
        for kind in MessageKind::ALL {
            assert_eq!(check(&message(kind)), Ok(()), "{kind:?}");
        }
    }

    #[test]
    fn the_platform_refuses_addresses_gaps_and_missing_codes() {
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
