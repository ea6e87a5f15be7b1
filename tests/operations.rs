//! Compares docs/operations.md with the sources: it explains every metric, and names no log event
//! and no command that does not exist.

use std::{
    collections::BTreeSet,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Folders with the sources of the program.
const FOLDERS: [&str; 8] = [
    "src",
    "crates/shop/src",
    "crates/store/src",
    "crates/web/src",
    "crates/pages/src",
    "crates/payment/src",
    "crates/email/src",
    "crates/text/src",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read_sources(folder: &Path, text: &mut String) -> Result {
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            read_sources(&path, text)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(path)?);
        }
    }
    Ok(())
}

/// The sources of the program.
fn sources() -> Result<String> {
    let mut text = String::new();
    for folder in FOLDERS {
        read_sources(&root().join(folder), &mut text)?;
    }
    Ok(text)
}

fn document(name: &str) -> Result<String> {
    Ok(fs::read_to_string(root().join(name))?)
}

/// Every word that is the name of a metric.
fn metrics(text: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let words = text.split(|letter| !is_part(letter));
    let is_metric = |word: &&str| {
        word.starts_with("marigold_")
            && !word.ends_with('_')
            && ["_total", "_seconds", "_connections"].iter().any(|end| word.ends_with(end))
    };
    words.filter(is_metric).collect()
}

#[test]
fn every_metric_is_explained_and_no_other() -> Result {
    let sources = sources()?;
    let exported: BTreeSet<&str> =
        sources.split('"').filter(|word| metrics(word).contains(word)).collect();
    assert!(exported.len() > 8, "the sources were not understood: {exported:?}");
    for name in ["docs/operations.md", "README.md"] {
        let text = document(name)?;
        assert_eq!(metrics(&text), exported, "{name}");
    }
    Ok(())
}

#[test]
fn every_event_of_the_guide_is_logged() -> Result {
    let (sources, text) = (sources()?, document("docs/operations.md")?);
    let is_event = |word: &&str| {
        word.split('.').count() == 2
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte))
    };
    let events: BTreeSet<&str> = text.split('`').filter(is_event).collect();
    assert!(events.len() > 10, "{events:?}");
    for event in events {
        assert!(sources.contains(&format!("\"{event}\"")), "nothing logs {event}");
    }
    Ok(())
}
