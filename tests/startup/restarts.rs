//! Three nodes on one PostgreSQL server, which restart in turn behind a reverse proxy that is
//! configured as docs/DEPLOYMENT.md says. No request may stay without an answer. Nothing runs
//! without `TEST_DATABASE_URL`; a proxy that is not installed is skipped, and the test says so.
//!
//! A normal run sends a few hundred requests through HAProxy. `MARIGOLD_CHAOS_RESTARTS` is the
//! number of requests through each proxy, which `make chaos` sets to 10,000.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    net::{IpAddr, SocketAddr},
    path::Path,
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use crate::{
    get,
    program::{Place, Result, Running},
    proxies::{Proxy, free_addresses, is_installed, request, snippet, start, with},
};

/// The variable that says how many requests are sent through each proxy.
const RESTARTS: &str = "MARIGOLD_CHAOS_RESTARTS";
const FEW_REQUESTS: u64 = 300;
const CLIENTS: usize = 4;
/// How often a node that has started is asked whether the proxy uses it.
const MAX_QUESTIONS: usize = 100_000;

/// A node at an address of its own: the same ports everywhere, as on several machines.
struct Node {
    place: Place,
    operations: SocketAddr,
    running: Option<Running>,
}

impl Node {
    fn new(ip: IpAddr, ports: [u16; 2], public: SocketAddr, database: &str) -> Result<Self> {
        let [shop, operations] = ports.map(|port| SocketAddr::new(ip, port));
        let place = Place::new()?
            .with("MARIGOLD_ADDR", shop)
            .with("MARIGOLD_OPS_ADDR", operations)
            .with("MARIGOLD_PUBLIC_URL", format!("http://{public}"))
            .with("MARIGOLD_TRUSTED_PROXIES", "127.0.0.0/8")
            .with("MARIGOLD_DRAIN_SECONDS", 4)
            .with("MARIGOLD_DATABASE_POOL", 8)
            .with("DATABASE_URL", database);
        Ok(Self { place, operations, running: None })
    }

    fn start(&mut self) -> Result {
        self.running = Some(self.place.start()?);
        Ok(())
    }

    /// Waits until the proxy sends requests to this node.
    fn wait_for_requests(&self) -> Result {
        for _ in 0..MAX_QUESTIONS {
            if get(self.operations, "/metrics")?.contains("marigold_http_requests_total{") {
                return Ok(());
            }
        }
        Err("the proxy does not use the node".into())
    }

    /// Stops the node as a supervisor does, and starts it again.
    fn restart(&mut self) -> Result {
        let mut running = self.running.take().ok_or("it does not run")?;
        running.terminate()?;
        assert!(running.child.wait()?.success());
        let log = running.log()?;
        assert!(!log.contains("ERROR"), "{log}");
        self.start()
    }
}

/// What the clients were answered.
#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    is_over: AtomicBool,
    answers: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    fn is_wanted(&self, requests: u64) -> bool {
        !self.is_over.load(Ordering::SeqCst) || self.sent.load(Ordering::SeqCst) < requests
    }

    /// Sends requests until the restarts are over, and so many at least.
    fn send(&self, proxy: SocketAddr, requests: u64) {
        while self.is_wanted(requests) {
            let number = self.sent.fetch_add(1, Ordering::SeqCst);
            let answer = match number % 3 {
                0 => request(proxy, "GET /login", ""),
                1 => request(proxy, "GET /products?q=mug", ""),
                _ => request(proxy, "POST /api/login/verify", "code=123456&page=/login/verify"),
            };
            let told = match answer {
                Ok(answer) if answer.is_empty() => "no answer".to_owned(),
                Ok(answer) => answer.get(9..12).unwrap_or("half an answer").to_owned(),
                Err(error) => error.to_string(),
            };
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            *answers.entry(told).or_default() += 1;
        }
    }
}

/// Restarts the nodes in turn while clients send requests. Returns what these were answered.
fn restart_in_turn(proxy: &Proxy, nodes: &mut [Node], requests: u64) -> Result<Tally> {
    let tally = Tally::default();
    thread::scope(|scope| -> Result {
        for _ in 0..CLIENTS {
            scope.spawn(|| tally.send(proxy.address, requests));
        }
        let mut restart = || -> Result {
            for node in &*nodes {
                node.wait_for_requests()?;
            }
            // At least once each, and as long as requests are sent.
            loop {
                for node in &mut *nodes {
                    node.restart()?;
                    node.wait_for_requests()?;
                }
                if tally.sent.load(Ordering::SeqCst) >= requests {
                    return Ok(());
                }
            }
        };
        let restarted = restart().map_err(|error| error.to_string());
        tally.is_over.store(true, Ordering::SeqCst);
        Ok(restarted?)
    })?;
    Ok(tally)
}

/// Starts three nodes and the proxy, and checks that every request is answered.
fn check(
    database: &str,
    requests: u64,
    command: impl Fn(&Path, SocketAddr, [u16; 2]) -> Result<Command>,
) -> Result {
    let [public, shop, operations] = free_addresses()?;
    let ports = [shop.port(), operations.port()];
    let mut nodes = Vec::new();
    for number in 1..=3 {
        let ip = IpAddr::from([127, 0, 0, number]);
        let mut node = Node::new(ip, ports, public, database)?;
        node.start()?;
        nodes.push(node);
    }
    let folder = tempfile::tempdir()?;
    let proxy = start(command(folder.path(), public, ports)?, public)?;
    let tally = restart_in_turn(&proxy, &mut nodes, requests)?;
    let answers = tally.answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    writeln!(io::stdout(), "{} requests were answered {answers:?}", tally.sent.into_inner())?;
    let good = answers.iter().filter(|(told, _)| ["200", "303"].contains(&told.as_str()));
    assert_eq!(good.count(), answers.len(), "{answers:?}");
    Ok(())
}

/// The address of a node in the documentation and that of the test.
fn addresses(ports: [u16; 2]) -> Vec<(String, String)> {
    let node = |number| (format!("10.0.0.{number}:3000"), format!("127.0.0.{number}:{}", ports[0]));
    (1..=3).map(node).collect()
}

fn haproxy(folder: &Path, public: SocketAddr, ports: [u16; 2]) -> Result<Command> {
    let (one, several) = (snippet("haproxy")?, snippet("haproxy nodes")?);
    let front = one.split("\nbackend marigold").next().unwrap_or_default();
    let mut changes = addresses(ports);
    changes.push((
        ":443 ssl crt /etc/ssl/shop.example.pem alpn h2,http/1.1".into(),
        public.to_string(),
    ));
    changes.push(("port 9090".into(), format!("port {}", ports[1])));
    let changes: Vec<_> = changes.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let file = folder.join("haproxy.cfg");
    fs::write(&file, with(&format!("{front}\n{several}"), &changes))?;
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(&file);
    Ok(command)
}

fn caddy(folder: &Path, public: SocketAddr, ports: [u16; 2]) -> Result<Command> {
    let several = snippet("caddyfile nodes")?;
    let mut changes = addresses(ports);
    changes.push(("shop.example".into(), format!("http://{public}")));
    changes.push(("health_port 9090".into(), format!("health_port {}", ports[1])));
    let changes: Vec<_> = changes.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let file = folder.join("Caddyfile");
    fs::write(&file, format!("{{\nadmin off\nauto_https off\n}}\n{}", with(&several, &changes)))?;
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    Ok(command)
}

#[expect(clippy::disallowed_methods, reason = "a setting of the test")]
fn requests() -> Option<u64> {
    std::env::var(RESTARTS).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn x174_nodes_that_restart_behind_haproxy_leave_no_request_unanswered() {
    test_support::with_postgres_database(async |address| {
        if is_installed("haproxy") {
            check(&address, requests().unwrap_or(FEW_REQUESTS), haproxy).unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x174_nodes_that_restart_behind_caddy_leave_no_request_unanswered() {
    let Some(requests) = requests() else { return };
    test_support::with_postgres_database(async |address| {
        if is_installed("caddy") {
            check(&address, requests, caddy).unwrap();
        }
    })
    .await;
}
