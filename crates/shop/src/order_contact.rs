//! How a person without an account names an order: its number, and the e-mail address or phone of
//! its buyer.

use domain::{EmailAddress, PhoneNumber, address::tidy};
use store::OrderContact;

use crate::{phones, settings::Settings};

/// The longest order number that is read, in bytes. Ours have 13.
const MAX_NUMBER_LEN: usize = 40;

/// How a buyer is reached.
pub(crate) enum BuyerContact {
    Email(EmailAddress),
    Phone(PhoneNumber),
}

impl BuyerContact {
    /// Reads an e-mail address or a phone number.
    pub(crate) fn read(typed: &str, settings: &Settings) -> Option<Self> {
        match typed.contains('@') {
            true => EmailAddress::parse(typed.trim()).map(Self::Email),
            false => phones::parse(typed, settings).ok().map(Self::Phone),
        }
    }

    /// The address, or the number in its one form.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Phone(phone) => phone.expose(),
        }
    }

    /// Whether it is that of the buyer of this order.
    pub(crate) fn is_of(&self, order: &OrderContact) -> bool {
        match self {
            Self::Email(email) => *email == order.email,
            Self::Phone(phone) => *phone == order.phone,
        }
    }
}

/// An order number as people type it: any case, with or without spaces and hyphens. Numbers that
/// are none of ours are kept as they were typed.
pub(crate) fn order_number(typed: &str) -> Option<String> {
    let tidied = tidy(typed, true).filter(|text| text.len() <= MAX_NUMBER_LEN)?.to_uppercase();
    let bare: String = tidied.chars().filter(char::is_ascii_alphanumeric).collect();
    let ours = bare.strip_prefix('M').filter(|rest| rest.len() == 10);
    let parts = ours.and_then(|rest| rest.split_at_checked(4));
    Some(match parts {
        Some((year, letters)) if year.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("M-{year}-{letters}")
        }
        _ => tidied,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_is_read_however_it_is_typed() {
        for typed in [
            "M-2026-7K4QXZ",
            " m-2026-7k4qxz ",
            "M 2026 7K4QXZ",
            "m20267k4qxz",
            "M–2026–7K4QXZ",
            "M-2026-7K4 QXZ",
            "(M-2026-7K4QXZ)",
            "#M-2026-7K4QXZ",
        ] {
            assert_eq!(order_number(typed).as_deref(), Some("M-2026-7K4QXZ"), "{typed}");
        }
        assert_eq!(order_number("invoice 12").as_deref(), Some("INVOICE 12"));
        assert_eq!(order_number("M-20x6-7K4QXZ").as_deref(), Some("M-20X6-7K4QXZ"));
        for typed in ["", "  ", "\u{200b}", "a\nb", &"9".repeat(41)] {
            assert_eq!(order_number(typed), None, "{typed:?}");
        }
    }
}
