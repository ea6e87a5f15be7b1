//! `.env.example` is the list of every setting: complete, and true.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::Path,
};

use marigold::config::Config;
use shop::{Clock, Entropy};

/// A key of 32 bytes, in place of the file's instruction to make one.
const KEYS: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Read by the logging library itself.
const OF_OTHERS: &str = "RUST_LOG";

/// The settings of `.env.example`, as if every line were uncommented and every
/// instruction to make keys followed.
fn listed() -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(".env.example"))?;
    let settings = text.lines().filter_map(|line| line.strip_prefix('#')?.split_once('='));
    let mut listed: BTreeMap<String, String> = settings
        .filter(|(name, _)| {
            name.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (name, value) in &mut listed {
        if name.ends_with("_KEYS") {
            *value = KEYS.into();
        }
    }
    Ok(listed)
}

/// The names of settings that the code reads.
fn read() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = of_folder(&root.join("src/config"), &["MARIGOLD_", "DATABASE_", "LEPTOS_"])?;
    let providers = ["META_", "TWILIO_", "D360_", "MESSAGEBIRD_", "BIRD_"];
    names.extend(of_folder(&root.join("crates/whatsapp/src"), &providers)?);
    Ok(names)
}

/// Everything quoted below a folder, outside tests, that is spelt like a setting.
fn of_folder(folder: &Path, prefixes: &[&str]) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            names.extend(of_folder(&path, prefixes)?);
            continue;
        }
        let text = fs::read_to_string(path)?;
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let is_letter =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let is_setting = |word: &&str| {
            prefixes.iter().any(|prefix| word.starts_with(prefix))
                && word.bytes().all(is_letter)
                && !word.ends_with('_')
        };
        names.extend(code.split('"').filter(is_setting).map(str::to_owned));
    }
    Ok(names)
}

#[test]
fn the_example_is_accepted_as_it_stands() -> Result<(), Box<dyn Error>> {
    Config::read(listed()?, &Entropy::seeded(1), &Clock::system())?;
    Ok(())
}

#[test]
fn the_example_lists_every_setting_and_no_other() -> Result<(), Box<dyn Error>> {
    let scripts_own = ["MARIGOLD_TOOLS", "MARIGOLD_RELEASES", "LEPTOS_WATCH", "LEPTOS_RELOAD_PORT"];
    let mut read = read()?;
    read.retain(|name| !scripts_own.contains(&name.as_str()));
    let listed: BTreeSet<String> = listed()?.into_keys().filter(|name| name != OF_OTHERS).collect();
    assert!(read.len() > 20, "{read:?}");
    assert_eq!(listed, read);
    Ok(())
}

/// What the example shows of a provider opens it, so that nobody starts from a mistake.
#[test]
fn the_example_of_every_provider_is_accepted_as_it_stands() -> Result<(), Box<dyn Error>> {
    for provider in whatsapp::providers::names() {
        let mut settings = listed()?;
        settings.insert("MARIGOLD_PROVIDERS".into(), provider.into());
        Config::read(settings, &Entropy::seeded(1), &Clock::system())?;
    }
    Ok(())
}
