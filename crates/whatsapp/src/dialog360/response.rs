//! 360dialog's answers. What Meta refuses it passes on as Meta says it; what it
//! refuses itself has one of three shapes of its own.

use serde::Deserialize;

use super::BLAME;
use crate::{
    Accepted, SendError, TemplateError, by_status,
    cloud::{
        errors,
        response::{self, GraphError},
    },
    wire::Reply,
};

/// All four shapes at once.
#[derive(Deserialize)]
struct Failed {
    error: Option<Shape>,
    #[serde(default)]
    errors: Vec<Coded>,
    meta: Option<GraphCode>,
}

/// `{"error": …}` is Meta's object, or 360dialog's sentence.
#[derive(Deserialize)]
#[serde(untagged)]
enum Shape {
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

/// What is to be done about a sentence of 360dialog's.
#[derive(Clone, Copy)]
enum Trouble {
    Key,
    Account,
    Passing,
}

/// What their sentences hold, in lower case, and the title they get here (360dialog,
/// "Messaging API", errors).
const SENTENCES: &[(&str, Trouble, &str)] = &[
    ("has been disabled", Trouble::Account, "the number was disabled: ask 360dialog's support"),
    ("lack of payment", Trouble::Account, "no payment: settle the balance in the 360dialog hub"),
    ("endpoint is blocked", Trouble::Account, "the endpoint is blocked: ask 360dialog's support"),
    ("invalid api_key", Trouble::Key, "the key is wrong: make a new one in the 360dialog hub"),
    ("rate limit", Trouble::Passing, "the rate limit of the endpoint was exceeded"),
    ("internal server error", Trouble::Passing, "360dialog failed"),
    ("not available", Trouble::Passing, "WhatsApp is not available to 360dialog"),
];

/// Reads the answer to a message.
pub fn read(reply: &Reply) -> Result<Accepted, SendError> {
    if reply.status.is_success() {
        return response::taken(reply);
    }
    Err(refused(reply))
}

/// Why a call was refused.
pub fn refused(reply: &Reply) -> SendError {
    let Some(failed) = reply.json::<Failed>() else {
        return by_status::classify(reply, BLAME.token, BLAME.address);
    };
    let sentence = match failed.error {
        Some(Shape::Meta(error)) => {
            return errors::classify(error.code(), reply.retry_after(), &BLAME);
        }
        Some(Shape::Sentence(sentence)) => Some(sentence),
        None => failed.meta.and_then(|meta| meta.developer_message),
    };
    let coded = failed.errors.into_iter().next();
    if let Some(code) = coded.as_ref().and_then(|error| error.code).filter(|c| errors::knows(*c)) {
        return errors::classify(code, reply.retry_after(), &BLAME);
    }
    let sentence = sentence.or_else(|| coded?.title).unwrap_or_default().to_ascii_lowercase();
    let known = SENTENCES.iter().find(|(words, _, _)| sentence.contains(words));
    let Some((_, trouble, title)) = known else {
        return by_status::classify(reply, BLAME.token, BLAME.address);
    };
    let why = format!("status {}: {title}", reply.status.as_u16());
    match trouble {
        Trouble::Key => SendError::Misconfigured { setting: BLAME.token, why },
        Trouble::Account => SendError::FailOver { why },
        Trouble::Passing => SendError::Retry { after_seconds: reply.retry_after(), why },
    }
}

/// Why a call about templates was refused: as Meta says it, or in our own words.
pub fn template_error(reply: &Reply) -> TemplateError {
    if reply.json::<response::Failed>().is_some() {
        return response::template_error(reply, &BLAME);
    }
    match refused(reply) {
        SendError::Misconfigured { setting, why } => TemplateError::Misconfigured { setting, why },
        SendError::Retry { .. } | SendError::Unknown => TemplateError::Unreachable,
        error => TemplateError::Refused(error.to_string()),
    }
}
