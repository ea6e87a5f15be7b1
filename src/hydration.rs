//! The script and the WebAssembly of pages with islands.
//!
//! `HydrationScripts` of Leptos does the same, but reads the names from the disk at every
//! request, and preloads the WebAssembly in another mode than that of the later fetch, so
//! that browsers fetch it twice.

use std::sync::Arc;

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};

use crate::site::Site;

/// The script that hydrates the islands. The addresses of the two files are put before it.
const BOOTSTRAP_JS: &str = include_str!("hydration.js");

/// The addresses of the two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) script: Arc<str>,
    pub(crate) program: Arc<str>,
}

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

/// The addresses as the build names the files: with hashes if there is a `hash.txt`.
pub(crate) fn files(options: &LeptosOptions) -> Files {
    let hashes = crate::site::read_hashes().filter(|_| options.hash_files).unwrap_or_default();
    named(options, &hashes)
}

fn named(options: &LeptosOptions, hashes: &str) -> Files {
    let path = |kind: &str| {
        let hash = hashes.lines().find_map(|line| {
            let (name, hash) = line.split_once(':')?;
            (name.trim() == kind).then(|| format!(".{}", hash.trim()))
        });
        let (folder, name) = (&options.site_pkg_dir, &options.output_name);
        format!("/{folder}/{name}{}.{kind}", hash.unwrap_or_default()).into()
    };
    Files { script: path("js"), program: path("wasm") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_have_the_hashes_of_the_build() {
        let options = LeptosOptions::builder().output_name("marigold").site_pkg_dir("pkg").build();
        let hashed = named(&options, "css: c\njs: 1a2b\nwasm: 3c4d\n");
        assert_eq!(&*hashed.script, "/pkg/marigold.1a2b.js");
        assert_eq!(&*hashed.program, "/pkg/marigold.3c4d.wasm");
        let plain = named(&options, "");
        assert_eq!(&*plain.script, "/pkg/marigold.js");
        assert_eq!(&*plain.program, "/pkg/marigold.wasm");
    }
}
