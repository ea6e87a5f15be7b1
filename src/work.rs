//! Work that nobody waits for: sending the outbox, settling payments, sweeping
//! what expired. Each loop survives its own failures and logs them once.

use std::{fmt, future::Future, time::Duration};

use shop::{Shop, delivery::Receipts};
use tokio::{task::JoinSet, time};

use crate::Front;

/// The loops; dropping the set stops them.
pub fn start(front: &Front, receipts: Receipts) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    let shop = front.shop.clone();
    loops.spawn(async move {
        shop.delivery().run().await;
    });
    let shop = front.shop.clone();
    loops.spawn(async move { shop.delivery().receive_all(receipts).await });
    every(&mut loops, &front.shop, "settling payments", 2, |shop| async move {
        shop.payments().settle_due().await.map(drop)
    });
    every(&mut loops, &front.shop, "telling how codes ended", 5, |shop| async move {
        shop.delivery().tell_ends().await
    });
    every(&mut loops, &front.shop, "renewing hashes", 5, |shop| async move {
        shop.renew_hashes().await
    });
    every(&mut loops, &front.shop, "writing refusals down", 5, |shop| async move {
        shop.audit().write_notes().await
    });
    every(&mut loops, &front.shop, "watching for guessers", 60, |shop| async move {
        shop.codes().watch_for_spraying().await.map(drop)
    });
    every(&mut loops, &front.shop, "cancelling what was never paid", 15, |shop| async move {
        shop.orders().sweep().await.map(drop)
    });
    every(&mut loops, &front.shop, "sweeping codes", 60, |shop| async move {
        shop.delivery().sweep().await.map(drop)
    });
    every(&mut loops, &front.shop, "sweeping sessions", 300, |shop| async move {
        shop.sessions().sweep().await
    });
    every(&mut loops, &front.shop, "asking how templates stand", 600, |shop| async move {
        shop.templates().sync(None).await.map(drop)
    });
    loops
}

/// Does `work` every so many seconds, for ever.
fn every<W, F, E>(loops: &mut JoinSet<()>, shop: &Shop, name: &'static str, seconds: u64, work: W)
where
    W: Fn(Shop) -> F + Send + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: fmt::Display + Send,
{
    let shop = shop.clone();
    loops.spawn(async move {
        let mut beat = time::interval(Duration::from_secs(seconds));
        beat.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            if let Err(error) = work(shop.clone()).await {
                report(name, &error);
            }
        }
    });
}

fn report(name: &'static str, error: &impl fmt::Display) {
    tracing::error!(%error, "{name} failed");
}
