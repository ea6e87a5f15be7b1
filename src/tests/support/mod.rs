//! A shop to test in, and who tests in it.

mod browser;

pub use browser::{Browser, Page};

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::Router;
use domain::{Currency, PhoneNumber, Secret, Timestamp};
use payment::DemoGateway;
use shop::{
    Clock, Entropy, Mode, Parts, Passwords, Settings, Shop, Simulator,
    codes::{Key, KeyRing, Policy},
    delivery::{self, Receipts},
};
use store::Db;
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::{Front, layers::cache::PageCache, router, site, site::Site};

/// 2026-01-01T00:00Z, when every test begins.
const BEGIN: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// A password nobody else has.
pub const PASSWORD: &str = "violet kettle harbour";

/// A front door with a shop behind it.
pub struct House {
    /// The shop.
    pub shop: Shop,
    /// Its clock.
    pub clock: Clock,
    /// The simulated phones.
    pub phones: Arc<Simulator>,
    /// The server.
    pub router: Router,
    /// Its ready-made pages.
    pub cache: Arc<PageCache>,
    origin: String,
    receipts: Mutex<Receipts>,
    people: AtomicU32,
    folder: TempDir,
}

/// Somebody who shops.
pub struct Person {
    /// What they are called.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Where their codes go.
    pub phone: PhoneNumber,
}

impl House {
    /// A demonstration.
    pub async fn new() -> Self {
        Self::at("http://127.0.0.1:3000", Mode::Demo, Passwords::default()).await
    }

    /// A shop whose visitors are real.
    pub async fn production() -> Self {
        Self::at("https://shop.example", Mode::Production, Passwords::default()).await
    }

    /// A demonstration that hashes one password at a time.
    pub async fn with_one_hasher() -> Self {
        Self::at("http://127.0.0.1:3000", Mode::Demo, Passwords::new(NonZeroUsize::MIN)).await
    }

    async fn at(origin: &str, mode: Mode, passwords: Passwords) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::stopped_at(BEGIN);
        let (sink, receipts) = delivery::receipts();
        let time = clock.clone();
        let now = Arc::new(move || time.now());
        let phones = Simulator::instant(sink, now);
        let shop = open(&folder, mode, clock.clone(), phones.clone(), passwords).await;
        let is_production = mode == Mode::Production;
        let site = Site {
            options: site::options(&folder.path().join("site").display().to_string()),
            stylesheet: crate::style::address().to_owned(),
            public_url: origin.parse().unwrap(),
            trusted_proxies: Vec::new(),
            is_production,
            is_watched: false,
        };
        std::fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
        std::fs::write(folder.path().join("site/pkg/marigold.js"), "export {}").unwrap();
        let front = Front::new(shop.clone(), Some(phones.clone()), site);
        Self {
            shop,
            clock,
            phones,
            cache: Arc::clone(&front.cache),
            router: router(front),
            origin: origin.into(),
            receipts: Mutex::new(receipts),
            people: AtomicU32::new(0),
            folder,
        }
    }

    /// The same shop in another process, as far as the rows are concerned.
    pub async fn neighbour(&self) -> Shop {
        let (clock, phones) = (self.clock.clone(), self.phones.clone());
        open(&self.folder, Mode::Demo, clock, phones, Passwords::default()).await
    }

    /// A browser that was never here before.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), &self.origin)
    }

    /// Somebody new.
    pub fn person(&self) -> Person {
        let number = self.people.fetch_add(1, Ordering::SeqCst);
        Person {
            name: format!("Robin {number}"),
            email: format!("robin{number}@example.com"),
            phone: PhoneNumber::from_e164(&format!("+447700900{number:03}")).unwrap(),
        }
    }

    /// Sends what waits to be sent, and hears what became of it.
    pub async fn deliver(&self) {
        self.shop.delivery().run_due().await;
        self.shop.delivery().receive_arrived(&mut *self.receipts.lock().await).await;
    }

    /// The newest code on a phone.
    pub async fn code(&self, phone: &PhoneNumber) -> String {
        self.deliver().await;
        let newest = self.phones.messages(phone).into_iter().find_map(|message| message.code);
        newest.expect("a code on the phone")
    }

    /// A person with an account, signed in with this browser.
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

/// A shop on the file in this folder.
async fn open(
    folder: &TempDir,
    mode: Mode,
    clock: Clock,
    phones: Arc<Simulator>,
    passwords: Passwords,
) -> Shop {
    let db =
        Db::open(&format!("sqlite:{}", folder.path().join("shop.db").display())).await.unwrap();
    db.migrate().await.unwrap();
    let bytes = Secret::new(vec![7; 32]);
    let keys = KeyRing::new(vec![Key { id: "k".into(), bytes }]).unwrap();
    let time = clock.clone();
    let now = Arc::new(move || time.now());
    Shop::new(Parts {
        db,
        couriers: vec![phones],
        gateway: DemoGateway::open(&folder.path().join("bank"), now).unwrap(),
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
    /// What they type into the registration form.
    pub fn form(&self) -> [(&'static str, &str); 4] {
        [
            ("name", self.name.as_str()),
            ("email", self.email.as_str()),
            ("phone", self.phone.expose()),
            ("password", PASSWORD),
        ]
    }
}

/// A code that is surely not this one.
pub fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}
