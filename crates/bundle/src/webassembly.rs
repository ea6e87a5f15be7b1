//! Makes the files for the browser from the compiler's WebAssembly: an optimised module, and the
//! JavaScript that loads it.

use std::{path::Path, process::Command};

use anyhow::{Context as _, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{Mode, OUTPUT_NAME};

/// The WebAssembly features that rustc 1.95 uses on wasm32-unknown-unknown, so every browser that
/// runs the program has them
/// (<https://doc.rust-lang.org/rustc/platform-support/wasm32-unknown-unknown.html>).
/// wasm-opt needs them as options, because wasm-bindgen removes the section that lists them.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Writes `marigold.js` and `marigold.wasm` into the folder.
pub fn generate(program: &Path, folder: &Path, mode: Mode) -> anyhow::Result<()> {
    let is_release = mode == Mode::Release;
    Bindgen::new()
        .input_path(program)
        .out_name(OUTPUT_NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_debug(!is_release)
        .remove_name_section(is_release)
        .remove_producers_section(is_release)
        .generate(folder)?;
    let generated = folder.join(format!("{OUTPUT_NAME}_bg.wasm"));
    let wasm = folder.join(format!("{OUTPUT_NAME}.wasm"));
    if is_release {
        optimise(&generated, &wasm)?;
        std::fs::remove_file(generated)?;
    } else {
        std::fs::rename(generated, wasm)?;
    }
    Ok(())
}

/// Runs wasm-opt of Binaryen, which is installed by npm.
fn optimise(from: &Path, to: &Path) -> anyhow::Result<()> {
    let status = Command::new("wasm-opt")
        .args(FEATURES)
        .arg("-Oz")
        .arg(from)
        .arg("-o")
        .arg(to)
        .status()
        .context("cannot run wasm-opt, which is in the npm package binaryen")?;
    if !status.success() {
        bail!("wasm-opt failed: {status}");
    }
    Ok(())
}
