//! The settings of Stripe.

use payment::stripe::{
    DEFAULT_BASE_URL, Domain, KeyMode, SecretKey, Settings, WebhookSecrets, parse_base_url,
};

use super::reader::SettingsReader;

const SECRET_KEY: &str = "STRIPE_SECRET_KEY";
const WEBHOOK_SECRET: &str = "STRIPE_WEBHOOK_SECRET";
const BASE_URL: &str = "STRIPE_BASE_URL";
const CHECKOUT_DOMAIN: &str = "STRIPE_CHECKOUT_DOMAIN";
/// Examples of values.
const EXAMPLE_TEST_KEY: &str = "sk_test_0123456789abcdef";
const EXAMPLE_LIVE_KEY: &str = "sk_live_0123456789abcdef";
const EXAMPLE_SECRET: &str = "whsec_0123456789abcdef";
const EXAMPLE_DOMAIN: &str = "pay.shop.example";

/// Reads the settings. Errors never repeat a key or a secret.
pub fn read(reader: &mut SettingsReader, is_production: bool) -> Option<Settings> {
    reader.begin_group("Gateway stripe");
    let key = read_key(reader, is_production);
    let secrets = required(reader, WEBHOOK_SECRET, EXAMPLE_SECRET, WebhookSecrets::parse);
    let base_url =
        reader.read(BASE_URL, DEFAULT_BASE_URL, |text| parse_base_url(text).map_err(str::to_owned));
    let domain = match reader.raw(CHECKOUT_DOMAIN) {
        None => Some(None),
        Some(text) => {
            checked(reader, CHECKOUT_DOMAIN, EXAMPLE_DOMAIN, Domain::parse(&text)).map(Some)
        }
    };
    let settings = Settings::new(key?, secrets?, base_url?);
    Some(Settings { checkout_domain: domain?, ..settings })
}

/// Production refuses a test key, with which no money moves, and the demo a live one, because it
/// shows every code to everybody.
fn read_key(reader: &mut SettingsReader, is_production: bool) -> Option<SecretKey> {
    let example = if is_production { EXAMPLE_LIVE_KEY } else { EXAMPLE_TEST_KEY };
    let key = required(reader, SECRET_KEY, example, SecretKey::parse)?;
    let problem = match key.mode() {
        KeyMode::Test if is_production => {
            "is a test key, which production refuses: no money would move"
        }
        KeyMode::Live if !is_production => {
            "is a live key, which the demo refuses: it shows every code, and real money would move"
        }
        KeyMode::Test | KeyMode::Live => return Some(key),
    };
    reader.refuse(SECRET_KEY, problem, example);
    None
}

fn required<T>(
    reader: &mut SettingsReader,
    name: &'static str,
    example: &str,
    parse: fn(&str) -> Result<T, &'static str>,
) -> Option<T> {
    let parsed = reader.raw(name).map_or(Err("is missing or empty"), |text| parse(&text));
    checked(reader, name, example, parsed)
}

fn checked<T>(
    reader: &mut SettingsReader,
    name: &'static str,
    example: &str,
    parsed: Result<T, &'static str>,
) -> Option<T> {
    parsed.map_err(|problem| reader.refuse(name, problem, example)).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const TEST_KEY: (&str, &str) = (SECRET_KEY, "sk_test_51Habcdefgh");
    const LIVE_KEY: (&str, &str) = (SECRET_KEY, "rk_live_51Habcdefgh");
    const SECRET: (&str, &str) = (WEBHOOK_SECRET, "whsec_51Habcdefgh");

    /// What is said of these settings; nothing if they are accepted.
    fn complaints(is_production: bool, pairs: &[(&str, &str)]) -> String {
        let variables = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let mut reader = SettingsReader::new(BTreeMap::from_iter(variables).into());
        let settings = read(&mut reader, is_production);
        let said = reader.finish(|_| settings).err().map(|errors| errors.to_string());
        let said = said.unwrap_or_default();
        assert!(!said.contains("51Habc"), "{said}");
        said
    }

    #[test]
    fn x162_production_refuses_a_test_key_and_the_demo_a_live_one() {
        assert_eq!(complaints(false, &[TEST_KEY, SECRET]), "");
        assert_eq!(complaints(true, &[LIVE_KEY, SECRET]), "");
        let said = complaints(true, &[TEST_KEY, SECRET]);
        assert!(said.contains("test key") && said.contains(EXAMPLE_LIVE_KEY), "{said}");
        let said = complaints(false, &[LIVE_KEY, SECRET]);
        assert!(said.contains("live key") && said.contains(EXAMPLE_TEST_KEY), "{said}");
    }

    #[test]
    fn x163_stripe_does_not_start_without_its_secrets() {
        for (pairs, name) in [
            (&[SECRET][..], SECRET_KEY),
            (&[TEST_KEY], WEBHOOK_SECRET),
            (&[TEST_KEY, (WEBHOOK_SECRET, "")], WEBHOOK_SECRET),
            (&[TEST_KEY, (WEBHOOK_SECRET, "   ")], WEBHOOK_SECRET),
            (&[TEST_KEY, (WEBHOOK_SECRET, "whsec_")], WEBHOOK_SECRET),
            (&[TEST_KEY, (WEBHOOK_SECRET, "sk_test_51Habcdefgh")], WEBHOOK_SECRET),
            (&[(SECRET_KEY, "pk_test_51Habcdefgh"), SECRET], SECRET_KEY),
            (&[(SECRET_KEY, "whsec_51Habcdefgh"), SECRET], SECRET_KEY),
            (&[TEST_KEY, SECRET, (BASE_URL, "http://api.stripe.com")], BASE_URL),
            (&[TEST_KEY, SECRET, (CHECKOUT_DOMAIN, "https://a.example")], CHECKOUT_DOMAIN),
        ] {
            let said = complaints(false, pairs);
            assert!(said.contains(&format!("{name} ")) && said.contains("For example"), "{said}");
        }
    }

    #[test]
    fn webhooks_may_be_off_and_secrets_may_be_replaced() {
        for secret in ["off", "whsec_51Habcdefgh,whsec_51Hijklmnop"] {
            assert_eq!(complaints(false, &[TEST_KEY, (WEBHOOK_SECRET, secret)]), "");
        }
        let domain = (CHECKOUT_DOMAIN, EXAMPLE_DOMAIN);
        assert_eq!(complaints(false, &[TEST_KEY, SECRET, domain]), "");
    }
}
