//! The forms of the code screen, for the code and for sending it again. Their responses are
//! shown in place.

use std::time::Duration;

use leptos::{
    ev::{ClipboardEvent, SubmitEvent},
    html::Div,
    prelude::*,
};
use serde::{Deserialize, Serialize};

use super::{
    Countdown,
    code_field::CodeField,
    mark_hydrated,
    post::{Answer, post_form},
};

/// The texts of [`CodeForm`], which the server makes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeFormText {
    /// The time until the code may be sent again.
    pub wait: Countdown,
    /// The notice that the code was sent again.
    pub sent_again: String,
    /// The alert when the server does not respond.
    pub unreachable: String,
}

/// Wraps the forms. `seconds` is the time until the code may be sent again; `alert` is the
/// server's message about the last attempt, and `is_wrong` whether it is about the code.
#[island]
pub fn CodeForm(
    seconds: u32,
    alert: String,
    is_wrong: bool,
    text: CodeFormText,
    children: Children,
) -> impl IntoView {
    let CodeFormText { wait, sent_again, unreachable } = text;
    let words = RwSignal::new(alert);
    let notice = RwSignal::new(String::new());
    let left = RwSignal::new(seconds);
    let is_busy = RwSignal::new(false);
    let alert = NodeRef::<Div>::new();
    Effect::new(move |_| {
        let tick = move || left.update(|left| *left = left.saturating_sub(1));
        set_interval(tick, Duration::from_secs(1));
    });
    let submit = move |event: SubmitEvent| {
        let (sent_again, unreachable) = (sent_again.clone(), unreachable.clone());
        let field = CodeField::of_form(&event);
        if let Some(field) = &field {
            // In the same turn as the tap on the button, so that a phone keeps its keyboard.
            field.focus();
        }
        post_form(&event, is_busy, unreachable, move |answer| match answer {
            Answer::Done(body) => {
                left.set(body.parse().unwrap_or(0));
                words.set(String::new());
                notice.set(sent_again);
                CodeField::on_page().inspect(|field| field.describe(false));
            }
            Answer::Refused { message, is_input } => {
                notice.set(String::new());
                words.set(message);
                match field.filter(|_| is_input) {
                    Some(field) => field.ask_again(),
                    None => focus_next_frame(alert),
                }
            }
        });
    };
    let paste = |event: ClipboardEvent| CodeField::paste(&event);
    mark_hydrated();
    view! {
        <div
            class="code-form stack"
            on:submit=submit
            on:paste=paste
            aria-busy=move || is_busy.get().then_some("true")
        >
            <div
                class="alert"
                role="alert"
                id="alert"
                tabindex="-1"
                // After a wrong code the field has the focus, and names the alert.
                autofocus=move || !is_wrong && !words.read().is_empty()
                hidden=move || words.read().is_empty()
                node_ref=alert
            >
                <p>{words}</p>
            </div>
            {children()}
            // Screen readers can read it, but do not announce every second.
            <p class="hint resend-wait">{move || wait.at(left.get())}</p>
            <p class="notice" role="status" hidden=move || notice.read().is_empty()>{notice}</p>
        </div>
    }
}

/// A hidden element cannot be focused, and the alert is shown only after this turn.
fn focus_next_frame(alert: NodeRef<Div>) {
    request_animation_frame(move || {
        if let Some(alert) = alert.get_untracked() {
            alert.focus().ok();
        }
    });
}
