//! Background jobs: sending messages, reconciling payments, deleting what expired. A job
//! that fails logs it and runs again at its next time; one that panics starts again.

pub mod supervisor;

use std::{future::Future, sync::Arc};

use shop::{Shop, delivery::EventReceiver, templates::Templates, warnings};
use tokio::sync::Mutex;

use self::supervisor::Jobs;
use crate::AppState;

/// The job that sends messages. Without it nobody can sign in or pay, so the server is not ready.
pub const SEND_MESSAGES: &str = "delivery.send_messages";

/// Starts all jobs.
pub fn spawn_jobs(state: &AppState, templates: Templates, events: EventReceiver) -> Jobs {
    let mut jobs = Jobs::new(state.job_health.clone());
    let shop = &state.shop;
    spawn_delivery(&mut jobs, shop, events);
    run_every(&mut jobs, shop, "payments.reconcile", 2, |shop| async move {
        shop.payments().reconcile_pending().await.map(drop)
    });
    run_every(&mut jobs, shop, "payments.poll_events", 30, |shop| async move {
        shop.payments().poll_events().await
    });
    run_every(&mut jobs, shop, "verifications.report_outcomes", 5, |shop| async move {
        shop.delivery().report_outcomes().await
    });
    run_every(&mut jobs, shop, "passwords.rehash", 5, |shop| async move {
        shop.rehash_passwords().await
    });
    run_every(
        &mut jobs,
        shop,
        "audit.flush",
        5,
        |shop| async move { shop.audit().flush_audit().await },
    );
    run_every(&mut jobs, shop, "codes.watch_for_spraying", 60, |shop| async move {
        shop.codes().watch_for_spraying().await.map(drop)
    });
    spawn_jobs_of_orders(&mut jobs, shop);
    jobs.run_every("templates.sync", 600, move || {
        let templates = templates.clone();
        async move { templates.sync(None).await.map(drop) }
    });
    spawn_clean_up(&mut jobs, shop);
    spawn_upkeep(&mut jobs, state);
    jobs
}

/// The jobs that send messages and hear of their delivery. They run all the time.
fn spawn_delivery(jobs: &mut Jobs, shop: &Shop, events: EventReceiver) {
    run_always(jobs, shop, SEND_MESSAGES, |shop| async move {
        shop.delivery().run().await;
        Ok(())
    });
    // The receiver outlives the runs, so that no event is lost between two of them.
    let events = Arc::new(Mutex::new(events));
    run_always(jobs, shop, "delivery.receive_reports", move |shop| {
        let events = Arc::clone(&events);
        async move {
            shop.delivery().receive_all(&mut *events.lock().await).await;
            Ok(())
        }
    });
    run_always(jobs, shop, "delivery.relay_notifications", |shop| async move {
        shop.delivery().relay_notifications().await
    });
    run_always(jobs, shop, "delivery.notify_nodes", |shop| async move {
        shop.delivery().notify_nodes().await
    });
}

/// The jobs of orders: those that wait too long, invoices, and e-mails.
fn spawn_jobs_of_orders(jobs: &mut Jobs, shop: &Shop) {
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

/// The jobs that delete what is over.
fn spawn_clean_up(jobs: &mut Jobs, shop: &Shop) {
    run_every(jobs, shop, "codes.purge_expired", 60, |shop| async move {
        shop.delivery().sweep().await.map(drop)
    });
    run_every(jobs, shop, "sessions.purge_expired", 300, |shop| async move {
        shop.sweep_phone_changes().await?;
        shop.sessions().sweep().await
    });
}

/// The jobs that do not need the database.
fn spawn_upkeep(jobs: &mut Jobs, state: &AppState) {
    let metrics = state.metrics.clone();
    jobs.run_every("metrics.upkeep", 5, move || {
        metrics.run_upkeep();
        std::future::ready(Ok::<(), shop::Error>(()))
    });
    jobs.run_every("warnings.log_counted", 60, || {
        warnings::log_counted();
        std::future::ready(Ok::<(), shop::Error>(()))
    });
}

fn run_every<W, F>(jobs: &mut Jobs, shop: &Shop, name: &'static str, seconds: u64, work: W)
where
    W: Fn(Shop) -> F + Send + Sync + 'static,
    F: Future<Output = shop::Result<()>> + Send + 'static,
{
    let shop = shop.clone();
    jobs.run_every(name, seconds, move || work(shop.clone()));
}

fn run_always<W, F>(jobs: &mut Jobs, shop: &Shop, name: &'static str, work: W)
where
    W: Fn(Shop) -> F + Send + Sync + 'static,
    F: Future<Output = shop::Result<()>> + Send + 'static,
{
    let shop = shop.clone();
    jobs.run_always(name, move || work(shop.clone()));
}
