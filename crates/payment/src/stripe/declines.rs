//! Why Stripe says that a card was declined, as far as the shopper may know.
//!
//! Source: <https://docs.stripe.com/declines/codes> and <https://docs.stripe.com/error-codes>. Stripe
//! asks that lost and stolen cards and suspicions of fraud be shown like any other refusal, so that
//! nobody learns more about a stolen card here.

use domain::DeclineReason;

/// The documented codes that say more than "refused". A code that is not listed here, because it is
/// new or because the shopper must not know it, is [`DeclineReason::Refused`].
#[rustfmt::skip]
const REASONS: [(&str, DeclineReason); 46] = [
    ("insufficient_funds", DeclineReason::InsufficientFunds),
    ("withdrawal_count_limit_exceeded", DeclineReason::InsufficientFunds),
    ("card_velocity_exceeded", DeclineReason::InsufficientFunds),
    ("expired_card", DeclineReason::ExpiredCard),
    ("incorrect_number", DeclineReason::IncorrectDetails),
    ("invalid_number", DeclineReason::IncorrectDetails),
    ("incorrect_cvc", DeclineReason::IncorrectDetails),
    ("invalid_cvc", DeclineReason::IncorrectDetails),
    ("invalid_expiry_month", DeclineReason::IncorrectDetails),
    ("invalid_expiry_year", DeclineReason::IncorrectDetails),
    ("incorrect_zip", DeclineReason::IncorrectDetails),
    ("incorrect_address", DeclineReason::IncorrectDetails),
    ("incorrect_pin", DeclineReason::IncorrectDetails),
    ("invalid_pin", DeclineReason::IncorrectDetails),
    ("invalid_account", DeclineReason::IncorrectDetails),
    ("new_account_information_available", DeclineReason::IncorrectDetails),
    ("authentication_required", DeclineReason::NotAuthenticated),
    ("authentication_not_handled", DeclineReason::NotAuthenticated),
    ("mobile_device_authentication_required", DeclineReason::NotAuthenticated),
    ("payment_intent_authentication_failure", DeclineReason::NotAuthenticated),
    ("setup_intent_authentication_failure", DeclineReason::NotAuthenticated),
    ("card_not_supported", DeclineReason::NotSupported),
    ("currency_not_supported", DeclineReason::NotSupported),
    ("invalid_amount", DeclineReason::NotSupported),
    ("amount_too_large", DeclineReason::NotSupported),
    ("amount_too_small", DeclineReason::NotSupported),
    ("not_permitted", DeclineReason::NotSupported),
    ("service_not_allowed", DeclineReason::NotSupported),
    ("transaction_not_allowed", DeclineReason::NotSupported),
    ("payment_method_not_available", DeclineReason::NotSupported),
    ("payment_method_currency_mismatch", DeclineReason::NotSupported),
    ("card_decline_rate_limit_exceeded", DeclineReason::TryAgain),
    ("processing_error", DeclineReason::TryAgain),
    ("issuer_not_available", DeclineReason::TryAgain),
    ("try_again_later", DeclineReason::TryAgain),
    ("reenter_transaction", DeclineReason::TryAgain),
    ("approve_with_id", DeclineReason::TryAgain),
    ("duplicate_transaction", DeclineReason::TryAgain),
    ("payment_method_provider_timeout", DeclineReason::TryAgain),
    ("payment_intent_payment_attempt_expired", DeclineReason::Expired),
    ("charge_expired_for_capture", DeclineReason::Expired),
    ("capture_charge_authorization_expired", DeclineReason::Expired),
    ("payment_method_customer_decline", DeclineReason::Canceled),
    ("payment_intent_action_required", DeclineReason::NotAuthenticated),
    ("payment_method_provider_decline", DeclineReason::Refused),
    ("generic_decline", DeclineReason::Refused),
];

/// The reason of a decline: of the issuer, if that is known, or else of Stripe.
pub(super) fn reason(decline_code: Option<&str>, code: Option<&str>) -> DeclineReason {
    let find = |wanted: &str| REASONS.iter().find(|(listed, _)| *listed == wanted);
    // An issuer's code that is not listed must not be overruled by a more general code of Stripe.
    let code = decline_code.or(code);
    code.and_then(find).map_or(DeclineReason::Refused, |(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shopper_learns_what_helps() {
        for (decline_code, code, expected) in [
            (Some("insufficient_funds"), Some("card_declined"), DeclineReason::InsufficientFunds),
            (Some("card_velocity_exceeded"), None, DeclineReason::InsufficientFunds),
            (None, Some("expired_card"), DeclineReason::ExpiredCard),
            (Some("expired_card"), Some("card_declined"), DeclineReason::ExpiredCard),
            (None, Some("incorrect_cvc"), DeclineReason::IncorrectDetails),
            (Some("incorrect_number"), None, DeclineReason::IncorrectDetails),
            (
                Some("authentication_required"),
                Some("card_declined"),
                DeclineReason::NotAuthenticated,
            ),
            (None, Some("payment_intent_authentication_failure"), DeclineReason::NotAuthenticated),
            (Some("currency_not_supported"), None, DeclineReason::NotSupported),
            (None, Some("processing_error"), DeclineReason::TryAgain),
            (Some("try_again_later"), None, DeclineReason::TryAgain),
            (None, Some("charge_expired_for_capture"), DeclineReason::Expired),
        ] {
            assert_eq!(reason(decline_code, code), expected, "{decline_code:?} {code:?}");
        }
    }

    #[test]
    fn x165_fraud_and_lost_cards_look_like_any_other_refusal() {
        for code in [
            "fraudulent",
            "lost_card",
            "stolen_card",
            "pickup_card",
            "merchant_blacklist",
            "restricted_card",
            "security_violation",
            "do_not_honor",
            "call_issuer",
            "generic_decline",
            "a_code_of_next_year",
        ] {
            assert_eq!(reason(Some(code), Some("card_declined")), DeclineReason::Refused, "{code}");
            assert_eq!(reason(Some(code), Some("expired_card")), DeclineReason::Refused, "{code}");
        }
        assert_eq!(reason(None, None), DeclineReason::Refused);
        assert_eq!(reason(None, Some("card_declined")), DeclineReason::Refused);
    }

    #[test]
    fn no_code_is_listed_twice() {
        for (index, (code, _)) in REASONS.iter().enumerate() {
            let first = REASONS.iter().position(|(listed, _)| listed == code);
            assert_eq!(first, Some(index), "{code}");
        }
    }
}
