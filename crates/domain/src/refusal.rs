//! Refusals: why the shop did not do what was asked. They may be shown, and they are sent to the
//! browser. Their texts are in the crate `text`.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::{Money, OrderVersion, Timestamp, code::CodeFormat};

/// A field of a form. Its word is the `name` of the field in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
    /// A part of a town.
    District,
    /// Town.
    City,
    /// State, province, prefecture or county.
    Region,
    /// Postal code.
    Postcode,
    /// Country.
    Country,
    /// The number of pieces.
    Quantity,
    /// The variant of a product: its colour and size.
    Variant,
    /// The way of shipping.
    Shipping,
    /// The means of payment.
    Payment,
    /// A price.
    Price,
    /// The number of pieces in stock.
    Stock,
    /// The number of pieces that are added to the stock or taken from it.
    Pieces,
    /// The number of an order.
    OrderNumber,
    /// An e-mail address or a phone number.
    Contact,
    /// An amount of money that goes back.
    Amount,
}

impl Field {
    /// The `name` of the field in its form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One thing that is wrong with the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// A line that is missing, too long or has control characters.
    Line(Field),
    /// Not an e-mail address.
    EmailInvalid,
    /// The e-mail address of an existing account. It is told only after the code of a phone.
    EmailTaken,
    /// Not a phone number, or one that its country's numbering plan does not have.
    PhoneInvalid,
    /// A phone number without `+` and country code.
    PhoneWithoutCountryCode,
    /// `+` and digits with which no country code begins.
    PhoneUnknownCountryCode,
    /// Fewer digits than numbers of this country have.
    PhoneTooShort,
    /// More digits than numbers of this country have.
    PhoneTooLong,
    /// Letters, an extension, or other characters that are no part of a phone number.
    PhoneCharacters,
    /// A premium, toll-free or service number, where no person is reached.
    PhoneImpersonal,
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
    /// Not the 24 letters and digits of a recovery code.
    RecoveryCode,
    /// Not one of the offered choices.
    Choice(Field),
    /// Not a postal code of the chosen country.
    Postcode,
}

impl Problem {
    /// The field the problem belongs to.
    pub const fn field(self) -> Field {
        match self {
            Self::Line(field) | Self::Choice(field) => field,
            Self::EmailInvalid | Self::EmailTaken => Field::Email,
            Self::PhoneInvalid
            | Self::PhoneWithoutCountryCode
            | Self::PhoneUnknownCountryCode
            | Self::PhoneTooShort
            | Self::PhoneTooLong
            | Self::PhoneCharacters
            | Self::PhoneImpersonal
            | Self::PhoneCountry => Field::Phone,
            Self::PasswordTooShort | Self::PasswordTooLong | Self::PasswordCommon => {
                Field::Password
            }
            Self::Code(_) | Self::RecoveryCode => Field::Code,
            Self::Postcode => Field::Postcode,
        }
    }
}

/// What a form of the merchant showed when its page was loaded, and what has become of it. The
/// form is refused, so that nobody's work is overwritten unseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outdated {
    /// The number of pieces in stock.
    Stock {
        /// The number that was shown.
        shown: u32,
        /// The number there is now.
        now: u32,
    },
    /// The price of one piece.
    Price {
        /// The price that was shown.
        shown: Money,
        /// The price of now.
        now: Money,
    },
    /// Whether a product is listed. The opposite was shown.
    Listing {
        /// Whether it is listed now.
        is_listed: bool,
    },
    /// Status and version of an order.
    Order {
        /// Those that were shown.
        shown: OrderVersion,
        /// Those of now.
        now: OrderVersion,
    },
    /// Whether a notice of withdrawal was dealt with. The opposite was shown.
    Withdrawal {
        /// Whether it was dealt with by now.
        is_handled: bool,
    },
    /// The same form has changed the stock before.
    StockChange {
        /// The number of pieces there is now.
        now: u32,
    },
    /// Since when the codes of an account are off.
    Codes {
        /// The time that was shown.
        shown: Timestamp,
        /// The time of now; `None` if the codes are on.
        now: Option<Timestamp>,
    },
    /// When the open change of phone of an account was started.
    PhoneChange {
        /// The time that was shown; `None` if none was open.
        shown: Option<Timestamp>,
        /// The time of now; `None` if none is open.
        now: Option<Timestamp>,
    },
}

/// Why the shop did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The input is not valid. All problems are listed.
    Invalid(Vec<Problem>),
    /// The code is wrong, or its challenge is over. An exhausted, expired, consumed or replaced
    /// challenge has no attempts left.
    WrongOrExpired {
        /// Attempts left on this challenge.
        left: u32,
    },
    /// The recovery code is wrong or was used before, or its challenge is over.
    WrongRecoveryCode {
        /// Attempts left on this challenge.
        left: u32,
    },
    /// This browser has no challenge, or it is too old.
    NoChallenge,
    /// A code was sent a moment ago.
    TooSoon {
        /// Seconds until the next one may be sent.
        seconds: u32,
    },
    /// This challenge has used all its resends.
    ResendsSpent,
    /// A rate limit was exceeded.
    TooMany {
        /// Seconds until it makes sense to try again.
        seconds: u32,
    },
    /// Codes are switched off for this phone until it is recovered.
    PhoneDisabled,
    /// The prices, lines or address of the order have changed since the code was requested.
    OrderChanged,
    /// There were too many wrong codes, so the confirmation starts again.
    ConfirmationEnded,
    /// The card's issuer has declined the payment.
    PaymentDeclined,
    /// The gateway refuses requests of the shop, so another means of payment is needed.
    PaymentUnavailable,
    /// There are not enough pieces left.
    OutOfStock {
        /// The pieces left of the line with the fewest.
        left: u32,
    },
    /// The basket is empty.
    CartEmpty,
    /// The basket has the maximum number of lines.
    CartFull,
    /// E-mail address and password do not match; the same for an address without an account.
    WrongCredentials,
    /// The current password was not right.
    WrongPassword,
    /// Only for signed-in visitors.
    SignInNeeded,
    /// The browser did not send the cookie with its secret, without which no code can be checked.
    CookieNeeded,
    /// The session is too old for this. It needs a new password and code.
    StepUpNeeded,
    /// It does not exist, or belongs to another account.
    NotFound,
    /// It is not possible any more, or not yet.
    NotPossible,
    /// What the form showed has changed since its page was loaded.
    Outdated(Outdated),
    /// The shop is too busy to do this safely.
    Busy {
        /// Seconds until it makes sense to try again.
        seconds: u32,
    },
}

impl Refusal {
    /// The name of the refusal for the log and for metrics, without what it says of the input.
    pub fn kind(&self) -> String {
        let words = format!("{self:?}");
        words.split([' ', '(']).next().unwrap_or_default().to_owned()
    }

    /// Whether what was typed is wrong, and another input may be right.
    pub const fn is_about_input(&self) -> bool {
        matches!(
            self,
            Self::Invalid(_)
                | Self::WrongOrExpired { .. }
                | Self::WrongRecoveryCode { .. }
                | Self::WrongCredentials
                | Self::WrongPassword
        )
    }
}

impl From<Outdated> for Refusal {
    fn from(outdated: Outdated) -> Self {
        Self::Outdated(outdated)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Invalid(vec![problem])
    }
}
