//! A network between a test and PostgreSQL that fails on demand: a TCP proxy that swallows packets,
//! as a network does that is split in two, or refuses connections, as a server does that is
//! stopped.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, sink},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// How much is read at once.
const PACKET: usize = 16 * 1024;

/// From when on packets are swallowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// This packet of the client is lost, and all later ones of both sides.
    Request(u64),
    /// This packet of the client arrives, and its answer and all later packets are lost.
    Answer(u64),
}

/// What becomes of the client's packets that were swallowed, once the network works again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swallowed {
    /// They are lost.
    Lost,
    /// The server gets them now, although the client has given up.
    Late,
}

/// The proxy; it ends when this is dropped.
pub struct Proxy {
    server: PgConnectOptions,
    address: SocketAddr,
    network: Arc<Network>,
    accepting: JoinHandle<()>,
}

struct Network {
    /// How many packets clients sent since the last cut was set.
    packets: AtomicU64,
    cut: Mutex<Option<Cut>>,
    /// Changes when the network works again, and says what becomes of what was swallowed.
    restored: watch::Sender<Swallowed>,
    /// How many connections have lost something.
    damaged: watch::Sender<usize>,
}

/// A connection that has lost something.
struct Damaged<'n> {
    network: &'n Network,
    /// What the client sent since then.
    swallowed: Vec<u8>,
}

impl<'n> Damaged<'n> {
    fn new(network: &'n Network) -> Self {
        network.damaged.send_modify(|count| *count += 1);
        Self { network, swallowed: Vec::new() }
    }

    fn swallow(&mut self, packet: &[u8]) {
        self.swallowed.extend_from_slice(packet);
    }
}

impl Drop for Damaged<'_> {
    fn drop(&mut self) {
        self.network.damaged.send_modify(|count| *count -= 1);
    }
}

impl Network {
    fn cut(&self) -> Option<Cut> {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, cut: Option<Cut>) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = cut;
        self.packets.store(0, Ordering::SeqCst);
    }

    /// Counts a packet of a client; whether it arrives.
    fn request_arrives(&self) -> bool {
        let number = self.packets.fetch_add(1, Ordering::SeqCst) + 1;
        match self.cut() {
            None => true,
            Some(Cut::Request(first)) => number < first,
            Some(Cut::Answer(last)) => number <= last,
        }
    }

    fn answer_arrives(&self) -> bool {
        let sent = self.packets.load(Ordering::SeqCst);
        match self.cut() {
            None => true,
            Some(Cut::Request(first) | Cut::Answer(first)) => sent < first,
        }
    }
}

impl Proxy {
    /// Starts a proxy before the server of this database.
    pub async fn start(database: &str) -> Self {
        let network = Arc::new(Network {
            packets: AtomicU64::new(0),
            cut: Mutex::new(None),
            restored: watch::Sender::new(Swallowed::Lost),
            damaged: watch::Sender::new(0),
        });
        let server: PgConnectOptions = database.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = tokio::spawn(accept(listener, server.clone(), Arc::clone(&network)));
        Self { server, address, network, accepting }
    }

    /// The address of the database through the proxy.
    pub fn database(&self) -> String {
        let (host, port) = (self.address.ip().to_string(), self.address.port());
        let database = self.server.get_database().unwrap_or("postgres");
        let user = self.server.get_username();
        let options = PgConnectOptions::new_without_pgpass();
        let options = options.host(&host).port(port).username(user).database(database);
        options.to_url_lossy().to_string()
    }

    /// Swallows packets from this one on.
    pub fn cut(&self, cut: Cut) {
        self.network.set(Some(cut));
    }

    /// How many packets clients sent since the last cut, or since the network was restored.
    pub fn packets(&self) -> u64 {
        self.network.packets.load(Ordering::SeqCst)
    }

    /// Lets packets through again, and waits until the connections that lost some have ended.
    pub async fn restore(&self, swallowed: Swallowed) {
        self.network.set(None);
        self.network.restored.send_replace(swallowed);
        self.network.damaged.subscribe().wait_for(|count| *count == 0).await.unwrap();
    }

    /// Ends all connections and refuses new ones, as a server that stops.
    pub async fn stop(&mut self) {
        self.accepting.abort();
        (&mut self.accepting).await.ok();
    }

    /// Accepts connections again, at the same address.
    pub async fn resume(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        let accepting = accept(listener, self.server.clone(), Arc::clone(&self.network));
        self.accepting = tokio::spawn(accepting);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections. They end with this future.
async fn accept(listener: TcpListener, server: PgConnectOptions, network: Arc<Network>) {
    let socket = server.get_socket().map(|folder| {
        let file = format!(".s.PGSQL.{}", server.get_port());
        folder.join(file)
    });
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        client.set_nodelay(true).ok();
        let (network, socket) = (Arc::clone(&network), socket.clone());
        let host = (server.get_host().to_owned(), server.get_port());
        connections.spawn(async move { connect(client, socket, host, network).await });
    }
}

async fn connect(
    client: TcpStream,
    socket: Option<PathBuf>,
    (host, port): (String, u16),
    network: Arc<Network>,
) {
    match socket {
        Some(path) => {
            if let Ok(server) = UnixStream::connect(path).await {
                let (read, write) = server.into_split();
                pass(client, read, write, &network).await;
            }
        }
        None => {
            if let Ok(server) = TcpStream::connect((host, port)).await {
                let (read, write) = server.into_split();
                pass(client, read, write, &network).await;
            }
        }
    }
}

/// Passes the packets of one connection in both directions, until a side ends it. The end is a
/// packet too, which may be swallowed.
async fn pass(
    client: TcpStream,
    mut from_server: impl AsyncRead + Unpin,
    mut to_server: impl AsyncWrite + Unpin,
    network: &Network,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let mut restored = network.restored.subscribe();
    let mut damaged: Option<Damaged> = None;
    let (mut request, mut answer) = (Vec::with_capacity(PACKET), Vec::with_capacity(PACKET));
    let mut is_client_gone = false;
    loop {
        request.clear();
        answer.clear();
        tokio::select! {
            read = from_client.read_buf(&mut request), if !is_client_gone => {
                is_client_gone = read.unwrap_or(0) == 0;
                if damaged.is_none() && network.cut().is_none() && is_client_gone { return }
                if damaged.is_none() && !is_client_gone && network.request_arrives() {
                    if to_server.write_all(&request).await.is_err() { return }
                } else {
                    damaged.get_or_insert_with(|| Damaged::new(network)).swallow(&request);
                }
            }
            read = from_server.read_buf(&mut answer) => {
                if read.unwrap_or(0) == 0 { return }
                if damaged.is_none() && network.answer_arrives() {
                    if to_client.write_all(&answer).await.is_err() { return }
                } else {
                    damaged.get_or_insert_with(|| Damaged::new(network));
                }
            }
            _ = restored.changed() => {
                let Some(damaged) = &damaged else { continue };
                if *restored.borrow() == Swallowed::Late {
                    to_server.write_all(&damaged.swallowed).await.ok();
                    to_server.shutdown().await.ok();
                    // The server ends the connection after it has carried out everything.
                    tokio::io::copy(&mut from_server, &mut sink()).await.ok();
                }
                return;
            }
        }
    }
}
