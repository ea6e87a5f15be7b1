//! Forms that change something.

use leptos::prelude::*;
use web::server::PAGE_FIELD;

use super::{next_page, path_here};

/// A form that posts to a server function. It says on which page it stands, and at which part of
/// it, so that the visitor comes back to it: browsers and proxies may withhold the `Referer` header.
#[component]
pub fn Form(
    /// The address of the server function, of `web::routes::api`.
    action: &'static str,
    /// The classes of the style sheet.
    #[prop(optional)]
    class: &'static str,
    /// Whether the server alone checks the fields, so that all their problems are shown at once.
    #[prop(optional)]
    novalidate: bool,
    /// The `id` of the part of the page that it belongs to. Only a form that is alone on its page
    /// needs none.
    #[prop(optional, into)]
    anchor: String,
    /// The fields and the button.
    children: Children,
) -> impl IntoView {
    let class = (!class.is_empty()).then_some(class);
    let page = match anchor.is_empty() {
        true => page_here(),
        false => format!("{}#{anchor}", page_here()),
    };
    view! {
        <form class=class method="post" action=action novalidate=novalidate>
            <input type="hidden" name=PAGE_FIELD value=page/>
            {children()}
        </form>
    }
}

/// The address of this page. A page that it would lead on to is left out if that is none of ours,
/// so that no form repeats it.
fn page_here() -> String {
    let here = path_here();
    match here.split_once('?') {
        Some((path, query)) if query.contains("next=") && next_page().is_empty() => path.to_owned(),
        _ => here,
    }
}
