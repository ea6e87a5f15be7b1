//! A shop for tests, with SQLite in a temporary file, simulated phones, the demo gateway, a
//! stopped clock and seeded random bits.

use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroUsize,
    ops::Deref,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{ChallengeId, Currency, PhoneNumber, Secret, Timestamp};
use payment::DemoGateway;
use shop::{
    BrowserSecret, ClientAddress, Clock, Dependencies, Entropy, HashingCost, Mode, PasswordKeys,
    Passwords, Settings, Shop, Visitor,
    codes::{CodeView, Key, KeyRing, Policy},
    delivery::{self, EventReceiver},
};
use store::Db;
use tempfile::TempDir;
use test_support::secret_scan::{SecretScan, register_secret};
use tokio::sync::Mutex;
use whatsapp::{EventSender, MessageProvider, SimulatedMessage, Simulator};

use crate::people::PASSWORD;

/// 2026-01-01T00:00Z, when every test begins.
pub const BEGIN: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A shop and its dependencies.
pub struct TestShop {
    shop: Shop,
    /// The database.
    pub db: Db,
    /// The shop's clock.
    pub clock: Clock,
    /// The simulated phones.
    pub phones: Arc<Simulator>,
    /// The payment gateway.
    pub gateway: Arc<DemoGateway>,
    settings: Settings,
    sink: EventSender,
    receipts: Mutex<EventReceiver>,
    visitors: AtomicU32,
    folder: TempDir,
    _secret_scan: SecretScan,
}

impl Deref for TestShop {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.shop
    }
}

/// The settings of a demonstration, with which every test begins.
pub fn settings() -> Settings {
    Settings {
        mode: Mode::Demo,
        shop_name: "Marigold".to_owned(),
        template_prefix: "marigold".to_owned(),
        currency: Currency::EUR,
        countries: vec![1, 44, 49, 55, 62, 91],
        policy: Policy::demo(),
        keys: KeyRing::new(vec![key("first", 1)]).unwrap(),
    }
}

/// A key of one byte, repeated.
pub fn key(id: &str, byte: u8) -> Key {
    Key { id: id.to_owned(), bytes: Secret::new(vec![byte; 32]) }
}

/// A pool of two that hashes passwords cheaply, under these keys or under none.
pub fn passwords(keys: Option<PasswordKeys>) -> Passwords {
    let hashers = NonZeroUsize::MIN.saturating_add(1);
    Passwords::with_cost(HashingCost::CHEAP_FOR_TESTS, keys, hashers)
}

/// What a page shows of a code. The id of the challenge is left out, as it never leaves the
/// server.
pub fn visible(view: CodeView) -> CodeView {
    CodeView { challenge: ChallengeId::from_bits(0), ..view }
}

/// A fictional British number, 0 to 999.
pub fn phone(number: u32) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+447700900{number:03}")).unwrap()
}

impl TestShop {
    /// A demonstration shop.
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    /// A demonstration shop with another policy.
    pub async fn with_policy(policy: Policy) -> Self {
        Self::with(Settings { policy, ..settings() }).await
    }

    /// A shop with these settings.
    pub async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::stopped_at(BEGIN);
        let (sink, receipts) = delivery::event_channel();
        let time = clock.clone();
        let phones = Simulator::instant(sink.clone(), Arc::new(move || time.now()));
        register_secret(PASSWORD);
        let carried = phones.clone();
        let secret_scan = SecretScan::start(move || codes(&carried));
        let time = clock.clone();
        let ledger = folder.path().join("gateway.jsonl");
        let gateway = DemoGateway::open(&ledger, Arc::new(move || time.now())).unwrap();
        let db = test_support::open(&test_support::new_sqlite_database(&file(&folder)).await).await;
        let shop = Shop::new(Dependencies {
            db: db.clone(),
            providers: vec![phones.clone()],
            gateway: gateway.clone(),
            clock: clock.clone(),
            entropy: Entropy::seeded(1),
            passwords: passwords(None),
            settings: settings.clone(),
        });
        Self {
            shop,
            db,
            clock,
            phones,
            gateway,
            settings,
            sink,
            receipts: Mutex::new(receipts),
            visitors: AtomicU32::new(0),
            folder,
            _secret_scan: secret_scan,
        }
    }

    /// Another process on the same database, with settings of its own, or the server after a
    /// restart.
    pub async fn another(&self, settings: Settings, clock: Clock) -> Shop {
        static SEED: AtomicU32 = AtomicU32::new(2);
        Shop::new(Dependencies {
            db: test_support::open(&format!("sqlite:{}", file(&self.folder).display())).await,
            providers: vec![self.phones.clone()],
            gateway: self.gateway.clone(),
            clock,
            entropy: Entropy::seeded(SEED.fetch_add(1, Ordering::SeqCst).into()),
            passwords: passwords(None),
            settings,
        })
    }

    /// Another process with the same settings.
    pub async fn another_process(&self) -> Shop {
        self.another(self.settings.clone(), self.clock.clone()).await
    }

    /// The same process with another message provider.
    pub fn with_provider(&self, provider: Arc<dyn MessageProvider>) -> Shop {
        self.with_providers(vec![provider])
    }

    /// The same process with other message providers, in order of preference.
    pub fn with_providers(&self, providers: Vec<Arc<dyn MessageProvider>>) -> Shop {
        Shop::new(self.dependencies(providers))
    }

    /// The dependencies of this process, with these message providers.
    pub fn dependencies(&self, providers: Vec<Arc<dyn MessageProvider>>) -> Dependencies {
        Dependencies {
            db: self.db.clone(),
            providers,
            gateway: self.gateway.clone(),
            clock: self.clock.clone(),
            entropy: Entropy::seeded(77),
            passwords: passwords(None),
            settings: self.settings.clone(),
        }
    }

    /// The same process with these keys for its passwords.
    pub fn with_password_keys(&self, keys: Vec<Key>) -> Shop {
        let keys = PasswordKeys::new(KeyRing::new(keys).unwrap()).unwrap();
        self.with_passwords(passwords(Some(keys)))
    }

    /// The same process with its passwords hashed in this pool.
    pub fn with_passwords(&self, passwords: Passwords) -> Shop {
        Shop::new(Dependencies {
            db: self.db.clone(),
            providers: vec![self.phones.clone()],
            gateway: self.gateway.clone(),
            clock: self.clock.clone(),
            entropy: Entropy::system(),
            passwords,
            settings: self.settings.clone(),
        })
    }

    /// The folder of its files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A visitor with a new browser and a new network address.
    pub fn visitor(&self) -> Visitor {
        let number = self.visitors.fetch_add(1, Ordering::SeqCst);
        let [_, b, c, d] = number.to_be_bytes();
        self.visitor_at(IpAddr::V4(Ipv4Addr::new(10, b, c, d)))
    }

    /// A visitor with a new browser at this network address.
    pub fn visitor_at(&self, address: IpAddr) -> Visitor {
        static BROWSERS: AtomicU32 = AtomicU32::new(1);
        let bits = u128::from(BROWSERS.fetch_add(1, Ordering::SeqCst));
        let browser = BrowserSecret::from_bits(bits);
        register_secret(browser.expose());
        Visitor {
            browser,
            address: ClientAddress::of(address),
            user_agent: "Mozilla/5.0 (test)".to_owned(),
            language: domain::Language::English,
            signed_in: None,
        }
    }

    /// Sends what is in the outbox and handles all delivery reports.
    pub async fn run_outbox(&self) {
        let mut receipts = self.receipts.lock().await;
        loop {
            let sent = self.delivery().run_due().await;
            self.delivery().receive_arrived(&mut receipts).await;
            if sent == 0 {
                return;
            }
        }
    }

    /// Advances the clock and sends what became due.
    pub async fn wait(&self, span: Duration) {
        self.clock.advance(span);
        self.run_outbox().await;
    }

    /// The messages on a phone, newest first, after the outbox was sent.
    pub async fn messages(&self, phone: &PhoneNumber) -> Vec<SimulatedMessage> {
        self.run_outbox().await;
        self.phones.messages(phone)
    }

    /// The newest code on a phone.
    pub async fn last_code(&self, phone: &PhoneNumber) -> String {
        let messages = self.messages(phone).await;
        messages.into_iter().find_map(|message| message.code).expect("a code on the phone")
    }

    /// The channel of delivery events, for tests that play the provider.
    pub fn sink(&self) -> EventSender {
        self.sink.clone()
    }
}

/// Every code that came to a phone.
fn codes(phones: &Simulator) -> Vec<String> {
    let messages = phones.chats().into_iter().flat_map(|phone| phones.messages(&phone));
    messages.filter_map(|message| message.code).collect()
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("shop.db")
}
