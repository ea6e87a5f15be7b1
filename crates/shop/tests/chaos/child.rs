//! The process that is killed. It sends the outbox and handles the webhooks of the provider.
//!
//! Its parent keeps the listening socket and passes it as standard input, as a service manager
//! with socket activation does. So the address stays the same, and no other process can get the
//! port between two children. The child writes a line to its standard output when it is ready,
//! and one for each change of a message.

use std::{
    collections::HashMap,
    os::fd::{AsFd, OwnedFd},
    path::Path,
    process::Stdio,
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
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpListener,
    process::{ChildStdout, Command},
    sync::broadcast::error::RecvError,
};
use whatsapp::{MessageProvider, WebhookRequest};

use crate::app::{TestShop, dependencies, variable};

const FOLDER: &str = "MARIGOLD_TEST_CHAOS_FOLDER";
const AHEAD: &str = "MARIGOLD_TEST_CHAOS_AHEAD";
/// The line that the child writes when it is ready, and for each change of a message.
const STEP: &str = "x64: a step";
/// After this time without a step, the messages that are left wait for a retry or a report.
const STEP_TIMEOUT: Duration = Duration::from_secs(1);

/// A child, as seen by its parent.
pub struct Child {
    process: tokio::process::Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Child {
    /// Starts a child whose clock is ahead by this, and waits until it is ready.
    pub async fn start(test_shop: &TestShop, ahead: Duration) -> Self {
        let socket = OwnedFd::from(test_shop.socket.try_clone().unwrap());
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "child::child_of_x64", "--nocapture"])
            .env(FOLDER, test_shop.folder.path())
            .env(AHEAD, ahead.as_secs().to_string())
            .envs(test_shop.emulator.settings())
            .stdin(Stdio::from(socket))
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut child = Self { process, lines };
        child.step().await;
        child
    }

    /// Waits for this many steps, or until none follows for a while.
    pub async fn steps(&mut self, count: u32) {
        for _ in 0..count {
            if tokio::time::timeout(STEP_TIMEOUT, self.step()).await.is_err() {
                return;
            }
        }
    }

    async fn step(&mut self) {
        loop {
            let line = self.lines.next_line().await.unwrap().expect("the child runs");
            // The test harness may write to the first line, too.
            if line.ends_with(STEP) {
                return;
            }
        }
    }

    /// Kills the process with SIGKILL, so that it cannot clean up.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

/// The child. Without a folder it does nothing; the parent is the test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_of_x64() {
    let Some(folder) = variable(FOLDER) else { return };
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
    let shop = Shop::new(dependencies(Path::new(&folder), clock, settings).await);
    let provider = shop.delivery().provider("meta").unwrap();
    let calls =
        Router::new().route("/webhooks/meta", post(receive)).with_state((shop.clone(), provider));
    let serving = async { axum::serve(inherited_socket(), calls).await.unwrap() };
    let delivery = shop.delivery();
    let mut changes = delivery.changes();
    let reporting = async {
        println!("{STEP}");
        // Changes that were missed because there were too many count as a step, too.
        while !matches!(changes.recv().await, Err(RecvError::Closed)) {
            println!("{STEP}");
        }
    };
    tokio::join!(serving, delivery.run(), reporting);
}

/// The listening socket that the parent passed as standard input.
fn inherited_socket() -> TcpListener {
    let socket = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let socket = std::net::TcpListener::from(socket);
    socket.set_nonblocking(true).unwrap();
    TcpListener::from_std(socket).unwrap()
}

async fn receive(
    State((shop, provider)): State<(Shop, Arc<dyn MessageProvider>)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let request = WebhookRequest {
        method: &Method::POST,
        url: "http://127.0.0.1/webhooks/meta",
        headers: &headers,
        body: &body,
        now: shop.clock().now(),
    };
    let Ok(answer) = provider.read_webhook(&request) else { return StatusCode::FORBIDDEN };
    match shop.delivery().handle_webhook("meta", answer).await {
        Ok(true) => StatusCode::OK,
        Ok(false) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
