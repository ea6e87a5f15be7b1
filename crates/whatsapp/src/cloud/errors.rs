//! Every error of the platform, and what is to be done about it. They are told
//! apart by `error.code` alone: neither the status nor the subcode is reliable
//! (developers.facebook.com, WhatsApp Cloud API, "Error codes").

use super::Blame;
use crate::SendError;

/// What kind of trouble an error is.
#[derive(Clone, Copy)]
enum Trouble {
    /// This person cannot be reached by WhatsApp.
    Recipient,
    /// Too many messages to this person: one in six seconds.
    Pair,
    /// Too many calls or messages; later they are taken.
    Throttled,
    /// It passes by itself.
    Transient,
    /// The template is missing, paused, or not as the shop wrote it.
    Template,
    /// A request the platform does not understand.
    Request,
    /// The account or the number is restricted, unpaid or not set up.
    Account,
    /// The token is wrong, or lacks a permission.
    Token,
    /// The number or account that the call names does not exist.
    Object,
}

use Trouble::{Account, Object, Pair, Recipient, Request, Template, Throttled, Token, Transient};

/// Code, trouble, and a title of our own with what to do. In order of the code.
#[rustfmt::skip]
const ERRORS: &[(u32, Trouble, &str)] = &[
    (0, Token, "the token is expired or revoked: make a new one"),
    (1, Transient, "the platform failed"),
    (2, Transient, "the platform is overloaded or down"),
    (3, Token, "the app lacks a capability or permission: grant whatsapp_business_messaging"),
    (4, Throttled, "the app made too many calls"),
    (10, Token, "a permission is missing: grant whatsapp_business_messaging to the token"),
    (17, Throttled, "the user of the token made too many calls"),
    (33, Object, "there is no such number, or it was deleted"),
    (100, Request, "a parameter is not valid"),
    (104, Token, "no token arrived"),
    (190, Token, "the token is expired or malformed: make a new one"),
    (368, Account, "the account is blocked for a violation of policy: see Business Support Home"),
    (613, Throttled, "too many calls"),
    (80007, Throttled, "the account reached its rate limit"),
    (130403, Recipient, "the business has blocked this user"),
    (130429, Throttled, "the number's throughput is reached"),
    (130472, Recipient, "the user is part of an experiment of the platform"),
    (130497, Account, "the account may not message users in this country"),
    (131000, Transient, "something went wrong at the platform"),
    (131005, Token, "access is denied: grant whatsapp_business_messaging to the token"),
    (131008, Request, "a required parameter is missing"),
    (131009, Request, "the value of a parameter is not valid"),
    (131016, Transient, "the service is unavailable"),
    (131021, Recipient, "the recipient is the sender"),
    (131026, Recipient, "the number does not take WhatsApp messages"),
    (131030, Recipient, "a test number sends to allowed recipients only: add this one in the app's set-up"),
    (131031, Account, "the account is locked: see Business Support Home"),
    (131037, Account, "the number's display name is not approved"),
    (131042, Account, "payment failed: mend the payment method of the WhatsApp account"),
    (131045, Account, "the number's registration is broken: register it again"),
    (131047, Request, "the user has not written for 24 hours, and no template was used"),
    (131048, Account, "the number is restricted as spam"),
    (131049, Recipient, "the platform keeps this user from getting more messages"),
    (131050, Recipient, "the user stopped the business's messages"),
    (131051, Request, "the type of message is not supported"),
    (131052, Request, "media was not downloaded"),
    (131053, Request, "media was not uploaded"),
    (131055, Request, "the method is not allowed"),
    (131056, Pair, "too many messages to this user"),
    (131057, Transient, "the account is in maintenance"),
    (131062, Request, "the message cannot go to a user id, only to a number"),
    (131063, Request, "marketing templates are switched off"),
    (131064, Account, "the messaging limit was cut because of wrongly classified templates"),
    (132000, Template, "it has another number of parameters"),
    (132001, Template, "it does not exist in this language, or is not approved"),
    (132005, Template, "its text is too long"),
    (132007, Template, "its text violates a policy"),
    (132008, Template, "the value of a parameter is not valid"),
    (132012, Template, "a parameter has another format"),
    (132015, Template, "it is paused because of its low quality"),
    (132016, Template, "it is disabled for good: it was paused too often"),
    (132018, Template, "its parameters do not fit"),
    (132068, Request, "a flow is blocked"),
    (132069, Request, "a flow is throttled"),
    (133000, Account, "a deregistration is half done: deregister the number again"),
    (133004, Transient, "the server is unavailable for a while"),
    (133005, Account, "the PIN of the two-step verification is wrong"),
    (133006, Account, "the number must be verified again"),
    (133008, Account, "the PIN was guessed too often"),
    (133009, Account, "the PIN was guessed too fast"),
    (133010, Account, "the number is not registered: register it for the Cloud API"),
    (133015, Account, "the number was deleted just now: register it in five minutes"),
    (133016, Account, "the number was registered too often"),
    (134011, Account, "the terms of payments are not accepted"),
    (135000, Request, "something about the request is wrong"),
    (137000, Request, "the recipient's identity has changed"),
];

/// The least wait between two messages to one person, in seconds.
const PAIR_WAIT: u32 = 6;

/// What an error means for the message; `after` is what `Retry-After` said.
pub fn classify(code: u32, after: Option<u32>, blame: &Blame) -> SendError {
    let (trouble, title) = find(code);
    let why = format!("{code}: {title}");
    match trouble {
        Some(Recipient) => SendError::Undeliverable { why },
        Some(Pair) => {
            let after_seconds = Some(after.unwrap_or_default().max(PAIR_WAIT));
            SendError::Retry { after_seconds, why }
        }
        Some(Throttled | Transient) => SendError::Retry { after_seconds: after, why },
        Some(Template) => SendError::Misconfigured {
            setting: "template",
            why: format!("{why}; run `marigold templates`, and see WhatsApp Manager"),
        },
        Some(Request) => SendError::Misconfigured {
            setting: "the request",
            why: format!("{why}; run `marigold check-provider`, and report it if all is well"),
        },
        Some(Token) => SendError::Misconfigured { setting: blame.token, why },
        Some(Object) => SendError::Misconfigured { setting: blame.object, why },
        Some(Account) | None => SendError::FailOver { why },
    }
}

/// What an error means that another provider passes on; `None` for one that is
/// not the platform's. Shorter numbers than its messages' six digits are too
/// easily the other provider's own.
pub fn passed_on(code: u32, account: &'static str) -> Option<SendError> {
    let blame = Blame { token: account, object: account, address: account };
    (code >= 100_000 && knows(code)).then(|| classify(code, None, &blame))
}

/// Whether an error is one of the platform's.
pub fn knows(code: u32) -> bool {
    find(code).0.is_some()
}

fn find(code: u32) -> (Option<Trouble>, &'static str) {
    if (200..300).contains(&code) {
        let title = "a permission is missing: grant whatsapp_business_messaging to the token";
        return (Some(Token), title);
    }
    let known = ERRORS.binary_search_by_key(&code, |(code, _, _)| *code).ok();
    match known.and_then(|place| ERRORS.get(place)) {
        Some((_, trouble, title)) => (Some(*trouble), title),
        None => (None, "an error that is new here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_for_its_search() {
        assert!(ERRORS.is_sorted_by_key(|(code, _, _)| *code));
    }
}
