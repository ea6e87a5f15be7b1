//! Where the message with the code is, as the server hears of it.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::wake;

/// Shows `words` and follows the events of the purpose. Each event has two
/// lines: the status and its words.
#[island]
pub fn DeliveryState(purpose: String, status: String, words: String) -> impl IntoView {
    let status = RwSignal::new(status);
    let words = RwSignal::new(words);
    Effect::new(move |_| {
        let Ok(source) = EventSource::new(&format!("/events/{purpose}")) else { return };
        let stream = source.clone();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let Some((state, said)) = text.split_once('\n') else { return };
            if state == "read" {
                stream.close();
            }
            status.set(state.into());
            words.set(said.into());
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        // The page lives as long as its source.
        heard.forget();
    });
    wake();
    view! { <p class="delivery" role="status" data-status=status>{words}</p> }
}
