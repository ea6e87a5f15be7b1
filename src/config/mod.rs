//! Every setting: its variable, default and check. The only reader of the
//! environment. A wrong setting is refused at start, with its name, what is
//! wrong, and an example; all of them at once.

mod codes;
pub mod kept;
mod keys;
pub mod providers;
mod reader;

use std::{collections::BTreeMap, net::SocketAddr};

use axum::http::Uri;
use domain::Currency;
use ipnet::IpNet;
use shop::{Clock, Entropy, Mode, PasswordKeys, Settings};

pub use reader::{Wrong, WrongSettings};

use crate::{
    site::{self, Site, origin},
    style,
};
use providers::Providers;
use reader::Reader;

/// Dial codes the demo sends to.
const DEMO_COUNTRIES: [u16; 6] = [1, 44, 49, 55, 62, 91];

/// What was decided for this installation.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the shop listens.
    pub address: SocketAddr,
    /// Where health and metrics are, away from the public.
    pub operations_address: SocketAddr,
    /// The database.
    pub database_url: String,
    /// The business's own settings.
    pub settings: Settings,
    /// The keys passwords are hashed under.
    pub password_keys: PasswordKeys,
    /// The front door's own facts.
    pub site: Site,
    /// Who carries the messages.
    pub providers: Providers,
}

impl Config {
    /// Reads `.env`, then the environment, which wins.
    pub fn load(entropy: &Entropy, clock: &Clock) -> Result<Self, WrongSettings> {
        // No `.env` is the normal case; a broken one shows as missing settings.
        dotenvy::dotenv().ok();
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::read(variables, entropy, clock)
    }

    /// Checks a set of variables.
    pub fn read(
        variables: BTreeMap<String, String>,
        entropy: &Entropy,
        clock: &Clock,
    ) -> Result<Self, WrongSettings> {
        let mut reader = Reader::new(variables);
        let mode = reader.read("MARIGOLD_ENV", "demo", parse_mode).unwrap_or(Mode::Demo);
        let is_production = mode == Mode::Production;
        let address = reader.read("MARIGOLD_ADDR", "127.0.0.1:3000", parse_address);
        let public_url = public_url(&mut reader, is_production, address);
        let operations_address = reader.read("MARIGOLD_OPS_ADDR", "127.0.0.1:9090", parse_address);
        let trusted_proxies =
            reader.read("MARIGOLD_TRUSTED_PROXIES", "", |text| parse_list(text, parse_network));
        let shop_name = reader.read("MARIGOLD_SHOP_NAME", "Marigold", parse_shop_name);
        let demo_countries = DEMO_COUNTRIES.map(|code| code.to_string()).join(",");
        let countries = reader
            .read("MARIGOLD_COUNTRIES", &demo_countries, |text| parse_list(text, parse_country));
        let database_url =
            reader.read("DATABASE_URL", "sqlite:data/marigold.db", parse_database_url);
        check_gateway(&mut reader, is_production);
        let policy = codes::read(&mut reader, mode);
        let address_of_shop = public_url.as_ref().map(origin);
        let providers = providers::read(&mut reader, mode, address_of_shop, clock);
        if let Some(providers) = &providers {
            providers::check_lives(&mut reader, providers, &policy);
        }
        let message_prices = providers::prices(&mut reader);
        let keys = keys::of_codes(&mut reader, is_production, entropy);
        let password_keys = keys::of_passwords(&mut reader, is_production, entropy);
        let site_root = reader.raw("LEPTOS_SITE_ROOT").unwrap_or_else(|| "target/site".into());
        let reload_port = reader.read("LEPTOS_RELOAD_PORT", "3001", parse_port);
        reader.refuse_unknown();

        let config = (|| {
            Some(Self {
                address: address?,
                operations_address: operations_address?,
                database_url: database_url?,
                settings: Settings {
                    mode,
                    shop_name: shop_name?,
                    template_prefix: providers.as_ref()?.common.template_prefix.to_string(),
                    currency: Currency::EUR,
                    countries: countries?,
                    policy,
                    keys: keys?,
                },
                password_keys: password_keys?,
                site: Site {
                    options: site::options(&site_root, reload_port?),
                    stylesheet: style::address().to_owned(),
                    public_url: public_url?,
                    trusted_proxies: trusted_proxies?,
                    is_production,
                    is_watched: reader.raw("LEPTOS_WATCH").is_some(),
                    message_prices: message_prices?,
                },
                providers: providers?,
            })
        })();
        reader.finish(config)
    }
}

fn parse_mode(text: &str) -> Result<Mode, String> {
    match text {
        "demo" => Ok(Mode::Demo),
        "production" => Ok(Mode::Production),
        _ => Err("is neither `demo` nor `production`".into()),
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address and port".into())
}

fn parse_port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "is not a port".into())
}

fn public_url(
    reader: &mut Reader,
    is_production: bool,
    address: Option<SocketAddr>,
) -> Option<Uri> {
    let address = address.map_or_else(|| "127.0.0.1:3000".into(), |address| address.to_string());
    let default = format!("http://{address}");
    reader.read_with_example(
        "MARIGOLD_PUBLIC_URL",
        &default,
        "https://shop.example",
        |text| {
            let url: Uri =
                text.trim_end_matches('/').parse().map_err(|_| "is not an address of the web")?;
            match (url.scheme_str(), url.authority(), url.path()) {
                (Some("https"), Some(_), "/") => Ok(url),
                (Some("http"), Some(_), "/") if !is_production => Ok(url),
                (Some("http"), Some(_), "/") => {
                    Err("is plain http, which production refuses: codes and cookies would be readable on the way".into())
                }
                _ => Err("is not a scheme and a host alone".into()),
            }
        },
    )
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| format!("has `{text}`, which is neither an address nor a network"))
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
    // Templates of messages have little room, and no place for links.
    let is_plain = !text.chars().any(char::is_control) && !text.contains("://");
    match text.chars().count() {
        1..=40 if is_plain => Ok(text.to_owned()),
        _ => Err("is not a name of 1 to 40 characters".into()),
    }
}

fn parse_database_url(text: &str) -> Result<String, String> {
    let is_known =
        ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| text.starts_with(scheme));
    if is_known { Ok(text.to_owned()) } else { Err("is neither sqlite: nor postgres:".into()) }
}

/// Production must never "charge" the demo gateway.
fn check_gateway(reader: &mut Reader, is_production: bool) {
    reader.read("MARIGOLD_GATEWAY", "demo", |text| match text {
        "demo" if is_production => {
            Err("is `demo`, which production refuses: nothing real would happen".into())
        }
        "demo" => Ok(()),
        _ => Err("is unknown; this version has `demo`".to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, WrongSettings> {
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
            ("MARIGOLD_OTP_LIFE_SECONDS", "601"),
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
            ("MARIGOLD_OTP_LIFE_SECONDS", "601", "ASVS 5.0 6.5.5"),
            ("MARIGOLD_OTP_PAYMENT_LIFE_SECONDS", "301", "PSD2 RTS Art. 4(3)(d)"),
            ("MARIGOLD_OTP_FIRST_WAIT_SECONDS", "29", "NIST SP 800-63B"),
            ("MARIGOLD_OTP_LONGEST_WAIT_SECONDS", "3601", "NIST SP 800-63B"),
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
                "MARIGOLD_OTP_FIRST_WAIT_SECONDS is longer than MARIGOLD_OTP_LONGEST_WAIT_SECONDS",
                &[("MARIGOLD_OTP_LONGEST_WAIT_SECONDS", "899")][..],
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
                "MARIGOLD_OTP_RESEND_COOLDOWN_SECONDS is no shorter than the life of a code",
                &[("MARIGOLD_OTP_PAYMENT_LIFE_SECONDS", "60")],
            ),
            (
                "MARIGOLD_OTP_SMS_AFTER_SECONDS is no shorter than the life of a code",
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
        ])
        .join("\n");
        for name in [
            "MARIGOLD_PROVIDERS",
            "MARIGOLD_GATEWAY",
            "MARIGOLD_PUBLIC_URL",
            "MARIGOLD_OTP_KEYS",
            "MARIGOLD_PASSWORD_KEYS",
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
