//! The messaging providers: an ordered list, each opened with its own settings, and the
//! prices of messages. Nothing here makes a request to a provider; `marigold check-provider`
//! does.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use domain::MessagePrice;
use shop::{Clock, Mode, codes::Policy};
use whatsapp::{
    MessageProvider, ProviderContext, SettingsSource, http_client::HttpClient, providers,
};

use super::reader::SettingsReader;

/// The name of the simulator in the list.
const SIMULATOR: &str = "simulator";
/// The setting of the list.
const LIST: &str = "MARIGOLD_PROVIDERS";
/// The setting of the prices.
const PRICES: &str = "MARIGOLD_MESSAGE_PRICES";
/// An example of prices.
const PRICES_EXAMPLE: &str =
    "meta:whatsapp:44=0.0382 USD 2026-10-01, twilio:sms:*=0.05 USD 2026-10-01";

/// A provider in the list.
#[derive(Clone)]
pub enum Provider {
    /// The simulator, which is built with the shop.
    Simulator,
    /// A real provider, opened with its settings.
    Real(Arc<dyn MessageProvider>),
}

impl Provider {
    /// Its name in the list.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simulator => SIMULATOR,
            Self::Real(provider) => provider.name(),
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The list, and what all its providers share.
#[derive(Clone)]
pub struct Providers {
    /// In the order of preference.
    pub list: Vec<Provider>,
    /// HTTP client, public address, prefix of template names, clock.
    pub common: ProviderContext,
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.fmt(f)
    }
}

impl Providers {
    /// Logs what the merchant should change soon, although messages can be sent today.
    pub fn log_warnings(&self) {
        for provider in &self.list {
            if let Provider::Real(real) = provider
                && let Some(warning) = real.warning()
            {
                tracing::warn!(event = "provider.ends_soon", provider = real.name(), "{warning}");
            }
        }
    }
}

/// The list as `MARIGOLD_PROVIDERS` has it.
impl fmt::Display for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.list.iter().map(Provider::name).collect();
        f.write_str(&names.join(","))
    }
}

impl SettingsSource for SettingsReader {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        self.refuse_published_secret(name);
        self.raw(name)
    }

    fn refuse(&mut self, name: &'static str, problem: &str, example: &str) {
        SettingsReader::refuse(self, name, problem, example);
    }

    fn note_default(&mut self, name: &'static str, value: &str) {
        SettingsReader::note_default(self, name, value);
    }

    fn is_production(&self) -> bool {
        SettingsReader::is_production(self)
    }
}

/// Opens the providers, and records every error in the list and in their settings.
pub fn read(
    reader: &mut SettingsReader,
    mode: Mode,
    public_url: Option<String>,
    clock: &Clock,
) -> Option<Providers> {
    let prefix = reader.read("MARIGOLD_TEMPLATE_PREFIX", "marigold", parse_prefix);
    let example = "meta,twilio";
    let names = reader.read_with_example(LIST, SIMULATOR, example, |text| parse_list(text, mode));
    // The simulator makes no requests, so it needs no certificates.
    let is_simulated = names.as_ref().is_some_and(|names| names.iter().all(|it| it == SIMULATOR));
    let wire = HttpClient::new()
        .or_else(|problem| if is_simulated { HttpClient::offline() } else { Err(problem) });
    if let Err(problem) = &wire {
        let problem = format!("cannot be reached: the system's certificates: {problem}");
        reader.refuse(LIST, problem, example);
    }
    let clock = clock.clone();
    let common = ProviderContext {
        http_client: wire.ok()?,
        // The settings are checked even if address or prefix are invalid.
        public_url: public_url.clone().unwrap_or_default().into(),
        template_prefix: prefix.clone().unwrap_or_default().into(),
        now: Arc::new(move || clock.now()),
    };
    let opened: Vec<_> = names?.iter().map(|name| open(name, reader, &common)).collect();
    let list = opened.into_iter().collect::<Option<_>>()?;
    (public_url.is_some() && prefix.is_some()).then_some(Providers { list, common })
}

fn open(name: &str, reader: &mut SettingsReader, common: &ProviderContext) -> Option<Provider> {
    if name == SIMULATOR {
        return Some(Provider::Simulator);
    }
    reader.begin_group(format!("Provider {name}"));
    providers::open(name, reader, common)?.map(Provider::Real)
}

/// Parses the names: each known, and once. Production refuses the simulator.
fn parse_list(text: &str, mode: Mode) -> Result<Vec<String>, String> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    let known: Vec<&str> = providers::names().chain([SIMULATOR]).collect();
    let mut seen = HashSet::new();
    for name in &names {
        if !known.contains(&name.as_str()) {
            return Err(format!("has `{name}`, which is none of {}", known.join(", ")));
        }
        if !seen.insert(name) {
            return Err(format!("has `{name}` twice"));
        }
    }
    if mode == Mode::Production && names.iter().any(|name| name == SIMULATOR) {
        let else_one = "which production refuses: nothing real would happen";
        return Err(format!("is or has `{SIMULATOR}`, {else_one}"));
    }
    Ok(names)
}

/// At every provider the name of a template has lower-case letters, digits and underscores,
/// and the longest kind must fit behind the prefix.
fn parse_prefix(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let is_prefix = (1..=40).contains(&text.len())
        && text.bytes().all(is_plain)
        && text.starts_with(|first: char| first.is_ascii_lowercase());
    if is_prefix {
        return Ok(text.to_owned());
    }
    Err("is not 1 to 40 lower-case letters, digits and underscores, a letter first".into())
}

/// Templates state the lifetime of a code in whole minutes, so the policy must too.
pub fn check_lifetimes(reader: &mut SettingsReader, providers: &Providers, policy: &Policy) {
    let is_real = providers.list.iter().any(|provider| matches!(provider, Provider::Real(_)));
    let lifetimes = [
        ("MARIGOLD_OTP_TTL_SECONDS", policy.code_ttl, "600"),
        ("MARIGOLD_OTP_PAYMENT_TTL_SECONDS", policy.payment_code_ttl, "300"),
    ];
    for (name, lifetime, example) in lifetimes {
        if is_real && !is_whole_minutes(lifetime) {
            let problem = "is not whole minutes, and templates of messages state no other lifetime";
            reader.refuse(name, problem, example);
        }
    }
}

fn is_whole_minutes(lifetime: Duration) -> bool {
    lifetime.as_secs().is_multiple_of(60)
}

/// Reads the prices of messages: each once, and of a provider that exists.
pub fn prices(reader: &mut SettingsReader) -> Option<Vec<MessagePrice>> {
    reader.read_with_example(PRICES, "", PRICES_EXAMPLE, |text| {
        let mut seen = HashSet::new();
        let items = text.split(',').map(str::trim).filter(|_| !text.is_empty());
        items.map(|item| parse_price(item, &mut seen)).collect()
    })
}

fn parse_price(item: &str, seen: &mut HashSet<String>) -> Result<MessagePrice, String> {
    let wrong = |problem: &str| format!("has `{item}`, which {problem}");
    let price = MessagePrice::parse(item).map_err(|error| wrong(&error.to_string()))?;
    if !providers::names().any(|name| name == price.provider) {
        let known: Vec<&str> = providers::names().collect();
        return Err(wrong(&format!("names none of {}", known.join(", "))));
    }
    let what = item.split('=').next().unwrap_or_default().trim();
    if !seen.insert(format!("{what} {}", price.since)) {
        return Err(wrong("gives a second price for the same messages and day"));
    }
    Ok(price)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Config, ConfigErrors, environment::Environment, tests::KEYS};
    use super::*;
    use shop::Entropy;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let mut variables = BTreeMap::from(KEYS.map(|(name, key)| (name.into(), key.into())));
        variables.extend(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        Config::read(variables, &Entropy::seeded(1), &Clock::system())
    }

    fn complaint(pairs: &[(&str, &str)]) -> String {
        read(pairs).unwrap_err().to_string()
    }

    #[test]
    fn the_demo_sends_to_the_simulated_phones() {
        let config = read(&[]).unwrap();
        assert!(matches!(config.providers.list.as_slice(), [Provider::Simulator]));
        assert_eq!(&*config.providers.common.public_url, "http://127.0.0.1:3000");
        assert_eq!(&*config.providers.common.template_prefix, "marigold");
    }

    #[test]
    fn an_unknown_provider_is_refused_with_the_list_of_known_ones() {
        let said = complaint(&[("MARIGOLD_PROVIDERS", "simulator,pigeon")]);
        assert!(said.contains("`pigeon`") && said.contains("simulator"), "{said}");
        for name in providers::names() {
            assert!(said.contains(name), "{name}: {said}");
        }
        for list in ["simulator,simulator", "simulator,", ","] {
            assert!(read(&[("MARIGOLD_PROVIDERS", list)]).is_err(), "{list}");
        }
    }

    #[test]
    fn production_never_sends_to_the_simulated_phones() {
        for name in providers::names() {
            let list = format!("{name},simulator");
            let said = complaint(&[("MARIGOLD_ENV", "production"), (LIST, &list)]);
            assert!(said.contains("MARIGOLD_PROVIDERS is or has `simulator`"), "{said}");
        }
    }

    #[test]
    fn every_provider_reports_all_missing_settings_at_once() {
        for name in providers::names() {
            let said = complaint(&[(LIST, name)]);
            assert!(said.contains("is missing"), "{name}: {said}");
        }
    }

    #[test]
    fn a_template_prefix_must_be_valid_at_every_provider() {
        for prefix in ["Shop", "1shop", "my-shop", "my shop", &"s".repeat(41)] {
            assert!(read(&[("MARIGOLD_TEMPLATE_PREFIX", prefix)]).is_err(), "{prefix}");
        }
        assert!(read(&[("MARIGOLD_TEMPLATE_PREFIX", "my_shop2")]).is_ok());
    }

    #[test]
    fn real_providers_need_code_ttls_of_whole_minutes() {
        let simulated = read(&[("MARIGOLD_OTP_TTL_SECONDS", "90")]).unwrap();
        let mut real = simulated.providers.clone();
        real.list = vec![Provider::Real(Arc::new(TestProvider))];
        let mut reader = SettingsReader::new(Environment::default());
        check_lifetimes(&mut reader, &simulated.providers, &simulated.settings.policy);
        check_lifetimes(&mut reader, &real, &simulated.settings.policy);
        let said = reader.finish(|_| Some(())).unwrap_err().to_string();
        assert!(said.contains("1 of the settings") && said.contains("whole minutes"), "{said}");
    }

    #[test]
    fn prices_are_of_providers_that_exist_and_given_once() {
        let price = |text: &str| read(&[(PRICES, text)]);
        assert!(price("pigeon:sms:44=0.1 USD 2026-10-01").is_err());
        for name in providers::names() {
            let one = format!("{name}:sms:44=0.1 USD 2026-10-01");
            let later = format!("{name}:sms:44=0.2 USD 2026-11-01");
            let config = price(&format!("{one}, {later}")).unwrap();
            assert_eq!(config.site.message_prices.len(), 2);
            assert!(price(&format!("{one},{one}")).is_err());
            assert!(price(&format!("{one} and more")).is_err());
        }
    }

    /// A provider that sends nothing.
    struct TestProvider;

    impl MessageProvider for TestProvider {
        fn name(&self) -> &'static str {
            "test"
        }

        fn carries(&self, _: domain::Channel, _: domain::MessageKind) -> bool {
            false
        }

        fn send<'a>(
            &'a self,
            _: &'a whatsapp::OutgoingMessage,
        ) -> whatsapp::BoxFuture<'a, Result<whatsapp::Accepted, whatsapp::SendError>> {
            Box::pin(async { Err(whatsapp::SendError::Unknown) })
        }
    }
}
