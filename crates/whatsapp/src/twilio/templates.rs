//! Templates by the Content API v1 (<https://content.twilio.com>).
//!
//! A content is one template in one language, and has a name of Twilio's own
//! (HX…), by which messages are sent. It cannot be changed once it is submitted:
//! another life of the code means another content. So of all contents of one name
//! and language the newest counts.

use domain::{Language, MessageKind};
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Twilio, response, settings::is_sid};
use crate::{
    SendError, Template, TemplateError, TemplateState, TemplateStatus, Templates, template,
    wire::Reply,
};

/// The setting to blame where Twilio knows no such address.
const SETTING: &str = "TWILIO_CONTENT_BASE_URL";
/// Contents asked for at once; Twilio takes 1,000 at most.
const PAGE: u32 = 500;
/// Pages read before giving up: far more contents than an account may have.
const MOST_PAGES: usize = 50;
/// The variable's sample for Meta's reviewers.
const SAMPLE_CODE: &str = "123456";

/// A page of `/v1/ContentAndApprovals`.
#[derive(Deserialize)]
struct Page {
    contents: Vec<Content>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    next_page_url: Option<String>,
}

/// A template as Twilio has it.
#[derive(Deserialize)]
struct Content {
    sid: String,
    friendly_name: Option<String>,
    language: Option<String>,
    /// RFC 3339 in UTC, so that later is greater.
    date_created: Option<String>,
    #[serde(default)]
    types: Value,
    approval_requests: Option<Approval>,
}

#[derive(Clone, Deserialize)]
struct Approval {
    status: Option<String>,
    rejection_reason: Option<String>,
}

impl Content {
    /// The content as the shop sees it: `None` if its language is not spoken here.
    fn state(&self) -> Option<TemplateState> {
        let name = self.friendly_name.clone()?;
        let language = Language::parse(self.language.as_deref()?)?;
        let approval = self.approval_requests.clone();
        let (word, reason) =
            approval.map_or((None, None), |approval| (approval.status, approval.rejection_reason));
        let minutes = self
            .types
            .get("whatsapp/authentication")
            .and_then(|code| code.get("code_expiration_minutes"));
        Some(TemplateState {
            name,
            language,
            id: Some(self.sid.clone()),
            status: status(word.as_deref().unwrap_or_default()),
            reason: reason.filter(|reason| !reason.is_empty()),
            minutes: minutes.and_then(Value::as_u64),
        })
    }

    fn is_submitted(&self) -> bool {
        let status = self.approval_requests.as_ref().and_then(|asked| asked.status.as_deref());
        status.is_some_and(|status| status != "unsubmitted")
    }
}

/// Twilio's words for Meta's decision. A word not known is not an approval.
fn status(word: &str) -> TemplateStatus {
    match word.to_ascii_lowercase().as_str() {
        "approved" => TemplateStatus::Approved,
        "rejected" => TemplateStatus::Rejected,
        "paused" => TemplateStatus::Paused,
        "disabled" | "deleted" => TemplateStatus::Disabled,
        _ => TemplateStatus::Pending,
    }
}

impl Templates for Twilio {
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>> {
        Box::pin(async move {
            let name = template.name(&self.common.template_prefix);
            let known = self.newest().await?.into_iter().find(|(_, state)| {
                state.name == name
                    && state.language == template.language
                    && state.minutes.unwrap_or(0) == template.minutes
            });
            let state = match known {
                Some((content, state)) if content.is_submitted() => return Ok(state),
                Some((_, state)) => state,
                None => self.create(&name, template).await?,
            };
            self.ask_for_approval(state, template).await
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>> {
        Box::pin(async { Ok(self.newest().await?.into_iter().map(|(_, state)| state).collect()) })
    }
}

impl Twilio {
    /// The newest content of every name and language.
    async fn newest(&self) -> Result<Vec<(Content, TemplateState)>, TemplateError> {
        let mut newest = Vec::<(Content, TemplateState)>::new();
        for content in self.contents().await? {
            let Some(state) = content.state() else { continue };
            let same = newest
                .iter_mut()
                .find(|(_, known)| known.name == state.name && known.language == state.language);
            match same {
                Some(known) if known.0.date_created < content.date_created => {
                    *known = (content, state);
                }
                Some(_) => {}
                None => newest.push((content, state)),
            }
        }
        Ok(newest)
    }

    /// All contents, page by page. The address of the next page is Twilio's, and
    /// followed only to where the credentials belong.
    async fn contents(&self) -> Result<Vec<Content>, TemplateError> {
        let mut url = format!("{}/v1/ContentAndApprovals?PageSize={PAGE}", self.hosts.content);
        let mut contents = Vec::new();
        for _ in 0..MOST_PAGES {
            let page: Page = read(&self.api.get(&url).await?)?;
            contents.extend(page.contents);
            let Some(next) = page.meta.next_page_url else { return Ok(contents) };
            if !next.starts_with(&format!("{}/", self.hosts.content)) {
                return Err(TemplateError::Misconfigured {
                    setting: SETTING,
                    why: "the list goes on at another address; name the one the list itself \
                          names"
                        .to_owned(),
                });
            }
            url = next;
        }
        Err(TemplateError::Refused("the list of templates does not end".to_owned()))
    }

    async fn create(
        &self,
        name: &str,
        template: &Template,
    ) -> Result<TemplateState, TemplateError> {
        let url = format!("{}/v1/Content", self.hosts.content);
        let content: Content = read(&self.api.post_json(&url, &content(name, template)).await?)?;
        content.state().ok_or(TemplateError::Unreachable)
    }

    /// Twilio appends the content's own name to the template's at Meta, so contents
    /// of several languages and lives may share one.
    async fn ask_for_approval(
        &self,
        state: TemplateState,
        template: &Template,
    ) -> Result<TemplateState, TemplateError> {
        let sid = state.id.as_deref().filter(|sid| is_sid("HX", sid));
        let sid = sid.ok_or(TemplateError::Unreachable)?;
        let url = format!("{}/v1/Content/{sid}/ApprovalRequests/whatsapp", self.hosts.content);
        let category = match template.kind {
            MessageKind::Code(_) => "AUTHENTICATION",
            _ => "UTILITY",
        };
        let body = json!({ "name": state.name, "category": category });
        let approval: Approval = read(&self.api.post_json(&url, &body).await?)?;
        let status = status(approval.status.as_deref().unwrap_or_default());
        let reason = approval.rejection_reason.filter(|reason| !reason.is_empty());
        Ok(TemplateState { status, reason, ..state })
    }
}

/// The content to create.
fn content(name: &str, template: &Template) -> Value {
    let (types, sample) = match template.kind {
        MessageKind::Code(_) => (
            json!({ "whatsapp/authentication": {
                "add_security_recommendation": true,
                "code_expiration_minutes": template.minutes,
                "actions": [{ "type": "COPY_CODE", "copy_code_text": "Copy code" }],
            }}),
            SAMPLE_CODE,
        ),
        _ => (
            json!({ "twilio/text": { "body": template::notice_body(template.kind, template.language) } }),
            "Marigold",
        ),
    };
    json!({
        "friendly_name": name,
        "language": template.language.as_str(),
        "variables": { "1": sample },
        "types": types,
    })
}

/// The body of an answer, or what to do about it.
fn read<T: serde::de::DeserializeOwned>(reply: &Reply) -> Result<T, TemplateError> {
    if !reply.status.is_success() {
        return Err(match response::refusal(reply, SETTING) {
            SendError::Misconfigured { setting, why } => {
                TemplateError::Misconfigured { setting, why }
            }
            SendError::FailOver { why } | SendError::Undeliverable { why } => {
                TemplateError::Refused(why)
            }
            SendError::Retry { .. } | SendError::Unknown => TemplateError::Unreachable,
        });
    }
    reply.json().ok_or(TemplateError::Unreachable)
}
