//! The forms of the code screen, for the code and for sending it again. Their responses are
//! shown in place.

use std::time::Duration;

use leptos::{html::Div, prelude::*};
use serde::{Deserialize, Serialize};

use super::{
    Countdown, mark_hydrated,
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
/// server's message about the last attempt.
#[island]
pub fn CodeForm(
    seconds: u32,
    alert: String,
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
    let submit = move |event| {
        let (sent_again, unreachable) = (sent_again.clone(), unreachable.clone());
        post_form(&event, is_busy, unreachable, move |answer| match answer {
            Answer::Done(body) => {
                left.set(body.parse().unwrap_or(0));
                words.set(String::new());
                notice.set(sent_again);
            }
            Answer::Refused(refusal) => {
                notice.set(String::new());
                words.set(refusal);
                // A hidden element cannot be focused, and it is shown only after this.
                request_animation_frame(move || {
                    if let Some(alert) = alert.get_untracked() {
                        alert.focus().ok();
                    }
                });
            }
        });
    };
    mark_hydrated();
    view! {
        <div class="code-form stack" on:submit=submit aria-busy=move || is_busy.get().then_some("true")>
            <div
                class="alert"
                role="alert"
                id="alert"
                tabindex="-1"
                autofocus=move || !words.read().is_empty()
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
