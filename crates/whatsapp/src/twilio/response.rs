//! What Twilio's refusals and failures mean. The same codes arrive in answers and,
//! as `ErrorCode`, in calls back (Twilio, "Error and warning dictionary").
//!
//! The texts are ours: Twilio's own may repeat the number.

use serde::Deserialize;

use self::Class::{Change, FailOver, Person, Retry, RetryAfter};
use crate::{SendError, by_status, wire::Reply};

/// The code has too little of its life left to be handed over.
pub(super) const TOO_LATE: &str = "too little of its life is left";
/// An answer that is no answer of Twilio's.
pub(super) const NO_WORDS: &str = "the answer was not one of Twilio's";

const TOKEN: &str = "TWILIO_AUTH_TOKEN";
const ACCOUNT: &str = "TWILIO_ACCOUNT_SID";
const FROM: &str = "TWILIO_FROM";
const SMS_FROM: &str = "TWILIO_SMS_FROM";
const VERIFY: &str = "TWILIO_VERIFY_SERVICE_SID";
const CALLBACK: &str = "MARIGOLD_PUBLIC_URL";
const TEMPLATE: &str = "template";
const REGIONS: &str = "SMS geographic permissions (Twilio console)";
/// A request this program should not have made, or Twilio reads differently now.
const REQUEST: &str = "the request to Twilio";

/// Twilio's class of trouble, before it is put into words.
#[derive(Clone, Copy)]
enum Class {
    /// Surely not sent; the same may work later.
    Retry,
    /// The same, in so many seconds.
    RetryAfter(u32),
    /// The account or a sender is the trouble.
    FailOver,
    /// This person cannot be reached by this channel.
    Person,
    /// The merchant must change this.
    Change(&'static str),
}

/// Every code, its class, and what it says.
const CODES: &[(u32, Class, &str)] = &[
    // The account and its credentials.
    (
        20003,
        Change(TOKEN),
        "the credentials are refused; copy the account SID with its token, or the API key with its secret, again",
    ),
    (20005, FailOver, "the account is not active"),
    (20006, Change(TOKEN), "these credentials may not do this; give the API key more rights"),
    (20008, Change(TOKEN), "these are test credentials; set the live ones"),
    (20404, Change(ACCOUNT), "there is no such account, service or sender"),
    (20422, Change(REQUEST), "a parameter is invalid"),
    (20429, Retry, "too many requests"),
    (20500, Retry, "internal error"),
    (20503, Retry, "out of service"),
    // The request.
    (21211, Person, "not a valid number"),
    (21212, Change(SMS_FROM), "not a valid sender"),
    (21408, Change(REGIONS), "the country of this number is not switched on"),
    (21601, Change(SMS_FROM), "the sender cannot send text messages"),
    (21602, Change(REQUEST), "the message has no words"),
    (21603, Change(FROM), "the message has no sender"),
    (21604, Change(REQUEST), "the message has no recipient"),
    (21606, Change(SMS_FROM), "the sender cannot send to this country"),
    (
        21608,
        Change(ACCOUNT),
        "a trial account sends to numbers verified at Twilio alone; upgrade it",
    ),
    (21609, Change(CALLBACK), "the address for calls back is not one Twilio can reach"),
    (21610, Person, "the recipient unsubscribed with STOP"),
    (21611, Retry, "the sender's queue is full"),
    (21612, Person, "the number cannot be reached by text message"),
    (21614, Person, "not a mobile number"),
    (21617, Change(REQUEST), "the message is too long"),
    (21619, Change(REQUEST), "the message could not be made"),
    (21620, Change(REQUEST), "the address of the media is invalid"),
    (21624, Change(REQUEST), "the validity period is invalid"),
    (21654, Change(TEMPLATE), "the template is not named; run `marigold templates sync`"),
    (21655, Change(TEMPLATE), "there is no such template; run `marigold templates sync`"),
    (
        21656,
        Change(TEMPLATE),
        "the template's variables are invalid; run `marigold templates sync`",
    ),
    (21703, Change(FROM), "the messaging service has no number for this; add one"),
    (21704, Change(FROM), "the messaging service has no senders; add one"),
    (21705, Change(FROM), "there is no such messaging service"),
    (21910, Change(FROM), "sender and recipient are not of the same channel"),
    // Text messages on their way.
    (30001, Retry, "the queue is full"),
    (30002, FailOver, "the account is suspended"),
    (30003, Person, "the phone is off or out of reach"),
    (30004, Person, "the message is blocked for this number"),
    (30005, Person, "the number is not known"),
    (30006, Person, "a landline, or a carrier that cannot be reached"),
    (30007, FailOver, "the carrier filtered the message"),
    (30008, Retry, "the carrier gave no reason"),
    (30010, Change(REQUEST), "the price is above the highest allowed"),
    (30022, Retry, "the US carriers' rate limit (A2P 10DLC) is reached"),
    (30034, Change(SMS_FROM), "the sender is not registered for the US (A2P 10DLC)"),
    (30036, Retry, "its time in the queue was over"),
    (30410, Retry, "the carrier did not answer in time"),
    (30450, Person, "delivery to this number is blocked for a while"),
    // Verify.
    (
        60200,
        Change(VERIFY),
        "a parameter is invalid; see that custom verification codes are switched on in the service",
    ),
    (60201, Change(VERIFY), "the translation of the template is not approved"),
    (60202, RetryAfter(600), "too many checks of this verification"),
    (60203, RetryAfter(600), "too many sends in this verification"),
    (60204, Change(VERIFY), "the service does not have this feature"),
    (60205, Person, "a landline takes no text messages"),
    (
        60206,
        Change(VERIFY),
        "the service demands amount and payee (PSD2); switch PSD2 off, or name it in TWILIO_VERIFY_PAYMENT_SERVICE_SID",
    ),
    (60207, Change(VERIFY), "a rate limit of the service is not set up rightly"),
    (60208, Change(VERIFY), "a rate limit of the service is not set up rightly"),
    (60209, Change(VERIFY), "a rate limit of the service is not set up rightly"),
    (60210, Change(VERIFY), "a rate limit of the service is not set up rightly"),
    (60211, Change(VERIFY), "a rate limit of the service is not set up rightly"),
    (60212, Retry, "too many requests at once for this number"),
    (60213, Change(VERIFY), "a messaging configuration of the service exists twice"),
    (60214, Change(VERIFY), "not offered with PSD2; switch PSD2 off in the service"),
    (60217, Change(VERIFY), "the service is not set up completely"),
    (60220, Change(VERIFY), "numbers in China need Twilio's vetting of the account"),
    (60221, Change(REQUEST), "the verification is not named"),
    (60223, Change(VERIFY), "this channel is switched off in the service"),
    (60224, Change(VERIFY), "the template of the service cannot be used"),
    (60226, Change(VERIFY), "the template of the service cannot be used"),
    (60227, Change(VERIFY), "the template of the service cannot be used"),
    (60228, Change(VERIFY), "the template of the service cannot be used"),
    (60229, Change(VERIFY), "the template of the service cannot be used"),
    (60238, Person, "verification is blocked for this number"),
    (60408, Change(VERIFY), "the template is for text messages alone"),
    (60410, Person, "Fraud Guard blocks numbers like this one for twelve hours"),
    // Channels: WhatsApp on its way.
    (63001, FailOver, "WhatsApp refuses Twilio's credentials for the sender"),
    (63002, Change(FROM), "WhatsApp does not know the sender"),
    (63003, Person, "the number is not on WhatsApp"),
    (63005, Change(TEMPLATE), "WhatsApp does not take the content"),
    (63006, Change(TEMPLATE), "the content does not fit the channel"),
    (63007, Change(FROM), "not a sender of this account"),
    (63008, FailOver, "the sender is not set up rightly"),
    (63009, Retry, "WhatsApp has trouble"),
    (63010, Retry, "Twilio has trouble"),
    (63011, Change(REQUEST), "WhatsApp cannot read the request"),
    (63012, Retry, "WhatsApp has trouble"),
    (63013, FailOver, "WhatsApp's rules forbid the message"),
    (63014, Person, "the recipient blocked the message"),
    (63015, Person, "the recipient has not joined the sandbox"),
    (63016, Change(TEMPLATE), "only templates may be sent; run `marigold templates sync`"),
    (63017, Retry, "the rate limit is reached"),
    (63018, Retry, "WhatsApp's rate limit is reached"),
    (63019, Change(TEMPLATE), "the media could not be fetched"),
    (63020, FailOver, "the Meta business account is not in order"),
    (63021, Change(TEMPLATE), "the content is invalid"),
    (63022, FailOver, "the sender's certificate is not valid"),
    (63023, Retry, "WhatsApp gave no reason"),
    (63024, Person, "WhatsApp does not take this recipient"),
    (63025, Change(TEMPLATE), "the media exists already"),
    (63026, FailOver, "WhatsApp takes the sender's messages for spam"),
    (
        63027,
        Change(TEMPLATE),
        "there is no such template in this language; run `marigold templates sync`",
    ),
    (
        63028,
        Change(TEMPLATE),
        "the template has another number of variables; run `marigold templates sync`",
    ),
    (63029, Person, "the phone could not fetch the template"),
    (63030, Change(REQUEST), "a parameter is not for this kind of message"),
    (63031, Person, "sender and recipient are the same"),
    (63032, Person, "WhatsApp does not let businesses write to this person"),
    (63033, Person, "the recipient is blocked"),
    (63038, FailOver, "the account's messages of the day are used up"),
    (63040, Change(TEMPLATE), "the template was rejected"),
    (63041, Change(TEMPLATE), "the template is paused, because of its low quality"),
    (63042, Change(TEMPLATE), "the template was disabled"),
    (63049, Person, "Meta chose not to deliver the message"),
    (63051, FailOver, "the WhatsApp business account is locked"),
];

/// An error answer: `{"code", "message", "more_info", "status"}`.
#[derive(Deserialize)]
struct Problem {
    code: Option<u32>,
    message: Option<String>,
}

/// What an answer other than 2xx means. `missing` is the setting to blame if what
/// the address names does not exist.
pub(super) fn refusal(reply: &Reply, missing: &'static str) -> SendError {
    let problem = reply.json::<Problem>();
    let code = problem.as_ref().and_then(|problem| problem.code);
    // An invalid parameter is the recipient's, if it is the recipient's number.
    if let (Some(60200), Some(Problem { message: Some(message), .. })) = (code, &problem)
        && (message.contains("`To`") || message.contains(": To"))
    {
        return in_words(60200, Person, "not a valid number", None);
    }
    match code.and_then(find) {
        Some((20404, _, title)) => in_words(20404, Change(missing), title, None),
        Some((code, class, title)) => in_words(*code, *class, title, reply.retry_after()),
        None => without_code(reply, code),
    }
}

/// What the `ErrorCode` of a message that failed means.
pub(super) fn failure(code: Option<u32>) -> SendError {
    match code.and_then(find) {
        Some((code, class, title)) => in_words(*code, *class, title, None),
        None => SendError::FailOver { why: with_code("it was not delivered", code) },
    }
}

fn find(code: u32) -> Option<&'static (u32, Class, &'static str)> {
    CODES.iter().find(|(known, ..)| *known == code)
}

fn in_words(code: u32, class: Class, title: &str, retry_after: Option<u32>) -> SendError {
    let why = with_code(title, Some(code));
    match class {
        Retry => SendError::Retry { after_seconds: retry_after, why },
        RetryAfter(seconds) => {
            SendError::Retry { after_seconds: retry_after.max(Some(seconds)), why }
        }
        FailOver => SendError::FailOver { why },
        Person => SendError::Undeliverable { why },
        Change(setting) => SendError::Misconfigured { setting, why },
    }
}

/// An answer without a code that is known. Twilio says of 429, 500 and 503 that
/// nothing was done; a gateway's 502 or 504 says nothing at all. A code that is
/// new is worth telling, and final.
fn without_code(reply: &Reply, code: Option<u32>) -> SendError {
    match (reply.status.as_u16(), code) {
        (501 | 502 | 504..=599, _) => SendError::Unknown,
        (400 | 402 | 404..=407 | 409..=428 | 430..=499, Some(_)) => {
            SendError::FailOver { why: with_code("it refused", code) }
        }
        _ => by_status::classify(reply, TOKEN, "TWILIO_BASE_URL"),
    }
}

fn with_code(title: &str, code: Option<u32>) -> String {
    code.map_or_else(|| title.to_owned(), |code| format!("{title} (Twilio {code})"))
}
