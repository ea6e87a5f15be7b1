//! An application for tests, and its shoppers.

mod browser;
mod engine;
mod merchant;
mod provider;
mod routes;

pub use browser::{Browser, Page};
pub(crate) use engine::on_both_engines;
pub use engine::{on_both_with_provider, on_postgres, on_sqlite, run_on_sqlite};
pub use provider::{Caller, SIGNATURE, real_provider};
pub use routes::{addresses, paths, routes_by_hand};

use std::{
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
    http::{Request, StatusCode},
};
use domain::{AccountId, EmailAddress, Language, MessagePrice, PhoneNumber, Role, SignInId};
use payment::Gateway;
use shop::{Clock, Entropy, Mode, Passwords, Settings, SignedIn, Simulator, Visitor, audit::Event};
pub use test_shop::PASSWORD;
use test_shop::{Options, TestShop, cheap_passwords};
use text::{PageLanguage, Zone};
use tokio::{sync::oneshot, time::Instant};
use tower::ServiceExt;
use whatsapp::{MessageProvider, ProviderContext, http_client::HttpClient};

use crate::{
    AppState, AppStateInner, health, layers::page_cache::PageCache, router, site::Site, site_files,
};

/// An hour.
pub const HOUR: Duration = Duration::from_secs(3600);

/// A shop with its router, for tests.
pub struct TestApp {
    /// The shop.
    pub shop: TestShop,
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
    /// The router of health and metrics.
    operations: Router,
    origin: String,
    people: AtomicU32,
}

/// How a test app is built.
struct Plan {
    origin: &'static str,
    mode: Mode,
    passwords: Passwords,
    /// None for the simulated phones.
    providers: Vec<Arc<dyn MessageProvider>>,
    /// Besides the demo gateway.
    gateways: Vec<Arc<dyn Gateway>>,
    /// None for a new SQLite file.
    database: Option<String>,
    page_language: fn(Language) -> PageLanguage,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            origin: "http://127.0.0.1:3000",
            mode: Mode::Demo,
            passwords: cheap_passwords(2, None),
            providers: Vec::new(),
            gateways: Vec::new(),
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
        let passwords = cheap_passwords(1, None);
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

    /// A demo with these payment gateways besides its own, on a new SQLite file or this database.
    pub async fn with_gateways(gateways: Vec<Arc<dyn Gateway>>, database: Option<String>) -> Self {
        Self::build(Plan { gateways, database, ..Plan::default() }).await
    }

    /// A demo whose pages are in this language for who asks for that one.
    pub async fn in_language(page_language: fn(Language) -> PageLanguage) -> Self {
        Self::build(Plan { page_language, ..Plan::default() }).await
    }

    /// A demo on this database.
    pub async fn on(database: String) -> Self {
        Self::build(Plan { database: Some(database), ..Plan::default() }).await
    }

    async fn build(plan: Plan) -> Self {
        let Plan { origin, mode, passwords, providers, gateways, database, page_language } = plan;
        let shop = TestShop::build(Options {
            settings: Settings { mode, ..test_shop::settings() },
            entropy: Entropy::system(),
            passwords,
            providers,
            gateways,
            database,
        })
        .await;
        let root = shop.folder().join("site");
        std::fs::create_dir_all(root.join("pkg")).unwrap();
        std::fs::write(root.join("pkg/marigold.js"), "export {}").unwrap();
        let site = site_at(&root, origin, mode);
        let context = provider_context(origin, shop.clock.clone());
        let phones = shop.phones.clone();
        let inner = AppStateInner::new((*shop).clone(), Some(phones.clone()), context, site);
        let state = AppState::from(AppStateInner {
            page_language,
            mailbox: Some(shop.mailbox.clone()),
            ..inner
        });
        Self {
            clock: shop.clock.clone(),
            phones,
            cache: Arc::clone(&state.cache),
            operations: health::routes(state.clone()),
            router: router(state.clone()),
            state,
            origin: origin.into(),
            people: AtomicU32::new(0),
            shop,
        }
    }

    /// The origin of its pages.
    pub fn shop_origin(&self) -> &str {
        &self.origin
    }

    /// The details of the audit events of a kind, oldest first.
    pub async fn audited(&self, event: Event) -> Vec<String> {
        self.shop.audit().flush_audit().await.unwrap();
        let sql = format!(
            "select detail from audit_events where name = '{}' order by occurred_at, rowid",
            event.as_str()
        );
        engine::ask_sqlite(&self.shop.database, sql).await
    }

    /// How many sessions of browsers the database holds.
    pub async fn session_rows(&self) -> usize {
        engine::count_rows(&self.shop.database, "sessions").await
    }

    /// How many sign-ins the database holds.
    pub async fn sign_in_rows(&self) -> usize {
        engine::count_rows(&self.shop.database, "sign_ins").await
    }

    /// Keeps the writer of the database busy until the returned sender is dropped. Other
    /// transactions wait meanwhile.
    pub async fn hold_writer(&self) -> oneshot::Sender<()> {
        let (begin, has_begun) = oneshot::channel();
        let (release, is_released) = oneshot::channel();
        let db = self.shop.db.clone();
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
                &self.shop.database,
                format!("alter table {table} rename to lost_{table}"),
            )
            .await;
        }
    }

    /// A browser of another process on the same database.
    pub async fn browser_of_neighbour(&self) -> Browser {
        let origin = &*self.origin;
        let context = provider_context(origin, self.clock.clone());
        let site = site_at(&self.shop.folder().join("site"), origin, Mode::Demo);
        let neighbour = self.shop.another_process().await;
        let state = AppState::new(neighbour, Some(self.phones.clone()), context, site);
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
            phone: test_shop::phone(number),
        }
    }

    /// Sends all messages that are due, and handles the delivery reports.
    pub async fn deliver(&self) {
        self.shop.run_outbox().await;
    }

    /// The body of the newest e-mail, after those that are due were sent.
    pub async fn newest_email(&self) -> String {
        self.shop.email_delivery().run_due().await.unwrap();
        self.shop.mailbox.received().remove(0).text.body
    }

    /// The answer of `/readyz`, and how long it took.
    pub async fn readiness(&self) -> (StatusCode, String, Duration) {
        let started = Instant::now();
        let request = Request::get("/readyz").body(Body::empty()).unwrap();
        let answer = self.operations.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned(), started.elapsed())
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
            signed_in: Some(SignedIn {
                id: SignInId::from_bits(1),
                account: AccountId::from_bits(1),
                role: Role::Merchant,
                name: "Morgan".into(),
                email: EmailAddress::parse("merchant@example.com").unwrap(),
                stepped_up_at: None,
            }),
            ..test_shop::visitor(1, [192, 0, 2, 1].into())
        }
    }

    /// The newest code on a phone.
    pub async fn code(&self, phone: &PhoneNumber) -> String {
        self.shop.last_code(phone).await
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

/// The context of providers.
fn provider_context(origin: &str, clock: Clock) -> ProviderContext {
    ProviderContext {
        http_client: HttpClient::new().unwrap(),
        public_url: origin.into(),
        template_prefix: "marigold".into(),
        now: Arc::new(move || clock.now()),
    }
}

/// The facts of an installation at this address.
fn site_at(root: &Path, origin: &str, mode: Mode) -> Site {
    Site {
        time_zone: Zone::parse("Europe/Berlin").unwrap(),
        options: site_files::options(&root.display().to_string(), 3001),
        stylesheet: crate::style::address().to_owned(),
        public_url: origin.parse().unwrap(),
        trusted_proxies: Vec::new(),
        is_production: mode == Mode::Production,
        shared_files: None,
        is_watched: false,
        message_prices: vec![MessagePrice::parse("caller:sms:44=0.0382 USD 2026-10-01").unwrap()],
    }
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
