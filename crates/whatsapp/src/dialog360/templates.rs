//! The list of templates of the number's account, as 360dialog pages it.

use serde::Deserialize;
use serde_json::json;

use crate::{cloud::templates::ListedTemplate, http_client::Reply, template::pages::Page};

/// The number of templates on one page.
const PAGE_SIZE: usize = 1_000;

#[derive(Deserialize)]
struct TemplatesPage {
    waba_templates: Vec<ListedTemplate>,
    total: Option<usize>,
}

/// The query of the page at an offset.
pub fn query(name: Option<&str>, offset: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &PAGE_SIZE.to_string());
    query.append_pair("offset", &offset.to_string());
    query.append_pair("sort", "id");
    if let Some(name) = name {
        query.append_pair("filters", &json!({ "business_templates.name": name }).to_string());
    }
    query.finish()
}

/// Reads the page at an offset, and the offset of the next one.
pub fn read_page(reply: &Reply, offset: usize) -> Option<Page<ListedTemplate, usize>> {
    let page: TemplatesPage = reply.json()?;
    let count = page.waba_templates.len();
    let next = offset + count;
    let is_last = count == 0 || page.total.is_none_or(|total| next >= total);
    Some((page.waba_templates, (!is_last).then_some(next)))
}
