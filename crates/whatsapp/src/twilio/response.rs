//! Every error code of Twilio and its class. The same codes arrive in replies and, as
//! `ErrorCode`, in webhook calls (Twilio, "Error and warning dictionary").
//!
//! The texts are our own, because Twilio's may repeat the phone number.

use serde::Deserialize;

use self::ErrorClass::{Change, FailOver, Recipient, Retry, RetryAfter};
use crate::{SendError, by_status, http_client::Reply};

/// The text for a reply whose body is not Twilio's.
pub(super) const UNREADABLE: &str = "Twilio's answer is unreadable";

const TOKEN: &str = "TWILIO_AUTH_TOKEN";
const ACCOUNT: &str = "TWILIO_ACCOUNT_SID";
const FROM: &str = "TWILIO_FROM";
const SMS_FROM: &str = "TWILIO_SMS_FROM";
const VERIFY: &str = "TWILIO_VERIFY_SERVICE_SID";
const PUBLIC_URL: &str = "MARIGOLD_PUBLIC_URL";
const TEMPLATE: &str = "template";
const REGIONS: &str = "SMS geographic permissions (Twilio console)";
/// Stands for a setting where the request itself is wrong, which is a bug of the shop.
const REQUEST: &str = "the request to Twilio";

/// What an error means for the message.
#[derive(Clone, Copy)]
enum ErrorClass {
    /// The message was not sent; a later attempt may succeed.
    Retry,
    /// The same, after at least this many seconds.
    RetryAfter(u32),
    /// The account or a sender cannot send.
    FailOver,
    /// The recipient cannot be reached by this channel.
    Recipient,
    /// The merchant must change this setting.
    Change(&'static str),
}

/// Every code, its class, and our text for the merchant.
const CODES: &[(u32, ErrorClass, &str)] = &[
    // Errors of the account and its credentials.
    (
        20003,
        Change(TOKEN),
        "Twilio refuses the credentials; copy the account SID with its token, or the API key with its secret, again",
    ),
    (20005, FailOver, "the account is not active"),
    (20006, Change(TOKEN), "the credentials may not do this; give the API key more permissions"),
    (20008, Change(TOKEN), "these are test credentials; set the live ones"),
    (20404, Change(ACCOUNT), "the account, service or sender does not exist"),
    (20422, Change(REQUEST), "a parameter is invalid"),
    (20429, Retry, "too many requests"),
    (20500, Retry, "Twilio has an internal error"),
    (20503, Retry, "Twilio is out of service"),
    // Errors of the request.
    (21211, Recipient, "the number is invalid"),
    (21212, Change(SMS_FROM), "the sender is invalid"),
    (21408, Change(REGIONS), "the country of this number is not enabled"),
    (21601, Change(SMS_FROM), "the sender cannot send text messages"),
    (21602, Change(REQUEST), "the message has no text"),
    (21603, Change(FROM), "the message has no sender"),
    (21604, Change(REQUEST), "the message has no recipient"),
    (21606, Change(SMS_FROM), "the sender cannot send to this country"),
    (
        21608,
        Change(ACCOUNT),
        "a trial account sends only to numbers that are verified at Twilio; upgrade it",
    ),
    (21609, Change(PUBLIC_URL), "Twilio cannot use the address of the webhook"),
    (21610, Recipient, "the recipient unsubscribed with STOP"),
    (21611, Retry, "the sender's queue is full"),
    (21612, Recipient, "the number cannot be reached by text message"),
    (21614, Recipient, "the number is not a mobile number"),
    (21617, Change(REQUEST), "the message is too long"),
    (21619, Change(REQUEST), "the message could not be created"),
    (21620, Change(REQUEST), "the address of the media is invalid"),
    (21624, Change(REQUEST), "the validity period is invalid"),
    (21654, Change(TEMPLATE), "the message names no template; run `marigold templates sync`"),
    (21655, Change(TEMPLATE), "the template does not exist; run `marigold templates sync`"),
    (21656, Change(TEMPLATE), "the template's settings are invalid; run `marigold templates sync`"),
    (21703, Change(FROM), "the messaging service has no suitable number; add one"),
    (21704, Change(FROM), "the messaging service has no senders; add one"),
    (21705, Change(FROM), "the messaging service does not exist"),
    (21910, Change(FROM), "sender and recipient belong to different channels"),
    // Failures of accepted text messages.
    (30001, Retry, "the queue is full"),
    (30002, FailOver, "the account is suspended"),
    (30003, Recipient, "the phone is switched off or has no reception"),
    (30004, Recipient, "the message is blocked for this number"),
    (30005, Recipient, "the number does not exist"),
    (30006, Recipient, "the number is a landline or its carrier cannot be reached"),
    (30007, FailOver, "the carrier filtered the message"),
    (30008, Retry, "the message failed, and the carrier gave no reason"),
    (30010, Change(REQUEST), "the price exceeds the maximum"),
    (30022, Retry, "the US carriers' rate limit (A2P 10DLC) is reached"),
    (30034, Change(SMS_FROM), "the sender is not registered for the US (A2P 10DLC)"),
    (30036, Retry, "the message stayed in the queue for too long"),
    (30410, Retry, "the carrier did not answer in time"),
    (30450, Recipient, "delivery to this number is temporarily blocked"),
    // Errors of Verify.
    (
        60200,
        Change(VERIFY),
        "a parameter is invalid; check that custom verification codes are enabled in the service",
    ),
    (60201, Change(VERIFY), "the translation of the template is not approved"),
    (60202, RetryAfter(600), "too many checks of this verification"),
    (60203, RetryAfter(600), "too many messages in this verification"),
    (60204, Change(VERIFY), "the service does not have this feature"),
    (60205, Recipient, "a landline cannot receive text messages"),
    (
        60206,
        Change(VERIFY),
        "the service requires amount and payee (PSD2); disable PSD2, or set the service in TWILIO_VERIFY_PAYMENT_SERVICE_SID",
    ),
    (60207, Change(VERIFY), "a rate limit of the service is not set up correctly"),
    (60208, Change(VERIFY), "a rate limit of the service is not set up correctly"),
    (60209, Change(VERIFY), "a rate limit of the service is not set up correctly"),
    (60210, Change(VERIFY), "a rate limit of the service is not set up correctly"),
    (60211, Change(VERIFY), "a rate limit of the service is not set up correctly"),
    (60212, Retry, "too many requests at once for this number"),
    (60213, Change(VERIFY), "the service has the same messaging configuration twice"),
    (60214, Change(VERIFY), "Twilio does not offer this with PSD2; disable PSD2 in the service"),
    (60217, Change(VERIFY), "the service is not set up completely"),
    (60220, Change(VERIFY), "numbers in China require that Twilio vets the account"),
    (60221, Change(REQUEST), "the request names no verification"),
    (60223, Change(VERIFY), "this channel is disabled in the service"),
    (60224, Change(VERIFY), "the template of the service cannot be used"),
    (60226, Change(VERIFY), "the template of the service cannot be used"),
    (60227, Change(VERIFY), "the template of the service cannot be used"),
    (60228, Change(VERIFY), "the template of the service cannot be used"),
    (60229, Change(VERIFY), "the template of the service cannot be used"),
    (60238, Recipient, "verification is blocked for this number"),
    (60408, Change(VERIFY), "the template is for text messages only"),
    (60410, Recipient, "Fraud Guard blocks numbers like this one for twelve hours"),
    // Failures of accepted WhatsApp messages.
    (63001, FailOver, "WhatsApp refuses Twilio's credentials for the sender"),
    (63002, Change(FROM), "WhatsApp does not know the sender"),
    (63003, Recipient, "the number is not on WhatsApp"),
    (63005, Change(TEMPLATE), "WhatsApp does not accept the content"),
    (63006, Change(TEMPLATE), "the content does not suit the channel"),
    (63007, Change(FROM), "the account has no such sender"),
    (63008, FailOver, "the sender is not set up correctly"),
    (63009, Retry, "WhatsApp has an internal error"),
    (63010, Retry, "Twilio has an internal error"),
    (63011, Change(REQUEST), "WhatsApp cannot read the request"),
    (63012, Retry, "WhatsApp has an internal error"),
    (63013, FailOver, "WhatsApp's rules forbid the message"),
    (63014, Recipient, "the recipient blocked the message"),
    (63015, Recipient, "the recipient has not joined the sandbox"),
    (63016, Change(TEMPLATE), "only templates may be sent; run `marigold templates sync`"),
    (63017, Retry, "the rate limit is reached"),
    (63018, Retry, "WhatsApp's rate limit is reached"),
    (63019, Change(TEMPLATE), "the media could not be fetched"),
    (63020, FailOver, "the Meta business account is not in order"),
    (63021, Change(TEMPLATE), "the content is invalid"),
    (63022, FailOver, "the sender's certificate is not valid"),
    (63023, Retry, "the message failed, and WhatsApp gave no reason"),
    (63024, Recipient, "WhatsApp does not accept this recipient"),
    (63025, Change(TEMPLATE), "the media exists already"),
    (63026, FailOver, "WhatsApp classifies the messages of the sender as spam"),
    (
        63027,
        Change(TEMPLATE),
        "the template does not exist in this language; run `marigold templates sync`",
    ),
    (
        63028,
        Change(TEMPLATE),
        "the template has another number of settings; run `marigold templates sync`",
    ),
    (63029, Recipient, "the phone could not fetch the template"),
    (63030, Change(REQUEST), "a parameter does not belong to this kind of message"),
    (63031, Recipient, "sender and recipient are the same"),
    (63032, Recipient, "WhatsApp does not let businesses write to this user"),
    (63033, Recipient, "the recipient is blocked"),
    (63038, FailOver, "the account reached its daily number of messages"),
    (63040, Change(TEMPLATE), "the template was rejected"),
    (63041, Change(TEMPLATE), "the template is paused because of its low quality"),
    (63042, Change(TEMPLATE), "the template was disabled"),
    (63049, Recipient, "Meta chose not to deliver the message"),
    (63051, FailOver, "the WhatsApp business account is locked"),
];

/// The body of an error reply: `{"code", "message", "more_info", "status"}`.
#[derive(Deserialize)]
struct ErrorResponse {
    code: Option<u32>,
    message: Option<String>,
}

/// Classifies an error reply. `missing` is the setting of the object in the address, which
/// the error points at if the object does not exist.
pub(super) fn classify_error(reply: &Reply, missing: &'static str) -> SendError {
    let error = reply.json::<ErrorResponse>();
    let code = error.as_ref().and_then(|error| error.code);
    // An invalid parameter `To` is the recipient's number.
    if let (Some(60200), Some(ErrorResponse { message: Some(message), .. })) = (code, &error)
        && (message.contains("`To`") || message.contains(": To"))
    {
        return to_send_error(60200, Recipient, "the number is invalid", None);
    }
    match code.and_then(find) {
        Some((20404, _, text)) => to_send_error(20404, Change(missing), text, None),
        Some((code, class, text)) => to_send_error(*code, *class, text, reply.retry_after()),
        None => without_code(reply, code),
    }
}

/// Classifies the `ErrorCode` of a failed message.
pub(super) fn classify_failure(code: Option<u32>) -> SendError {
    match code.and_then(find) {
        Some((code, class, text)) => to_send_error(*code, *class, text, None),
        None => SendError::FailOver { why: with_code("the message was not delivered", code) },
    }
}

fn find(code: u32) -> Option<&'static (u32, ErrorClass, &'static str)> {
    CODES.iter().find(|(known, ..)| *known == code)
}

fn to_send_error(code: u32, class: ErrorClass, text: &str, retry_after: Option<u32>) -> SendError {
    let why = with_code(text, Some(code));
    match class {
        Retry => SendError::Retry { after_seconds: retry_after, why },
        RetryAfter(seconds) => {
            SendError::Retry { after_seconds: retry_after.max(Some(seconds)), why }
        }
        FailOver => SendError::FailOver { why },
        Recipient => SendError::Undeliverable { why },
        Change(setting) => SendError::Misconfigured { setting, why },
    }
}

/// Classifies an error reply without a known code. After 429, 500 and 503 Twilio has done
/// nothing; 502 and 504 come from a gateway, so that the result is unknown. A code that
/// this version does not know is reported as it is, and is final.
fn without_code(reply: &Reply, code: Option<u32>) -> SendError {
    match (reply.status.as_u16(), code) {
        (501 | 502 | 504..=599, _) => SendError::Unknown,
        (400 | 402 | 404..=407 | 409..=428 | 430..=499, Some(_)) => {
            SendError::FailOver { why: with_code("Twilio refused the message", code) }
        }
        _ => by_status::classify(reply, TOKEN, "TWILIO_BASE_URL"),
    }
}

fn with_code(text: &str, code: Option<u32>) -> String {
    code.map_or_else(|| text.to_owned(), |code| format!("{text} (Twilio {code})"))
}
