//! The list of templates of a WhatsApp Business Account.

use serde::Deserialize;

use crate::{cloud::templates::ListedTemplate, http_client::Reply, template::pages::Page};

/// The number of templates on one page.
const PAGE_SIZE: usize = 100;

#[derive(Deserialize)]
struct TemplatesPage {
    data: Vec<ListedTemplate>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    /// The address of the next page. It is never requested, because it names a host and
    /// may contain the token; its presence says that the cursor leads to another page.
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

/// The query of the page after a cursor.
pub fn query(name: Option<&str>, after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("fields", "id,name,language,status,rejected_reason,components");
    query.append_pair("limit", &PAGE_SIZE.to_string());
    for (key, value) in [("name", name), ("after", after)] {
        if let Some(value) = value {
            query.append_pair(key, value);
        }
    }
    query.finish()
}

/// Reads a page, and the cursor of the next one.
pub fn read_page(reply: &Reply) -> Option<Page<ListedTemplate, Option<String>>> {
    let page: TemplatesPage = reply.json()?;
    let next = page.paging.filter(|paging| paging.next.is_some());
    let after = next.and_then(|paging| paging.cursors?.after);
    Some((page.data, after.map(Some)))
}
