//! Peers that send nothing, little, or read nothing.

use std::{fs, net::Ipv4Addr, net::SocketAddr, time::Duration};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::Instant};

use super::{
    client::{Client, Tally, connect},
    memory::metric,
    number, print,
};
use crate::program::{Place, Result};

const CONNECTIONS: &str = "marigold_connections{listener=\"shop\"}";
/// What each kind of peer sends before it falls silent. The last ones ask for a large file, and
/// read nothing of it.
const KINDS: [(&str, &[u8]); 6] = [
    ("send nothing", b""),
    ("send one letter", b"G"),
    ("send half a head", b"GET / HTTP/1.1\r\nhost: shop.example\r\n"),
    ("send half the preface of HTTP/2", b"PRI * HTTP/2.0\r\n"),
    ("open HTTP/2 and ask for nothing", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
    ("read nothing", b"GET /pkg/marigold.wasm HTTP/1.1\r\nhost: a\r\n\r\n"),
];
/// A first request has ten seconds, and a peer that reads nothing has thirty.
const MAX_SECONDS: [u64; 6] = [15, 15, 15, 15, 15, 45];
/// How long a visitor may wait for a page meanwhile.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// The one address of all peers, and that of the visitor.
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Lets this process have as many connections as the system allows.
pub fn raise_limit_of_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).ok();
}

/// Opens connections that all send the same bytes. Fewer, if the shop takes no more.
async fn open(shop: SocketAddr, count: u64, bytes: &[u8]) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for _ in 0..count {
        let Ok(mut stream) = connect(ATTACKER, shop).await else { continue };
        if stream.write_all(bytes).await.is_ok() {
            open.push(stream);
        }
    }
    open
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make chaos SCENARIO=connections: it lasts minutes"]
async fn silent_peers_and_slow_readers_end_and_visitors_are_answered() -> Result {
    raise_limit_of_files();
    let count = number("MARIGOLD_CHAOS_PEERS", 1000);
    let place = Place::new()?.on_free_ports();
    fs::write(place.path("target/site/pkg/marigold.wasm"), vec![b'x'; 32 * 1024 * 1024])?;
    let running = place.start()?;
    let [shop, operations] = running.addresses()?;
    for ((kind, bytes), seconds) in KINDS.into_iter().zip(MAX_SECONDS) {
        let began = Instant::now();
        let peers = open(shop, count, bytes).await;
        let tally = Tally::default();
        let mut visitor = Client::new(VISITOR, shop);
        let mut operator = Client::new(VISITOR, operations);
        let mut most = 0.0_f64;
        let ended = loop {
            tally.send(&mut visitor, "GET /", "").await;
            let metrics = operator.send("GET /metrics", "").await?;
            let open = metric(&metrics.text, CONNECTIONS).ok_or("no metric")?;
            most = most.max(open);
            if open <= 1.0 {
                break began.elapsed();
            }
            assert!(began.elapsed().as_secs() < 4 * seconds, "{kind}: {open} are still open");
        };
        let figures = format!(
            "{} peers that {kind}: at most {most} open, all ended after {:.1} s; visitors: {}",
            peers.len(),
            ended.as_secs_f64(),
            tally.figures()
        );
        print("connections", &figures);
        assert!(ended.as_secs() <= seconds, "{kind}");
        assert!(tally.lost() == 0 && tally.slowest() < MAX_WAIT, "{kind}");
        assert_eq!(operator.send("GET /readyz", "").await?.status, 200);
    }
    Ok(())
}
