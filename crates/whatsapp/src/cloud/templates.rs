//! Templates as the platform creates and lists them.

use domain::{Language, MessageKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::response::sanitise;
use crate::{Template, TemplateState, TemplateStatus, template};

/// The request that creates a template. The platform writes the text of codes itself, in
/// every language. The request chooses the security advice, the lifetime in the footer,
/// the copy button, and how long delivery is tried (30 to 900 seconds). The label of the
/// button is left to the platform, which refuses custom labels for some accounts.
pub fn creation_body(template: &Template, prefix: &str) -> Value {
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

/// A template in a list, or in the reply to its creation.
#[derive(Deserialize)]
pub struct ListedTemplate {
    /// The platform's id of the template.
    pub id: Option<Value>,
    /// The name; missing in the reply to a creation.
    #[serde(default)]
    pub name: String,
    /// The language tag; missing in the reply to a creation.
    #[serde(default)]
    pub language: String,
    /// The status, in one of the platform's words.
    pub status: String,
    rejected_reason: Option<String>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    code_expiration_minutes: Option<u64>,
}

impl ListedTemplate {
    /// The state of the template; `None` if the shop does not know the language or the
    /// status.
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

    /// The state of a template after its creation.
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

/// Reads the platform's word for a status, or for the event that leads to one. 360dialog
/// writes the words in lower case and has two more for "pending". Only an approved
/// template may be sent; "flagged" is approved with a warning.
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

/// Finds a template by its name and language.
pub fn find(
    listed: Vec<TemplateState>,
    template: &Template,
    prefix: &str,
) -> Option<TemplateState> {
    let name = template.name(prefix);
    listed.into_iter().find(|state| state.name == name && state.language == template.language)
}
