//! `.env.example` is the list of every setting: complete, and true.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::Path,
};

use marigold::config::Config;
use shop::Entropy;

/// A key of 32 bytes, in place of the file's instruction to make one.
const KEYS: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Read by the logging library itself.
const OF_OTHERS: &str = "RUST_LOG";

/// The settings of `.env.example`, as if every line were uncommented.
fn listed() -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(".env.example"))?;
    let settings = text.lines().filter_map(|line| line.strip_prefix('#')?.split_once('='));
    Ok(settings
        .filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// The names of settings that the code reads.
fn read() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config"))? {
        let text = fs::read_to_string(entry?.path())?;
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let quoted = code.split('"').skip(1).step_by(2);
        let is_setting = |word: &&str| {
            ["MARIGOLD_", "DATABASE_", "LEPTOS_"].iter().any(|start| word.starts_with(start))
                && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                && !word.ends_with('_')
        };
        names.extend(quoted.filter(is_setting).map(str::to_owned));
    }
    Ok(names)
}

#[test]
fn the_example_is_accepted_as_it_stands() -> Result<(), Box<dyn Error>> {
    let mut settings = listed()?;
    settings.insert("MARIGOLD_OTP_KEYS".into(), KEYS.into());
    Config::read(settings, &Entropy::seeded(1))?;
    Ok(())
}

#[test]
fn the_example_lists_every_setting_and_no_other() -> Result<(), Box<dyn Error>> {
    let scripts_own = ["MARIGOLD_TOOLS", "LEPTOS_WATCH"];
    let mut read = read()?;
    read.retain(|name| !scripts_own.contains(&name.as_str()));
    let listed: BTreeSet<String> = listed()?.into_keys().filter(|name| name != OF_OTHERS).collect();
    assert!(read.len() > 20, "{read:?}");
    assert_eq!(listed, read);
    Ok(())
}
