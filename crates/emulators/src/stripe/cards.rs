//! The test cards (<https://docs.stripe.com/testing>). A card's number decides what happens.

/// A test card.
#[derive(Debug, Clone, Copy)]
pub(super) struct Card {
    pub number: &'static str,
    /// The PaymentMethod that stands for the number in requests.
    pub token: &'static str,
    pub brand: &'static str,
    pub funding: &'static str,
    pub authentication: Authentication,
    pub result: Charging,
}

/// When a card asks for 3-D Secure ("3D Secure authentication").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authentication {
    /// Not offered, or offered and not enrolled: never.
    Never,
    /// Only if the merchant requests it.
    Optional,
    /// Only if the merchant requests it, and then it cannot be done.
    OptionalAndBroken,
    /// For every payment.
    Always,
    /// For every payment, and it cannot be done.
    AlwaysAndBroken,
    /// For every payment, except off-session ones after the card was set up for them.
    UnlessSetUp,
    /// For every payment on-session; the card is set up for payments off-session.
    OnSession,
}

/// What happens when a card is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charging {
    Succeeds,
    /// Code, decline code if there is one, and message.
    Declined(&'static str, &'static str, &'static str),
    /// Succeeds and is disputed when it is captured: the dispute's reason and status.
    Disputed(&'static str, &'static str),
    /// Succeeds; a refund seems to succeed, and fails later.
    RefundFails,
    /// Succeeds; a refund is pending, and succeeds later.
    RefundPends,
}

const fn card(number: &'static str, token: &'static str, brand: &'static str) -> Card {
    Card {
        number,
        token,
        brand,
        funding: "credit",
        authentication: Authentication::Never,
        result: Charging::Succeeds,
    }
}

const fn visa(number: &'static str, token: &'static str) -> Card {
    card(number, token, "visa")
}

impl Card {
    const fn funding(self, funding: &'static str) -> Self {
        Self { funding, ..self }
    }

    const fn authentication(self, authentication: Authentication) -> Self {
        Self { authentication, ..self }
    }

    const fn result(self, result: Charging) -> Self {
        Self { result, ..self }
    }

    const fn declined(self, decline_code: &'static str) -> Self {
        self.result(Charging::Declined("card_declined", decline_code, DECLINED))
    }

    pub fn last4(&self) -> &'static str {
        self.number.get(self.number.len().saturating_sub(4)..).unwrap_or_default()
    }
}

const DECLINED: &str = "Your card was declined.";
const NO_FUNDS: Charging =
    Charging::Declined("card_declined", "insufficient_funds", "Your card has insufficient funds.");

const CARDS: &[Card] = &[
    // "Cards by brand"
    visa("4242424242424242", "pm_card_visa"),
    visa("4000056655665556", "pm_card_visa_debit").funding("debit"),
    card("5555555555554444", "pm_card_mastercard", "mastercard"),
    card("2223003122003222", "pm_card_mastercard_series2", "mastercard"),
    card("5200828282828210", "pm_card_mastercard_debit", "mastercard").funding("debit"),
    card("5105105105105100", "pm_card_mastercard_prepaid", "mastercard").funding("prepaid"),
    card("378282246310005", "pm_card_amex", "amex"),
    card("6011111111111117", "pm_card_discover", "discover"),
    card("3056930009020004", "pm_card_diners", "diners"),
    card("3566002020360505", "pm_card_jcb", "jcb"),
    card("6200000000000005", "pm_card_unionpay", "unionpay"),
    // "Declined payments"
    visa("4000000000000002", "pm_card_visa_chargeDeclined").declined("generic_decline"),
    visa("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds").result(NO_FUNDS),
    visa("4000000000009987", "pm_card_visa_chargeDeclinedLostCard").declined("lost_card"),
    visa("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard").declined("stolen_card"),
    visa("4000000000000069", "pm_card_chargeDeclinedExpiredCard").result(Charging::Declined(
        "expired_card",
        "expired_card",
        "Your card has expired.",
    )),
    visa("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc").result(Charging::Declined(
        "incorrect_cvc",
        "incorrect_cvc",
        "Your card's security code is incorrect.",
    )),
    visa("4000000000000119", "pm_card_chargeDeclinedProcessingError").result(Charging::Declined(
        "processing_error",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    )),
    visa("4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded")
        .declined("card_velocity_exceeded"),
    visa("4000000000000341", "pm_card_chargeCustomerFail").declined("generic_decline"),
    visa("4100000000000019", "pm_card_radarBlock").declined("fraudulent"),
    // "Disputes"
    visa("4000000000000259", "pm_card_createDispute")
        .result(Charging::Disputed("fraudulent", "needs_response")),
    visa("4000000000002685", "pm_card_createDisputeProductNotReceived")
        .result(Charging::Disputed("product_not_received", "needs_response")),
    visa("4000000000001976", "pm_card_createDisputeInquiry")
        .result(Charging::Disputed("fraudulent", "warning_needs_response")),
    // "Refunds"
    visa("4000000000007726", "pm_card_pendingRefund").result(Charging::RefundPends),
    visa("4000000000005126", "pm_card_refundFail").result(Charging::RefundFails),
    // "3D Secure authentication"
    visa("4000002500003155", "pm_card_authenticationRequiredOnSetup")
        .authentication(Authentication::UnlessSetUp),
    visa("4000002760003184", "pm_card_authenticationRequired")
        .authentication(Authentication::Always),
    visa("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession")
        .authentication(Authentication::OnSession),
    visa("4000008260003178", "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds")
        .authentication(Authentication::Always)
        .result(NO_FUNDS),
    visa("4000000000003220", "pm_card_threeDSecure2Required")
        .authentication(Authentication::Always),
    visa("4000008400001629", "pm_card_threeDSecureRequiredChargeDeclined")
        .authentication(Authentication::Always)
        .declined("generic_decline"),
    visa("4000008400001280", "pm_card_threeDSecureRequiredProcessingError")
        .authentication(Authentication::AlwaysAndBroken),
    visa("4000000000003055", "pm_card_threeDSecureOptional")
        .authentication(Authentication::Optional),
    visa("4000000000003097", "pm_card_threeDSecureOptionalProcessingError")
        .authentication(Authentication::OptionalAndBroken),
];

/// The card that a PaymentMethod's name stands for.
pub(super) fn by_token(token: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| card.token == token)
}

/// The card with that number, whose spaces do not count.
pub(super) fn by_number(number: &str) -> Option<&'static Card> {
    let digits: String = number.chars().filter(|letter| !letter.is_whitespace()).collect();
    CARDS.iter().find(|card| card.number == digits)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{CARDS, by_number, by_token};

    /// The check digit of ISO/IEC 7812-1.
    fn has_check_digit(number: &str) -> bool {
        let digits = number.bytes().rev().map(|digit| u32::from(digit - b'0'));
        let sum: u32 = digits
            .enumerate()
            .map(|(place, digit)| match place % 2 {
                0 => digit,
                _ => digit * 2 / 10 + digit * 2 % 10,
            })
            .sum();
        sum.is_multiple_of(10)
    }

    #[test]
    fn every_card_has_a_number_and_a_token_of_its_own() {
        let numbers: BTreeSet<_> = CARDS.iter().map(|card| card.number).collect();
        let tokens: BTreeSet<_> = CARDS.iter().map(|card| card.token).collect();
        assert_eq!((numbers.len(), tokens.len()), (CARDS.len(), CARDS.len()));
        for card in CARDS {
            assert!(has_check_digit(card.number), "{}", card.number);
        }
    }

    #[test]
    fn a_card_is_found_by_number_and_by_token() {
        assert_eq!(by_number("4242 4242 4242 4242").unwrap().token, "pm_card_visa");
        assert_eq!(by_token("pm_card_amex").unwrap().last4(), "0005");
        assert!(by_number("4242 4242 4242 4241").is_none());
    }
}
