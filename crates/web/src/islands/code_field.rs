//! The field for the code, which the server rendered.

use domain::Code;
use leptos::{
    ev::{ClipboardEvent, SubmitEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlFormElement, HtmlInputElement};

/// The `id` and the `name` of the field.
pub const NAME: &str = "code";

/// What describes the field: its hint, and before it the alert if the code in it was wrong.
pub const fn description(is_wrong: bool) -> &'static str {
    if is_wrong { "alert code-hint" } else { "code-hint" }
}

/// The field.
pub(super) struct CodeField(HtmlInputElement);

impl CodeField {
    /// The field of a form that is being sent; `None` for the other forms of the screen.
    pub fn of_form(event: &SubmitEvent) -> Option<Self> {
        let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
        let field = form.query_selector("#code").ok()??;
        field.dyn_into().ok().map(Self)
    }

    /// The field of the page.
    pub fn on_page() -> Option<Self> {
        document().get_element_by_id(NAME)?.dyn_into().ok().map(Self)
    }

    pub fn focus(&self) {
        self.0.focus().ok();
    }

    /// Says whether the code in it was wrong, in the same way as the server does.
    pub fn describe(&self, is_wrong: bool) {
        self.0.set_attribute("aria-describedby", description(is_wrong)).ok();
        match is_wrong {
            true => self.0.set_attribute("aria-invalid", "true").ok(),
            false => self.0.remove_attribute("aria-invalid").ok(),
        };
    }

    /// Asks for another code: the wrong one stays to be compared, and is selected, so that
    /// what is typed or pasted replaces it.
    pub fn ask_again(&self) {
        self.describe(true);
        self.focus();
        self.0.select();
    }

    /// Pastes the code alone, if the clipboard holds a larger text with one. The field itself
    /// would join the lines of a message, and so the digits at their ends.
    pub fn paste(event: &ClipboardEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let pasted = event.clipboard_data().and_then(|data| data.get_data("text").ok());
        let (Some(field), Some(pasted)) = (target, pasted) else { return };
        if field.id() != NAME {
            return;
        }
        if let Ok(code) = Code::parse(&pasted) {
            event.prevent_default();
            field.set_value(&code.expose_text());
        }
    }
}
