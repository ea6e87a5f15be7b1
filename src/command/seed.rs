//! `marigold seed`: the catalogue, and in the demo its two accounts. Of several processes that do it
//! at the same time on one database, one adds what is missing and the others find it.

use shop::{Mode, Shop, seed::DemoPasswords};
use store::Db;

use crate::demo;

/// Adds what is missing. Existing rows are not changed.
pub async fn run(db: &Db, shop: &Shop) -> anyhow::Result<()> {
    catalogue(db, shop).await?;
    if shop.settings().mode == Mode::Demo {
        accounts(db, shop).await?;
    }
    Ok(())
}

/// Adds the catalogue.
pub async fn catalogue(db: &Db, shop: &Shop) -> anyhow::Result<()> {
    let lock = db.lock_setup().await?;
    let seeded = shop.seed().seed_catalogue().await;
    lock.release().await;
    Ok(seeded?)
}

/// Adds the two accounts of the demo, or resets their passwords to those that it returns.
pub async fn accounts(db: &Db, shop: &Shop) -> anyhow::Result<DemoPasswords> {
    let lock = db.lock_setup().await?;
    let seeded = demo::seed_accounts(shop).await;
    lock.release().await;
    seeded
}
