//! Work that nobody waits for: sending the outbox, settling payments, sweeping
//! what expired. Each loop survives its own failures and logs them once.

use std::{fmt, future::Future, time::Duration};

use shop::{Shop, delivery::EventReceiver};
use tokio::{task::JoinSet, time};

use crate::AppState;

/// The loops; dropping the set stops them.
pub fn spawn_jobs(state: &AppState, receipts: EventReceiver) -> JoinSet<()> {
    let mut loops = JoinSet::new();
    let shop = state.shop.clone();
    loops.spawn(async move {
        shop.delivery().run().await;
    });
    let shop = state.shop.clone();
    loops.spawn(async move { shop.delivery().receive_all(receipts).await });
    run_every(&mut loops, &state.shop, "settling payments", 2, |shop| async move {
        shop.payments().reconcile_pending().await.map(drop)
    });
    run_every(&mut loops, &state.shop, "telling how codes ended", 5, |shop| async move {
        shop.delivery().report_outcomes().await
    });
    run_every(&mut loops, &state.shop, "renewing hashes", 5, |shop| async move {
        shop.rehash_passwords().await
    });
    run_every(&mut loops, &state.shop, "writing refusals down", 5, |shop| async move {
        shop.audit().flush_audit().await
    });
    run_every(&mut loops, &state.shop, "watching for guessers", 60, |shop| async move {
        shop.codes().watch_for_spraying().await.map(drop)
    });
    run_every(&mut loops, &state.shop, "cancelling what was never paid", 15, |shop| async move {
        shop.orders().sweep().await.map(drop)
    });
    run_every(&mut loops, &state.shop, "sweeping codes", 60, |shop| async move {
        shop.delivery().sweep().await.map(drop)
    });
    run_every(&mut loops, &state.shop, "sweeping sessions", 300, |shop| async move {
        shop.sessions().sweep().await
    });
    run_every(&mut loops, &state.shop, "asking how templates stand", 600, |shop| async move {
        shop.templates().sync(None).await.map(drop)
    });
    loops
}

/// Does `work` every so many seconds, for ever.
fn run_every<W, F, E>(
    loops: &mut JoinSet<()>,
    shop: &Shop,
    name: &'static str,
    seconds: u64,
    work: W,
) where
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
