//! Templates by the Integrations service: made by `POST /v2/…/templates`, listed
//! by `GET /v3/…/templates`.

use domain::{Language, MessageKind};
use futures::future::BoxFuture;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{INTEGRATIONS, MessageBird, WABA_ID, response};
use crate::{
    SendError, Template, TemplateError, TemplateState, TemplateStatus, Templates,
    template::notice_body, wire::Reply,
};

/// How many templates are asked for at once.
const PAGE: usize = 100;
/// The shop's name in the example that the platform's reviewers see.
const EXAMPLE: &str = "Marigold";
/// How many pages are read at most.
const PAGES: usize = 20;

/// A template as the provider tells of it.
#[derive(Deserialize)]
pub(super) struct Listed {
    name: String,
    language: String,
    status: String,
    #[serde(rename = "rejectedReason")]
    rejected_reason: Option<String>,
    pub(super) namespace: Option<String>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    code_expiration_minutes: Option<u64>,
}

/// A page of the list, in both forms.
#[derive(Deserialize)]
#[serde(untagged)]
enum Page {
    Object { items: Vec<Listed> },
    Array(Vec<Listed>),
}

impl Templates for MessageBird {
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>> {
        Box::pin(self.submit_template(template))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>> {
        Box::pin(async {
            let listed = self.listed().await?;
            Ok(listed.into_iter().filter_map(state).collect())
        })
    }
}

impl MessageBird {
    async fn submit_template(&self, template: &Template) -> Result<TemplateState, TemplateError> {
        let name = template.name(&self.common.template_prefix);
        let all = format!("{}/v2/platforms/whatsapp/templates", self.integrations);
        let one = format!("{all}/{name}/{}", template.language.as_str());
        let known = self.common.wire.ask(self.request(Method::GET, &one)).await?;
        if known.status.is_success() {
            return known.json().and_then(state).ok_or_else(unreadable);
        }
        if known.status != StatusCode::NOT_FOUND {
            return Err(refusal(&known));
        }
        let waba_id = self.waba_id.as_deref().ok_or_else(|| TemplateError::Misconfigured {
            setting: WABA_ID,
            why: "is missing: the id of the WhatsApp Business Account, under Channels".to_owned(),
        })?;
        let body = json!({
            "name": name,
            "language": template.language.as_str(),
            "wabaID": waba_id,
            "category": category(template),
            "components": components(template),
        });
        let request = self
            .request(Method::POST, &all)
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let reply = self.common.wire.ask(request).await?;
        if !reply.status.is_success() {
            return Err(refusal(&reply));
        }
        reply.json().and_then(state).ok_or_else(unreadable)
    }

    /// Every template of the account.
    pub(super) async fn listed(&self) -> Result<Vec<Listed>, TemplateError> {
        let mut all = Vec::new();
        for page in 0..PAGES {
            let url = format!(
                "{}/v3/platforms/whatsapp/templates?limit={PAGE}&offset={}",
                self.integrations,
                page * PAGE
            );
            let reply = self.common.wire.ask(self.request(Method::GET, &url)).await?;
            if !reply.status.is_success() {
                return Err(refusal(&reply));
            }
            let (Page::Object { items } | Page::Array(items)) =
                reply.json().ok_or_else(unreadable)?;
            let is_last = items.len() < PAGE;
            all.extend(items);
            if is_last {
                break;
            }
        }
        Ok(all)
    }
}

const fn category(template: &Template) -> &'static str {
    match template.kind {
        MessageKind::Code(_) => "AUTHENTICATION",
        _ => "UTILITY",
    }
}

/// The words of a code are the platform's own; those of a notice are the shop's,
/// with the shop's name to fill in.
fn components(template: &Template) -> Value {
    match notice_body(template.kind, template.language) {
        None => json!([
            { "type": "BODY", "add_security_recommendation": true },
            { "type": "FOOTER", "code_expiration_minutes": template.minutes },
            { "type": "BUTTONS", "buttons": [
                { "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code" },
            ] },
        ]),
        Some(text) => json!([
            { "type": "BODY", "text": text, "example": { "body_text": [[EXAMPLE]] } },
        ]),
    }
}

/// `None` for a language the shop does not speak.
fn state(listed: Listed) -> Option<TemplateState> {
    let status = match listed.status.as_str() {
        "NEW" | "PENDING" => TemplateStatus::Pending,
        "APPROVED" => TemplateStatus::Approved,
        "REJECTED" => TemplateStatus::Rejected,
        "PAUSED" => TemplateStatus::Paused,
        "DISABLED" | "DELETED" | "PENDING_DELETION" => TemplateStatus::Disabled,
        _ => return None,
    };
    Some(TemplateState {
        language: Language::parse(&listed.language)?,
        name: listed.name,
        id: None,
        status,
        reason: listed.rejected_reason.filter(|reason| !reason.is_empty() && reason != "NONE"),
        minutes: listed.components.iter().find_map(|component| component.code_expiration_minutes),
    })
}

fn refusal(reply: &Reply) -> TemplateError {
    match response::classify(reply, INTEGRATIONS) {
        SendError::Misconfigured { setting, why } => TemplateError::Misconfigured { setting, why },
        SendError::Retry { .. } | SendError::Unknown => TemplateError::Unreachable,
        SendError::FailOver { why } | SendError::Undeliverable { why } => {
            TemplateError::Refused(why)
        }
    }
}

const fn unreadable() -> TemplateError {
    TemplateError::Unreachable
}
