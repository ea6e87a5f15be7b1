//! A shop for tests, with its dependencies.

use std::{
    net::{IpAddr, Ipv4Addr},
    ops::Deref,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{EmailAddress, PhoneNumber};
use email::Sender;
use payment::{DemoGateway, Gateway, Gateways};
use shop::{
    Clock, DemoMailbox, Dependencies, Entropy, MailServer, PasswordKeys, Passwords, Settings, Shop,
    Visitor,
    codes::{Key, KeyRing, Policy},
    delivery::{self, EventReceiver},
    templates::Templates,
};
use store::Db;
use tempfile::TempDir;
use test_support::secret_scan::{SecretScan, register_secret};
use tokio::sync::Mutex;
use whatsapp::{EventSender, MessageProvider, SimulatedMessage, Simulator};

use crate::{BEGIN, PASSWORD, cheap_passwords, codes_on, parts::all_gateways, settings, visitor};

/// How a [`TestShop`] is built.
pub struct Options {
    /// The settings.
    pub settings: Settings,
    /// The source of random numbers.
    pub entropy: Entropy,
    /// The pool in which passwords are hashed.
    pub passwords: Passwords,
    /// The message providers; none for the simulated phones.
    pub providers: Vec<Arc<dyn MessageProvider>>,
    /// Payment gateways besides the demo gateway.
    pub gateways: Vec<Arc<dyn Gateway>>,
    /// The address of the database; `None` for a new SQLite file.
    pub database: Option<String>,
}

impl Default for Options {
    /// A demonstration whose random numbers are the same in every run.
    fn default() -> Self {
        Self {
            settings: settings(),
            entropy: Entropy::seeded(1),
            passwords: cheap_passwords(2, None),
            providers: Vec::new(),
            gateways: Vec::new(),
            database: None,
        }
    }
}

/// A shop and its dependencies.
pub struct TestShop {
    shop: Shop,
    /// The message templates.
    pub templates: Templates,
    /// The database.
    pub db: Db,
    /// The address of the database.
    pub database: String,
    /// The shop's clock.
    pub clock: Clock,
    /// The simulated phones.
    pub phones: Arc<Simulator>,
    /// The payment gateway.
    pub gateway: Arc<DemoGateway>,
    /// The e-mails.
    pub mailbox: Arc<DemoMailbox>,
    gateways: Gateways,
    settings: Settings,
    sink: EventSender,
    events: Mutex<EventReceiver>,
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

impl TestShop {
    /// A demonstration shop.
    pub async fn new() -> Self {
        Self::build(Options::default()).await
    }

    /// A demonstration shop with another policy.
    pub async fn with_policy(policy: Policy) -> Self {
        Self::with(Settings { policy, ..settings() }).await
    }

    /// A shop with these settings.
    pub async fn with(settings: Settings) -> Self {
        Self::build(Options { settings, ..Options::default() }).await
    }

    /// A shop with these options.
    pub async fn build(options: Options) -> Self {
        let Options { settings, entropy, passwords, mut providers, gateways, database } = options;
        let folder = tempfile::tempdir().unwrap();
        let database = match database {
            Some(address) => address,
            None => test_support::new_sqlite_database(&folder.path().join("shop.db")).await,
        };
        let clock = Clock::stopped_at(BEGIN);
        let (sink, events) = delivery::event_channel();
        let phones = Simulator::instant(sink.clone(), now(&clock));
        let secret_scan = scan(&phones);
        if providers.is_empty() {
            providers.push(phones.clone());
        }
        let ledger = folder.path().join("gateway.jsonl");
        let gateway = DemoGateway::open(&ledger, now(&clock)).unwrap();
        let demo: Arc<dyn Gateway> = gateway.clone();
        let gateways = all_gateways(std::iter::once(demo).chain(gateways));
        let mailbox = mailbox(&folder);
        let dependencies = Dependencies {
            db: test_support::open(&database).await,
            providers,
            gateways: gateways.clone(),
            clock: clock.clone(),
            entropy,
            passwords,
            settings: settings.clone(),
        };
        Self {
            db: dependencies.db.clone(),
            templates: dependencies.templates(),
            shop: Shop::with_mail(dependencies, Some(mail_server(mailbox.clone()))),
            database,
            clock,
            phones,
            gateway,
            gateways,
            mailbox,
            settings,
            sink,
            events: Mutex::new(events),
            visitors: AtomicU32::new(0),
            folder,
            _secret_scan: secret_scan,
        }
    }

    /// The dependencies of this shop with other message providers, in order of preference.
    pub fn dependencies(&self, providers: Vec<Arc<dyn MessageProvider>>) -> Dependencies {
        Dependencies {
            db: self.db.clone(),
            providers,
            gateways: self.gateways.clone(),
            clock: self.clock.clone(),
            entropy: Entropy::seeded(77),
            passwords: cheap_passwords(2, None),
            settings: self.settings.clone(),
        }
    }

    /// Another process on the same database, with settings of its own, or the server after a
    /// restart.
    pub async fn another(&self, settings: Settings, clock: Clock) -> Shop {
        static SEED: AtomicU32 = AtomicU32::new(2);
        let entropy = Entropy::seeded(SEED.fetch_add(1, Ordering::SeqCst).into());
        let db = test_support::open(&self.database).await;
        let same = self.dependencies(vec![self.phones.clone()]);
        let dependencies = Dependencies { db, clock, entropy, settings, ..same };
        Shop::with_mail(dependencies, Some(mail_server(self.mailbox.clone())))
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

    /// The same process after every gateway was removed from its settings.
    pub fn without_gateways(&self) -> Shop {
        let same = self.dependencies(vec![self.phones.clone()]);
        Shop::new(Dependencies { gateways: all_gateways([]), ..same })
    }

    /// The same process with another mail server.
    pub fn with_mail(&self, server: MailServer) -> Shop {
        Shop::with_mail(self.dependencies(vec![self.phones.clone()]), Some(server))
    }

    /// The same process with these keys for its passwords.
    pub fn with_password_keys(&self, keys: Vec<Key>) -> Shop {
        let keys = PasswordKeys::new(KeyRing::new(keys).unwrap()).unwrap();
        self.with_passwords(cheap_passwords(2, Some(keys)))
    }

    /// The same process with its passwords hashed in this pool.
    pub fn with_passwords(&self, passwords: Passwords) -> Shop {
        let same = self.dependencies(vec![self.phones.clone()]);
        Shop::new(Dependencies { entropy: Entropy::system(), passwords, ..same })
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
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
        let visitor = visitor(BROWSERS.fetch_add(1, Ordering::SeqCst).into(), address);
        register_secret(visitor.browser.expose());
        visitor
    }

    /// Sends what is in the outbox and handles all delivery reports.
    pub async fn run_outbox(&self) {
        let mut events = self.events.lock().await;
        loop {
            let sent = self.delivery().run_due().await;
            self.delivery().receive_arrived(&mut events).await;
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

/// A mailbox in the folder of a test.
fn mailbox(folder: &TempDir) -> Arc<DemoMailbox> {
    let from = EmailAddress::parse("shop@shop.example").unwrap();
    let sender = Sender::new("Marigold", &from).unwrap();
    Arc::new(DemoMailbox::new(folder.path().join("mail"), sender))
}

fn mail_server(mailbox: Arc<DemoMailbox>) -> MailServer {
    let confirmation_link = "https://shop.example/account/email?token=".to_owned();
    MailServer { mailer: mailbox, confirmation_link }
}

/// The time of a clock, as the simulated phones and the gateway ask for it.
fn now(clock: &Clock) -> whatsapp::Now {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

/// Scans the log for the passwords of test accounts and for all codes on the simulated phones.
fn scan(phones: &Arc<Simulator>) -> SecretScan {
    register_secret(PASSWORD);
    let phones = phones.clone();
    SecretScan::start(move || codes_on(&phones))
}
