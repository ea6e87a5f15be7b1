//! The shop of the parent, and the emulator of its provider.

use std::{
    collections::HashMap,
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{AccountId, PhoneNumber, Purpose};
use emulators::{Config, Emulator, Faults, Provider};
use futures::future::join_all;
use payment::DemoGateway;
use shop::{
    Clock, Dependencies, Entropy, Passwords, Settings, Shop, Visitor,
    codes::{Binding, CodeRequest, Policy, Recipient},
};
use store::Db;
use tempfile::TempDir;
use whatsapp::{MessageProvider, ProviderContext, SettingsSource, http_client::HttpClient};

/// The number of codes that are requested in parallel.
const PARALLEL_REQUESTS: u32 = 50;

/// The shop of the parent, which sends nothing, and the provider.
#[derive(Clone)]
pub struct TestShop {
    pub shop: Shop,
    pub db: Db,
    pub clock: Clock,
    pub emulator: Arc<Emulator>,
    pub folder: Arc<TempDir>,
    /// The socket of the webhooks. The children accept its connections.
    pub socket: Arc<TcpListener>,
    /// The number of codes requested so far.
    pub asked: Arc<AtomicU32>,
}

impl TestShop {
    pub async fn open() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let socket = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
        let address = socket.local_addr().unwrap();
        let emulator = Emulator::start(Config {
            webhook: Some(format!("http://{address}/webhooks/meta")),
            throughput: 1_000_000,
            // A report that fails because its process was killed is repeated to the end.
            webhook_retries: 40,
            // Longer than the time-out of a send.
            hang: Duration::from_secs(11),
            ..Config::new(Provider::Meta)
        });
        let emulator = Arc::new(emulator.await.unwrap());
        let clock = Clock::system();
        let settings: HashMap<_, _> = emulator.settings().into_iter().collect();
        let dependencies = dependencies(folder.path(), clock.clone(), settings).await;
        let (db, templates) = (dependencies.db.clone(), dependencies.templates());
        let shop = Shop::new(dependencies);
        db.migrate().await.unwrap();
        templates.submit_all("meta").await.unwrap();
        templates.sync(None).await.unwrap();
        let kinds = emulators::Fault::ALL.to_vec();
        emulator.set_faults(Some(Faults { rate: 0.3, seed: 1, kinds }));
        Self { shop, db, clock, emulator, folder, socket, asked: Arc::default() }
    }

    /// Requests codes, each for another phone. Returns their visitors.
    pub async fn request_codes(&self, count: u32) -> Vec<Visitor> {
        let mut visitors = Vec::new();
        for first in (0..count).step_by(PARALLEL_REQUESTS as usize) {
            let numbers = first..count.min(first + PARALLEL_REQUESTS);
            visitors.extend(join_all(numbers.map(|number| self.request_code(number))).await);
        }
        visitors
    }

    async fn request_code(&self, number: u32) -> Visitor {
        let address = std::net::Ipv4Addr::from_bits(number).into();
        let visitor = test_shop::visitor(number.into(), address);
        let request = CodeRequest {
            purpose: Purpose::Login,
            account: AccountId::from_bits(number.into()),
            to: Recipient::Phone(phone(number)),
            requested_identifier: None,
            binding: Binding::none(),
            order: None,
            is_verified_phone: true,
        };
        // The children write to the same file. If it is busy, the request is repeated.
        loop {
            let (issuer, request) = (self.shop.codes().issuer(&visitor), request.clone());
            let asked =
                self.db.write(move |tx| Box::pin(async move { issuer.issue(tx, &request).await }));
            match asked.await {
                Ok(()) => break,
                Err(shop::Error::Refused(domain::Refusal::Busy { .. })) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        visitor
    }

    pub async fn is_outbox_empty(&self) -> bool {
        self.db.read().await.unwrap().messages().next_due().await.unwrap().is_none()
    }
}

/// A fictional American number whose last four digits mean nothing to the emulator.
fn phone(number: u32) -> PhoneNumber {
    let (area, last) = (201 + number / 100, 100 + number % 100);
    PhoneNumber::from_e164(&format!("+1{area}555{last:04}")).unwrap()
}

/// The dependencies of a shop on the database in the folder, which sends through Meta only.
pub async fn dependencies(
    folder: &Path,
    clock: Clock,
    settings: HashMap<&'static str, String>,
) -> Dependencies {
    let db = Db::open(&format!("sqlite:{}", folder.join("shop.db").display())).await.unwrap();
    let now = {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    };
    let common = ProviderContext {
        http_client: HttpClient::new().unwrap(),
        public_url: "http://127.0.0.1".into(),
        template_prefix: "marigold".into(),
        now: now.clone(),
    };
    let plenty = 1_000_000;
    Dependencies {
        db,
        providers: vec![meta(settings, &common)],
        gateways: test_shop::gateways(
            DemoGateway::open(&folder.join("gateway.jsonl"), now).unwrap(),
        ),
        clock,
        entropy: Entropy::system(),
        passwords: Passwords::default(),
        settings: Settings {
            policy: Policy {
                code_ttl: Duration::from_secs(90 * 60),
                phone_sends_per_hour: plenty,
                address_sends_per_hour: plenty,
                sends_per_day: plenty,
                ..Policy::demo()
            },
            ..test_shop::settings()
        },
    }
}

fn meta(
    settings: HashMap<&'static str, String>,
    common: &ProviderContext,
) -> Arc<dyn MessageProvider> {
    let mut variables = SettingsMap(settings);
    whatsapp::providers::open("meta", &mut variables, common).flatten().unwrap()
}

/// Settings from a map.
struct SettingsMap(HashMap<&'static str, String>);

impl SettingsSource for SettingsMap {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        if name == "META_MESSAGES_PER_SECOND" {
            return Some("1000".to_owned());
        }
        self.0.get(name).cloned()
    }

    fn refuse(&mut self, name: &'static str, problem: &str, _: &str) {
        panic!("{name} {problem}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a parent tells its child")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
