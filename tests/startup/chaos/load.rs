//! Many open event streams, slow heads and a mixed load at the same time; afterwards the memory
//! comes back.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
    time::{Instant, interval, timeout},
};

use super::{
    client::{Client, Tally, address, connect},
    duration,
    memory::resident,
    number, peers, print,
};
use crate::program::{Place, Result, Running};

const CLIENTS: u32 = 8;
/// The largest part of the idle memory that may be added for good.
const MAX_GROWTH_PERCENT: u64 = 20;
/// How long the memory has to come back.
const MEMORY_TIMEOUT: Duration = Duration::from_secs(90);
/// How often the memory is looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// The first numbers of the addresses of streams, slow heads and visitors.
const STREAMS: u32 = 0;
const SLOW_HEADS: u32 = 10_000;
const VISITORS: u32 = 20_000;

/// What all clients share.
#[derive(Clone)]
struct Scene {
    shop: SocketAddr,
    tally: Arc<Tally>,
    open_streams: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Scene {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Keeps one event stream open, as a page with a code does.
    async fn follow(self, number: u32) {
        let mut browser = Client::new(address(STREAMS + number), self.shop);
        while !self.is_over() {
            let email = format!("email=stream{number}%40example.com");
            if browser.send("POST /api/reset", &email).await.is_err() {
                continue;
            }
            let Ok(mut stream) = connect(browser.from, self.shop).await else { continue };
            let head = browser.head("GET /events/reset", "");
            let mut part = [0; 1024];
            if stream.write_all(head.as_bytes()).await.is_err() {
                continue;
            }
            let is_stream = matches!(stream.read(&mut part).await, Ok(read) if read > 0)
                && part.starts_with(b"HTTP/1.1 200");
            if !is_stream {
                continue;
            }
            self.open_streams.fetch_add(1, Ordering::Relaxed);
            while !self.is_over() && matches!(stream.read(&mut part).await, Ok(read) if read > 0) {}
            self.open_streams.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Sends the head of a request byte by byte, until the shop ends the connection.
    async fn send_slowly(self, number: u32) {
        let mut pace = interval(Duration::from_secs(1));
        while !self.is_over() {
            let Ok(mut stream) = connect(address(SLOW_HEADS + number), self.shop).await else {
                pace.tick().await;
                continue;
            };
            for byte in b"GET / HTTP/1.1\r\nhost: shop.example\r\nx-slow: 1234567890" {
                pace.tick().await;
                if self.is_over() || stream.write_all(&[*byte]).await.is_err() {
                    break;
                }
            }
        }
    }

    /// Looks around, fills a cart, and fails to sign in.
    async fn visit(self, number: u32) {
        let mut visits = 0_u32;
        while !self.is_over() {
            let mut browser = Client::new(address(VISITORS + number + 100 * visits), self.shop);
            visits = (visits + 1) % 1000;
            for path in ["/", "/products", "/products/sunday-mug", "/login", "/cart"] {
                self.tally.send(&mut browser, &format!("GET {path}"), "").await;
            }
            let page = self.tally.send(&mut browser, "GET /products/sunday-mug", "").await;
            let page = page.map(|answer| answer.text).unwrap_or_default();
            let variant = page.split("name=\"variant\" value=\"").nth(1);
            if let Some(variant) = variant.and_then(|rest| rest.split('"').next()) {
                let form = format!("variant={variant}&quantity=1&page=/products/sunday-mug");
                self.tally.send(&mut browser, "POST /api/cart/add", &form).await;
            }
            let form = format!("email=visitor{visits}%40example.com&password=not+the+password");
            self.tally.send(&mut browser, "POST /api/login", &form).await;
        }
    }
}

/// Waits until the memory is at most this, and returns what it is then or at the end.
async fn settled(running: &Running, most: u64) -> Result<(u64, Duration)> {
    let began = Instant::now();
    let mut look = interval(LOOK_INTERVAL);
    loop {
        look.tick().await;
        let now = resident(running)?;
        if now <= most || began.elapsed() > MEMORY_TIMEOUT {
            return Ok((now, began.elapsed()));
        }
    }
}

/// Visitors alone for this long, so that caches are filled before memory is compared.
async fn warm_up(scene: &Scene, seconds: u64) {
    let mut visitors = JoinSet::new();
    for number in 0..CLIENTS {
        visitors.spawn(scene.clone().visit(number));
    }
    timeout(Duration::from_secs(seconds), visitors.join_next()).await.ok();
    visitors.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make chaos SCENARIO=load: it lasts minutes"]
async fn streams_slow_heads_and_visitors_are_served_and_memory_comes_back() -> Result {
    peers::raise_limit_of_files();
    let streams = u32::try_from(number("MARIGOLD_CHAOS_STREAMS", 1000))?;
    let slow_heads = u32::try_from(number("MARIGOLD_CHAOS_SLOW_HEADS", 500))?;
    let place = Place::new()?.on_free_ports();
    let running = place.start()?;
    let scene = Scene {
        shop: running.addresses()?[0],
        tally: Arc::default(),
        open_streams: Arc::default(),
        is_over: Arc::default(),
    };
    warm_up(&scene, 10).await;
    let (idle, _) = settled(&running, 0).await?;

    let mut clients = JoinSet::new();
    (0..streams).for_each(|number| drop(clients.spawn(scene.clone().follow(number))));
    (0..slow_heads).for_each(|number| drop(clients.spawn(scene.clone().send_slowly(number))));
    (0..CLIENTS).for_each(|number| drop(clients.spawn(scene.clone().visit(number))));
    let began = Instant::now();
    let (mut most_streams, mut most_memory) = (0, 0);
    let mut look = interval(LOOK_INTERVAL);
    while began.elapsed() < duration() {
        look.tick().await;
        most_streams = most_streams.max(scene.open_streams.load(Ordering::Relaxed));
        most_memory = most_memory.max(resident(&running)?);
    }
    let at_end = scene.open_streams.load(Ordering::Relaxed);
    scene.is_over.store(true, Ordering::Relaxed);
    clients.shutdown().await;
    let limit = idle * (100 + MAX_GROWTH_PERCENT) / 100;
    let (after, took) = settled(&running, limit).await?;
    let figures = format!(
        "{most_streams} event streams at most and {at_end} at the end, {slow_heads} slow heads, \
         {} s: {}; memory {idle} KiB idle, {most_memory} KiB at most, {after} KiB {} s after",
        began.elapsed().as_secs(),
        scene.tally.figures(),
        took.as_secs()
    );
    print("load", &figures);
    assert_eq!(scene.tally.lost(), 0);
    assert!(most_streams >= usize::try_from(streams)? * 9 / 10, "{most_streams}");
    assert!(after <= limit, "{after} KiB are more than {limit} KiB");
    Ok(())
}
