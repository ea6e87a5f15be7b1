//! The figures of a benchmark, on the screen for people and in a file for `scripts/compare`.

use std::{fs::OpenOptions, io::Write, path::Path};

use anyhow::{Context, Result};

/// Operations per second. More is better.
pub const PER_SECOND: &str = "per second";
/// Milliseconds. Less is better.
pub const MILLISECONDS: &str = "ms";
/// Mebibytes. Less is better.
pub const MEBIBYTES: &str = "MiB";
/// Bytes. Less is better.
pub const BYTES: &str = "bytes";

/// One result of a suite.
pub struct Figure {
    /// What was measured; unique within its suite, without tabs.
    pub name: String,
    /// The median of the rounds.
    pub value: f64,
    /// The unit of the value, such as [`PER_SECOND`].
    pub unit: &'static str,
}

impl Figure {
    /// A figure.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit }
    }
}

/// Prints figures that need no further words, a line each.
pub fn print(figures: &[Figure]) {
    for Figure { name, value, unit } in figures {
        let decimals = if *value < 100.0 { 2 } else { 0 };
        println!("  {name:<45} {value:>9.decimals$} {unit}");
    }
}

/// Appends `figure<TAB>suite<TAB>name<TAB>value<TAB>unit` for each figure to a file.
pub fn append(file: &Path, suite: &str, figures: &[Figure]) -> Result<()> {
    let context = || format!("writing figures to {}", file.display());
    let mut out = OpenOptions::new().create(true).append(true).open(file).with_context(context)?;
    for Figure { name, value, unit } in figures {
        writeln!(out, "figure\t{suite}\t{name}\t{value}\t{unit}").with_context(context)?;
    }
    Ok(())
}
