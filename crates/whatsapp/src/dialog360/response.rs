//! 360dialog's error replies. It forwards Meta's errors unchanged; its own errors have
//! one of three other forms.

use serde::Deserialize;

use super::HINT;
use crate::{
    SendError, TemplateError, by_status,
    cloud::{
        errors,
        response::{self, GraphError},
    },
    http_client::Reply,
};

/// Every form at once.
#[derive(Deserialize)]
struct ErrorResponse {
    error: Option<ErrorValue>,
    #[serde(default)]
    errors: Vec<Coded>,
    meta: Option<GraphCode>,
}

/// The value of `{"error": …}`: an object if the error is Meta's, a sentence if it is
/// 360dialog's.
#[derive(Deserialize)]
#[serde(untagged)]
enum ErrorValue {
    Meta(GraphError),
    Sentence(String),
}

/// `{"errors": [{"code": …}]}`
#[derive(Deserialize)]
struct Coded {
    code: Option<u32>,
    title: Option<String>,
}

/// `{"meta": {"developer_message": …}}`
#[derive(Deserialize)]
struct GraphCode {
    developer_message: Option<String>,
}

/// What a sentence of 360dialog's means for the message.
#[derive(Clone, Copy)]
enum ErrorClass {
    Key,
    Account,
    Transient,
}

/// Parts of the sentences in lower case, their class, and the text for the merchant
/// (360dialog, "Messaging API", errors).
const SENTENCES: &[(&str, ErrorClass, &str)] = &[
    ("has been disabled", ErrorClass::Account, "the number is disabled: ask 360dialog's support"),
    (
        "lack of payment",
        ErrorClass::Account,
        "the balance is not paid: pay it in the 360dialog hub",
    ),
    (
        "endpoint is blocked",
        ErrorClass::Account,
        "the endpoint is blocked: ask 360dialog's support",
    ),
    ("invalid api_key", ErrorClass::Key, "the key is wrong: create a new one in the 360dialog hub"),
    ("rate limit", ErrorClass::Transient, "the rate limit of the endpoint is exceeded"),
    ("internal server error", ErrorClass::Transient, "360dialog has an internal error"),
    ("not available", ErrorClass::Transient, "360dialog cannot reach WhatsApp"),
];

/// The class of an error reply; by its status, if its body is unknown.
pub fn classify_error(reply: &Reply) -> SendError {
    let Some(failed) = reply.json::<ErrorResponse>() else {
        return by_status::classify(reply, HINT.token, HINT.address);
    };
    let sentence = match failed.error {
        Some(ErrorValue::Meta(error)) => {
            return errors::classify(error.code(), reply.retry_after(), &HINT);
        }
        Some(ErrorValue::Sentence(sentence)) => Some(sentence),
        None => failed.meta.and_then(|meta| meta.developer_message),
    };
    let coded = failed.errors.into_iter().next();
    if let Some(code) =
        coded.as_ref().and_then(|error| error.code).filter(|c| errors::is_platform_code(*c))
    {
        return errors::classify(code, reply.retry_after(), &HINT);
    }
    let sentence = sentence.or_else(|| coded?.title).unwrap_or_default().to_ascii_lowercase();
    let known = SENTENCES.iter().find(|(words, _, _)| sentence.contains(words));
    let Some((_, class, title)) = known else {
        return by_status::classify(reply, HINT.token, HINT.address);
    };
    let why = format!("status {}: {title}", reply.status.as_u16());
    match class {
        ErrorClass::Key => SendError::Misconfigured { setting: HINT.token, why },
        ErrorClass::Account => SendError::FailOver { why },
        ErrorClass::Transient => SendError::Retry { after_seconds: reply.retry_after(), why },
    }
}

/// The cause of an error reply to a request about templates.
pub fn template_error(reply: &Reply) -> TemplateError {
    if reply.json::<response::ErrorResponse>().is_some() {
        return response::template_error(reply, &HINT);
    }
    classify_error(reply).into()
}
