//! The files for the browser: where the build puts them, and how it names them.

use std::{path::Path, sync::Arc};

use leptos::config::LeptosOptions;

/// The addresses of the two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) script: Arc<str>,
    pub(crate) program: Arc<str>,
}

/// Where the built files are. The build writes `hash.txt` beside the server when it puts
/// hashes into their names, and `make watch` tells its pages at `reload_port` to load anew.
pub fn options(site_root: &str, reload_port: u16) -> LeptosOptions {
    let hashes = read_hashes();
    LeptosOptions::builder()
        .output_name("marigold")
        .site_root(site_root.to_owned())
        .site_pkg_dir("pkg")
        .reload_port(reload_port.into())
        .hash_files(hashes.is_some())
        .build()
}

/// The addresses as the build names the files: with hashes if there is a `hash.txt`.
pub(crate) fn files(options: &LeptosOptions) -> Files {
    let hashes = read_hashes().filter(|_| options.hash_files).unwrap_or_default();
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

/// The hashes in the names of the browser's files, if there are any.
fn read_hashes() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    std::fs::read_to_string(program.parent().unwrap_or(Path::new(".")).join("hash.txt")).ok()
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
