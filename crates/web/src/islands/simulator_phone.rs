//! The simulated phone: its screen as the server renders it, and the button that copies a
//! code.

use js_sys::Reflect;
use leptos::{html::Div, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, EventSource, MessageEvent, MouseEvent};

use super::mark_hydrated;

/// Shows the server's rendering of the screen, and each newer one that the
/// events at `address` bring. `copied_text` is told when a code was copied.
#[island]
pub fn SimulatorPhone(address: String, copied_text: String, children: Children) -> impl IntoView {
    let screen = NodeRef::<Div>::new();
    let copied = RwSignal::new(false);
    Effect::new(move |_| {
        let Ok(source) = EventSource::new(&address) else { return };
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let (Some(screen), Some(html)) = (screen.get_untracked(), event.data().as_string()) {
                screen.set_inner_html(&html);
            }
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        // The closure is needed as long as the page.
        heard.forget();
    });
    let click = move |event: MouseEvent| {
        if let Some(code) = code_of(&event) {
            copy(&code);
            copied.set(true);
        }
    };
    mark_hydrated();
    view! {
        <div class="phone-screen" node_ref=screen on:click=click>{children()}</div>
        <p class="hint" role="status">{move || copied.get().then(|| copied_text.clone())}</p>
    }
}

/// The code of the message whose button was pressed.
fn code_of(event: &MouseEvent) -> Option<String> {
    let pressed = event.target()?.dyn_into::<Element>().ok()?;
    pressed.closest("[data-code]").ok()??.get_attribute("data-code")
}

/// Copies a code. Browsers have a clipboard only on https and on this machine.
fn copy(code: &str) {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| clipboard.is_object()) {
        let _ = window().navigator().clipboard().write_text(code);
    }
}
