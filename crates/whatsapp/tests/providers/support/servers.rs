//! Servers with faults that a correct server cannot have.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};
use whatsapp::http_client::{HttpClient, HttpError};

/// An address that refuses connections. Its port stays bound until the process ends, so
/// that no server of another test can listen there.
pub async fn refusing() -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = address(socket.local_addr().unwrap());
    std::mem::forget(socket);
    address
}

/// Reads every request, sends these bytes, and closes the connection.
pub async fn cut_off(reply: &'static [u8]) -> String {
    let listener = listener().await;
    let address = address(listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_request(&mut stream).await;
            stream.write_all(reply).await.unwrap();
            stream.shutdown().await.ok();
        }
    });
    address
}

/// Reads a request and never answers. It pauses the clock of the test, which then jumps
/// from timer to timer, so that the time-out costs no real time. It needs the runtime of
/// `#[tokio::test]`, which has one thread.
pub async fn silent() -> String {
    let listener = listener().await;
    let address = address(listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        tokio::time::pause();
        std::future::pending::<()>().await;
        drop(stream);
    });
    address
}

async fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

fn address(socket: SocketAddr) -> String {
    format!("http://{socket}")
}

/// Reads the head of a request and the body that the head announces.
async fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.split_once("content-length: ").map_or(0, |(_, rest)| {
                rest.lines().next().unwrap_or_default().trim().parse().unwrap()
            });
            if body.len() >= announced {
                return;
            }
        }
        if stream.read_buf(&mut request).await.unwrap() == 0 {
            return;
        }
    }
}

async fn ask(address: String) -> Result<Option<serde_json::Value>, HttpError> {
    let http_client = HttpClient::new().unwrap();
    let request = http_client.request(http::Method::POST, &address).body("{}");
    http_client.send(request).await.map(|reply| reply.json())
}

#[tokio::test]
async fn not_sent_and_possibly_sent_are_distinguished() {
    assert_eq!(ask(refusing().await).await, Err(HttpError::NotSent));
    assert_eq!(ask(cut_off(b"").await).await, Err(HttpError::NoAnswer));
    assert_eq!(ask(silent().await).await, Err(HttpError::NoAnswer));
}

#[tokio::test]
async fn the_body_of_an_incomplete_answer_is_unreadable() {
    let broken = cut_off(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"id\":").await;
    assert_eq!(ask(broken).await, Ok(None));
}
