//! `.env.example` lists every setting with its true default.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
    path::Path,
};

use marigold::config::Config;
use shop::{Clock, Entropy};

/// Keys of 32 bytes, in place of the file's instruction to make some.
const KEYS: [(&str, &str); 2] = [
    ("MARIGOLD_OTP_KEYS", "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    ("MARIGOLD_PASSWORD_KEYS", "k1:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU="),
];

/// Names that the code reads and the example does not list: variables of the scripts, what the
/// user of a terminal sets for all programs, and settings that have a new name.
const UNLISTED: [&str; 14] = [
    "MARIGOLD_TOOLS",
    "MARIGOLD_RELEASES",
    "MARIGOLD_TARGET",
    "MARIGOLD_PROGRAM",
    "MARIGOLD_CHAOS_CODES",
    "MARIGOLD_CHAOS_PARTITIONS",
    "MARIGOLD_CHAOS_RESTARTS",
    "LEPTOS_WATCH",
    "LEPTOS_RELOAD_PORT",
    "NO_COLOR",
    "MARIGOLD_OTP_LIFE_SECONDS",
    "MARIGOLD_OTP_PAYMENT_LIFE_SECONDS",
    "MARIGOLD_OTP_LONGEST_WAIT_SECONDS",
    "MARIGOLD_GATEWAY",
];

/// The settings that are secrets.
const SECRETS: [&str; 19] = [
    "MARIGOLD_OTP_KEYS",
    "MARIGOLD_PASSWORD_KEYS",
    "META_ACCESS_TOKEN",
    "META_APP_SECRET",
    "META_VERIFY_TOKEN",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_SECONDARY_AUTH_TOKEN",
    "TWILIO_WEBHOOK_SHARED_KEY",
    "TWILIO_API_KEY_SECRET",
    "D360_API_KEY",
    "D360_WEBHOOK_SECRET",
    "MESSAGEBIRD_ACCESS_KEY",
    "MESSAGEBIRD_SIGNING_KEY",
    "BIRD_ACCESS_KEY",
    "BIRD_SIGNING_KEY",
    "BIRD_V1_API_KEY",
    "BIRD_V1_WEBHOOK_SECRET",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
];

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
    for (name, key) in KEYS {
        if let Some(value) = listed.get_mut(name) {
            *value = key.into();
        }
    }
    Ok(listed)
}

/// The names of settings that the code reads.
fn read() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of_the_shop = ["MARIGOLD_", "DATABASE_", "LEPTOS_", "RUST_", "NO_", "STRIPE_"];
    let mut names = of_folder(&root.join("src/config"), &of_the_shop)?;
    let providers = ["META_", "TWILIO_", "D360_", "MESSAGEBIRD_", "BIRD_"];
    names.extend(of_folder(&root.join("crates/whatsapp/src"), &providers)?);
    Ok(names)
}

/// Every quoted word below a folder, outside of tests, that is spelt like a setting.
fn of_folder(folder: &Path, prefixes: &[&str]) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            names.extend(of_folder(&path, prefixes)?);
            continue;
        }
        if path.ends_with("tests.rs") {
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
    let mut read = read()?;
    read.retain(|name| !UNLISTED.contains(&name.as_str()));
    let listed: BTreeSet<String> = listed()?.into_keys().collect();
    assert!(read.len() > 20, "{read:?}");
    assert_eq!(listed, read);
    Ok(())
}

/// The example of each provider is valid, so that copying it gives a working provider.
#[test]
fn the_example_of_every_provider_is_accepted_as_it_stands() -> Result<(), Box<dyn Error>> {
    for provider in whatsapp::providers::names() {
        let mut settings = listed()?;
        settings.insert("MARIGOLD_PROVIDERS".into(), provider.into());
        Config::read(settings, &Entropy::seeded(1), &Clock::system())?;
    }
    Ok(())
}

/// The example of each gateway is valid, too.
#[test]
fn the_example_of_every_gateway_is_accepted_as_it_stands() -> Result<(), Box<dyn Error>> {
    for gateway in ["demo", "stripe"] {
        let mut settings = listed()?;
        settings.insert("MARIGOLD_GATEWAYS".into(), gateway.into());
        Config::read(settings, &Entropy::seeded(1), &Clock::system())?;
    }
    Ok(())
}

/// Settings that choose the second generation of Bird.
const BIRD_V1: [(&str, &str); 2] = [
    ("BIRD_V1_API_KEY", "bk_eu1_0123456789abcdef"),
    ("BIRD_V1_WEBHOOK_SECRET", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
];

#[test]
fn the_listing_hides_every_secret_of_every_provider() -> Result<(), Box<dyn Error>> {
    let mut hidden = BTreeSet::new();
    let providers = whatsapp::providers::names().map(|name| (name, &[][..]));
    for (provider, more) in providers.chain([("bird", &BIRD_V1[..])]) {
        let mut settings = listed()?;
        settings.insert("MARIGOLD_PROVIDERS".into(), provider.into());
        settings.insert("MARIGOLD_GATEWAYS".into(), "stripe".into());
        settings.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let config = Config::read(settings, &Entropy::seeded(1), &Clock::system())?;
        for line in config.listing.to_string().lines() {
            let (name, rest) = line.trim().split_once(' ').unwrap_or((line, ""));
            if let Some(secret) = SECRETS.iter().find(|secret| **secret == name) {
                assert!(rest.contains("set (hidden)") || rest.contains("(none)"), "{line}");
                hidden.insert(*secret);
            }
        }
    }
    assert_eq!(hidden, BTreeSet::from(SECRETS));
    Ok(())
}
