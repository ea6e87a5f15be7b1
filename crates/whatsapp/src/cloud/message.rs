//! The request that sends a message: the name of a template and its parameters.

use std::time::Duration;

use domain::MessageKind;
use serde_json::{Value, json};

use crate::{OutgoingMessage, SendError, Template, template};

/// The body of `POST …/messages`. It is an error if the platform would refuse the
/// message, or if the time to live of the template is longer than the remaining lifetime
/// of the message: an expired code must not arrive.
pub fn body(message: &OutgoingMessage, prefix: &str) -> Result<String, SendError> {
    template::check(message)?;
    if message.remaining < delivery_time(message) {
        return Err(SendError::too_late());
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
        // The platform repeats this value in every status of the message.
        "biz_opaque_callback_data": message.id.as_str(),
    });
    Ok(body.to_string())
}

/// How long the platform may try to deliver: the templates of codes state it, and notices
/// do not expire.
fn delivery_time(message: &OutgoingMessage) -> Duration {
    match message.kind {
        MessageKind::Code(_) => Template::time_to_live(message.minutes),
        _ => Duration::ZERO,
    }
}

/// The code is a parameter of the body and of the button that copies it. In a request, a
/// copy button is a button of the kind `url`.
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
