//! `POST /v1/whatsapp/messages`.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::fields::{labels, refuse_unknown};
use super::problem::{Problem, refused};
use crate::format::iso;
use crate::json::{is_phone_number, put, text};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::rate_limits::RateLimitExceeded;
use crate::state::State;

/// The sender that belongs to the API key.
const SENDER: &str = "+15550001111";

/// Bird's managed template, which is sent by Bird's own sender.
const MANAGED_TEMPLATE: &str = "bird_otp";

/// The kinds of content; a message has exactly one.
const CONTENTS: [&str; 8] =
    ["template", "text", "image", "video", "audio", "sticker", "document", "location"];

pub(super) fn check(state: &State, body: &Value) -> Result<(Message, Outcome), Problem> {
    let mut known = vec!["to", "from", "tags", "metadata"];
    known.extend(CONTENTS);
    refuse_unknown(body, "", &known)?;
    let to = text(body, "/to").ok_or_else(|| Problem::field("to", "is required"))?;
    labels(body)?;
    match CONTENTS.iter().filter(|name| body.get(**name).is_some()).count() {
        0 => {
            let (name, why) = ("WhatsAppContentRequired", "one kind of content is required");
            return Err(Problem::named(name, "E14001", "template", why));
        }
        1 => {}
        _ => {
            let (name, why) = ("WhatsAppContentAmbiguous", "only one kind of content is allowed");
            return Err(Problem::named(name, "E14002", "template", why));
        }
    }
    if !to.starts_with('+') || !is_phone_number(to) {
        let is_user = to.get(2..3) == Some(".");
        let (name, why) = ("WhatsAppInvalidRecipient", "must be a number in E.164");
        return Err(if is_user && body.get("template").is_some() {
            let name = "WhatsAppRecipientNotSupportedForTemplate";
            Problem::named(name, "E14004", "to", "one-time passwords go to phone numbers only")
        } else {
            Problem::named(name, "E14003", "to", why)
        });
    }
    let mut message =
        Message::new(state.identifiers.crockford("wam"), to, Channel::Whatsapp, state.now());
    let mut outcome = Outcome::for_recipient(to);
    let from = sender(body)?;
    match body.get("template") {
        Some(template) => fill(template, &mut message)?,
        None => {
            message.text = text(body, "/text/body").map(String::from);
            outcome = Outcome::OutsideWindow;
        }
    }
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    match state.rate_limiter.try_send(message.digits(), Instant::now()) {
        Ok(()) => {}
        Err(RateLimitExceeded::Throughput) => return Err(refused(ServiceError::TooMany)),
        Err(RateLimitExceeded::Pair) => outcome = Outcome::FailsWith("131056"),
    }
    message.reference = text(body, "/metadata/ref").map(String::from);
    message.details = json!({
        "from": from,
        "template": body.get("template"),
        "tags": body.get("tags"),
        "metadata": body.get("metadata"),
    });
    Ok((message, outcome))
}

/// The sender: none may be given for Bird's managed template, and one must be for other content.
fn sender(body: &Value) -> Result<&str, Problem> {
    let is_managed = text(body, "/template/slug") == Some(MANAGED_TEMPLATE);
    match (text(body, "/from"), is_managed) {
        (None, true) => Ok(SENDER),
        (Some(_), true) => {
            let (name, why) =
                ("WhatsAppSenderNotAllowed", "Bird's own templates choose the sender");
            Err(Problem::named(name, "E14005", "from", why))
        }
        (None, false) => {
            Err(Problem::named("WhatsAppSenderRequired", "E14006", "from", "is required"))
        }
        (Some(from), false) if from == SENDER => Ok(from),
        (Some(_), false) => {
            Err(Problem::named("WhatsAppSenderNotFound", "E14007", "from", "is not one of yours"))
        }
    }
}

fn mismatch(why: &str) -> Problem {
    Problem::named("WhatsAppTemplateParameterMismatch", "E14008", "template.components", why)
}

/// Sets the template of the message. The code is in the body, and again in the button.
fn fill(template: &Value, message: &mut Message) -> Result<(), Problem> {
    refuse_unknown(template, "template", &["id", "slug", "language", "components"])?;
    let name = match (text(template, "/slug"), text(template, "/id")) {
        (Some(slug), None) => slug,
        (None, Some(id)) if id.starts_with("wat_") && id.len() == 30 => id,
        _ => return Err(Problem::field("template", "exactly one of id and slug is required")),
    };
    let is_letter =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    if name.len() > 63 || !name.bytes().all(is_letter) {
        return Err(Problem::field("template.slug", "must be 1 to 63 of a-z, 0-9, _ and -"));
    }
    let language = template.get("language").map(|language| {
        let is_tag = |tag: &&str| (2..=35).contains(&tag.len());
        language
            .as_str()
            .filter(is_tag)
            .ok_or_else(|| Problem::field("template.language", "must be a language tag"))
    });
    let none = Vec::new();
    let components = template.get("components").map_or(Some(&none), Value::as_array);
    let components =
        components.ok_or_else(|| Problem::field("template.components", "must be a list"))?;
    let (mut body, mut button) = (Vec::new(), Vec::new());
    for component in components {
        refuse_unknown(component, "template.components", &["type", "parameters", "cards"])?;
        match text(component, "/type") {
            Some("body") => body.extend(texts(component)?),
            Some("button") => button.extend(texts(component)?),
            _ => return Err(mismatch("the template has a body and a button")),
        }
    }
    if name == MANAGED_TEMPLATE && (body.len() != 1 || button != body) {
        return Err(mismatch("bird_otp takes the code in the body and again in the button"));
    }
    let code = body.first().cloned();
    if button.len() > 1 || (!button.is_empty() && button.first() != code.as_ref()) {
        return Err(mismatch("the button takes the same code as the body"));
    }
    if !button.is_empty() && code.as_ref().is_some_and(|code| code.chars().count() > 15) {
        return Err(mismatch("the code is longer than 15 characters"));
    }
    message.language = language.transpose()?.map(String::from);
    message.template = Some(String::from(name));
    message.text = Some(format!("*{}* is your verification code.", body.join(" ")));
    message.code = code.filter(|_| !button.is_empty());
    Ok(())
}

fn texts(component: &Value) -> Result<Vec<String>, Problem> {
    let parameters = component.get("parameters").and_then(Value::as_array);
    let mut values = Vec::new();
    for each in parameters.into_iter().flatten() {
        let place = "template.components.parameters";
        refuse_unknown(each, place, &["type", "text", "url", "location", "name"])?;
        let value = text(each, "/text").filter(|value| !value.is_empty());
        match (text(each, "/type"), value) {
            (Some("text"), Some(value)) => values.push(String::from(value)),
            _ => return Err(mismatch("each parameter is a text")),
        }
    }
    Ok(values)
}

/// A message in the schema `WhatsAppMessage`.
pub(super) fn show(message: &Message) -> Value {
    let at = iso(message.accepted_at);
    let when = |statuses: &[&str]| statuses.contains(&message.status.as_str()).then(|| at.clone());
    let status = if message.status == "read" { "delivered" } else { &message.status };
    let mut shown = json!({
        "id": message.id,
        "direction": "outbound",
        "from": { "phone_number": message.details.get("from") },
        "to": { "phone_number": message.to },
        "status": status,
        "last_error": message.failure,
        "created_at": at,
        "sent_at": when(&["sent", "delivered", "read"]),
        "delivered_at": when(&["delivered", "read"]),
        "read_at": when(&["read"]),
        "cost": null,
    });
    if message.details.get("template").is_some_and(Value::is_object) {
        // The platform does not keep the values of a template with a code.
        let template = json!({
            "slug": message.template,
            "language": message.language.as_deref().unwrap_or("en"),
            "category": "authentication",
            "components": [],
        });
        put(&mut shown, "template", template);
    }
    for key in ["tags", "metadata"] {
        if let Some(value) = message.details.get(key).filter(|value| !value.is_null()) {
            put(&mut shown, key, value.clone());
        }
    }
    shown
}
