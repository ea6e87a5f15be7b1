//! Background jobs: sending messages, reconciling payments, deleting what expired. A job
//! that fails logs it and runs again at its next time.

use std::{fmt, future::Future, time::Duration};

use shop::{Shop, delivery::EventReceiver, templates::Templates, warnings};
use tokio::{task::JoinSet, time};

use crate::AppState;

/// Starts all jobs. Dropping the set, or shutting it down, stops them.
pub fn spawn_jobs(state: &AppState, templates: Templates, events: EventReceiver) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    let shop = state.shop.clone();
    jobs.spawn(async move {
        shop.delivery().run().await;
    });
    let shop = state.shop.clone();
    jobs.spawn(async move { shop.delivery().receive_all(events).await });
    // On PostgreSQL these two run until the database is closed, or begin again after an error.
    run_every(&mut jobs, &state.shop, "delivery.relay_notifications", 5, |shop| async move {
        shop.delivery().relay_notifications().await
    });
    run_every(&mut jobs, &state.shop, "delivery.notify_nodes", 5, |shop| async move {
        shop.delivery().notify_nodes().await
    });
    run_every(&mut jobs, &state.shop, "payments.reconcile", 2, |shop| async move {
        shop.payments().reconcile_pending().await.map(drop)
    });
    run_every(&mut jobs, &state.shop, "verifications.report_outcomes", 5, |shop| async move {
        shop.delivery().report_outcomes().await
    });
    run_every(&mut jobs, &state.shop, "passwords.rehash", 5, |shop| async move {
        shop.rehash_passwords().await
    });
    run_every(&mut jobs, &state.shop, "audit.flush", 5, |shop| async move {
        shop.audit().flush_audit().await
    });
    run_every(&mut jobs, &state.shop, "codes.watch_for_spraying", 60, |shop| async move {
        shop.codes().watch_for_spraying().await.map(drop)
    });
    spawn_jobs_of_orders(&mut jobs, &state.shop);
    run_every(&mut jobs, &state.shop, "codes.purge_expired", 60, |shop| async move {
        shop.delivery().sweep().await.map(drop)
    });
    run_every(&mut jobs, &state.shop, "sessions.purge_expired", 300, |shop| async move {
        shop.sweep_phone_changes().await?;
        shop.sessions().sweep().await
    });
    run_every(&mut jobs, &state.shop, "templates.sync", 600, move |_| {
        let templates = templates.clone();
        async move { templates.sync(None).await.map(drop) }
    });
    let metrics = state.metrics.clone();
    run_every(&mut jobs, &state.shop, "metrics.upkeep", 5, move |_| {
        metrics.run_upkeep();
        std::future::ready(Ok::<(), shop::Error>(()))
    });
    run_every(&mut jobs, &state.shop, "warnings.log_counted", 60, |_| {
        warnings::log_counted();
        std::future::ready(Ok::<(), shop::Error>(()))
    });
    jobs
}

/// The jobs of orders: those that wait too long, invoices, and e-mails.
fn spawn_jobs_of_orders(jobs: &mut JoinSet<()>, shop: &Shop) {
    run_every(jobs, shop, "orders.cancel_unpaid", 15, |shop| async move {
        shop.orders().sweep().await.map(drop)
    });
    run_every(jobs, shop, "invoices.assign", 2, |shop| async move {
        shop.invoices().assign_due().await.map(drop)
    });
    run_every(jobs, shop, "emails.send", 1, |shop| async move {
        shop.withdrawals().queue_receipts().await?;
        shop.email_delivery().run_due().await.map(drop)
    });
    run_every(jobs, shop, "emails.purge_old", 300, |shop| async move {
        shop.email_delivery().sweep().await
    });
}

/// Runs `work` now and every so many seconds.
fn run_every<W, F, E>(
    jobs: &mut JoinSet<()>,
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
    jobs.spawn(async move {
        let mut interval = time::interval(Duration::from_secs(seconds));
        interval.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            if let Err(error) = work(shop.clone()).await {
                report(name, &error);
            }
        }
    });
}

fn report(job: &'static str, error: &impl fmt::Display) {
    tracing::error!(event = "job.failed", job, %error, "background job failed");
}
