//! The templates of the shop's WhatsApp Business Account.

use http::Method;
use serde::Deserialize;

use super::{BLAME, Meta};
use crate::{
    BoxFuture, Template, TemplateError, TemplateState, Templates,
    cloud::{
        Blame,
        response::template_error,
        templates::{Listed, creation, find},
    },
};

/// Templates belong to the account, not to the number.
pub const ACCOUNT: Blame = Blame { object: "META_WABA_ID", ..BLAME };
/// How many are asked for at once.
const PAGE: usize = 100;
/// The most pages that are read: more templates than an account may have.
const PAGES: usize = 100;

#[derive(Deserialize)]
struct Page {
    data: Vec<Listed>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    /// The address of the next page. It is not followed, for it names a host and
    /// may hold the token; that it is there says that the cursor leads on.
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl Meta {
    /// The templates whose names hold this text, all pages of them.
    async fn listed(&self, name: Option<&str>) -> Result<Vec<TemplateState>, TemplateError> {
        let (mut states, mut after) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = self.page(name, after.as_deref()).await?;
            states.extend(page.data.into_iter().filter_map(Listed::state));
            let next = page.paging.filter(|paging| paging.next.is_some());
            after = next.and_then(|paging| paging.cursors?.after);
            if after.is_none() {
                break;
            }
        }
        Ok(states)
    }

    async fn page(&self, name: Option<&str>, after: Option<&str>) -> Result<Page, TemplateError> {
        let path = format!("{}/message_templates?{}", self.account_id, query(name, after));
        let reply = self.common.wire.ask(self.call(Method::GET, &path)).await?;
        if !reply.status.is_success() {
            return Err(template_error(&reply, &ACCOUNT));
        }
        reply.json().ok_or(TemplateError::Unreachable)
    }

    async fn create(&self, template: &Template) -> Result<TemplateState, TemplateError> {
        let prefix = &self.common.template_prefix;
        let path = format!("{}/message_templates", self.account_id);
        let request = self.post(&path, creation(template, prefix).to_string());
        let reply = self.common.wire.ask(request).await?;
        if !reply.status.is_success() {
            return Err(template_error(&reply, &ACCOUNT));
        }
        let created: Option<Listed> = reply.json();
        created
            .and_then(|created| created.created(template, prefix))
            .ok_or(TemplateError::Unreachable)
    }
}

/// The query for one page.
fn query(name: Option<&str>, after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("fields", "id,name,language,status,rejected_reason,components");
    query.append_pair("limit", &PAGE.to_string());
    for (key, value) in [("name", name), ("after", after)] {
        if let Some(value) = value {
            query.append_pair(key, value);
        }
    }
    query.finish()
}

impl Templates for Meta {
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>> {
        Box::pin(async move {
            let prefix = &self.common.template_prefix;
            let listed = self.listed(Some(&template.name(prefix))).await?;
            match find(listed, template, prefix) {
                Some(state) => Ok(state),
                None => self.create(template).await,
            }
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>> {
        Box::pin(self.listed(None))
    }
}
