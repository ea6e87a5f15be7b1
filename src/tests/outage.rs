//! What visitors and proxies get while PostgreSQL is out of reach, and that no answer leaves before
//! its commit. Without `TEST_DATABASE_URL` nothing runs.

use std::time::Duration;

use axum::http::StatusCode;
use sqlx::{Connection, PgConnection};
use test_support::{Cut, Proxy, Swallowed, with_postgres_database};
use tokio::time::Instant;

use super::support::{Page, TestApp};

/// How long a page may take, and the slowness of a busy machine.
const MAX_PAGE: Duration = Duration::from_millis(5_000 + 1_500);
/// How long `/readyz` may take, and the same.
const MAX_READINESS: Duration = Duration::from_millis(1_000 + 1_500);

/// The page says that something is wrong, and gives the reference under which the log has it.
fn assert_told(page: &Page, time: Duration) {
    assert!(page.status.is_server_error(), "{}", page.status);
    assert!(time < MAX_PAGE, "{} took {time:?}", page.path);
    let reference = page.header("x-request-id");
    let is_told = page.html.contains(reference) || page.html.contains("cannot answer");
    assert!(!reference.is_empty() && is_told, "{}: {}", page.path, page.html);
}

async fn assert_not_ready(app: &TestApp, words: &str) {
    let (status, said, time) = app.readiness().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");
    assert!(said.contains("PostgreSQL at 127.0.0.1:") && said.contains(words), "{said}");
    assert!(time < MAX_READINESS, "{time:?}");
}

/// Asks until the shop is ready again, as a proxy does.
async fn assert_ready_again(app: &TestApp) {
    let mut answer = app.readiness().await;
    for _ in 0..30 {
        if answer.0 == StatusCode::OK {
            return;
        }
        answer = app.readiness().await;
    }
    panic!("{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x173_while_postgresql_is_stopped_pages_and_readiness_say_so_at_once() {
    with_postgres_database(async |address| {
        let mut proxy = Proxy::start(&address).await;
        let app = TestApp::on(proxy.database()).await;
        let mut browser = app.browser();
        app.join(&mut browser).await;
        assert_ready_again(&app).await;
        proxy.stop().await;
        assert_not_ready(&app, "refused the connection").await;
        for path in ["/account", "/products?q=mug"] {
            let started = Instant::now();
            let page = browser.get(path).await;
            assert_told(&page, started.elapsed());
        }
        assert_not_ready(&app, "refused the connection").await;
        proxy.resume().await;
        assert_ready_again(&app).await;
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "still signed in");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x173_while_the_network_swallows_packets_pages_end_in_time() {
    with_postgres_database(async |address| {
        let proxy = Proxy::start(&address).await;
        let app = TestApp::on(proxy.database()).await;
        let mut browser = app.browser();
        app.join(&mut browser).await;
        proxy.cut(Cut::Request(1));
        assert_not_ready(&app, "did not answer within").await;
        let started = Instant::now();
        let page = browser.get("/account").await;
        assert_told(&page, started.elapsed());
        proxy.restore(Swallowed::Late).await;
        assert_ready_again(&app).await;
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "still signed in");
    })
    .await;
}

/// Holds back every commit that adds a challenge, until the lock 4711 is free.
const HOLD_COMMITS: &str = "
    create function hold_commit() returns trigger language plpgsql as
        'begin perform pg_advisory_xact_lock(4711); return null; end';
    create constraint trigger hold_commit after insert on challenges
        deferrable initially deferred for each row execute function hold_commit()";
const IS_AWAITED: &str = "select exists (select from pg_locks where locktype = 'advisory' and objid = 4711 and not granted)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_leaves_before_its_commit() {
    with_postgres_database(async |address| {
        let app = TestApp::on(address.clone()).await;
        let mut holder = PgConnection::connect(&address).await.unwrap();
        sqlx::raw_sql(HOLD_COMMITS).execute(&mut holder).await.unwrap();
        sqlx::raw_sql("select pg_advisory_lock(4711)").execute(&mut holder).await.unwrap();
        let (mut browser, person) = (app.browser(), app.person());
        browser.get("/register").await;
        let answering =
            tokio::spawn(async move { browser.post("/api/register", &person.form()).await.status });
        let mut is_awaited = false;
        while !is_awaited && !answering.is_finished() {
            is_awaited = sqlx::query_scalar(IS_AWAITED).fetch_one(&mut holder).await.unwrap();
        }
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert!(!answering.is_finished(), "the answer left before the commit");
        sqlx::raw_sql("select pg_advisory_unlock(4711)").execute(&mut holder).await.unwrap();
        assert_eq!(answering.await.unwrap(), StatusCode::SEE_OTHER);
    })
    .await;
}
