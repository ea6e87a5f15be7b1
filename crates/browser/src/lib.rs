//! The WebAssembly entry point.

/// This re-export keeps the islands in the binary, since nothing else here refers to them.
pub use web::islands;

/// The page calls this once; then each island is hydrated by its own function.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
