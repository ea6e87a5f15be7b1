//! The components of a template: which ones may be submitted, and how the API shows them.

use serde_json::{Value, json};

use super::graph::{GraphError, invalid_template as wrong};
use crate::json::{text, unknown_key};

/// Meta's fixed text of an authentication template's body.
pub(crate) fn body_text(has_recommendation: bool) -> String {
    let warning =
        if has_recommendation { " For your security, do not share this code." } else { "" };
    format!("*{{{{1}}}}* is your verification code.{warning}")
}

/// Meta's fixed text of the footer.
pub(crate) fn footer_text(minutes: i64) -> String {
    format!("This code expires in {minutes} minutes.")
}

/// Checks the components of a template, and returns them as the API shows them.
pub(crate) fn normalise(components: Option<&Value>, category: &str) -> Result<Value, GraphError> {
    let list =
        components.and_then(Value::as_array).ok_or_else(|| wrong("components is required"))?;
    let kinds: Vec<String> = list
        .iter()
        .map(|part| text(part, "/type").unwrap_or_default().to_ascii_uppercase())
        .collect();
    for (place, kind) in kinds.iter().enumerate() {
        if kinds.iter().skip(place + 1).any(|other| other == kind) {
            return Err(wrong(format!("components: {kind} is there twice")));
        }
    }
    if !kinds.iter().any(|kind| kind == "BODY") {
        return Err(wrong("components: BODY is required"));
    }
    let parts = list.iter().zip(&kinds);
    if category == "AUTHENTICATION" {
        return authentication(parts);
    }
    parts.map(|(part, kind)| plain(part, kind)).collect::<Result<Vec<_>, _>>().map(Value::from)
}

/// An authentication template: Meta sets the texts, and a button carries the code.
fn authentication<'a>(
    parts: impl Iterator<Item = (&'a Value, &'a String)>,
) -> Result<Value, GraphError> {
    let parts: Vec<_> = parts.collect();
    let footer = parts.iter().find(|(_, kind)| kind.as_str() == "FOOTER").map(|(part, _)| *part);
    let minutes = footer.map(expiration).transpose()?;
    let mut read = Vec::new();
    let mut has_button = false;
    for (part, kind) in parts {
        read.push(match kind.as_str() {
            "BODY" => authentication_body(part)?,
            "FOOTER" => json!({
                "type": "FOOTER",
                "text": footer_text(minutes.unwrap_or_default()),
                "code_expiration_minutes": minutes,
            }),
            "BUTTONS" => {
                has_button = true;
                code_button(part, minutes)?
            }
            other => {
                return Err(wrong(format!("components: {other} is not allowed in AUTHENTICATION")));
            }
        });
    }
    if !has_button {
        return Err(wrong("components: AUTHENTICATION needs BUTTONS with one OTP button"));
    }
    Ok(Value::from(read))
}

/// Meta's own text and example are accepted, since a template that was read may be submitted again.
fn authentication_body(part: &Value) -> Result<Value, GraphError> {
    let recommendation = part.get("add_security_recommendation");
    if recommendation.is_some_and(|value| !value.is_boolean()) {
        return Err(wrong("BODY: add_security_recommendation must be true or false"));
    }
    let has_recommendation = recommendation == Some(&Value::Bool(true));
    let fixed = body_text(has_recommendation);
    if text(part, "/text").is_some_and(|text| text != fixed) {
        return Err(wrong("BODY: text is not allowed in AUTHENTICATION").subcode(2_388_072));
    }
    refuse_unknown(part, "BODY", &["type", "add_security_recommendation", "text", "example"])?;
    Ok(json!({
        "type": "BODY",
        "text": fixed,
        "add_security_recommendation": has_recommendation,
        "example": { "body_text": [["123456"]] },
    }))
}

fn expiration(part: &Value) -> Result<i64, GraphError> {
    refuse_unknown(part, "FOOTER", &["type", "code_expiration_minutes", "text"])?;
    let minutes = part.get("code_expiration_minutes").and_then(Value::as_i64);
    minutes
        .filter(|minutes| (1..=90).contains(minutes))
        .ok_or_else(|| wrong("FOOTER: code_expiration_minutes must be 1 to 90").subcode(2_388_073))
}

fn code_button(part: &Value, minutes: Option<i64>) -> Result<Value, GraphError> {
    refuse_unknown(part, "BUTTONS", &["type", "buttons"])?;
    let Some([button]) = part.get("buttons").and_then(Value::as_array).map(Vec::as_slice) else {
        return Err(wrong("BUTTONS: exactly one OTP button is required"));
    };
    if text(button, "/type") == Some("URL") {
        return Ok(part.clone());
    }
    let known = [
        "type",
        "otp_type",
        "text",
        "autofill_text",
        "supported_apps",
        "zero_tap_terms_accepted",
        "package_name",
        "signature_hash",
    ];
    refuse_unknown(button, "buttons[0]", &known)?;
    if text(button, "/type").is_none_or(|kind| !kind.eq_ignore_ascii_case("OTP")) {
        return Err(wrong("buttons[0]: type must be OTP"));
    }
    let kind = text(button, "/otp_type").unwrap_or_default().to_ascii_uppercase();
    if !["COPY_CODE", "ONE_TAP", "ZERO_TAP"].contains(&kind.as_str()) {
        return Err(wrong("buttons[0]: otp_type must be COPY_CODE, ONE_TAP or ZERO_TAP"));
    }
    if kind != "COPY_CODE"
        && button.get("supported_apps").is_none()
        && button.get("package_name").is_none()
    {
        return Err(wrong(format!("buttons[0]: supported_apps is required for {kind}")));
    }
    if kind == "ZERO_TAP" && button.get("zero_tap_terms_accepted") != Some(&Value::Bool(true)) {
        return Err(wrong("buttons[0]: zero_tap_terms_accepted must be true"));
    }
    let label = text(button, "/text").unwrap_or("Copy code");
    if label.is_empty() || label.chars().count() > 25 {
        return Err(wrong("buttons[0]: text must be 1 to 25 characters").subcode(2_388_040));
    }
    let expires =
        minutes.map(|minutes| format!("&code_expiration_minutes={minutes}")).unwrap_or_default();
    let url = |code: &str| {
        format!("https://www.whatsapp.com/otp/code/?otp_type={kind}{expires}&code=otp{code}")
    };
    let shown =
        json!({ "type": "URL", "text": label, "url": url("{{1}}"), "example": [url("123456")] });
    Ok(json!({ "type": "BUTTONS", "buttons": [shown] }))
}

/// A component of a template of another category.
fn plain(part: &Value, kind: &str) -> Result<Value, GraphError> {
    if !["HEADER", "BODY", "FOOTER", "BUTTONS"].contains(&kind) {
        return Err(wrong(format!("components: unknown type {kind}")));
    }
    refuse_unknown(part, kind, &["type", "text", "example", "format", "buttons"])?;
    let max_len = match kind {
        "BODY" => 1024,
        _ => 60,
    };
    let content = text(part, "/text").unwrap_or_default();
    if kind != "BUTTONS" && (content.is_empty() || content.chars().count() > max_len) {
        return Err(
            wrong(format!("{kind}: text must be 1 to {max_len} characters")).subcode(2_388_040)
        );
    }
    if kind == "BODY" {
        body_parameters(part, content)?;
    }
    let mut read = part.clone();
    crate::json::put(&mut read, "type", json!(kind));
    Ok(read)
}

/// Parameters must be numbered from 1, have examples, and not be at either end of the text.
fn body_parameters(part: &Value, content: &str) -> Result<(), GraphError> {
    let is_there = |number: usize| content.contains(&format!("{{{{{number}}}}}"));
    let count = (1..=99).take_while(|number| is_there(*number)).count();
    let rest = (1..=count)
        .fold(String::from(content), |rest, number| rest.replace(&format!("{{{{{number}}}}}"), ""));
    if rest.contains("{{") {
        return Err(wrong("BODY: parameters must be numbered from {{1}}").subcode(2_388_072));
    }
    if content.starts_with("{{") || content.ends_with("}}") {
        let details = "BODY: a parameter may not be at the start or end of the text";
        return Err(wrong(details).subcode(2_388_299));
    }
    let examples = part.pointer("/example/body_text/0").and_then(Value::as_array).map(Vec::len);
    if count > 0 && examples != Some(count) {
        return Err(wrong("BODY: example.body_text must have one example for each parameter"));
    }
    Ok(())
}

fn refuse_unknown(value: &Value, place: &str, known: &[&str]) -> Result<(), GraphError> {
    unknown_key(value, known)
        .map_or(Ok(()), |key| Err(wrong(format!("Unexpected key \"{key}\" on param \"{place}\"."))))
}
