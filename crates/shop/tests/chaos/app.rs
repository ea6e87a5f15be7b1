//! The shop over one file, and the provider it speaks to.

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

use domain::{AccountId, Currency, Language, PhoneNumber, Purpose, Secret};
use emulators::{Config, Emulator, Faults, Provider};
use futures::future::join_all;
use payment::DemoGateway;
use shop::{
    BrowserSecret, ClientAddress, Clock, Dependencies, Entropy, Mode, Passwords, Settings, Shop,
    Visitor,
    codes::{Binding, CodeRequest, Key, KeyRing, Policy, Recipient},
};
use store::Db;
use tempfile::TempDir;
use whatsapp::{MessageProvider, ProviderContext, SettingsSource, http_client::HttpClient};

/// Codes asked for at the same time.
const AT_ONCE: u32 = 50;

/// The parent's shop, which sends nothing, and the provider.
#[derive(Clone)]
pub struct TestShop {
    pub shop: Shop,
    pub db: Db,
    pub clock: Clock,
    pub emulator: Arc<Emulator>,
    pub folder: Arc<TempDir>,
    /// Where the provider calls; the children accept what arrives.
    pub socket: Arc<TcpListener>,
    /// Codes asked for so far.
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
            // Longer than anybody waits for an answer.
            hang: Duration::from_secs(11),
            ..Config::new(Provider::Meta)
        });
        let emulator = Arc::new(emulator.await.unwrap());
        let clock = Clock::system();
        let settings: HashMap<_, _> = emulator.settings().into_iter().collect();
        let (shop, db) = shop(folder.path(), clock.clone(), settings).await;
        db.migrate().await.unwrap();
        shop.templates().submit_all("meta").await.unwrap();
        shop.templates().sync(None).await.unwrap();
        let kinds = emulators::Fault::ALL.to_vec();
        emulator.set_faults(Some(Faults { rate: 0.3, seed: 1, kinds }));
        Self { shop, db, clock, emulator, folder, socket, asked: Arc::default() }
    }

    /// Asks for codes, each for a phone of its own, and says in which browsers.
    pub async fn ask_for(&self, count: u32) -> Vec<Visitor> {
        let mut visitors = Vec::new();
        for first in (0..count).step_by(AT_ONCE as usize) {
            let numbers = first..count.min(first + AT_ONCE);
            visitors.extend(join_all(numbers.map(|number| self.ask(number))).await);
        }
        visitors
    }

    async fn ask(&self, number: u32) -> Visitor {
        let visitor = Visitor {
            browser: BrowserSecret::from_bits(number.into()),
            address: ClientAddress::of(std::net::Ipv4Addr::from_bits(number).into()),
            user_agent: String::new(),
            language: Language::English,
            signed_in: None,
        };
        let request = CodeRequest {
            purpose: Purpose::Login,
            account: AccountId::from_bits(number.into()),
            to: Recipient::Phone(phone(number)),
            requested_identifier: None,
            binding: Binding::none(),
            order: None,
            is_verified_phone: true,
        };
        // The file is shared with the children: a busy one is asked again.
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

/// A shop over the folder's file that sends through Meta alone.
pub async fn shop(
    folder: &Path,
    clock: Clock,
    settings: HashMap<&'static str, String>,
) -> (Shop, Db) {
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
    let shop = Shop::new(Dependencies {
        db: db.clone(),
        providers: vec![meta(settings, &common)],
        gateway: DemoGateway::open(&folder.join("bank.jsonl"), now).unwrap(),
        clock,
        entropy: Entropy::system(),
        passwords: Passwords::default(),
        settings: Settings {
            mode: Mode::Demo,
            shop_name: "Marigold".to_owned(),
            template_prefix: "marigold".to_owned(),
            currency: Currency::EUR,
            countries: vec![1],
            policy: Policy {
                life: Duration::from_secs(90 * 60),
                phone_sends_per_hour: plenty,
                address_sends_per_hour: plenty,
                sends_per_day: plenty,
                ..Policy::demo()
            },
            keys: KeyRing::new(vec![Key { id: "k".into(), bytes: Secret::new(vec![7; 32]) }])
                .unwrap(),
        },
    });
    (shop, db)
}

fn meta(
    settings: HashMap<&'static str, String>,
    common: &ProviderContext,
) -> Arc<dyn MessageProvider> {
    let mut variables = Given(settings);
    whatsapp::providers::open("meta", &mut variables, common).flatten().unwrap()
}

/// Settings that are given instead of read.
struct Given(HashMap<&'static str, String>);

impl SettingsSource for Given {
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
