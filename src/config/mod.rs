//! Every setting with its variable, default and check. Nothing else reads the environment.
//! Invalid settings are refused at start, all at once, each with its name, the problem and
//! an example.

mod addresses;
mod codes;
mod database;
mod environment;
mod keys;
mod listing;
pub mod providers;
mod reader;
pub mod secret_file;

use std::{collections::BTreeMap, net::SocketAddr};

use domain::Currency;
use shop::{
    Clock, Entropy, Mode, PasswordKeys, Settings,
    codes::{KeyRing, Policy},
};
use tracing_subscriber::EnvFilter;

pub use database::DatabaseSettings;
pub use environment::Environment;
pub use listing::{Listing, Source};
pub use reader::{ConfigError, ConfigErrors};

use crate::{
    site::{self, Site},
    style,
};
use addresses::Addresses;
use providers::Providers;
use reader::SettingsReader;

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
    /// The name of the payment gateway.
    pub gateway: String,
    /// What the use cases need.
    pub settings: Settings,
    /// The keys under which passwords are hashed.
    pub password_keys: PasswordKeys,
    /// What pages and layers need.
    pub site: Site,
    /// The messaging providers.
    pub providers: Providers,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Every setting as `check-config` prints it, with secrets hidden.
    pub listing: Listing,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// Directives as `tracing_subscriber::EnvFilter` reads them.
    pub filter: String,
    /// No colours, not even on a terminal (<https://no-color.org>).
    pub is_colourless: bool,
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
        let mut reader = SettingsReader::new(environment);
        reader.begin_group("Shop");
        let mode = reader.read("MARIGOLD_ENV", "demo", parse_mode).unwrap_or(Mode::Demo);
        let is_production = mode == Mode::Production;
        let shop_name = reader.read("MARIGOLD_SHOP_NAME", "Marigold", parse_shop_name);
        let countries = read_countries(&mut reader);
        let gateway = read_gateway(&mut reader, is_production);
        let addresses = addresses::read(&mut reader, is_production);
        let database = database::read(&mut reader);
        let password_keys = keys::of_passwords(&mut reader, is_production, entropy);
        let site = read_site(&mut reader, is_production, &addresses);
        let origin = addresses.public_url.as_ref().map(site::origin);
        let providers = providers::read(&mut reader, mode, origin, clock);
        let codes = read_codes(&mut reader, mode, providers.as_ref(), entropy);
        let log = read_log(&mut reader);
        reader.refuse_unknown();

        reader.finish(|listing| {
            let (providers, (policy, keys)) = (providers?, codes?);
            Some(Self {
                address: addresses.shop?,
                operations_address: addresses.operations?,
                database: database?,
                gateway: gateway?,
                settings: Settings {
                    mode,
                    shop_name: shop_name?,
                    template_prefix: providers.common.template_prefix.to_string(),
                    currency: Currency::EUR,
                    countries: countries?,
                    policy,
                    keys,
                },
                password_keys: password_keys?,
                site: site?,
                providers,
                log: log?,
                listing,
            })
        })
    }
}

/// Reads where the files for the browser are, and what messages cost.
fn read_site(
    reader: &mut SettingsReader,
    is_production: bool,
    addresses: &Addresses,
) -> Option<Site> {
    reader.begin_group("Files for the browser");
    let site_root = reader.read("LEPTOS_SITE_ROOT", "target/site", |text| Ok(text.to_owned()));
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
        options: site::options(&site_root?, reload_port?),
        stylesheet: style::address().to_owned(),
        public_url: addresses.public_url.clone()?,
        trusted_proxies: addresses.trusted_proxies.clone()?,
        is_production,
        is_watched,
        message_prices: message_prices?,
    })
}

/// Reads the policy of the codes and the keys that they are derived under.
fn read_codes(
    reader: &mut SettingsReader,
    mode: Mode,
    providers: Option<&Providers>,
    entropy: &Entropy,
) -> Option<(Policy, KeyRing)> {
    reader.begin_group("One-time passwords");
    let policy = codes::read(reader, mode);
    if let Some(providers) = providers {
        providers::check_lifetimes(reader, providers, &policy);
    }
    let keys = keys::of_codes(reader, mode == Mode::Production, entropy)?;
    Some((policy, keys))
}

/// Reads what is logged, and how.
fn read_log(reader: &mut SettingsReader) -> Option<LogSettings> {
    reader.begin_group("Log");
    let filter = reader.read("RUST_LOG", "info", parse_log_filter);
    let is_colourless = reader.raw("NO_COLOR").is_some();
    Some(LogSettings { filter: filter?, is_colourless })
}

fn parse_log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("is neither a level nor a list such as `warn,marigold=debug`".into()),
    }
}

fn read_countries(reader: &mut SettingsReader) -> Option<Vec<u16>> {
    let default = DEMO_COUNTRIES.map(|code| code.to_string()).join(",");
    reader.read("MARIGOLD_COUNTRIES", &default, |text| parse_list(text, parse_country))
}

/// Reads the gateway. Production refuses the demo gateway, which moves no money.
fn read_gateway(reader: &mut SettingsReader, is_production: bool) -> Option<String> {
    reader.read("MARIGOLD_GATEWAY", "demo", |text| match text {
        "demo" if is_production => {
            Err("is `demo`, which production refuses: nothing real would happen".into())
        }
        "demo" => Ok(text.to_owned()),
        _ => Err("is unknown; this version has `demo`".to_owned()),
    })
}

fn parse_mode(text: &str) -> Result<Mode, String> {
    match text {
        "demo" => Ok(Mode::Demo),
        "production" => Ok(Mode::Production),
        _ => Err("is neither `demo` nor `production`".into()),
    }
}

fn parse_port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "is not a port".into())
}

fn parse_country(text: &str) -> Result<u16, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    match digits.parse() {
        Ok(code @ 1..=999) => Ok(code),
        _ => Err(format!("has `{text}`, which is no country's dial code")),
    }
}

fn parse_list<T>(text: &str, parse: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse).collect()
}

fn parse_shop_name(text: &str) -> Result<String, String> {
    // Message templates limit the length and allow no links.
    let is_plain = !text.chars().any(char::is_control) && !text.contains("://");
    match text.chars().count() {
        1..=40 if is_plain => Ok(text.to_owned()),
        _ => Err("is not a name of 1 to 40 characters".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let key = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        let mut variables = BTreeMap::from(
            ["MARIGOLD_OTP_KEYS", "MARIGOLD_PASSWORD_KEYS"].map(|name| (name.into(), key.into())),
        );
        variables.extend(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        Config::read(variables, &Entropy::seeded(1), &Clock::system())
    }

    fn complaints(pairs: &[(&str, &str)]) -> Vec<String> {
        read(pairs).unwrap_err().0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_setting_has_a_default_that_suits_the_demo() {
        let config = read(&[]).unwrap();
        assert_eq!(config.address.to_string(), "127.0.0.1:3000");
        assert_eq!(config.site.origin(), "http://127.0.0.1:3000");
        assert!(!config.site.is_production);
    }

    #[test]
    fn all_wrong_settings_are_named_at_once_each_with_an_example() {
        let said = complaints(&[
            ("MARIGOLD_ADDR", "here"),
            ("MARIGOLD_COUNTRIES", "44,utopia"),
            ("MARIGOLD_OTP_ATTEMPTS", "6"),
        ]);
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said.iter().all(|line| line.contains("For example")), "{said:?}");
    }

    #[test]
    fn x55_numbers_of_the_policy_have_bounds() {
        for (name, value) in [
            ("MARIGOLD_OTP_ATTEMPTS", "0"),
            ("MARIGOLD_OTP_ATTEMPTS", "-1"),
            ("MARIGOLD_OTP_ATTEMPTS", "4294967296"),
            ("MARIGOLD_OTP_TTL_SECONDS", "601"),
            ("MARIGOLD_OTP_RESEND_COOLDOWN_SECONDS", "0"),
            ("MARIGOLD_OTP_SMS_AFTER_SECONDS", "301"),
            ("MARIGOLD_OTP_ALERT_PERCENT", "101"),
        ] {
            let said = complaints(&[(name, value)]);
            assert!(said.len() == 1 && said[0].starts_with(name), "{name}={value}: {said:?}");
        }
    }

    #[test]
    fn no_number_of_the_policy_can_break_the_standard_it_is_there_for() {
        for (name, value, standard) in [
            ("MARIGOLD_OTP_ATTEMPTS", "6", "PSD2 RTS Art. 4(3)(b)"),
            ("MARIGOLD_OTP_FAILURES_BEFORE_WAIT", "6", "PSD2 RTS Art. 4(3)(b)"),
            ("MARIGOLD_OTP_FAILURES_BEFORE_DISABLING", "101", "NIST SP 800-63B"),
            ("MARIGOLD_OTP_TTL_SECONDS", "601", "ASVS 5.0 6.5.5"),
            ("MARIGOLD_OTP_PAYMENT_TTL_SECONDS", "301", "PSD2 RTS Art. 4(3)(d)"),
            ("MARIGOLD_OTP_FIRST_WAIT_SECONDS", "29", "NIST SP 800-63B"),
            ("MARIGOLD_OTP_MAX_WAIT_SECONDS", "3601", "NIST SP 800-63B"),
            ("MARIGOLD_OTP_PASSWORD_FAILURES", "26", "ASVS 4.0.3 2.2.1"),
        ] {
            let said = complaints(&[(name, value)]);
            assert!(said[0].starts_with(name) && said[0].contains(standard), "{value}: {said:?}");
        }
    }

    #[test]
    fn numbers_of_the_policy_must_fit_to_each_other() {
        for (name, pairs) in [
            (
                "MARIGOLD_OTP_FIRST_WAIT_SECONDS is longer than MARIGOLD_OTP_MAX_WAIT_SECONDS",
                &[("MARIGOLD_OTP_MAX_WAIT_SECONDS", "899")][..],
            ),
            (
                "MARIGOLD_OTP_FAILURES_BEFORE_WAIT is more than MARIGOLD_OTP_FAILURES_BEFORE_DISABLING",
                &[("MARIGOLD_OTP_FAILURES_BEFORE_DISABLING", "4")],
            ),
            (
                "MARIGOLD_OTP_PHONE_SENDS_PER_HOUR is more than MARIGOLD_OTP_PHONE_SENDS_PER_DAY",
                &[("MARIGOLD_OTP_PHONE_SENDS_PER_DAY", "4")],
            ),
            (
                "MARIGOLD_OTP_DIAL_CODE_SENDS_PER_HOUR is more than MARIGOLD_OTP_DIAL_CODE_SENDS_PER_DAY",
                &[("MARIGOLD_OTP_DIAL_CODE_SENDS_PER_DAY", "999")],
            ),
            (
                "MARIGOLD_OTP_RESEND_COOLDOWN_SECONDS is no shorter than the lifetime of a code",
                &[("MARIGOLD_OTP_PAYMENT_TTL_SECONDS", "60")],
            ),
            (
                "MARIGOLD_OTP_SMS_AFTER_SECONDS is no shorter than the lifetime of a code",
                &[("MARIGOLD_OTP_SMS_AFTER_SECONDS", "300")],
            ),
        ] {
            let said = complaints(pairs);
            assert!(said.len() == 1 && said[0].starts_with(name), "{name}: {said:?}");
        }
        let said = complaints(&[("MARIGOLD_OTP_PHONE_SENDS_PER_DAY", "4")]).join("");
        assert!(said.contains("For example: MARIGOLD_OTP_PHONE_SENDS_PER_HOUR=5"), "{said}");
    }

    #[test]
    fn a_log_filter_that_cannot_be_read_is_refused() {
        assert_eq!(read(&[]).unwrap().log.filter, "info");
        assert!(read(&[("RUST_LOG", "warn,marigold=debug")]).is_ok());
        let said = complaints(&[("RUST_LOG", "marigold=loud")]);
        assert!(said[0].starts_with("RUST_LOG is neither"), "{said:?}");
    }

    #[test]
    fn a_mistyped_name_is_refused_with_the_nearest_one() {
        let said = complaints(&[("MARIGOLD_OPT_ATTEMPTS", "3")]);
        assert!(said[0].contains("MARIGOLD_OTP_ATTEMPTS"), "{said:?}");
    }

    #[test]
    fn production_refuses_what_only_suits_the_demo() {
        let said = complaints(&[
            ("MARIGOLD_ENV", "production"),
            ("MARIGOLD_PUBLIC_URL", "http://shop.example"),
            ("MARIGOLD_OTP_KEYS", ""),
            ("MARIGOLD_PASSWORD_KEYS", ""),
            ("LEPTOS_WATCH", "yes"),
        ])
        .join("\n");
        for name in [
            "MARIGOLD_PROVIDERS",
            "MARIGOLD_GATEWAY",
            "MARIGOLD_PUBLIC_URL",
            "MARIGOLD_OTP_KEYS",
            "MARIGOLD_PASSWORD_KEYS",
            "LEPTOS_WATCH",
        ] {
            assert!(said.contains(name), "{name} in {said}");
        }
    }

    #[test]
    fn x27_short_or_repeated_keys_are_refused_and_never_printed() {
        let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        let twice = format!("k1:{key},k1:{key}");
        for keys in ["k1:c2hvcnQ=", "no key", "k1:!!!!", &twice] {
            for name in ["MARIGOLD_OTP_KEYS", "MARIGOLD_PASSWORD_KEYS"] {
                let said = complaints(&[(name, keys)]).join("");
                assert!(said.contains(name), "{said}");
                assert!(!said.contains("c2hvcnQ") && !said.contains(key), "{said}");
            }
        }
        let long = complaints(&[("MARIGOLD_PASSWORD_KEYS", &format!("christmas:{key}"))]).join("");
        assert!(long.contains("more than 8 letters") && !long.contains(key), "{long}");
    }
}
