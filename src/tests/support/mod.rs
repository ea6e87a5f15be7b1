//! An application for tests, and its shoppers.

mod browser;
mod engine;
mod provider;
mod routes;

pub use browser::{Browser, Page};
pub(crate) use engine::on_both_engines;
pub use engine::{on_both_with_provider, on_postgres, on_sqlite};
pub use provider::{Caller, SIGNATURE};
pub use routes::{addresses, paths, routes_by_hand};

use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use domain::{
    AccountId, Currency, EmailAddress, Language, MessagePrice, PhoneNumber, Role, Secret, SignInId,
    Timestamp,
};
use payment::DemoGateway;
use shop::{
    BrowserSecret, ClientAddress, Clock, Dependencies, Entropy, HashingCost, Mode, Passwords,
    Settings, Shop, SignedIn, Simulator, Visitor,
    audit::Event,
    codes::{Key, KeyRing, Policy},
    delivery::{self, EventReceiver},
};
use store::Db;
use tempfile::TempDir;
use test_support::secret_scan::{SecretScan, register_secret};
use text::PageLanguage;
use tokio::sync::{Mutex, OwnedSemaphorePermit, oneshot};
use tower::ServiceExt;
use whatsapp::{MessageProvider, ProviderContext, http_client::HttpClient};

use crate::{
    AppState, AppStateInner, health, layers::page_cache::PageCache, router, site, site::Site,
};

/// 2026-01-01T00:00Z, when every test begins.
const BEGIN: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// An hour.
pub const HOUR: Duration = Duration::from_secs(3600);
/// The password of every test account.
pub const PASSWORD: &str = "violet kettle harbour";

/// A shop with its router, for tests.
pub struct TestApp {
    /// The shop.
    pub shop: Shop,
    /// Its clock.
    pub clock: Clock,
    /// The simulated phones.
    pub phones: Arc<Simulator>,
    /// The state of the router.
    pub state: AppState,
    /// The router of the public address.
    pub router: Router,
    /// The page cache.
    pub cache: Arc<PageCache>,
    /// The gateway.
    pub gateway: Arc<DemoGateway>,
    /// The router of health and metrics.
    operations: Router,
    db: Db,
    database: String,
    origin: String,
    receipts: Mutex<EventReceiver>,
    people: AtomicU32,
    folder: TempDir,
    _secret_scan: SecretScan,
}

/// How a test app is built.
struct Plan {
    origin: &'static str,
    mode: Mode,
    passwords: Passwords,
    /// None for the simulated phones.
    providers: Vec<Arc<dyn MessageProvider>>,
    /// None for a new SQLite file.
    database: Option<String>,
    page_language: fn(Language) -> PageLanguage,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            origin: "http://127.0.0.1:3000",
            mode: Mode::Demo,
            passwords: cheap_passwords(2),
            providers: Vec::new(),
            database: None,
            page_language: text::page_language,
        }
    }
}

/// A shopper.
pub struct Person {
    /// The name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The phone that gets the codes.
    pub phone: PhoneNumber,
}

impl TestApp {
    /// A demo.
    pub async fn new() -> Self {
        Self::build(Plan::default()).await
    }

    /// A shop in production mode.
    pub async fn production() -> Self {
        let (origin, mode) = ("https://shop.example", Mode::Production);
        Self::build(Plan { origin, mode, ..Plan::default() }).await
    }

    /// A demo that hashes one password at a time.
    pub async fn with_one_hasher() -> Self {
        let passwords = cheap_passwords(1);
        Self::build(Plan { passwords, ..Plan::default() }).await
    }

    /// A demo whose messages these providers send.
    pub async fn with_providers(providers: Vec<Arc<dyn MessageProvider>>) -> Self {
        Self::build(Plan { providers, ..Plan::default() }).await
    }

    /// The same on this database.
    async fn with_providers_on(providers: Vec<Arc<dyn MessageProvider>>, database: String) -> Self {
        Self::build(Plan { providers, database: Some(database), ..Plan::default() }).await
    }

    /// A demo whose pages are in this language for who asks for that one.
    pub async fn in_language(page_language: fn(Language) -> PageLanguage) -> Self {
        Self::build(Plan { page_language, ..Plan::default() }).await
    }

    /// A demo on this database.
    async fn on(database: String) -> Self {
        Self::build(Plan { database: Some(database), ..Plan::default() }).await
    }

    async fn build(plan: Plan) -> Self {
        let Plan { origin, mode, passwords, mut providers, database, page_language } = plan;
        let folder = tempfile::tempdir().unwrap();
        let database = match database {
            Some(address) => address,
            None => test_support::new_sqlite_database(&folder.path().join("shop.db")).await,
        };
        let db = test_support::open(&database).await;
        let clock = Clock::stopped_at(BEGIN);
        let (sink, receipts) = delivery::event_channel();
        let time = clock.clone();
        let now = Arc::new(move || time.now());
        let phones = Simulator::instant(sink, now.clone());
        register_secret(PASSWORD);
        let carried = phones.clone();
        let secret_scan = SecretScan::start(move || codes(&carried));
        if providers.is_empty() {
            providers.push(phones.clone());
        }
        let gateway = DemoGateway::open(&folder.path().join("gateway"), now.clone()).unwrap();
        let shop = assemble(db.clone(), gateway.clone(), mode, clock.clone(), providers, passwords);
        std::fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
        std::fs::write(folder.path().join("site/pkg/marigold.js"), "export {}").unwrap();
        let site = site_at(&folder.path().join("site"), origin, mode);
        let phones_of_state = Some(phones.clone());
        let inner = AppStateInner::new(shop.clone(), phones_of_state, common(origin, now), site);
        let state = AppState::from(AppStateInner { page_language, ..inner });
        Self {
            shop,
            clock,
            phones,
            cache: Arc::clone(&state.cache),
            gateway,
            db,
            database,
            operations: health::routes(state.clone()),
            router: router(state.clone()),
            state,
            origin: origin.into(),
            receipts: Mutex::new(receipts),
            people: AtomicU32::new(0),
            folder,
            _secret_scan: secret_scan,
        }
    }

    /// Another shop on the same database, as in another process.
    pub async fn neighbour(&self) -> Shop {
        let providers: Vec<Arc<dyn MessageProvider>> = vec![self.phones.clone()];
        let clock = self.clock.clone();
        let gateway = self.gateway.clone();
        let db = test_support::open(&self.database).await;
        assemble(db, gateway, Mode::Demo, clock, providers, cheap_passwords(2))
    }

    /// The origin of its pages.
    pub fn shop_origin(&self) -> &str {
        &self.origin
    }

    /// Takes every permit for an event stream.
    pub async fn take_all_sse_permits(&self) -> OwnedSemaphorePermit {
        let permits = Arc::clone(&self.state.sse_permits);
        let all = u32::try_from(permits.available_permits()).unwrap();
        permits.acquire_many_owned(all).await.unwrap()
    }

    /// The details of the audit events of a kind, oldest first.
    pub async fn audited(&self, event: Event) -> Vec<String> {
        self.shop.audit().flush_audit().await.unwrap();
        let sql = format!(
            "select detail from audit_events where name = '{}' order by occurred_at, rowid",
            event.as_str()
        );
        engine::ask_sqlite(&self.database, sql).await
    }

    /// Keeps the writer of the database busy until the returned sender is dropped. Other
    /// transactions wait meanwhile.
    pub async fn hold_writer(&self) -> oneshot::Sender<()> {
        let (begin, has_begun) = oneshot::channel();
        let (release, is_released) = oneshot::channel();
        let db = self.db.clone();
        tokio::spawn(async move {
            db.write(|_| {
                Box::pin(async move {
                    begin.send(()).ok();
                    is_released.await.ok();
                    Ok::<_, store::Error>(())
                })
            })
            .await
        });
        has_begun.await.unwrap();
        release
    }

    /// Renames tables that every page needs.
    pub async fn break_database(&self) {
        for table in ["products", "sessions"] {
            engine::run_on_sqlite(
                &self.database,
                format!("alter table {table} rename to lost_{table}"),
            )
            .await;
        }
    }

    /// A browser of another process on the same database.
    pub async fn browser_of_neighbour(&self) -> Browser {
        let (time, origin) = (self.clock.clone(), &*self.origin);
        let common = common(origin, Arc::new(move || time.now()));
        let site = site_at(&self.folder.path().join("site"), origin, Mode::Demo);
        let state = AppState::new(self.neighbour().await, Some(self.phones.clone()), common, site);
        Browser::new(router(state), origin)
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), &self.origin)
    }

    /// A shopper without an account.
    pub fn person(&self) -> Person {
        let number = self.people.fetch_add(1, Ordering::SeqCst);
        Person {
            name: format!("Robin {number}"),
            email: format!("robin{number}@example.com"),
            phone: PhoneNumber::from_e164(&format!("+447700900{number:03}")).unwrap(),
        }
    }

    /// Sends all messages that are due, and handles the delivery reports.
    pub async fn deliver(&self) {
        self.shop.delivery().run_due().await;
        self.shop.delivery().receive_arrived(&mut *self.receipts.lock().await).await;
    }

    /// The text of `/metrics`.
    pub async fn metrics(&self) -> String {
        let request = Request::get("/metrics").body(Body::empty()).unwrap();
        let answer = self.operations.clone().oneshot(request).await.unwrap();
        String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
    }

    /// The merchant, for calls of the shop without HTTP.
    pub fn merchant(&self) -> Visitor {
        Visitor {
            browser: BrowserSecret::from_bits(1),
            address: ClientAddress::of([192, 0, 2, 1].into()),
            user_agent: String::new(),
            language: Language::default(),
            signed_in: Some(SignedIn {
                id: SignInId::from_bits(1),
                account: AccountId::from_bits(1),
                role: Role::Merchant,
                name: "Morgan".into(),
                email: EmailAddress::parse("merchant@example.com").unwrap(),
                stepped_up_at: None,
            }),
        }
    }

    /// The newest code on a phone.
    pub async fn code(&self, phone: &PhoneNumber) -> String {
        self.deliver().await;
        let newest = self.phones.messages(phone).into_iter().find_map(|message| message.code);
        newest.expect("a code on the phone")
    }

    /// Registers a shopper, which signs this browser in.
    pub async fn join(&self, browser: &mut Browser) -> Person {
        let person = self.person();
        browser.get("/register").await;
        let page = browser.submit("/api/register", &person.form()).await;
        assert_eq!(page.path, "/register/verify", "{}", page.text());
        let code = self.code(&person.phone).await;
        let page = browser.submit("/api/register/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/account", "{}", page.text());
        person
    }
}

/// A pool that hashes this many passwords at a time, cheaply.
fn cheap_passwords(hashers: usize) -> Passwords {
    let hashers = NonZeroUsize::new(hashers).unwrap();
    Passwords::with_cost(HashingCost::CHEAP_FOR_TESTS, None, hashers)
}

/// The context of providers.
fn common(origin: &str, now: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> ProviderContext {
    ProviderContext {
        http_client: HttpClient::new().unwrap(),
        public_url: origin.into(),
        template_prefix: "marigold".into(),
        now,
    }
}

/// Every code that came to a phone.
fn codes(phones: &Simulator) -> Vec<String> {
    let messages = phones.chats().into_iter().flat_map(|phone| phones.messages(&phone));
    messages.filter_map(|message| message.code).collect()
}

/// The facts of an installation at this address.
fn site_at(root: &Path, origin: &str, mode: Mode) -> Site {
    Site {
        options: site::options(&root.display().to_string(), 3001),
        stylesheet: crate::style::address().to_owned(),
        public_url: origin.parse().unwrap(),
        trusted_proxies: Vec::new(),
        is_production: mode == Mode::Production,
        is_watched: false,
        message_prices: vec![MessagePrice::parse("caller:sms:44=0.0382 USD 2026-10-01").unwrap()],
    }
}

/// A shop on this database, at this gateway.
fn assemble(
    db: Db,
    gateway: Arc<DemoGateway>,
    mode: Mode,
    clock: Clock,
    providers: Vec<Arc<dyn MessageProvider>>,
    passwords: Passwords,
) -> Shop {
    let bytes = Secret::new(vec![7; 32]);
    let keys = KeyRing::new(vec![Key { id: "k".into(), bytes }]).unwrap();
    Shop::new(Dependencies {
        db,
        providers,
        gateway,
        clock,
        entropy: Entropy::system(),
        passwords,
        settings: Settings {
            mode,
            shop_name: "Marigold".into(),
            template_prefix: "marigold".into(),
            currency: Currency::EUR,
            countries: vec![1, 44, 49],
            policy: Policy::demo(),
            keys,
        },
    })
}

impl Person {
    /// The fields of the registration form.
    pub fn form(&self) -> [(&'static str, &str); 4] {
        [
            ("name", self.name.as_str()),
            ("email", self.email.as_str()),
            ("phone", self.phone.expose()),
            ("password", PASSWORD),
        ]
    }
}

/// A code that differs from this one.
pub fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}
