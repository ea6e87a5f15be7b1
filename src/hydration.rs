//! The program of the living pages: what the browser loads, and how it wakes the
//! islands.
//!
//! The `HydrationScripts` of leptos would do, but reads the names from the disk at
//! every request, and preloads the program in another mode than it is fetched in,
//! for which browsers fetch it twice.

use std::sync::Arc;

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};

use crate::site::Site;

/// What wakes the islands; the two addresses come before it.
const WAKE: &str = include_str!("hydration.js");

/// Where the two files of the program are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) script: Arc<str>,
    pub(crate) program: Arc<str>,
}

/// The program of the living pages.
#[derive(Clone, Debug)]
pub struct HydrationAssets(Option<Files>);

impl HydrationAssets {
    /// Reads the names once, but under `cargo leptos watch`, which changes them
    /// while the server runs.
    pub fn of(site: &Site) -> Self {
        Self((!site.is_watched).then(|| files(&site.options)))
    }

    /// The elements for the head of a living page.
    pub fn scripts(&self, options: &LeptosOptions) -> impl IntoView + use<> {
        // What is outside of islands is never made again in the browser, so its
        // data need not travel.
        if let Some(context) = Owner::current_shared_context() {
            context.set_is_hydrating(false);
        }
        let Files { script, program } = self.0.clone().unwrap_or_else(|| files(options));
        let wake =
            format!("import * as parts from {script:?};\nconst program = {program:?};\n{WAKE}");
        view! {
            <link rel="modulepreload" href=script.to_string()/>
            // As `fetch` asks by itself: with CORS, without credentials for others.
            <link
                rel="preload"
                href=program.to_string()
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
            />
            <script type="module" nonce=use_nonce() inner_html=wake></script>
        }
    }
}

/// The files as cargo-leptos names them: with hashes if it wrote down any.
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
    fn the_files_have_the_hashes_that_were_written_down() {
        let options = LeptosOptions::builder().output_name("marigold").site_pkg_dir("pkg").build();
        let hashed = named(&options, "css: c\njs: 1a2b\nwasm: 3c4d\n");
        assert_eq!(&*hashed.script, "/pkg/marigold.1a2b.js");
        assert_eq!(&*hashed.program, "/pkg/marigold.3c4d.wasm");
        let plain = named(&options, "");
        assert_eq!(&*plain.script, "/pkg/marigold.js");
        assert_eq!(&*plain.program, "/pkg/marigold.wasm");
    }
}
