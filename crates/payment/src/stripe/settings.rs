//! The settings of Stripe: what a key and a webhook secret look like, without ever printing one.

use std::time::Duration;

use domain::Secret;

use super::retry::FIRST_WAIT;
use crate::Url;

/// The address of the API.
pub const DEFAULT_BASE_URL: &str = "https://api.stripe.com";

/// The pages of Stripe to which shoppers are sent: Checkout, and the page that leads to the issuer
/// for 3-D Secure (<https://docs.stripe.com/security/guide#content-security-policy>).
const PAGE_ORIGINS: [&str; 2] = ["https://checkout.stripe.com", "https://hooks.stripe.com"];

/// The word in place of the webhook secret for a shop that Stripe cannot call.
const NO_WEBHOOKS: &str = "off";
/// The beginning of every webhook secret.
const WEBHOOK_SECRET_PREFIX: &str = "whsec_";
/// The least number of characters after the beginning of a key or secret.
const MIN_SECRET_LEN: usize = 8;

/// The account of the shop at Stripe.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The key of the API.
    pub key: SecretKey,
    /// The secrets that may sign webhooks.
    pub webhook_secrets: WebhookSecrets,
    /// The address of the API.
    pub base_url: Url,
    /// The domain of Stripe's page, if the merchant has one of their own
    /// (<https://docs.stripe.com/payments/checkout/custom-domains>).
    pub checkout_domain: Option<Domain>,
    /// The wait before a request that failed is sent a second time.
    pub first_wait: Duration,
}

impl Settings {
    /// The settings with the usual waits.
    pub const fn new(key: SecretKey, webhook_secrets: WebhookSecrets, base_url: Url) -> Self {
        let first_wait = FIRST_WAIT;
        Self { key, webhook_secrets, base_url, checkout_domain: None, first_wait }
    }

    /// The origins of the pages to which shoppers are sent. An emulator has its pages at the address
    /// of its API.
    pub(super) fn page_origins(&self) -> Vec<String> {
        let own = self.checkout_domain.as_ref().map(|domain| format!("https://{}", domain.0));
        let usual = PAGE_ORIGINS.map(str::to_owned).into_iter();
        if self.base_url.as_str().trim_end_matches('/') == DEFAULT_BASE_URL {
            return own.into_iter().chain(usual).collect();
        }
        vec![self.base_url.origin().ascii_serialization()]
    }
}

/// The name of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// Reads a name such as `pay.shop.example`.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_label = |label: &str| {
            let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            !label.is_empty() && label.bytes().all(|byte| is_letter(byte) || byte == b'-')
        };
        if text.contains('.') && text.split('.').all(is_label) {
            Ok(Self(text.to_owned()))
        } else {
            Err("is not the name of a host, such as pay.shop.example")
        }
    }
}

/// Whether a key moves real money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMode {
    /// Stripe's test mode: no money moves.
    Test,
    /// Real money.
    Live,
}

impl KeyMode {
    /// The mode in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }
}

/// A key of the API that may be used on a server: a secret key (`sk_…`) or a restricted one
/// (`rk_…`). Source: <https://docs.stripe.com/keys>.
#[derive(Clone, Debug)]
pub struct SecretKey {
    text: Secret<String>,
    mode: KeyMode,
    is_restricted: bool,
}

impl SecretKey {
    /// Reads a key. The error says what is wrong and never repeats the key.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with("pk_") {
            return Err(
                "is a publishable key; the shop needs a secret key (sk_…) or a restricted \
                        one (rk_…)",
            );
        }
        if text.starts_with(WEBHOOK_SECRET_PREFIX) {
            return Err("is the secret of a webhook, which belongs in STRIPE_WEBHOOK_SECRET");
        }
        let (is_restricted, rest) = match (text.strip_prefix("sk_"), text.strip_prefix("rk_")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err("does not begin with sk_test_, sk_live_, rk_test_ or rk_live_"),
        };
        let (mode, random) = match (rest.strip_prefix("test_"), rest.strip_prefix("live_")) {
            (Some(random), _) => (KeyMode::Test, random),
            (_, Some(random)) => (KeyMode::Live, random),
            _ => return Err("does not begin with sk_test_, sk_live_, rk_test_ or rk_live_"),
        };
        if !is_secret(random) {
            return Err("is cut short, or has characters that no key has");
        }
        Ok(Self { text: Secret::new(text.to_owned()), mode, is_restricted })
    }

    /// Whether the key moves real money.
    pub const fn mode(&self) -> KeyMode {
        self.mode
    }

    /// Whether it is a restricted key, which may do only what the merchant chose.
    pub const fn is_restricted(&self) -> bool {
        self.is_restricted
    }

    pub(super) const fn expose(&self) -> &String {
        self.text.expose()
    }
}

/// The secrets that may sign webhooks: several while one replaces another, and none for a shop
/// that Stripe cannot call. A secret is used whole, with its `whsec_`
/// (<https://docs.stripe.com/webhooks#verify-manually>).
#[derive(Clone, Debug)]
pub struct WebhookSecrets(Secret<Vec<String>>);

impl WebhookSecrets {
    /// Reads secrets with commas between them, or `off`. An empty text is an error: a signature
    /// with an empty key could be forged by anybody.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text == NO_WEBHOOKS {
            return Ok(Self(Secret::new(Vec::new())));
        }
        let secrets: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
        let is_right =
            |secret: &String| secret.strip_prefix(WEBHOOK_SECRET_PREFIX).is_some_and(is_secret);
        if secrets.iter().all(is_right) {
            Ok(Self(Secret::new(secrets)))
        } else {
            Err(
                "must be the signing secret of the webhook endpoint (whsec_…), several with commas \
                 between them while one replaces another, or `off` if Stripe cannot call this shop",
            )
        }
    }

    /// Whether there is none, so that no call is accepted and events are polled.
    pub fn is_off(&self) -> bool {
        self.expose().is_empty()
    }

    pub(super) const fn expose(&self) -> &Vec<String> {
        self.0.expose()
    }
}

/// Reads the address of the API. Plain http is for this machine only.
pub fn parse_base_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        _ => return Err("must begin with https://"),
    }
    let has_more = url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
    if has_more || url.path() != "/" {
        return Err("must consist of a scheme and a host only");
    }
    Ok(url)
}

/// Whether a text can be the random part of a key or secret.
fn is_secret(text: &str) -> bool {
    text.len() >= MIN_SECRET_LEN && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x162_a_key_is_read_with_its_mode_and_never_printed() {
        for (text, mode, is_restricted) in [
            ("sk_test_51Habcdefgh", KeyMode::Test, false),
            ("sk_live_51Habcdefgh", KeyMode::Live, false),
            ("rk_test_51Habcdefgh", KeyMode::Test, true),
            ("rk_live_51Habcdefgh", KeyMode::Live, true),
        ] {
            let key = SecretKey::parse(text).unwrap();
            assert_eq!((key.mode(), key.is_restricted()), (mode, is_restricted), "{text}");
            assert!(!format!("{key:?}").contains("51Habc"), "{key:?}");
        }
        for text in [
            "",
            "sk_test_",
            "sk_test_short",
            "sk_test_with space",
            "sk_51Habcdefgh",
            "pk_test_51Habcdefgh",
            "whsec_51Habcdefgh",
            "SK_TEST_51Habcdefgh",
            "Bearer sk_test_51Habcdefgh",
        ] {
            let problem = SecretKey::parse(text).unwrap_err();
            assert!(!problem.contains("51Habc"), "{problem}");
        }
    }

    #[test]
    fn x163_an_empty_webhook_secret_is_refused() {
        for text in
            ["", " ", ",", "whsec_", "whsec_12345678,", ",whsec_12345678", "12345678", "on", "OFF"]
        {
            assert!(WebhookSecrets::parse(text).is_err(), "{text:?}");
        }
        let rotated = WebhookSecrets::parse("whsec_12345678, whsec_87654321").unwrap();
        assert_eq!(rotated.expose(), &["whsec_12345678", "whsec_87654321"]);
        assert!(!rotated.is_off() && WebhookSecrets::parse("off").unwrap().is_off());
        assert!(!format!("{rotated:?}").contains("12345678"));
    }

    #[test]
    fn shoppers_are_sent_to_stripes_pages_or_the_merchants_domain_only() {
        let settings = |base_url: &str, domain: Option<&str>| {
            let key = SecretKey::parse("sk_test_12345678").unwrap();
            let secrets = WebhookSecrets::parse("off").unwrap();
            let mut settings = Settings::new(key, secrets, parse_base_url(base_url).unwrap());
            settings.checkout_domain = domain.map(|domain| Domain::parse(domain).unwrap());
            settings.page_origins()
        };
        assert_eq!(settings(DEFAULT_BASE_URL, None), PAGE_ORIGINS);
        let own = settings(DEFAULT_BASE_URL, Some("pay.shop.example"));
        assert_eq!(own.first().unwrap(), "https://pay.shop.example");
        assert_eq!(settings("http://127.0.0.1:12111", None), ["http://127.0.0.1:12111"]);
        for text in ["", "shop", "https://pay.shop.example", "pay.shop.example/x", "a.b;c", "a b"] {
            assert!(Domain::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn x119_stripe_is_asked_over_tls_except_on_this_machine() {
        for text in [DEFAULT_BASE_URL, "http://127.0.0.1:12111", "http://localhost:1"] {
            assert!(parse_base_url(text).is_ok(), "{text}");
        }
        for text in [
            "http://api.stripe.com",
            "api.stripe.com",
            "https://user@api.stripe.com",
            "https://api.stripe.com/v1",
            "https://api.stripe.com?x=1",
            "ftp://127.0.0.1",
        ] {
            assert!(parse_base_url(text).is_err(), "{text}");
        }
    }
}
