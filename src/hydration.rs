//! The script and the WebAssembly of pages with islands.
//!
//! `HydrationScripts` of Leptos does the same, but reads the names from the disk at every
//! request, and preloads the WebAssembly in another mode than that of the later fetch, so
//! that browsers fetch it twice.

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};

use crate::{
    site::Site,
    site_files::{Files, files},
};

/// The script that hydrates the islands. The addresses of the two files are put before it.
const BOOTSTRAP_JS: &str = include_str!("hydration.js");

/// The files of pages with islands.
#[derive(Clone, Debug)]
pub struct HydrationAssets(Option<Files>);

impl HydrationAssets {
    /// Reads the names once; under `make watch`, which changes them while the server runs,
    /// for every page.
    pub fn of(site: &Site) -> Self {
        Self((!site.is_watched).then(|| files(&site.options)))
    }

    /// The elements for the head of a page with islands.
    pub fn scripts(&self, options: &LeptosOptions) -> impl IntoView + use<> {
        // The browser renders nothing outside of islands, so it needs no data for that.
        if let Some(context) = Owner::current_shared_context() {
            context.set_is_hydrating(false);
        }
        let Files { script, program } = self.0.clone().unwrap_or_else(|| files(options));
        let bootstrap = format!(
            "import * as parts from {script:?};\nconst program = {program:?};\n{BOOTSTRAP_JS}"
        );
        view! {
            <link rel="modulepreload" href=script.to_string()/>
            // The mode of `fetch`: CORS, with credentials for the same origin only.
            <link
                rel="preload"
                href=program.to_string()
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
            />
            <script type="module" nonce=use_nonce() inner_html=bootstrap></script>
        }
    }
}
