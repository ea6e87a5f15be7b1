//! Every error of the platform and its class. Only `error.code` tells errors apart:
//! neither the status nor the subcode is reliable (developers.facebook.com, WhatsApp
//! Cloud API, "Error codes").

use super::{ConfigHint, PAIR_RATE_INTERVAL};
use crate::SendError;

/// What an error means for the message.
#[derive(Clone, Copy)]
enum ErrorClass {
    /// WhatsApp does not deliver to this person.
    Recipient,
    /// Too many messages went to this person ([`super::PAIR_RATE_INTERVAL`]).
    Pair,
    /// Too many requests or messages; later ones are accepted.
    Throttled,
    /// The platform has a problem of its own that passes.
    Transient,
    /// The template is missing, paused, or differs from what the shop sends.
    Template,
    /// The platform does not understand the request.
    Request,
    /// The account or the number is restricted, unpaid or not registered.
    Account,
    /// The token is wrong or lacks a permission.
    Token,
    /// The number or account that the request names does not exist.
    Object,
}

use ErrorClass::{
    Account, Object, Pair, Recipient, Request, Template, Throttled, Token, Transient,
};

/// Code, class, and our own text for the merchant, sorted by code.
#[rustfmt::skip]
const ERRORS: &[(u32, ErrorClass, &str)] = &[
    (0, Token, "the token is expired or revoked: create a new one"),
    (1, Transient, "the platform has an internal error"),
    (2, Transient, "the platform is overloaded or down"),
    (3, Token, "the app lacks a capability or permission: grant whatsapp_business_messaging"),
    (4, Throttled, "the app made too many requests"),
    (10, Token, "a permission is missing: grant whatsapp_business_messaging to the token"),
    (17, Throttled, "the user of the token made too many requests"),
    (33, Object, "the number does not exist or was deleted"),
    (100, Request, "a parameter is not valid"),
    (104, Token, "the request carried no token"),
    (190, Token, "the token is expired or malformed: create a new one"),
    (368, Account, "the account is blocked for a violation of policy: see Business Support Home"),
    (613, Throttled, "the app made too many requests"),
    (80007, Throttled, "the account reached its rate limit"),
    (130403, Recipient, "the business has blocked this user"),
    (130429, Throttled, "the number reached its throughput limit"),
    (130472, Recipient, "the platform withholds messages from this user for an experiment"),
    (130497, Account, "the account may not message users in this country"),
    (131000, Transient, "something went wrong at the platform"),
    (131005, Token, "access is denied: grant whatsapp_business_messaging to the token"),
    (131008, Request, "a required parameter is missing"),
    (131009, Request, "the value of a parameter is not valid"),
    (131016, Transient, "the service is unavailable"),
    (131021, Recipient, "the recipient is the sender"),
    (131026, Recipient, "the number does not accept WhatsApp messages"),
    (131030, Recipient, "a test number sends to allowed recipients only: add this number in the app's set-up"),
    (131031, Account, "the account is locked: see Business Support Home"),
    (131037, Account, "the number's display name is not approved"),
    (131042, Account, "the payment failed: correct the payment method of the WhatsApp account"),
    (131045, Account, "the number is not registered correctly: register it again"),
    (131047, Request, "the user wrote nothing in the last 24 hours, so only a template may be sent"),
    (131048, Account, "the number is restricted because its messages were reported as spam"),
    (131049, Recipient, "the platform limits the messages to this user"),
    (131050, Recipient, "the user stopped messages of this business"),
    (131051, Request, "the type of message is not supported"),
    (131052, Request, "the media could not be downloaded"),
    (131053, Request, "the media could not be uploaded"),
    (131055, Request, "the method is not allowed"),
    (131056, Pair, "too many messages went to this user"),
    (131057, Transient, "the account is under maintenance"),
    (131062, Request, "the message must go to a number, not to a user id"),
    (131063, Request, "marketing templates are switched off"),
    (131064, Account, "the messaging limit is reduced because templates have the wrong category"),
    (132000, Template, "the template has another number of parameters"),
    (132001, Template, "the template does not exist in this language, or is not approved"),
    (132005, Template, "the text of the template is too long"),
    (132007, Template, "the text of the template violates a policy"),
    (132008, Template, "the value of a template parameter is not valid"),
    (132012, Template, "a template parameter has another format"),
    (132015, Template, "the template is paused because of its low quality"),
    (132016, Template, "the template is disabled permanently because it was paused too often"),
    (132018, Template, "the parameters do not match the template"),
    (132068, Request, "a flow is blocked"),
    (132069, Request, "a flow is throttled"),
    (133000, Account, "a deregistration did not finish: deregister the number again"),
    (133004, Transient, "the server is temporarily unavailable"),
    (133005, Account, "the PIN of the two-step verification is wrong"),
    (133006, Account, "the number must be verified again"),
    (133008, Account, "the PIN was entered wrongly too often"),
    (133009, Account, "the PIN was entered too often in a short time"),
    (133010, Account, "the number is not registered: register it for the Cloud API"),
    (133015, Account, "the number was deleted a moment ago: register it in five minutes"),
    (133016, Account, "the number was registered too often"),
    (134011, Account, "the terms of payments are not accepted: accept them"),
    (135000, Request, "the request is not valid"),
    (137000, Request, "the recipient's identity has changed"),
];

/// The class of an error; `retry_after` is the value of `Retry-After` in seconds.
pub fn classify(code: u32, retry_after: Option<u32>, hint: &ConfigHint) -> SendError {
    let (class, text) = find(code);
    let why = format!("{code}: {text}");
    match class {
        Some(Recipient) => SendError::Undeliverable { why },
        Some(Pair) => {
            let interval = u32::try_from(PAIR_RATE_INTERVAL.as_secs()).unwrap_or(u32::MAX);
            let after_seconds = Some(retry_after.unwrap_or_default().max(interval));
            SendError::Retry { after_seconds, why }
        }
        Some(Throttled | Transient) => SendError::Retry { after_seconds: retry_after, why },
        Some(Template) => SendError::Misconfigured {
            setting: "template",
            why: format!("{why}; run `marigold templates`, and see WhatsApp Manager"),
        },
        Some(Request) => SendError::Misconfigured {
            setting: "the request",
            why: format!(
                "{why}; run `marigold check-provider`, and report a bug if it finds nothing"
            ),
        },
        Some(Token) => SendError::Misconfigured { setting: hint.token, why },
        Some(Object) => SendError::Misconfigured { setting: hint.object, why },
        Some(Account) => SendError::FailOver { why },
        None => SendError::Unrecognised { why },
    }
}

/// The class of a code that another provider forwards; `None` if the code is not the
/// platform's. Its codes about messages have six digits; a shorter number may as well be
/// the other provider's own.
pub fn classify_forwarded(code: u32, account: &'static str) -> Option<SendError> {
    let hint = ConfigHint { token: account, object: account, address: account };
    (code >= 100_000 && is_platform_code(code)).then(|| classify(code, None, &hint))
}

/// Whether a code is one of the platform's.
pub fn is_platform_code(code: u32) -> bool {
    find(code).0.is_some()
}

fn find(code: u32) -> (Option<ErrorClass>, &'static str) {
    if (200..300).contains(&code) {
        let text = "a permission is missing: grant whatsapp_business_messaging to the token";
        return (Some(Token), text);
    }
    let known = ERRORS.binary_search_by_key(&code, |(code, _, _)| *code).ok();
    match known.and_then(|index| ERRORS.get(index)) {
        Some((_, class, text)) => (Some(*class), text),
        None => (None, "an error that this version does not know"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_table_is_sorted_by_code() {
        assert!(ERRORS.is_sorted_by_key(|(code, _, _)| *code));
    }
}
