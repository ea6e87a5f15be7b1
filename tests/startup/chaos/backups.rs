//! Backups one after the other while visitors fill carts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::SqlitePool;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{
    client::{Client, Tally, address},
    duration, print,
};
use crate::program::{Place, Result};

const CLIENTS: u32 = 8;

/// Fills carts until the end; each cart is two rows and a session.
async fn fill_carts(
    shop: std::net::SocketAddr,
    first: u32,
    tally: Arc<Tally>,
    end: Arc<AtomicBool>,
) {
    let mut visits = 0;
    while !end.load(Ordering::Relaxed) {
        let mut browser = Client::new(address(first * 1000 + visits % 1000), shop);
        visits += 1;
        let page = tally.send(&mut browser, "GET /products/sunday-mug", "").await;
        let page = page.map(|answer| answer.text).unwrap_or_default();
        let variant = page.split("name=\"variant\" value=\"").nth(1);
        if let Some(variant) = variant.and_then(|rest| rest.split('"').next()) {
            let form = format!("variant={variant}&quantity=1&page=/products/sunday-mug");
            tally.send(&mut browser, "POST /api/cart/add", &form).await;
        }
    }
}

/// The carts of a file that is no longer written, after a check of the whole file.
async fn count_carts(file: &std::path::Path) -> Result<i64> {
    let pool = SqlitePool::connect(&format!("sqlite:{}", file.display())).await?;
    let found: String = sqlx::query_scalar("pragma integrity_check").fetch_one(&pool).await?;
    assert_eq!(found, "ok", "{}", file.display());
    let carts = sqlx::query_scalar("select count(*) from carts").fetch_one(&pool).await?;
    pool.close().await;
    Ok(carts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make chaos SCENARIO=backup: it lasts minutes"]
async fn backups_under_load_are_whole_and_delay_nobody() -> Result {
    let place = Place::new()?.on_free_ports();
    let running = place.start()?;
    let [shop, _] = running.addresses()?;
    let (tally, end) = (Arc::new(Tally::default()), Arc::new(AtomicBool::new(false)));
    let mut visitors = JoinSet::new();
    for number in 0..CLIENTS {
        visitors.spawn(fill_carts(shop, number, Arc::clone(&tally), Arc::clone(&end)));
    }
    let began = Instant::now();
    let (mut count, mut carts, mut slowest) = (0_u32, Vec::new(), Duration::ZERO);
    while began.elapsed() < duration() {
        let file = format!("backup-{count}.db");
        let started = Instant::now();
        let ended = place.run(&["backup", &file])?;
        assert!(ended.status.success(), "{}", ended.stderr);
        slowest = slowest.max(started.elapsed());
        carts.push(count_carts(&place.path(&file)).await?);
        count += 1;
    }
    end.store(true, Ordering::Relaxed);
    timeout(Duration::from_secs(60), visitors.join_all()).await?;
    assert!(carts.is_sorted(), "each backup has what the one before had: {carts:?}");
    drop(running);
    let last = format!("backup-{}.db", count.saturating_sub(1));
    let restored = place.run(&["restore", &last])?;
    assert!(restored.status.success(), "{}", restored.stderr);
    let in_restored = count_carts(&place.path("data/marigold.db")).await?;
    assert_eq!(carts.last(), Some(&in_restored));
    print(
        "backup",
        &format!(
            "{count} backups, the slowest after {} ms, the last with {in_restored} carts and \
             restored; visitors: {}",
            slowest.as_millis(),
            tally.figures()
        ),
    );
    assert_eq!(tally.lost(), 0);
    Ok(())
}
