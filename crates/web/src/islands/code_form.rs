//! The forms of the code screen, answered in place: the code itself, and the
//! wish to have it sent again.

use std::time::Duration;

use leptos::{html::Div, prelude::*};

use super::{
    mark_hydrated,
    post::{Answer, post_form},
};
use crate::text::{self, FlashMessage};

/// Wraps the forms. `seconds` is the server's count until the code may be sent
/// again; `alert` is what it has to say about the last attempt.
#[island]
pub fn CodeForm(seconds: u32, alert: String, children: Children) -> impl IntoView {
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
        post_form(&event, is_busy, move |answer| match answer {
            Answer::Done(body) => {
                left.set(body.parse().unwrap_or(0));
                words.set(String::new());
                news.set(text::flash(FlashMessage::CodeSentAgain).into());
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
            <p class="hint resend-wait">{move || wait(left.get())}</p>
            <p class="notice" role="status" hidden=move || news.read().is_empty()>{news}</p>
        </div>
    }
}

/// The wait in words. Screen readers find it, but are not told each second.
fn wait(seconds: u32) -> String {
    match seconds {
        0 => String::new(),
        1 => "You can send it again in 1 second.".into(),
        _ => format!("You can send it again in {seconds} seconds."),
    }
}
