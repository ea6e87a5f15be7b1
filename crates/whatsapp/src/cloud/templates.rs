//! Templates as the platform takes and lists them.

use domain::{Language, MessageKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::response::sanitise;
use crate::{Template, TemplateState, TemplateStatus, template};

/// A template to create. The platform words codes itself, in every language: all
/// that is chosen is the advice not to share, the life in the footer, the button
/// that copies, and how long delivery is tried (30 to 900 seconds). The button's
/// words are left to the platform, which refuses others for some accounts.
pub fn creation(template: &Template, prefix: &str) -> Value {
    let mut body = json!({
        "name": template.name(prefix),
        "language": template.language.as_str(),
    });
    let rest = match template::notice_body(template.kind, template.language) {
        None => json!({
            "category": "AUTHENTICATION",
            "message_send_ttl_seconds": Template::time_to_live(template.minutes).as_secs(),
            "components": [
                { "type": "BODY", "add_security_recommendation": true },
                { "type": "FOOTER", "code_expiration_minutes": template.minutes },
                { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] },
            ],
        }),
        Some(text) => json!({
            "category": "UTILITY",
            "components": [
                { "type": "BODY", "text": text, "example": { "body_text": [["Marigold"]] } },
            ],
        }),
    };
    if let (Some(body), Value::Object(rest)) = (body.as_object_mut(), rest) {
        body.extend(rest);
    }
    body
}

/// A template as it is listed, or as its creation is answered.
#[derive(Deserialize)]
pub struct Listed {
    /// The platform's own name for it.
    pub id: Option<Value>,
    /// Its name; a creation does not say it again.
    #[serde(default)]
    pub name: String,
    /// The tag of its language; a creation does not say it again.
    #[serde(default)]
    pub language: String,
    /// One of the platform's words.
    pub status: String,
    rejected_reason: Option<String>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    code_expiration_minutes: Option<u64>,
}

impl Listed {
    /// What the shop needs to know of it; `None` for a language it does not speak,
    /// or a status that is new here.
    pub fn state(self) -> Option<TemplateState> {
        Some(TemplateState {
            language: Language::parse(&self.language)?,
            status: status(&self.status)?,
            id: self.id.and_then(|id| match id {
                Value::String(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }),
            reason: self
                .rejected_reason
                .filter(|reason| !reason.eq_ignore_ascii_case("none") && !reason.is_empty())
                .map(|reason| sanitise(&reason)),
            minutes: self.components.iter().find_map(|part| part.code_expiration_minutes),
            name: self.name,
        })
    }

    /// The same for the answer to a creation.
    pub fn created(self, template: &Template, prefix: &str) -> Option<TemplateState> {
        let named = Self {
            name: template.name(prefix),
            language: template.language.as_str().to_owned(),
            ..self
        };
        let minutes = matches!(template.kind, MessageKind::Code(_)).then_some(template.minutes);
        Some(TemplateState { minutes, ..named.state()? })
    }
}

/// The platform's words for a status, and for the events that lead to one; 360dialog
/// writes them in lower case and has two of its own for "pending". Only what is
/// approved may be sent; flagged is approved with a warning.
pub fn status(word: &str) -> Option<TemplateStatus> {
    let status = match word.to_ascii_uppercase().as_str() {
        "APPROVED" | "REINSTATED" | "UNARCHIVED" | "FLAGGED" => TemplateStatus::Approved,
        "PENDING" | "IN_APPEAL" | "CREATED" | "SUBMITTED" => TemplateStatus::Pending,
        "REJECTED" | "LIMIT_EXCEEDED" => TemplateStatus::Rejected,
        "PAUSED" | "LOCKED" => TemplateStatus::Paused,
        "DISABLED" | "PENDING_DELETION" | "DELETED" | "ARCHIVED" => TemplateStatus::Disabled,
        _ => return None,
    };
    Some(status)
}

/// The template of this kind among those listed.
pub fn find(
    listed: Vec<TemplateState>,
    template: &Template,
    prefix: &str,
) -> Option<TemplateState> {
    let name = template.name(prefix);
    listed.into_iter().find(|state| state.name == name && state.language == template.language)
}
