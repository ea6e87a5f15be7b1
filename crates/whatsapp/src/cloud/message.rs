//! A message as the platform takes it: a template by its name, and what fills it.

use std::time::Duration;

use domain::MessageKind;
use serde_json::{Value, json};

use crate::{OutgoingMessage, SendError, Template, template};

/// The body of `POST …/messages`; refused if the platform would refuse it, or if
/// the template's own time to live outlasts what is left of the message: an
/// expired code must not arrive.
pub fn body(message: &OutgoingMessage, prefix: &str) -> Result<String, SendError> {
    template::check(message)?;
    if message.remaining < least_life(message) {
        return Err(SendError::Undeliverable { why: "too little of its life is left".to_owned() });
    }
    let template =
        Template { kind: message.kind, language: message.language, minutes: message.minutes };
    let body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.phone.expose(),
        "type": "template",
        "template": {
            "name": template.name(prefix),
            "language": { "policy": "deterministic", "code": message.language.as_str() },
            "components": components(message),
        },
        // Comes back with every status of the message.
        "biz_opaque_callback_data": message.id.as_str(),
    });
    Ok(body.to_string())
}

/// The time to live is part of a code's template; notices keep.
fn least_life(message: &OutgoingMessage) -> Duration {
    match message.kind {
        MessageKind::Code(_) => Template::time_to_live(message.minutes),
        _ => Duration::ZERO,
    }
}

/// A code stands in the body and, once more, behind the button that copies it; a
/// copy button is a URL button to those who send.
fn components(message: &OutgoingMessage) -> Value {
    let Some(code) = message.code.as_ref().map(domain::Code::expose_text) else {
        return json!([{ "type": "body", "parameters": [text(&message.shop_name)] }]);
    };
    json!([
        { "type": "body", "parameters": [text(&code)] },
        { "type": "button", "sub_type": "url", "index": "0", "parameters": [text(&code)] },
    ])
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}
