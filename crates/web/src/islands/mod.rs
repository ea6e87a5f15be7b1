//! The islands: parts of pages that run in the browser. Every page works without them.
//!
//! An island wraps what the server rendered. It posts the same forms to the same addresses and
//! shows the response in place. It holds no secret, and no copy of the server's texts.

pub mod code_field;
mod code_form;
mod countdown;
mod delivery_state;
mod post;
mod simulator_phone;

pub use code_form::{CodeForm, CodeFormText};
pub use countdown::Countdown;
pub use delivery_state::DeliveryState;
pub use simulator_phone::SimulatorPhone;

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;

/// How many islands of this page are hydrated.
static HYDRATED_ISLANDS: AtomicU32 = AtomicU32::new(0);

/// Counts one more hydrated island. When all are, the page gets `data-hydrated`.
fn mark_hydrated() {
    Effect::new(|_| {
        let hydrated = HYDRATED_ISLANDS.fetch_add(1, Ordering::Relaxed) + 1;
        let Ok(islands) = document().query_selector_all("leptos-island") else { return };
        if hydrated >= islands.length()
            && let Some(root) = document().document_element()
        {
            root.set_attribute("data-hydrated", "true").ok();
        }
    });
}
