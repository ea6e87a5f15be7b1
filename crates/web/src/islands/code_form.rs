//! The forms of the code screen, answered in place: the code itself, and the
//! wish to have it sent again.

use std::time::Duration;

use leptos::{html::Div, prelude::*};
use serde::{Deserialize, Serialize};

use super::{
    Countdown, mark_hydrated,
    post::{Answer, post_form},
};

/// The texts of [`CodeForm`], finished by the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeFormText {
    /// How long until the code may be sent again.
    pub wait: Countdown,
    /// The code was sent again.
    pub sent_again: String,
    /// No answer came from the server.
    pub unreachable: String,
}

/// Wraps the forms. `seconds` is the server's count until the code may be sent
/// again; `alert` is what it has to say about the last attempt.
#[island]
pub fn CodeForm(
    seconds: u32,
    alert: String,
    text: CodeFormText,
    children: Children,
) -> impl IntoView {
    let CodeFormText { wait, sent_again, unreachable } = text;
    let words = RwSignal::new(alert);
    let news = RwSignal::new(String::new());
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
                news.set(sent_again);
            }
            Answer::Refused(refusal) => {
                news.set(String::new());
                words.set(refusal);
                // Only what is shown can be focused, and it is shown a moment later.
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
            // Screen readers find it, but are not told each second.
            <p class="hint resend-wait">{move || wait.at(left.get())}</p>
            <p class="notice" role="status" hidden=move || news.read().is_empty()>{news}</p>
        </div>
    }
}
