//! Builds the folder with the files for the browser: the WebAssembly with its JavaScript, the files
//! of `public/`, and compressed copies.
//!
//! ```text
//! bundle release target/wasm32-unknown-unknown/wasm-release/browser.wasm
//! bundle debug   target/wasm32-unknown-unknown/debug/browser.wasm
//! ```
//!
//! It runs in the folder of the workspace. It replaces `target/site` as a whole, so that a running
//! server never mixes the JavaScript of one build with the WebAssembly of another. For `release`,
//! `wasm-opt` must be in PATH; it makes the WebAssembly a third smaller.

mod compress;
mod names;
mod webassembly;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

/// The folder that the server sends files from.
const SITE: &str = "target/site";
/// The folder of files that are sent unchanged.
const PUBLIC: &str = "public";
/// The base name of the two files; the server expects it as `output-name` (Cargo.toml).
const OUTPUT_NAME: &str = "marigold";
/// The server reads the hashes from the folder of its program, which is one of these.
const PROGRAM_FOLDERS: [&str; 2] = ["target/debug", "target/release"];

/// Whether the build is quick or its files are small.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Quick to build, with names and debugging information.
    Debug,
    /// Small to send: optimised and compressed ahead of time.
    Release,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mode, program) = match arguments.as_slice() {
        [mode, program] if mode == "debug" => (Mode::Debug, PathBuf::from(program)),
        [mode, program] if mode == "release" => (Mode::Release, PathBuf::from(program)),
        _ => bail!("usage: bundle debug|release FILE.wasm"),
    };
    let site = PathBuf::from(format!("{SITE}.new"));
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    copy_folder(PUBLIC.as_ref(), &site).context(PUBLIC)?;
    let package = site.join("pkg");
    fs::create_dir_all(&package)?;
    webassembly::generate(&program, &package, mode)
        .with_context(|| format!("cannot bundle {}", program.display()))?;
    let hashes = names::add_hashes(&package)?;
    if mode == Mode::Release {
        compress::compress_folder(&site)?;
    }
    replace(&site, SITE.as_ref())?;
    for folder in PROGRAM_FOLDERS {
        fs::create_dir_all(folder)?;
        fs::write(Path::new(folder).join("hash.txt"), &hashes)?;
    }
    Ok(())
}

/// Copies a folder with its content.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Puts the new folder in the place of the old one.
fn replace(new: &Path, old: &Path) -> io::Result<()> {
    let outdated = old.with_extension("old");
    if outdated.exists() {
        fs::remove_dir_all(&outdated)?;
    }
    if old.exists() {
        fs::rename(old, &outdated)?;
    }
    fs::rename(new, old)?;
    if outdated.exists() { fs::remove_dir_all(outdated) } else { Ok(()) }
}
