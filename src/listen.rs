//! Listening, and connections: taken in, given a limited time to say what they want, and let
//! go gently when the server stops.

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

/// How long a client may take to send the head of a request, and so how long a
/// connection may be quiet between two: hyper has one clock for both.
const HEAD: Duration = Duration::from_secs(10);
/// The most bytes of a request's head.
const HEAD_BYTES: usize = 32 * 1024;
/// How many connections may be open at once.
const CONNECTIONS: usize = 8192;
/// How long open requests may take to end when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// A pause after the system refused a connection, for lack of descriptors.
const RECOVERY: Duration = Duration::from_millis(100);

/// An address cannot be listened on.
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
            "the port is in use. ShutdownSignal the program that listens there, or choose another port"
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

/// A port that is worth a try: no port below 1024, since those are for the superuser.
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

/// Answers on the listener until `stop` is done; then lets open requests end.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let connection = answer(stream, peer, &router, &graceful);
                    tokio::spawn(async move {
                        connection.await;
                        drop(place);
                    });
                }
                Err(_) => time::sleep(RECOVERY).await,
            },
        }
    }
    drop(listener);
    time::timeout(FAREWELL, graceful.shutdown()).await.ok();
}

/// One connection, from its first request to its last.
fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<> {
    stream.set_nodelay(true).ok();
    let service = Extension(ConnectInfo(peer)).layer(router.clone());
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    let service = TowerToHyperService::new(service);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let watched = graceful.watch(connection);
    async move {
        // A client that hangs up is no news.
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
