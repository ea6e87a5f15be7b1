//! The shop and its parts, put together from the settings.

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::Context;
use marigold::{
    config::{Config, providers::Provider},
    health::Metrics,
};
use payment::DemoGateway;
use shop::{
    Clock, Entropy, Parts, Passwords, Shop,
    delivery::{Receipts, receipts},
};
use store::Db;
use whatsapp::{Courier, NewsSink, Now, Simulator};

use super::counted::Counted;

/// The demo bank's book.
const DEMO_BANK: &str = "data/demo_bank";

/// A shop, and what belongs to it only at the start.
pub struct Application {
    /// The shop's database.
    pub db: Db,
    /// The shop.
    pub shop: Shop,
    /// The simulated phones, if messages go there.
    pub simulator: Option<Arc<Simulator>>,
    /// What the simulated phones report.
    pub receipts: Receipts,
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
        let (news, receipts) = receipts();
        let metrics = Arc::<Metrics>::default();
        let (couriers, simulator) = couriers(config, news, now.clone(), &metrics);
        let hashers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let shop = Shop::new(Parts {
            db: db.clone(),
            couriers,
            gateway: DemoGateway::open(DEMO_BANK.as_ref(), now).context(DEMO_BANK)?,
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
fn couriers(
    config: &Config,
    news: NewsSink,
    now: Now,
    metrics: &Arc<Metrics>,
) -> (Vec<Arc<dyn Courier>>, Option<Arc<Simulator>>) {
    let mut simulator = None;
    let mut couriers: Vec<Arc<dyn Courier>> = Vec::new();
    for provider in &config.providers.list {
        let courier: Arc<dyn Courier> = match provider {
            Provider::Real(courier) => courier.clone(),
            Provider::Simulator => {
                simulator.insert(Simulator::new(news.clone(), now.clone())).clone()
            }
        };
        couriers.push(Arc::new(Counted(courier, metrics.clone())));
    }
    (couriers, simulator)
}
