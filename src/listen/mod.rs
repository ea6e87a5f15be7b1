//! Listening sockets and connections: how many, with which time limits, and how they end when the
//! server stops.

mod activity;
mod bind;
mod connection;
mod limits;
mod timed_io;

pub use bind::{BindError, bind};
pub use limits::ConnectionLimits;

use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use shop::warnings;
use tokio::{net::TcpListener, time};

use self::limits::Connections;

/// How long open requests may take to end when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// The pause after the system could not accept a connection, for lack of descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Answers on the listener until `stop` is done, then waits for the open requests.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let connections = Connections::new(limits);
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                // Without a place, the connection is closed at once.
                Ok((stream, peer)) => if let Some(place) = connections.admit(peer.ip()) {
                    stream.set_nodelay(true).ok();
                    tokio::spawn(connection::serve(stream, peer, &router, place, &graceful));
                },
                Err(_) => {
                    warnings::count("connection.refused", connections.name(), "not_accepted");
                    connections.end_oldest_idle();
                    time::sleep(ACCEPT_BACKOFF).await;
                }
            },
        }
    }
    drop(listener);
    time::timeout(SHUTDOWN_GRACE, graceful.shutdown()).await.ok();
}
