//! Every setting with its variable, default and check. Nothing else reads the environment.
//! Invalid settings are refused at start, all at once, each with its name, the problem and
//! an example.

mod addresses;
mod codes;
mod contact;
mod database;
mod environment;
mod error;
pub mod gateways;
mod invoice_seller;
mod keys;
mod legal;
mod listing;
mod log;
pub mod mail;
mod paid_outside;
pub mod providers;
mod reader;
pub mod secret_file;
mod stripe;

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use domain::Currency;
use shop::{
    Clock, Entropy, Mode, PasswordKeys, Settings,
    codes::{KeyRing, Policy},
};
use text::Zone;

pub use database::DatabaseSettings;
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors};
pub use listing::{Listing, Source};
pub use log::LogSettings;
pub use reader::Suspicious;

use crate::{
    site::{self, Site},
    site_files, style,
};
use addresses::Addresses;
use gateways::Gateways;
use mail::Mail;
use providers::Providers;
use reader::SettingsReader;

/// The time zone of the demo, whose shopper lives in London.
const DEFAULT_TIME_ZONE: &str = "Europe/London";
/// The dial codes to which the demo sends.
const DEMO_COUNTRIES: [u16; 6] = [1, 44, 49, 55, 62, 91];

/// The checked settings of an installation.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address on which the shop listens.
    pub address: SocketAddr,
    /// The address of health and metrics.
    pub operations_address: SocketAddr,
    /// The URL of the database, which may hold a password.
    pub database: DatabaseSettings,
    /// The payment gateways.
    pub gateways: Gateways,
    /// How long the server still answers after the signal to stop, while `/readyz` says that it is
    /// not ready.
    pub drain: Duration,
    /// What the use cases need.
    pub settings: Settings,
    /// The keys under which passwords are hashed.
    pub password_keys: PasswordKeys,
    /// What pages and layers need.
    pub site: Site,
    /// Where e-mails go.
    pub mail: Mail,
    /// The messaging providers.
    pub providers: Providers,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Every setting as `check-config` prints it, with secrets hidden.
    pub listing: Listing,
    /// Where the mode came from.
    pub mode_source: Source,
    /// The file `.env` that was read, if there is one.
    pub env_file: Option<PathBuf>,
    /// Variables that look like misspelt settings.
    pub suspicious: Vec<Suspicious>,
}

impl Config {
    /// Reads the settings from these variables.
    pub fn read(
        variables: BTreeMap<String, String>,
        entropy: &Entropy,
        clock: &Clock,
    ) -> Result<Self, ConfigErrors> {
        Self::from_environment(variables.into(), entropy, clock)
    }

    /// Reads the settings from an environment. The demo generates keys that are not set and
    /// keeps them in files.
    pub fn from_environment(
        environment: Environment,
        entropy: &Entropy,
        clock: &Clock,
    ) -> Result<Self, ConfigErrors> {
        let env_file = environment.file().map(ToOwned::to_owned);
        let mut reader = SettingsReader::new(environment);
        reader.begin_group("Shop");
        let mode = reader.read("MARIGOLD_ENV", "demo", parse_mode).unwrap_or(Mode::Demo);
        let is_production = mode == Mode::Production;
        let shop_name = reader.read("MARIGOLD_SHOP_NAME", "Marigold", parse_shop_name);
        let contact = contact::read(&mut reader, is_production);
        let (name, address) = (shop_name.as_deref(), contact.as_deref());
        let legal = legal::read(&mut reader, is_production, name, address);
        let invoice_seller = invoice_seller::read(&mut reader, name);
        let time_zone = reader.read("MARIGOLD_TIME_ZONE", DEFAULT_TIME_ZONE, parse_time_zone);
        let countries = read_countries(&mut reader);
        let addresses = addresses::read(&mut reader, is_production);
        let drain = read_drain(&mut reader, is_production);
        let database = database::read(&mut reader);
        let passwords = keys::of_passwords(&mut reader, is_production, entropy);
        let mail = mail::read(&mut reader, is_production, shop_name.as_deref());
        let site = read_site(&mut reader, is_production, &addresses, time_zone);
        let gateways = gateways::read(&mut reader, is_production, Currency::EUR);
        let origin = addresses.public_url.as_ref().map(site::origin);
        let providers = providers::read(&mut reader, mode, origin, clock);
        let of_passwords = passwords.as_ref().map(|(ring, _)| ring);
        let codes = read_codes(&mut reader, mode, providers.as_ref(), entropy, of_passwords);
        let log = log::read(&mut reader);
        reader.refuse_unknown();
        let suspicious = reader.suspicious();

        reader.finish(|listing| {
            let (providers, gateways, (policy, keys)) = (providers?, gateways?, codes?);
            Some(Self {
                address: addresses.shop?,
                operations_address: addresses.operations?,
                database: database?,
                drain: drain?,
                settings: Settings {
                    mode,
                    shop_name: shop_name?,
                    contact: contact?,
                    template_prefix: providers.common.template_prefix.to_string(),
                    currency: Currency::EUR,
                    countries: countries?,
                    bank_account: gateways.bank_account.clone(),
                    max_refused_parcels: gateways.max_refused_parcels,
                    payment_code: gateways.payment_code,
                    policy,
                    keys,
                    invoice_seller: invoice_seller?,
                    legal: legal?,
                },
                gateways,
                password_keys: passwords?.1,
                site: site?,
                mail: mail?,
                providers,
                log: log?,
                mode_source: listing.source("MARIGOLD_ENV"),
                listing,
                env_file,
                suspicious,
            })
        })
    }
}

/// Reads where the files for the browser are, and what messages cost.
fn read_site(
    reader: &mut SettingsReader,
    is_production: bool,
    addresses: &Addresses,
    time_zone: Option<Zone>,
) -> Option<Site> {
    reader.begin_group("Files for the browser");
    let site_root = reader.read("LEPTOS_SITE_ROOT", "target/site", |text| Ok(text.to_owned()));
    let shared_files =
        reader.read_with_example("MARIGOLD_SHARED_FILES", "", "/srv/marigold", |text| {
            Ok((!text.is_empty()).then(|| PathBuf::from(text)))
        });
    let reload_port = reader.read("LEPTOS_RELOAD_PORT", "3001", parse_port);
    let is_watched = reader.raw("LEPTOS_WATCH").is_some();
    if is_watched && is_production {
        let problem = "is for development only: it switches the page cache off and loosens the \
                       content security policy";
        reader.refuse("LEPTOS_WATCH", problem.to_owned(), "(not set)");
    }
    reader.begin_group("Messages");
    let message_prices = providers::prices(reader);
    Some(Site {
        options: site_files::options(&site_root?, reload_port?),
        shared_files: shared_files?,
        stylesheet: style::address().to_owned(),
        public_url: addresses.public_url.clone()?,
        trusted_proxies: addresses.trusted_proxies.clone()?,
        is_production,
        is_watched,
        time_zone: time_zone?,
        message_prices: message_prices?,
    })
}

/// Reads the policy of the codes and the keys that they are derived under.
fn read_codes(
    reader: &mut SettingsReader,
    mode: Mode,
    providers: Option<&Providers>,
    entropy: &Entropy,
    of_passwords: Option<&KeyRing>,
) -> Option<(Policy, KeyRing)> {
    reader.begin_group("One-time passwords");
    let policy = codes::read(reader, mode);
    if let Some(providers) = providers {
        providers::check_lifetimes(reader, providers, &policy);
    }
    let keys = keys::of_codes(reader, mode == Mode::Production, entropy, of_passwords)?;
    Some((policy, keys))
}

fn read_countries(reader: &mut SettingsReader) -> Option<Vec<u16>> {
    let default = DEMO_COUNTRIES.map(|code| code.to_string()).join(",");
    reader.read("MARIGOLD_COUNTRIES", &default, |text| {
        let codes = parse_list(text, parse_country)?;
        let mut seen = HashSet::new();
        match codes.iter().find(|code| !seen.insert(**code)) {
            Some(twice) => Err(format!("has {twice} twice")),
            None if codes.is_empty() => Err("is empty: no number could get a code".into()),
            None => Ok(codes),
        }
    })
}

/// Reads how long the server drains. A demo has no proxy, and its user waits for the end.
fn read_drain(reader: &mut SettingsReader, is_production: bool) -> Option<Duration> {
    const MAX_SECONDS: u64 = 300;
    let default = if is_production { "10" } else { "0" };
    reader.read("MARIGOLD_DRAIN_SECONDS", default, |text| {
        let seconds = text.parse().ok().filter(|seconds| *seconds <= MAX_SECONDS);
        let seconds = seconds.ok_or_else(|| format!("is not a number from 0 to {MAX_SECONDS}"))?;
        Ok(Duration::from_secs(seconds))
    })
}

fn parse_mode(text: &str) -> Result<Mode, String> {
    match text {
        "demo" => Ok(Mode::Demo),
        "production" => Ok(Mode::Production),
        _ => Err("is neither `demo` nor `production`".into()),
    }
}

fn parse_time_zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text).ok_or_else(|| "is no time zone of the IANA database".into())
}

fn parse_port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port != 0).ok_or_else(|| "is not a port".into())
}

fn parse_country(text: &str) -> Result<u16, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    match digits.parse() {
        Ok(code) if shop::phones::is_country_code(code) => Ok(code),
        _ => Err(format!("has `{text}`, which is no country's dial code")),
    }
}

/// Parses a list with commas. A part of it that is empty is a slip, behind which something may be
/// missing.
fn parse_list<T>(text: &str, parse: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let items = text.split(',').map(str::trim);
    items
        .map(|item| if item.is_empty() { Err("has a comma too many".into()) } else { parse(item) })
        .collect()
}

fn parse_shop_name(text: &str) -> Result<String, String> {
    // Message templates limit the length and allow no links. Marks that steer the direction of
    // text would reach into the sentences around the name.
    let is_mark = |letter| matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_plain = !text.chars().any(|letter| letter.is_control() || is_mark(letter))
        && text.chars().any(char::is_alphanumeric)
        && !text.contains("://");
    match text.chars().count() {
        1..=40 if is_plain => Ok(text.to_owned()),
        _ => Err("is not a name of 1 to 40 characters".into()),
    }
}

#[cfg(test)]
mod tests;
