//! The living parts of pages. Every page works without them.
//!
//! An island is a thin skin around what the server rendered: it posts the same
//! forms to the same addresses and shows the answer in place. It holds nothing
//! secret, and carries no second copy of the server's words.

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

/// Islands that woke up on this page.
static AWAKE: AtomicU32 = AtomicU32::new(0);

/// Says that one more island is alive. When all are, `data-hydrated` tells.
fn wake() {
    Effect::new(|_| {
        let awake = AWAKE.fetch_add(1, Ordering::Relaxed) + 1;
        let Ok(islands) = document().query_selector_all("leptos-island") else { return };
        if awake >= islands.length()
            && let Some(root) = document().document_element()
        {
            root.set_attribute("data-hydrated", "true").ok();
        }
    });
}
