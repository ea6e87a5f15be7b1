//! Templates by the Integrations service: created by `POST /v2/…/templates`, listed by
//! `GET /v3/…/templates`.

use domain::{Language, MessageKind};
use futures::future::BoxFuture;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{INTEGRATIONS, MessageBird, WABA_ID, response};
use crate::{
    Template, TemplateError, TemplateState, TemplateStatus, Templates,
    http_client::Reply,
    template::{
        notice_body,
        pages::{Page, read_all_pages},
    },
};

/// The number of templates on one page.
const PAGE_SIZE: usize = 100;
/// The name of the shop in the example for the reviewers of the platform.
const SHOP_NAME_EXAMPLE: &str = "Marigold";
/// The most pages that are read.
const MAX_PAGES: usize = 20;

/// A template in a reply.
#[derive(Deserialize)]
pub(super) struct ListedTemplate {
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

/// A page of the list in both its forms.
#[derive(Deserialize)]
#[serde(untagged)]
enum TemplatesPage {
    Object { items: Vec<ListedTemplate> },
    Array(Vec<ListedTemplate>),
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
        let name = template.name(&self.context.template_prefix);
        let all = format!("{}/v2/platforms/whatsapp/templates", self.integrations);
        let one = format!("{all}/{name}/{}", template.language.as_str());
        let known = self.context.http_client.send(self.request(Method::GET, &one)).await?;
        if known.status.is_success() {
            return known.json().and_then(state).ok_or(TemplateError::Unreachable);
        }
        if known.status != StatusCode::NOT_FOUND {
            return Err(template_error(&known));
        }
        let waba_id = self.waba_id.as_deref().ok_or_else(|| TemplateError::Misconfigured {
            setting: WABA_ID,
            why:
                "this setting is missing: set it to the id of the WhatsApp Business Account, which \
                  the dashboard shows under Channels"
                    .to_owned(),
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
        let reply = self.context.http_client.send(request).await?;
        if !reply.status.is_success() {
            return Err(template_error(&reply));
        }
        reply.json().and_then(state).ok_or(TemplateError::Unreachable)
    }

    /// Lists every template of the account.
    pub(super) async fn listed(&self) -> Result<Vec<ListedTemplate>, TemplateError> {
        read_all_pages(0, MAX_PAGES, |offset| self.templates_page(offset)).await
    }

    async fn templates_page(
        &self,
        offset: usize,
    ) -> Result<Page<ListedTemplate, usize>, TemplateError> {
        let url = format!(
            "{}/v3/platforms/whatsapp/templates?limit={PAGE_SIZE}&offset={offset}",
            self.integrations
        );
        let reply = self.context.http_client.send(self.request(Method::GET, &url)).await?;
        if !reply.status.is_success() {
            return Err(template_error(&reply));
        }
        let page = reply.json().ok_or(TemplateError::Unreachable)?;
        let (TemplatesPage::Object { items } | TemplatesPage::Array(items)) = page;
        let is_last = items.len() < PAGE_SIZE;
        Ok((items, (!is_last).then_some(offset + PAGE_SIZE)))
    }
}

const fn category(template: &Template) -> &'static str {
    match template.kind {
        MessageKind::Code(_) => "AUTHENTICATION",
        _ => "UTILITY",
    }
}

/// The components of a template. The platform writes the text of codes itself; the text
/// of a notice is the shop's, with the name of the shop as its parameter.
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
            { "type": "BODY", "text": text, "example": { "body_text": [[SHOP_NAME_EXAMPLE]] } },
        ]),
    }
}

/// The state of a template; `None` if the shop does not know the language or the status.
fn state(listed: ListedTemplate) -> Option<TemplateState> {
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

fn template_error(reply: &Reply) -> TemplateError {
    response::classify_error(reply, INTEGRATIONS).into()
}
