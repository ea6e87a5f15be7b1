//! Listening sockets and connections: how many, with which time limits, and how they end
//! when the server stops.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Extension, Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};
use tower::Layer;

/// How long a client may take to send the head of a request. It limits also how long a
/// connection may be idle between two requests: hyper has one timer for both.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The size that the head of a request may have.
const MAX_HEADER_BYTES: usize = 32 * 1024;
/// How many connections may be open at once.
const MAX_CONNECTIONS: usize = 8192;
/// How long open requests may take to end when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// The pause after the system could not accept a connection, for lack of descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// The server cannot listen on an address.
#[derive(Debug, thiserror::Error)]
#[error("{setting}={address} cannot be used: {reason}, for example {setting}={example}")]
pub struct BindError {
    setting: &'static str,
    address: SocketAddr,
    /// What is wrong, and what to do about it.
    reason: String,
    example: SocketAddr,
}

/// Listens on an address. An error names the setting that the address came from.
pub async fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|error| bind_error(setting, address, &error))
}

fn bind_error(setting: &'static str, address: SocketAddr, error: &io::Error) -> BindError {
    let another_port = SocketAddr::new(address.ip(), another_port(address.port()));
    let (reason, example) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            "the port is in use. Stop the program that listens there, or choose another port"
                .to_owned(),
            another_port,
        ),
        io::ErrorKind::PermissionDenied => {
            ("this user may not listen on that port. Choose another port".to_owned(), another_port)
        }
        io::ErrorKind::AddrNotAvailable => (
            "this machine does not have that address. Choose one of its own".to_owned(),
            SocketAddr::new(loopback(address.ip()), address.port()),
        ),
        _ => (format!("{error}. Choose another address"), another_port),
    };
    BindError { setting, address, reason, example }
}

/// Another port to suggest: none below 1024, since those are for the superuser.
fn another_port(port: u16) -> u16 {
    match port {
        0..1024 => port + 8000,
        1024..u16::MAX => port + 1,
        u16::MAX => port - 1,
    }
}

fn loopback(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

/// Answers on the listener until `stop` is done, then waits for the open requests.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let connection = serve_connection(stream, peer, &router, &graceful);
                    tokio::spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(event = "server.accept_failed", %error, "no connection accepted");
                    time::sleep(ACCEPT_BACKOFF).await;
                }
            },
        }
    }
    drop(listener);
    time::timeout(SHUTDOWN_GRACE, graceful.shutdown()).await.ok();
}

/// One connection, from its first request to its last.
fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<> {
    stream.set_nodelay(true).ok();
    let service = Extension(ConnectInfo(peer)).layer(router.clone());
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES);
    let service = TowerToHyperService::new(service);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let watched = graceful.watch(connection);
    async move {
        // An error here is a client that hung up, which is no error of the server.
        watched.await.ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(address: &str, kind: io::ErrorKind) -> String {
        bind_error("MARIGOLD_ADDR", address.parse().unwrap(), &kind.into()).to_string()
    }

    #[test]
    fn an_address_that_cannot_be_bound_is_named_with_another_one() {
        for (address, kind, problem, example) in [
            ("127.0.0.1:3000", io::ErrorKind::AddrInUse, "in use", "127.0.0.1:3001"),
            ("127.0.0.1:65535", io::ErrorKind::AddrInUse, "in use", "127.0.0.1:65534"),
            ("0.0.0.0:80", io::ErrorKind::PermissionDenied, "may not listen", "0.0.0.0:8080"),
            ("192.0.2.1:3000", io::ErrorKind::AddrNotAvailable, "not have", "127.0.0.1:3000"),
            ("[2001:db8::1]:3000", io::ErrorKind::AddrNotAvailable, "not have", "[::1]:3000"),
        ] {
            let said = said(address, kind);
            assert!(said.starts_with(&format!("MARIGOLD_ADDR={address} ")), "{said}");
            assert!(said.contains(problem), "{said}");
            assert!(said.ends_with(&format!("for example MARIGOLD_ADDR={example}")), "{said}");
        }
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        let error = bind("MARIGOLD_ADDR", "192.0.2.1:0".parse().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("does not have that address"), "{error}");
    }
}
