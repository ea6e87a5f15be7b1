//! The settings together: their defaults, their bounds, and what is said of wrong ones.

use super::*;

/// Keys of 32 different bytes.
pub(super) const KEYS: [(&str, &str); 2] = [
    ("MARIGOLD_OTP_KEYS", "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    ("MARIGOLD_PASSWORD_KEYS", "k1:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU="),
];

fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let mut variables = BTreeMap::from(KEYS.map(|(name, key)| (name.into(), key.into())));
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
        ("MARIGOLD_TIME_ZONE", "Europe/Utopia"),
        ("MARIGOLD_OTP_ATTEMPTS", "6"),
    ]);
    assert_eq!(said.len(), 4, "{said:?}");
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
    assert!(said.contains("For example: MARIGOLD_OTP_PHONE_SENDS_PER_HOUR=4"), "{said}");
}

#[test]
fn countries_are_dial_codes_of_countries_each_once() {
    for (text, expected) in [
        ("44", Some(&[44][..])),
        ("+49, 1,353", Some(&[49, 1, 353])),
        (",", None),
        ("44,", None),
        (",44", None),
        ("44,,49", None),
        ("999", None),
        ("0", None),
        ("888", None),
        ("800", None),
        ("44,44", None),
        ("GB", None),
        ("4477", None),
    ] {
        let countries = read(&[("MARIGOLD_COUNTRIES", text)]);
        let countries = countries.ok().map(|config| config.settings.countries);
        assert_eq!(countries.as_deref(), expected, "{text}");
    }
}

#[test]
fn gateways_are_known_names_each_once() {
    for (text, is_read) in [
        ("demo", true),
        (" demo ", true),
        ("cash-on-delivery", true),
        ("demo, cash-on-delivery", true),
        ("bank-transfer", false),
        ("cash-on-delivery,cash-on-delivery", false),
        ("stripe", true),
        ("stripe,demo", true),
        ("stripe,stripe", false),
        ("demo,demo", false),
        ("demo,", false),
        (",demo", false),
        ("Demo", false),
        ("paypal", false),
        ("demo paypal", false),
    ] {
        let config = read(&[
            ("MARIGOLD_GATEWAYS", text),
            ("STRIPE_SECRET_KEY", "sk_test_0123456789abcdef"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_0123456789abcdef"),
        ]);
        assert_eq!(config.is_ok(), is_read, "{text}");
    }
}

#[test]
fn payment_settings_are_checked() {
    const ACCOUNT: [(&str, &str); 3] = [
        ("MARIGOLD_GATEWAYS", "bank-transfer"),
        ("MARIGOLD_BANK_ACCOUNT_HOLDER", "Ada & Sons"),
        ("MARIGOLD_BANK_ACCOUNT", "GB29 NWBK 6016 1331 9268 19"),
    ];
    for (name, value, is_read) in [
        ("MARIGOLD_PAYMENT_CODE", "always", true),
        ("MARIGOLD_PAYMENT_CODE", "new", true),
        ("MARIGOLD_PAYMENT_CODE", "from 50.00", true),
        ("MARIGOLD_PAYMENT_CODE", "from 50", true),
        ("MARIGOLD_PAYMENT_CODE", "from", false),
        ("MARIGOLD_PAYMENT_CODE", "from -1", false),
        ("MARIGOLD_PAYMENT_CODE", "from 1,50", false),
        ("MARIGOLD_PAYMENT_CODE", "never", false),
        ("MARIGOLD_CASH_ON_DELIVERY_COUNTRIES", "IN, BR", true),
        ("MARIGOLD_CASH_ON_DELIVERY_COUNTRIES", "in", false),
        ("MARIGOLD_CASH_ON_DELIVERY_COUNTRIES", "XX", false),
        ("MARIGOLD_CASH_ON_DELIVERY_COUNTRIES", "IN,", false),
        ("MARIGOLD_CASH_ON_DELIVERY_MAX", "99.99", true),
        ("MARIGOLD_CASH_ON_DELIVERY_MAX", "1.5", false),
        ("MARIGOLD_CASH_ON_DELIVERY_MAX", "99999999999999999999", false),
        ("MARIGOLD_CASH_ON_DELIVERY_REFUSALS", "1", true),
        ("MARIGOLD_CASH_ON_DELIVERY_REFUSALS", "0", false),
        ("MARIGOLD_BANK_ACCOUNT", "0001234567", true),
        ("MARIGOLD_BANK_ACCOUNT", "GB29 NWBK 6016 1331 9268 18", false),
        ("MARIGOLD_BANK_ACCOUNT_HOLDER", "Ada\u{202e}", false),
        ("MARIGOLD_BANK_TRANSFER_DAYS", "30", true),
        ("MARIGOLD_BANK_TRANSFER_DAYS", "0", false),
        ("MARIGOLD_BANK_TRANSFER_DAYS", "31", false),
    ] {
        let mut pairs = ACCOUNT.to_vec();
        pairs.retain(|(set, _)| *set != name);
        pairs.push((name, value));
        let config = read(&pairs);
        assert_eq!(config.is_ok(), is_read, "{name}={value}: {:?}", config.err());
    }
}

#[test]
fn the_old_name_of_the_gateways_is_refused_with_the_new_one() {
    let said = complaints(&[("MARIGOLD_GATEWAY", "demo")]);
    assert!(said[0].contains("is now called MARIGOLD_GATEWAYS"), "{said:?}");
}

#[test]
fn a_setting_that_cannot_work_is_refused() {
    let codes_key = KEYS[0].1;
    for (name, value) in [
        ("MARIGOLD_PUBLIC_URL", "https://ada@shop.example"),
        ("MARIGOLD_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("MARIGOLD_TRUSTED_PROXIES", ","),
        ("MARIGOLD_OPS_ADDR", "127.0.0.1:3000"),
        ("DATABASE_URL", "sqlite::memory:"),
        ("MARIGOLD_PASSWORD_KEYS", codes_key),
        ("MARIGOLD_OTP_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("MARIGOLD_SHOP_NAME", "\u{200b}\u{200b}"),
        ("MARIGOLD_SHOP_NAME", "Ada\u{202e}snoS &"),
        ("MARIGOLD_CONTACT", "write to us"),
        ("MARIGOLD_LEGAL_PAGES", "no/such/folder"),
        ("MARIGOLD_INVOICE_SELLER", "Ada;;London"),
        ("MARIGOLD_MESSAGE_PRICES", ","),
        ("LEPTOS_RELOAD_PORT", "0"),
        ("RUST_LOG", "inof"),
    ] {
        let said = complaints(&[(name, value)]);
        let is_named = match name {
            "MARIGOLD_PASSWORD_KEYS" => said[0].starts_with("MARIGOLD_OTP_KEYS has a key of"),
            _ => said[0].starts_with(name),
        };
        assert!(said.len() == 1 && is_named, "{name}={value}: {said:?}");
    }
}

#[test]
fn the_example_of_a_refused_setting_works() {
    for pairs in [
        &[("MARIGOLD_OTP_MAX_WAIT_SECONDS", "899")][..],
        &[("MARIGOLD_OTP_FAILURES_BEFORE_DISABLING", "4")],
        &[("MARIGOLD_OTP_PHONE_SENDS_PER_DAY", "4")],
        &[("MARIGOLD_OTP_DIAL_CODE_SENDS_PER_DAY", "999")],
        &[("MARIGOLD_OTP_PAYMENT_TTL_SECONDS", "60")],
        &[("MARIGOLD_OTP_SMS_AFTER_SECONDS", "300")],
        &[("MARIGOLD_OTP_ATTEMPTS", "6")],
        &[("MARIGOLD_OPS_ADDR", "127.0.0.1:3000")],
        &[("MARIGOLD_ADDR", "127.0.0.1:9090")],
        &[("MARIGOLD_COUNTRIES", ",")],
        &[("MARIGOLD_TRUSTED_PROXIES", "::/0")],
        &[("MARIGOLD_CONTACT", "us")],
        &[("RUST_LOG", "loud")],
    ] {
        let said = complaints(pairs).remove(0);
        let example = said.split_once("For example: ").unwrap().1;
        let (name, value) = example.split_once('=').unwrap();
        let mut repaired = pairs.to_vec();
        repaired.retain(|(given, _)| *given != name);
        repaired.push((name, value));
        assert!(read(&repaired).is_ok(), "{said}");
    }
}

#[test]
fn production_says_what_is_missing_and_what_would_do() {
    let said = complaints(&[
        ("MARIGOLD_ENV", "production"),
        ("MARIGOLD_OTP_KEYS", ""),
        ("MARIGOLD_PASSWORD_KEYS", ""),
    ]);
    for (name, cure) in [
        ("MARIGOLD_CONTACT is not set", "MARIGOLD_CONTACT=help@"),
        ("MARIGOLD_LEGAL_PAGES is not set", "MARIGOLD_LEGAL_PAGES=/"),
        ("MARIGOLD_PUBLIC_URL is not set", "MARIGOLD_PUBLIC_URL=https://"),
        ("MARIGOLD_PROVIDERS is not set", "MARIGOLD_PROVIDERS=meta"),
        ("MARIGOLD_GATEWAYS is not set", "MARIGOLD_GATEWAYS=stripe"),
        ("MARIGOLD_OTP_KEYS is missing", "openssl rand"),
        ("MARIGOLD_PASSWORD_KEYS is missing", "openssl rand"),
    ] {
        let line = said.iter().find(|line| line.starts_with(name));
        assert!(line.is_some_and(|line| line.contains(cure)), "{name}: {said:?}");
    }
    for line in said {
        assert!(!line.ends_with("=demo") && !line.ends_with("=simulator"), "{line}");
    }
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
        "MARIGOLD_GATEWAYS",
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
