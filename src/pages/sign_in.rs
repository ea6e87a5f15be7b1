//! Signing in.
use super::{Page, page};
use leptos::prelude::*;

/// The sign-in page.
#[component]
pub fn SignInPage() -> impl IntoView {
    page(async { Ok(view! { <Page title="Sign in"><h1>"Sign in"</h1></Page> }) })
}
