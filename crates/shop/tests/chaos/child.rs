//! The process that is killed: it sends the outbox and takes the provider's calls.

use std::{
    collections::HashMap,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    routing::post,
};
use shop::{Clock, Shop};
use whatsapp::{CallbackRequest, Courier};

use crate::house::{House, shop, variable};

const FOLDER: &str = "MARIGOLD_TEST_CHAOS_FOLDER";
const PORT: &str = "MARIGOLD_TEST_CHAOS_PORT";
const AHEAD: &str = "MARIGOLD_TEST_CHAOS_AHEAD";

/// A child as its parent knows it.
pub struct Child(std::process::Child);

impl Child {
    /// Starts one whose clock is so far ahead.
    pub fn start(house: &House, ahead: Duration) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "child::child_of_x64", "--nocapture"])
            .env(FOLDER, house.folder.path())
            .env(PORT, house.port.to_string())
            .env(AHEAD, ahead.as_secs().to_string())
            .envs(house.twin.settings())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// SIGKILL: nothing is put away.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// The child's life. Without a folder it is only a name in the list of tests; the
/// parent is the test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_of_x64() {
    let (Some(folder), Some(port)) = (variable(FOLDER), variable(PORT)) else { return };
    let clock = Clock::system();
    clock.advance(Duration::from_secs(variable(AHEAD).unwrap().parse().unwrap()));
    let names = [
        "META_ACCESS_TOKEN",
        "META_PHONE_NUMBER_ID",
        "META_WABA_ID",
        "META_APP_SECRET",
        "META_VERIFY_TOKEN",
        "META_BASE_URL",
    ];
    let settings: HashMap<_, _> =
        names.into_iter().filter_map(|name| Some((name, variable(name)?))).collect();
    let (shop, _) = shop(Path::new(&folder), clock, settings).await;
    let courier = shop.delivery().courier("meta").unwrap();
    let calls =
        Router::new().route("/webhooks/meta", post(take)).with_state((shop.clone(), courier));
    let listener =
        tokio::net::TcpListener::bind(("127.0.0.1", port.parse::<u16>().unwrap())).await.unwrap();
    let serving = async { axum::serve(listener, calls).await.unwrap() };
    let delivery = shop.delivery();
    tokio::join!(serving, delivery.run());
}

async fn take(
    State((shop, courier)): State<(Shop, Arc<dyn Courier>)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let request = CallbackRequest {
        method: &Method::POST,
        url: "http://127.0.0.1/webhooks/meta",
        headers: &headers,
        body: &body,
        now: shop.clock().now(),
    };
    let Ok(answer) = courier.callback(&request) else { return StatusCode::FORBIDDEN };
    match shop.delivery().take_callback("meta", answer).await {
        Ok(true) => StatusCode::OK,
        Ok(false) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
