//! Refusals of the shop and problems of fields.

use domain::{Field, OrderStatus, Outdated, Problem, Refusal, Timestamp, code::CodeFormat};

use crate::{Text, message};

impl Text {
    /// A refusal in words: what is wrong, and what to do.
    pub fn refusal(&self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::Invalid(problems) => match problems.as_slice() {
                [one] => self.problem(*one),
                _ => message!(self, "refusal-fields"),
            },
            Refusal::WrongOrExpired { left } => message!(self, "refusal-wrong-code", left = *left),
            Refusal::WrongRecoveryCode { left } => {
                message!(self, "refusal-wrong-recovery-code", left = *left)
            }
            Refusal::NoChallenge => message!(self, "refusal-no-code"),
            Refusal::TooSoon { seconds } => {
                message!(self, "refusal-too-soon", span = self.span(*seconds))
            }
            Refusal::ResendsSpent => message!(self, "refusal-resends-spent"),
            Refusal::TooMany { seconds } => {
                message!(self, "refusal-too-many", span = self.span(*seconds))
            }
            Refusal::PhoneDisabled => {
                message!(self, "refusal-phone-disabled", contact = &*self.contact)
            }
            Refusal::OrderChanged => message!(self, "refusal-order-changed"),
            Refusal::ConfirmationEnded => message!(self, "refusal-confirmation-ended"),
            Refusal::PaymentDeclined => message!(self, "refusal-payment-declined"),
            Refusal::PaymentUnavailable => message!(self, "refusal-payment-unavailable"),
            Refusal::OutOfStock { left } => message!(self, "refusal-out-of-stock", left = *left),
            Refusal::CartEmpty => message!(self, "refusal-cart-empty"),
            Refusal::CartFull => message!(self, "refusal-cart-full"),
            Refusal::WrongCredentials => message!(self, "refusal-wrong-credentials"),
            Refusal::WrongPassword => message!(self, "refusal-wrong-password"),
            Refusal::CookieNeeded => message!(self, "refusal-cookie-needed"),
            Refusal::SignInNeeded => message!(self, "refusal-sign-in-needed"),
            Refusal::StepUpNeeded => message!(self, "refusal-step-up-needed"),
            Refusal::NotFound => message!(self, "refusal-not-found"),
            Refusal::NotPossible => message!(self, "refusal-not-possible"),
            Refusal::Outdated(outdated) => self.outdated(outdated),
            Refusal::Busy { seconds } => {
                message!(self, "refusal-busy", span = self.span(*seconds))
            }
        }
    }

    /// What a form of the merchant showed and what there is now, in words.
    fn outdated(&self, outdated: &Outdated) -> String {
        match outdated {
            Outdated::Stock { shown, now } => {
                message!(self, "outdated-stock", shown = *shown, now = *now)
            }
            Outdated::Price { shown, now } => {
                message!(self, "outdated-price", shown = self.money(*shown), now = self.money(*now))
            }
            Outdated::Listing { is_listed: true } => message!(self, "outdated-listed"),
            Outdated::Listing { is_listed: false } => message!(self, "outdated-unlisted"),
            Outdated::Order { shown, now } if shown.status != now.status => {
                let [shown, now] = [shown, now].map(|one| self.order_status(one.status));
                message!(self, "outdated-order", shown = shown, now = now)
            }
            Outdated::Order { shown, now } => {
                message!(self, "outdated-order-revised", shown = shown.number, now = now.number)
            }
            Outdated::Withdrawal { is_handled: true } => {
                message!(self, "outdated-withdrawal-handled")
            }
            Outdated::Withdrawal { is_handled: false } => {
                message!(self, "outdated-withdrawal-open")
            }
            Outdated::StockChange { now } => {
                message!(self, "outdated-stock-change", now = *now)
            }
            Outdated::Codes { shown, now } => self.outdated_codes(*shown, *now),
            Outdated::PhoneChange { shown, now } => self.outdated_phone_change(*shown, *now),
        }
    }

    fn outdated_codes(&self, shown: Timestamp, now: Option<Timestamp>) -> String {
        let shown = self.date_time(shown);
        match now.map(|now| self.date_time(now)) {
            None => message!(self, "outdated-codes-on", shown = shown),
            Some(now) => message!(self, "outdated-codes-off", shown = shown, now = now),
        }
    }

    fn outdated_phone_change(&self, shown: Option<Timestamp>, now: Option<Timestamp>) -> String {
        match [shown, now].map(|at| at.map(|at| self.date_time(at))) {
            [None, Some(now)] => message!(self, "outdated-phone-change-started", now = now),
            [Some(shown), None] => message!(self, "outdated-phone-change-ended", shown = shown),
            [Some(shown), Some(now)] => {
                message!(self, "outdated-phone-change-replaced", shown = shown, now = now)
            }
            [None, None] => message!(self, "refusal-not-possible"),
        }
    }

    /// The status of an order.
    pub fn order_status(&self, status: OrderStatus) -> String {
        match status {
            OrderStatus::AwaitingCode => message!(self, "order-status-awaiting-code"),
            OrderStatus::AwaitingAuthorisation => {
                message!(self, "order-status-awaiting-authorisation")
            }
            OrderStatus::Authorised => message!(self, "order-status-authorised"),
            OrderStatus::Confirmed => message!(self, "order-status-confirmed"),
            OrderStatus::Paying => message!(self, "order-status-paying"),
            OrderStatus::Paid => message!(self, "order-status-paid"),
            OrderStatus::Shipped => message!(self, "order-status-shipped"),
            OrderStatus::Cancelled => message!(self, "order-status-cancelled"),
            OrderStatus::Refunded => message!(self, "order-status-refunded"),
        }
    }

    /// One problem with one field, in words.
    pub fn problem(&self, problem: Problem) -> String {
        match problem {
            Problem::Line(field) => self.line_problem(field),
            Problem::EmailInvalid => message!(self, "problem-email"),
            Problem::EmailTaken => message!(self, "problem-email-taken"),
            Problem::PhoneInvalid => message!(self, "problem-phone"),
            Problem::PhoneWithoutCountryCode => message!(self, "problem-phone-country-code"),
            Problem::PhoneUnknownCountryCode => {
                message!(self, "problem-phone-unknown-country-code")
            }
            Problem::PhoneTooShort => message!(self, "problem-phone-short"),
            Problem::PhoneTooLong => message!(self, "problem-phone-long"),
            Problem::PhoneCharacters => message!(self, "problem-phone-characters"),
            Problem::PhoneImpersonal => message!(self, "problem-phone-impersonal"),
            Problem::PhoneCountry => message!(self, "problem-phone-country"),
            Problem::PasswordTooShort => message!(self, "problem-password-short"),
            Problem::PasswordTooLong => message!(self, "problem-password-long"),
            Problem::PasswordCommon => message!(self, "problem-password-common"),
            Problem::Code(CodeFormat::Empty) => message!(self, "problem-code-empty"),
            Problem::Code(CodeFormat::Length) => message!(self, "problem-code-length"),
            Problem::Code(CodeFormat::NotDigits) => message!(self, "problem-code-digits"),
            Problem::Code(CodeFormat::Several) => message!(self, "problem-code-several"),
            Problem::RecoveryCode => message!(self, "problem-recovery-code"),
            Problem::Choice(_) => message!(self, "problem-choice"),
            Problem::Postcode => message!(self, "problem-postcode-form"),
        }
    }

    fn line_problem(&self, field: Field) -> String {
        match field {
            Field::Name => message!(self, "problem-name"),
            Field::Street => message!(self, "problem-street"),
            Field::City => message!(self, "problem-city"),
            Field::District => message!(self, "problem-district"),
            Field::Region => message!(self, "problem-region"),
            Field::Postcode => message!(self, "problem-postcode"),
            Field::Country => message!(self, "problem-country"),
            Field::Quantity => message!(self, "problem-quantity"),
            Field::Price => message!(self, "problem-price"),
            Field::Stock => message!(self, "problem-stock"),
            Field::Pieces => message!(self, "problem-pieces"),
            Field::OrderNumber => message!(self, "problem-order-number"),
            Field::Contact => message!(self, "problem-contact"),
            Field::Amount => message!(self, "problem-amount"),
            _ => message!(self, "problem-line"),
        }
    }

    /// What is said when something broke; the reference finds it in the log.
    pub fn fault(&self, reference: &str) -> String {
        message!(self, "fault", reference = reference.to_owned())
    }
}
