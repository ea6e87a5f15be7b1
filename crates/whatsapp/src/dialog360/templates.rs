//! The templates of the number's account, through 360dialog.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Dialog360, response::template_error};
use crate::{
    BoxFuture, Template, TemplateError, TemplateState, Templates,
    cloud::templates::{Listed, creation, find},
};

/// How many are asked for at once.
const PAGE: usize = 1_000;
/// The most pages that are read: more templates than an account may have.
const PAGES: usize = 10;
/// Where they are.
const PATH: &str = "v1/configs/templates";

#[derive(Deserialize)]
struct Page {
    waba_templates: Vec<Listed>,
    total: Option<usize>,
}

impl Dialog360 {
    async fn listed(&self, name: Option<&str>) -> Result<Vec<TemplateState>, TemplateError> {
        let (mut states, mut offset) = (Vec::new(), 0);
        for _ in 0..PAGES {
            let page = self.page(name, offset).await?;
            let count = page.waba_templates.len();
            offset += count;
            states.extend(page.waba_templates.into_iter().filter_map(Listed::state));
            if count == 0 || page.total.is_none_or(|total| offset >= total) {
                break;
            }
        }
        Ok(states)
    }

    async fn page(&self, name: Option<&str>, offset: usize) -> Result<Page, TemplateError> {
        let path = format!("{PATH}?{}", query(name, offset));
        let reply = self.common.wire.ask(self.call(Method::GET, &path)).await?;
        if !reply.status.is_success() {
            return Err(template_error(&reply));
        }
        reply.json().ok_or(TemplateError::Unreachable)
    }

    async fn create(&self, template: &Template) -> Result<TemplateState, TemplateError> {
        let prefix = &self.common.template_prefix;
        let request = self.post(PATH, creation(template, prefix).to_string());
        let reply = self.common.wire.ask(request).await?;
        if !reply.status.is_success() {
            return Err(template_error(&reply));
        }
        let created: Option<Listed> = reply.json();
        created
            .and_then(|created| created.created(template, prefix))
            .ok_or(TemplateError::Unreachable)
    }
}

/// The query for one page.
fn query(name: Option<&str>, offset: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &PAGE.to_string());
    query.append_pair("offset", &offset.to_string());
    query.append_pair("sort", "id");
    if let Some(name) = name {
        query.append_pair("filters", &json!({ "business_templates.name": name }).to_string());
    }
    query.finish()
}

impl Templates for Dialog360 {
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
