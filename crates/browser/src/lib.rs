//! The WebAssembly entry point.

/// Keeps the islands in the binary: nothing else here names them.
pub use web::islands;

/// Called once by the page; then each island is woken by its own function.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
