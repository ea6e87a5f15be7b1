//! The shop and its parts, put together from the settings.

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::Context;
use marigold::{
    config::{Config, providers::Provider},
    health::Metrics,
};
use payment::DemoGateway;
use shop::{
    Clock, Dependencies, Entropy, Passwords, Shop,
    delivery::{EventReceiver, event_channel},
};
use store::Db;
use whatsapp::{EventSender, MessageProvider, Now, Simulator};

use super::metered::MeteredProvider;

/// The demo bank's book.
const DEMO_GATEWAY_LEDGER: &str = "data/demo_bank";

/// A shop, and what belongs to it only at the start.
pub struct Application {
    /// The shop's database.
    pub db: Db,
    /// The shop.
    pub shop: Shop,
    /// The simulated phones, if messages go there.
    pub simulator: Option<Arc<Simulator>>,
    /// What the simulated phones report.
    pub receipts: EventReceiver,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Application {
    /// Opens the database, brings its tables up to date, and puts the shop together.
    pub async fn open(config: &Config, entropy: Entropy, clock: Clock) -> anyhow::Result<Self> {
        std::fs::create_dir_all("data").context("the folder data/")?;
        let db = Db::open(&config.database_url).await.context("DATABASE_URL cannot be used")?;
        db.migrate().await.context("bringing the tables up to date")?;
        let now = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let (news, receipts) = event_channel();
        let metrics = Arc::<Metrics>::default();
        let (providers, simulator) = providers(config, news, now.clone(), &metrics);
        let hashers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let shop = Shop::new(Dependencies {
            db: db.clone(),
            providers,
            gateway: DemoGateway::open(DEMO_GATEWAY_LEDGER.as_ref(), now)
                .context(DEMO_GATEWAY_LEDGER)?,
            clock,
            entropy,
            passwords: Passwords::under(config.password_keys.clone(), hashers),
            settings: config.settings.clone(),
        });
        Ok(Self { db, shop, simulator, receipts, metrics })
    }
}

/// The couriers in the order of the settings, each counted; and the simulated
/// phones, if they are among them.
fn providers(
    config: &Config,
    news: EventSender,
    now: Now,
    metrics: &Arc<Metrics>,
) -> (Vec<Arc<dyn MessageProvider>>, Option<Arc<Simulator>>) {
    let mut simulator = None;
    let mut providers: Vec<Arc<dyn MessageProvider>> = Vec::new();
    for provider in &config.providers.list {
        let provider: Arc<dyn MessageProvider> = match provider {
            Provider::Real(provider) => provider.clone(),
            Provider::Simulator => {
                simulator.insert(Simulator::new(news.clone(), now.clone())).clone()
            }
        };
        providers.push(Arc::new(MeteredProvider(provider, metrics.clone())));
    }
    (providers, simulator)
}
