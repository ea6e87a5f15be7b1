//! Clients at many addresses of this machine: the whole network 127.0.0.0/8 is the machine itself.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, timeout},
};

/// How long a response may take before it counts as missing.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Connects from this address.
pub async fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// The address of a client by its number.
pub fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 1).to_bits() + number)
}

/// A browser without script.
#[derive(Clone)]
pub struct Client {
    pub from: Ipv4Addr,
    pub to: SocketAddr,
    cookies: BTreeMap<String, String>,
}

pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Client {
    pub fn new(from: Ipv4Addr, to: SocketAddr) -> Self {
        Self { from, to, cookies: BTreeMap::new() }
    }

    /// The head of a request, up to its body.
    pub fn head(&self, line: &str, body: &str) -> String {
        let to = self.to;
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "{line} HTTP/1.1\r\nHost: {to}\r\nOrigin: http://{to}\r\nAccept: text/html\r\n\
             Cookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            cookies.join("; "),
            body.len()
        )
    }

    /// Sends a request and reads the response to its end.
    pub async fn send(&mut self, line: &str, body: &str) -> io::Result<Answer> {
        let exchange = async {
            let mut stream = connect(self.from, self.to).await?;
            stream.write_all((self.head(line, body) + body).as_bytes()).await?;
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await?;
            Ok::<_, io::Error>(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = timeout(RESPONSE_TIMEOUT, exchange).await??;
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("no response"))?;
        self.keep_cookies(&text);
        Ok(Answer { status, text })
    }

    fn keep_cookies(&mut self, answer: &str) {
        let head = answer.split("\r\n\r\n").next().unwrap_or_default();
        for line in head.lines() {
            let Some((header, rest)) = line.split_once(": ") else { continue };
            let pair = rest.split(';').next().and_then(|pair| pair.split_once('='));
            if let (true, Some((name, value))) = (header.eq_ignore_ascii_case("set-cookie"), pair) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// How requests of visitors went.
#[derive(Default)]
pub struct Tally {
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    unanswered: AtomicU64,
    slowest_ms: AtomicU64,
}

impl Tally {
    /// Sends a request and counts how it went.
    pub async fn send(&self, client: &mut Client, line: &str, body: &str) -> Option<Answer> {
        let began = Instant::now();
        let answer = client.send(line, body).await.ok();
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.slowest_ms.fetch_max(took, Ordering::Relaxed);
        let counter = match &answer {
            None => &self.unanswered,
            Some(answer) if matches!(answer.status, 429 | 503) => &self.refused,
            Some(answer) if answer.status >= 500 => &self.failed,
            Some(_) => &self.answered,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        answer
    }

    /// Requests without an answer, and those whose answer is an error of the server.
    pub fn lost(&self) -> u64 {
        self.unanswered.load(Ordering::Relaxed) + self.failed.load(Ordering::Relaxed)
    }

    pub fn slowest(&self) -> Duration {
        Duration::from_millis(self.slowest_ms.load(Ordering::Relaxed))
    }

    pub fn figures(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "{} requests answered, {} told to come back, {} failed, {} without an answer, the \
             slowest after {} ms",
            of(&self.answered),
            of(&self.refused),
            of(&self.failed),
            of(&self.unanswered),
            of(&self.slowest_ms)
        )
    }
}
