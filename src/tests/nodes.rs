//! Two nodes on one PostgreSQL server. Without `TEST_DATABASE_URL` nothing runs.

use std::time::Duration;

use super::support::on_postgres;

/// How long a notification may take before another change is made: the first one may come before
/// the other node listens.
const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_on_another_node_is_told_of_a_changed_challenge() {
    on_postgres(async |app| {
        let (here, there) = ((*app.shop).clone(), app.shop.another_process().await);
        let mut changes = there.delivery().changes();
        let notifying = tokio::spawn(async move { here.delivery().notify_nodes().await });
        let relaying = tokio::spawn(async move { there.delivery().relay_notifications().await });
        let mut received = None;
        for _ in 0..10 {
            let mut browser = app.browser();
            browser.get("/register").await;
            browser.submit("/api/register", &app.person().form()).await;
            app.deliver().await;
            received = tokio::time::timeout(NOTIFICATION_TIMEOUT, changes.recv()).await.ok();
            if received.is_some() {
                break;
            }
        }
        assert!(received.expect("a notification from the other node").is_ok());
        notifying.abort();
        relaying.abort();
    })
    .await;
}
