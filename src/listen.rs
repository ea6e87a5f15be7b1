//! Connections: taken in, given a limited time to say what they want, and let
//! go gently when the server stops.

use std::{net::SocketAddr, sync::Arc, time::Duration};

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
