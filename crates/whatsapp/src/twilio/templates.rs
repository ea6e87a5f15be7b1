//! Templates by the Content API v1 (<https://content.twilio.com>).
//!
//! A content is one template in one language, and its id (HX…) identifies it in messages.
//! A submitted content cannot be changed, so another lifetime of the code requires another
//! content. Of all contents with the same name and language, the newest one is used.

use domain::{Language, MessageKind};
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Twilio, response, settings::is_sid};
use crate::{
    Template, TemplateError, TemplateState, TemplateStatus, Templates,
    http_client::Reply,
    template::{
        self,
        pages::{Page, read_all_pages},
    },
};

/// The setting that errors point at if the address does not exist.
const SETTING: &str = "TWILIO_CONTENT_BASE_URL";
/// The number of contents on one page; Twilio allows 1,000.
const PAGE_SIZE: u32 = 500;
/// The most pages that are read: enough for more contents than an account may have.
const MAX_PAGES: usize = 50;
/// The sample of the variable for Meta's reviewers.
const SAMPLE_CODE: &str = "123456";

/// A page of `/v1/ContentAndApprovals`.
#[derive(Deserialize)]
struct ContentsPage {
    contents: Vec<Content>,
    meta: PageMeta,
}

#[derive(Deserialize)]
struct PageMeta {
    next_page_url: Option<String>,
}

/// A content with the state of its approval.
#[derive(Deserialize)]
struct Content {
    sid: String,
    friendly_name: Option<String>,
    language: Option<String>,
    /// RFC 3339 in UTC, so that a later time is the greater string.
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
    /// The state of the template; `None` if the shop does not know the language.
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

/// Reads Twilio's word for the result of Meta's review. An unknown word is no approval.
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
            let name = template.name(&self.context.template_prefix);
            let known = self.newest_contents().await?.into_iter().find(|(_, state)| {
                state.name == name
                    && state.language == template.language
                    && state.minutes.unwrap_or(0) == template.minutes
            });
            let state = match known {
                Some((content, state)) if content.is_submitted() => return Ok(state),
                Some((_, state)) => state,
                None => self.create(&name, template).await?,
            };
            self.request_approval(state, template).await
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>> {
        Box::pin(async {
            Ok(self.newest_contents().await?.into_iter().map(|(_, state)| state).collect())
        })
    }
}

impl Twilio {
    /// Lists the newest content of every name and language.
    async fn newest_contents(&self) -> Result<Vec<(Content, TemplateState)>, TemplateError> {
        let mut newest = Vec::<(Content, TemplateState)>::new();
        for content in self.contents().await? {
            let Some(state) = content.state() else { continue };
            let known = newest
                .iter_mut()
                .find(|(_, known)| known.name == state.name && known.language == state.language);
            match known {
                Some(known) if known.0.date_created < content.date_created => {
                    *known = (content, state);
                }
                Some(_) => {}
                None => newest.push((content, state)),
            }
        }
        Ok(newest)
    }

    /// Lists all contents.
    async fn contents(&self) -> Result<Vec<Content>, TemplateError> {
        let first = format!("{}/v1/ContentAndApprovals?PageSize={PAGE_SIZE}", self.hosts.content);
        read_all_pages(first, MAX_PAGES, |url| self.contents_page(url)).await
    }

    /// Reads one page. Twilio names the address of the next page, which is followed only
    /// if it belongs to the host that the credentials are for.
    async fn contents_page(&self, url: String) -> Result<Page<Content, String>, TemplateError> {
        let page: ContentsPage = read(&self.api.get(&url).await?)?;
        let next = page.meta.next_page_url;
        let is_foreign = |next: &String| !next.starts_with(&format!("{}/", self.hosts.content));
        if next.as_ref().is_some_and(is_foreign) {
            return Err(TemplateError::Misconfigured {
                setting: SETTING,
                why: "the list of templates continues at another address; set it to that address"
                    .to_owned(),
            });
        }
        Ok((page.contents, next))
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

    /// Submits a content for approval. Twilio appends the id of the content to the name of
    /// the template at Meta, so several contents may share a name.
    async fn request_approval(
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

/// The request that creates a content.
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

/// The body of a reply, or the cause of an error reply.
fn read<T: serde::de::DeserializeOwned>(reply: &Reply) -> Result<T, TemplateError> {
    if !reply.status.is_success() {
        return Err(response::classify_error(reply, SETTING).into());
    }
    reply.json().ok_or(TemplateError::Unreachable)
}
