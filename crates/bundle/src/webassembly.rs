//! From the compiler's WebAssembly to what a browser loads: JavaScript that calls it, and
//! a module without what only the compiler needs.

use std::{path::Path, process::Command};

use anyhow::{Context as _, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{Mode, OUTPUT_NAME};

/// What rustc 1.95 uses on wasm32-unknown-unknown, and so what every browser that can run
/// the program knows (<https://doc.rust-lang.org/rustc/platform-support/wasm32-unknown-unknown.html>).
/// The optimiser has to be told, because wasm-bindgen removes the section that says so.
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

/// Runs Binaryen's optimiser, which the project takes from npm.
fn optimise(from: &Path, to: &Path) -> anyhow::Result<()> {
    let status = Command::new("wasm-opt")
        .args(FEATURES)
        .arg("-Oz")
        .arg(from)
        .arg("-o")
        .arg(to)
        .status()
        .context("cannot run wasm-opt, which the npm package binaryen brings")?;
    if !status.success() {
        bail!("wasm-opt ended with {status}");
    }
    Ok(())
}
