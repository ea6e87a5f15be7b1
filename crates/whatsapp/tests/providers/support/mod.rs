//! What the tests of all providers share.

pub mod schema;
pub mod servers;
pub mod statuses;

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{
    Channel, Code, Language, MessageId, MessageKind, PhoneNumber, Purpose, Secret, Timestamp,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use whatsapp::{
    OutgoingMessage, ProviderContext, SettingsSource, WebhookRequest, http_client::HttpClient,
};

/// The time of every test: 2026-01-01T00:00:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// A number reserved for fiction.
pub const PHONE: &str = "+447700900111";
/// The code in every message, which must never be printed.
pub const CODE: &str = "493817";
/// The public address of the shop.
pub const PUBLIC_URL: &str = "https://shop.example.com";

/// Settings from a list; remembers those that a provider refused.
#[derive(Clone, Default)]
pub struct Settings {
    values: HashMap<&'static str, String>,
    /// The names of the refused settings, each with its problem.
    pub refused: Vec<(&'static str, String)>,
    /// Whether they are those of a shop in production.
    pub is_production: bool,
}

impl Settings {
    pub fn new<'a>(values: impl IntoIterator<Item = (&'static str, &'a str)>) -> Self {
        let values = values.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        Self { values, ..Self::default() }
    }

    /// The same settings with one value changed or added.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.values.insert(name, value.to_owned());
        self
    }

    /// The same settings in production.
    pub fn in_production(self) -> Self {
        Self { is_production: true, ..self }
    }

    /// The names of the settings that have a value.
    pub fn names(&self) -> Vec<&'static str> {
        self.values.keys().copied().collect()
    }

    /// The same settings without one value.
    pub fn without(mut self, name: &str) -> Self {
        self.values.remove(name);
        self
    }

    /// The names of the refused settings, sorted.
    pub fn refused_names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.refused.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }
}

impl SettingsSource for Settings {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        self.values.get(name).cloned()
    }

    fn refuse(&mut self, name: &'static str, problem: &str, _example: &str) {
        self.refused.push((name, problem.to_owned()));
    }

    fn is_production(&self) -> bool {
        self.is_production
    }
}

/// What every provider is given, with the clock stopped at [`NOW`].
pub fn context() -> ProviderContext {
    ProviderContext {
        http_client: HttpClient::new().unwrap(),
        public_url: PUBLIC_URL.into(),
        template_prefix: "marigold".into(),
        now: Arc::new(|| NOW),
    }
}

/// A message to [`PHONE`] in English; tests override fields with `..outgoing(…)`.
pub fn outgoing(channel: Channel, kind: MessageKind) -> OutgoingMessage {
    let is_code = matches!(kind, MessageKind::Code(_));
    OutgoingMessage {
        id: MessageId::from_bits(7),
        phone: PhoneNumber::from_e164(PHONE).unwrap(),
        channel,
        language: Language::English,
        kind,
        shop_name: "Marigold".to_owned(),
        code: is_code.then(|| Code::parse(CODE).unwrap()),
        minutes: if is_code { 10 } else { 0 },
        remaining: Duration::from_secs(600),
        expires_at: NOW + Duration::from_secs(600),
        template_id: None,
        payment: None,
    }
}

/// A message with a login code.
pub fn login(channel: Channel) -> OutgoingMessage {
    outgoing(channel, MessageKind::Code(Purpose::Login))
}

/// A webhook call that arrives at [`NOW`].
pub struct Call {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub now: Timestamp,
}

impl Call {
    pub fn new(method: Method, url: &str, body: &[u8]) -> Self {
        let (url, body) = (url.to_owned(), body.to_vec());
        Self { method, url, headers: HeaderMap::new(), body, now: NOW }
    }

    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let name = HeaderName::from_static(name);
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub fn request(&self) -> WebhookRequest<'_> {
        WebhookRequest {
            method: &self.method,
            url: &self.url,
            headers: &self.headers,
            body: &self.body,
            now: self.now,
        }
    }
}

/// asserts that a text contains neither the code, nor the number, nor a secret.
pub fn assert_says_nothing_secret(text: &str, secrets: &[&str]) {
    let digits = PHONE.trim_start_matches('+');
    for secret in [CODE, digits].iter().chain(secrets) {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn x119_plain_http_is_allowed_for_this_machine_only() {
    for (address, is_taken) in [
        ("https://api.example.com/v1/", true),
        ("http://127.0.0.1:4010", true),
        ("http://api.example.com", false),
        ("https://user@api.example.com", false),
        ("https://api.example.com?key=1", false),
        ("api.example.com", false),
    ] {
        let mut settings = Settings::new([("BASE_URL", address)]).with("OTHER", "x");
        let source: &mut dyn SettingsSource = &mut settings;
        let taken = source.base_url("BASE_URL", "https://api.example.com");
        assert_eq!(taken.is_some(), is_taken, "{address}");
        assert_eq!(settings.refused_names().is_empty(), is_taken, "{address}");
        assert_eq!(settings.without("BASE_URL").optional("BASE_URL"), None);
    }
}

#[test]
fn x114_an_outgoing_message_prints_neither_code_nor_number() {
    let message = login(Channel::Sms);
    let printed = format!("{:?} {:?} {:?}", message.code, message.phone, Secret::new("hunter2"));
    assert_says_nothing_secret(&printed, &["hunter2"]);
    let call = Call::new(Method::POST, PUBLIC_URL, b"{}").with_header("x-test", "1");
    assert_eq!(call.request().header("x-test"), Some("1"));
}

#[test]
fn the_webhook_address_is_the_public_url_and_the_provider_name() {
    let context = context();
    assert_eq!(context.webhook_url("meta"), "https://shop.example.com/webhooks/meta");
    assert_eq!(context.host(), "shop.example.com");
}
