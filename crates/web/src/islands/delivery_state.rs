//! The status of the message with the code, as the server reports it.

use crate::routes;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::mark_hydrated;

/// Shows `words` and follows the events of the purpose. The children offer another channel, and
/// are shown when the server says so. Each event has three lines: the status, whether the
/// other channel is offered, and the words.
#[island]
pub fn DeliveryState(
    purpose: String,
    status: String,
    words: String,
    is_open: bool,
    children: Children,
) -> impl IntoView {
    let status = RwSignal::new(status);
    let words = RwSignal::new(words);
    let is_open = RwSignal::new(is_open);
    Effect::new(move |_| {
        let Ok(source) = EventSource::new(&routes::events::delivery(&purpose)) else { return };
        let stream = source.clone();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let mut lines = text.splitn(3, '\n');
            let (Some(state), Some(open), Some(said)) = (lines.next(), lines.next(), lines.next())
            else {
                return;
            };
            if state == "read" {
                stream.close();
            }
            status.set(state.into());
            is_open.set(open == "open");
            words.set(said.into());
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        // The closure is needed as long as the page.
        heard.forget();
    });
    mark_hydrated();
    view! {
        <p class="delivery" role="status" data-status=status>{words}</p>
        <div class="another-way" hidden=move || !is_open.get()>{children()}</div>
    }
}
