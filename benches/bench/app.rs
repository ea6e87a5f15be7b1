//! A shop for benchmarks: an SQLite file with `synchronous = full`, limits that are never reached,
//! and a provider that delivers codes into memory.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use domain::{AccountId, EmailAddress, Language, PhoneNumber, Role, Secret};
use payment::DemoGateway;
use shop::{Clock, Dependencies, Entropy, Passwords, Settings, Shop, Visitor, codes::Policy};
use store::{Account, Db};
use test_shop::gateways;
use tokio::sync::Notify;
use whatsapp::{Accepted, BoxFuture, MessageProvider, OutgoingMessage, SendError};

/// The largest number of clients that send requests at once.
pub const MAX_CLIENTS: usize = 64;
/// A limit that is never reached.
const UNLIMITED: u32 = 1_000_000_000;

/// A provider that delivers into memory, at once.
#[derive(Default)]
pub struct RecordingProvider {
    codes: Mutex<HashMap<String, String>>,
    arrived: Notify,
}

impl RecordingProvider {
    /// Waits for a code and removes it.
    pub async fn take(&self, phone: &str) -> String {
        loop {
            let arrived = self.arrived.notified();
            let code = self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(phone);
            if let Some(code) = code {
                return code;
            }
            arrived.await;
        }
    }
}

impl MessageProvider for RecordingProvider {
    fn name(&self) -> &'static str {
        "recording"
    }

    fn carries(&self, _: domain::Channel, _: domain::MessageKind) -> bool {
        true
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        let code = message.code.as_ref().map(domain::Code::expose_text).unwrap_or_default();
        let phone = message.phone.expose().to_owned();
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(phone, code);
        self.arrived.notify_waiters();
        let provider_message_id = message.id.as_str().to_owned();
        Box::pin(async move { Ok(Accepted { provider_message_id }) })
    }
}

/// A shop and its mailbox.
#[derive(Clone)]
pub struct TestApp {
    pub shop: Shop,
    pub db: Db,
    pub recorded: Arc<RecordingProvider>,
}

impl TestApp {
    /// Builds a shop in a folder, with an account for every client.
    pub async fn build(folder: &Path) -> Result<Self> {
        Self::build_with(folder, None).await
    }

    /// The same with a provider that is preferred to the mailbox.
    pub async fn build_with(
        folder: &Path,
        first: Option<Arc<dyn MessageProvider>>,
    ) -> Result<Self> {
        let db = Db::open(&format!("sqlite:{}", folder.join("bench.db").display())).await?;
        db.migrate().await?;
        let recorded = Arc::new(RecordingProvider::default());
        let shop = Shop::new(Dependencies {
            db: db.clone(),
            providers: first
                .into_iter()
                .chain([recorded.clone() as Arc<dyn MessageProvider>])
                .collect(),
            gateways: gateways(DemoGateway::open(
                &folder.join("gateway.jsonl"),
                Arc::new(|| Clock::system().now()),
            )?),
            clock: Clock::system(),
            entropy: Entropy::system(),
            passwords: Passwords::new(NonZeroUsize::MIN),
            settings: settings(),
        });
        shop.seed().seed_catalogue().await?;
        for number in 0..MAX_CLIENTS {
            let account = account(number)?;
            db.write::<_, store::Error, _>(move |tx| {
                Box::pin(async move { tx.accounts().insert(&account).await })
            })
            .await?;
        }
        Ok(Self { shop, db, recorded })
    }

    /// Starts sending what the shop puts in its outbox.
    pub fn dispatch(&self) {
        let shop = self.shop.clone();
        tokio::spawn(async move { shop.delivery().run().await });
    }

    /// Requests a code, reads it and verifies it, without HTTP.
    pub async fn cycle(&self, number: usize, visitor: &Visitor) -> Result<(), shop::Error> {
        let phone = phone(number);
        self.shop.reset().begin(visitor, &phone).await?;
        let code = self.recorded.take(&phone).await;
        self.shop.reset().verify(visitor, &code).await
    }
}

/// The phone of a client's account: a number reserved for fiction.
pub fn phone(number: usize) -> String {
    format!("+447700900{:03}", 800 + number)
}

/// The browser of a client.
pub fn visitor(number: usize) -> Visitor {
    test_shop::visitor(number as u128, std::net::Ipv4Addr::LOCALHOST.into())
}

fn account(number: usize) -> Result<Account> {
    let now = Clock::system().now();
    Ok(Account {
        id: AccountId::from_bits(number as u128),
        email: EmailAddress::parse(&format!("client{number}@example.com")).context("e-mail")?,
        name: format!("Client {number}"),
        phone: PhoneNumber::from_e164(&phone(number)).context("phone")?,
        phone_verified_at: now,
        password_hash: Secret::new("never used".into()),
        role: Role::Shopper,
        language: Language::English,
        created_at: now,
        disabled_at: None,
    })
}

/// The settings of a demonstration, with limits that are never reached.
fn settings() -> Settings {
    Settings {
        policy: Policy {
            phone_sends_per_hour: UNLIMITED,
            phone_sends_per_day: UNLIMITED,
            address_sends_per_hour: UNLIMITED,
            address_failures_per_minute: UNLIMITED,
            failures_before_wait: UNLIMITED,
            sends_per_day: UNLIMITED,
            resend_cooldown: Duration::ZERO,
            ..Policy::demo()
        },
        ..test_shop::settings()
    }
}
