//! Forms that change something.

use leptos::prelude::*;
use web::server::PAGE_FIELD;

use super::path_here;

/// A form that posts to a server function. It says which page it stands on, so that the visitor
/// comes back to it, because browsers and proxies may withhold the `Referer` header.
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
    /// The fields and the button.
    children: Children,
) -> impl IntoView {
    let class = (!class.is_empty()).then_some(class);
    view! {
        <form class=class method="post" action=action novalidate=novalidate>
            <input type="hidden" name=PAGE_FIELD value=path_here()/>
            {children()}
        </form>
    }
}
