//! `marigold seed`: the catalogue, and in the demo its two accounts.

use shop::{Mode, Shop};

use crate::demo;

/// Adds what is missing. Existing rows are not changed.
pub async fn run(shop: &Shop) -> anyhow::Result<()> {
    shop.seed().seed_catalogue().await?;
    if shop.settings().mode == Mode::Demo {
        demo::seed_accounts(shop).await?;
    }
    Ok(())
}
