//! A refusal: the shop's answer "no, because". It may be shown and may cross
//! the wire. Its words for people are in `web::text`.

use serde::{Deserialize, Serialize};

use crate::code::CodeFormat;

/// A field of a form, by the name it has in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Field {
    /// A person's name.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A password.
    Password,
    /// A code.
    Code,
    /// Street and number.
    Street,
    /// Flat, floor, c/o.
    Extra,
    /// Town.
    City,
    /// Postal code.
    Postcode,
    /// Country.
    Country,
    /// How many.
    Quantity,
    /// Colour and size.
    Variant,
    /// How the parcel travels.
    Shipping,
    /// How it is paid.
    Payment,
    /// A price.
    Price,
    /// A number in stock.
    Stock,
}

impl Field {
    /// The `name` of the field in its form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Password => "password",
            Self::Code => "code",
            Self::Street => "street",
            Self::Extra => "extra",
            Self::City => "city",
            Self::Postcode => "postcode",
            Self::Country => "country",
            Self::Quantity => "quantity",
            Self::Variant => "variant",
            Self::Shipping => "shipping",
            Self::Payment => "payment",
            Self::Price => "price",
            Self::Stock => "stock",
        }
    }
}

/// One thing wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// A line that is missing, too long or has control characters.
    Line(Field),
    /// Not an e-mail address.
    EmailInvalid,
    /// The e-mail address of an account; said only to whoever has proved a phone.
    EmailTaken,
    /// Not a phone number, or one that cannot receive messages.
    PhoneInvalid,
    /// A number of a country the shop does not serve.
    PhoneCountry,
    /// Fewer than 12 characters.
    PasswordTooShort,
    /// More than 128 characters.
    PasswordTooLong,
    /// One of the most used passwords.
    PasswordCommon,
    /// Not six digits.
    Code(CodeFormat),
    /// Not a choice the shop offers.
    Choice(Field),
}

impl Problem {
    /// The field the problem belongs to.
    pub const fn field(self) -> Field {
        match self {
            Self::Line(field) | Self::Choice(field) => field,
            Self::EmailInvalid | Self::EmailTaken => Field::Email,
            Self::PhoneInvalid | Self::PhoneCountry => Field::Phone,
            Self::PasswordTooShort | Self::PasswordTooLong | Self::PasswordCommon => {
                Field::Password
            }
            Self::Code(_) => Field::Code,
        }
    }
}

/// Why the shop did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// What was typed is not usable; all problems at once.
    Invalid(Vec<Problem>),
    /// The code is wrong, or its time is over; this many attempts are left.
    /// An exhausted, expired, consumed or replaced challenge has none.
    WrongOrExpired {
        /// Attempts left on this challenge.
        left: u32,
    },
    /// No code was asked for in this browser, or too long ago: start again.
    NoChallenge,
    /// A code was sent a moment ago.
    TooSoon {
        /// Seconds until the next one may be sent.
        seconds: u32,
    },
    /// This challenge has used all its resends.
    ResendsSpent,
    /// A limit was reached.
    TooMany {
        /// Seconds until it makes sense to try again.
        seconds: u32,
    },
    /// Codes are off for this phone until it is recovered.
    PhoneDisabled,
    /// The order is not what the code was asked for: prices, lines or address changed.
    OrderChanged,
    /// Too many wrong codes: the whole confirmation starts again.
    ConfirmationEnded,
    /// The payment was refused by the card's issuer.
    PaymentDeclined,
    /// There are not enough pieces left.
    OutOfStock {
        /// Pieces left of the scarcest line.
        left: u32,
    },
    /// The basket is empty.
    CartEmpty,
    /// The basket has as many different lines as it may have.
    CartFull,
    /// E-mail address and password do not match; the same for an address without an account.
    WrongCredentials,
    /// The current password was not right.
    WrongPassword,
    /// Sign in first.
    SignInNeeded,
    /// Sign in again with password and code: this is too important for an old session.
    StepUpNeeded,
    /// There is no such thing, or it is not yours.
    NotFound,
    /// It is no longer, or not yet, possible.
    NotPossible,
    /// The shop is too busy to do this safely.
    Busy {
        /// Seconds until it makes sense to try again.
        seconds: u32,
    },
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Invalid(vec![problem])
    }
}
