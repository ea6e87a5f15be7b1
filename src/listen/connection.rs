//! One connection, from its first request to its last. It ends when its deadline has passed
//! without anything having happened, or when another connection needs its place.

use std::{
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request},
    http::{Response, Version},
};
use futures::{FutureExt, future};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use shop::warnings;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time,
};
use tower::{Layer, ServiceExt};

use super::{
    activity::{Activity, IDLE_TIMEOUT, RequestGuard},
    limits::Place,
    timed_io::TimedIo,
};

/// The size that the head of a request may have.
const MAX_HEADER_BYTES: u32 = 32 * 1024;
/// How many requests one HTTP/2 connection may have open at once.
const MAX_HTTP2_STREAMS: u32 = 128;
/// How often the peer of an HTTP/2 connection is asked whether it is still there.
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(30);
/// How long it may take to answer.
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(15);

/// Serves a connection. The returned future does not borrow the router.
pub fn serve<I>(
    stream: I,
    peer: SocketAddr,
    router: &Router,
    place: Place,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<I>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = place.activity.clone();
    let router = Extension(ConnectInfo(peer)).layer(router.clone());
    let requests = activity.clone();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let guard = requests.begin_request(request.version() == Version::HTTP_2);
        router.clone().oneshot(request).map(|answered| answered.map(|it| tracked(it, guard)))
    });
    let stream = TokioIo::new(TimedIo::new(stream, activity.clone()));
    let connection = builder().serve_connection(stream, service).into_owned();
    let watched = graceful.watch(connection);
    async move {
        let (watched, is_needed) = (pin!(watched), pin!(place.is_needed()));
        let ended = until_deadline(watched, &activity);
        // An error is a client that hung up, which is no error of the server.
        if let future::Either::Left((Err(Overdue), _)) =
            future::select(pin!(ended), is_needed).await
        {
            warnings::count("connection.ended", place.listener(), "deadline");
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let buffer = usize::try_from(MAX_HEADER_BYTES).unwrap_or(usize::MAX);
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(buffer);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MAX_HEADER_BYTES)
        .max_concurrent_streams(MAX_HTTP2_STREAMS)
        .keep_alive_interval(HTTP2_PING_INTERVAL)
        .keep_alive_timeout(HTTP2_PING_TIMEOUT);
    builder
}

/// The deadline of a connection has passed.
struct Overdue;

/// Drives the connection until it ends or its deadline has passed. The deadline changes only
/// while the connection is driven, so it is looked at each time after that.
async fn until_deadline(
    mut connection: Pin<&mut impl Future>,
    activity: &Activity,
) -> Result<(), Overdue> {
    let mut sleep = pin!(time::sleep(IDLE_TIMEOUT));
    future::poll_fn(|context| {
        if connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        // While the server itself is at work, its answer will bring the next look.
        let Some(deadline) = activity.deadline() else { return Poll::Pending };
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(context).map(|()| Err(Overdue))
    })
    .await
}

fn tracked(response: Response<Body>, guard: RequestGuard) -> Response<TrackedBody> {
    // The first part of the response is there, if only its head.
    guard.waits_for_peer();
    response.map(|body| TrackedBody { body, guard })
}

/// The body of a response, which notes who has to do something next: the server or the peer.
struct TrackedBody {
    body: Body,
    guard: RequestGuard,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match polled {
            Poll::Pending => self.guard.waits_for_us(),
            Poll::Ready(_) => self.guard.waits_for_peer(),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use futures::stream;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::Instant,
    };

    use super::*;
    use crate::listen::limits::{ConnectionLimits, Connections};

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /// An empty SETTINGS frame.
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: shop.example\r\n\r\n";
    /// How much of a response the connection takes before the peer has to read.
    const PIPE_BYTES: usize = 4096;

    /// The client's end of a served connection, which the server ends gracefully once the second
    /// part is dropped.
    fn connect() -> (DuplexStream, GracefulShutdown) {
        let endless = || async {
            let part = || Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024]));
            Body::from_stream(stream::repeat_with(part))
        };
        let silent = || async { Body::from_stream(stream::pending::<std::io::Result<Bytes>>()) };
        let router = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/endless", get(endless))
            .route("/silent", get(silent));
        let (client, server) = duplex(PIPE_BYTES);
        let peer = SocketAddr::from(([192, 0, 2, 1], 4711));
        let limits = ConnectionLimits {
            name: "test",
            total: 1,
            per_address: 1,
            trusted_proxies: Vec::new(),
        };
        let place = Connections::new(limits).admit(peer.ip()).unwrap();
        let graceful = GracefulShutdown::new();
        tokio::spawn(serve(server, peer, &router, place, &graceful));
        (client, graceful)
    }

    /// Reads one response, and leaves the connection open.
    async fn read_hello(client: &mut DuplexStream) {
        let mut answer = Vec::new();
        while !answer.ends_with(b"hello") {
            assert_ne!(client.read_buf(&mut answer).await.unwrap(), 0, "it is still open");
        }
    }

    /// The seconds until the server closes the connection.
    async fn seconds_to_close(client: &mut DuplexStream) -> u64 {
        let started = Instant::now();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.ok();
        started.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_request_has_ten_seconds_whatever_the_protocol() {
        let whole_preface = [PREFACE, SETTINGS].concat();
        for sent in [
            &b""[..],
            b"G",
            b"P",
            b"GET / HTTP/1.1\r\n",
            b"GET / HTTP/1.1\r\nhost: shop.example\r\n",
            b"PRI * HTT",
            PREFACE,
            &whole_preface,
        ] {
            let (mut client, _graceful) = connect();
            client.write_all(sent).await.unwrap();
            let seconds = seconds_to_close(&mut client).await;
            assert_eq!(seconds, 10, "{:?}", String::from_utf8_lossy(sent));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_head_that_trickles_in_is_cut_after_ten_seconds() {
        let (mut client, _graceful) = connect();
        let started = Instant::now();
        for byte in REQUEST {
            if client.write_all(&[*byte]).await.is_err() {
                break;
            }
            time::sleep(Duration::from_secs(1)).await;
        }
        seconds_to_close(&mut client).await;
        assert!((10..=12).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_be_quiet_between_two_requests() {
        let (mut client, _graceful) = connect();
        for quiet in [0, 10, 75, 120, 179] {
            time::sleep(Duration::from_secs(quiet)).await;
            client.write_all(REQUEST).await.unwrap();
            read_hello(&mut client).await;
        }
        assert_eq!(seconds_to_close(&mut client).await, 180);
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_head_has_ten_seconds_from_its_first_byte() {
        let (mut client, _graceful) = connect();
        client.write_all(REQUEST).await.unwrap();
        read_hello(&mut client).await;
        time::sleep(Duration::from_secs(60)).await;
        client.write_all(b"GET").await.unwrap();
        assert_eq!(seconds_to_close(&mut client).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_never_reads_is_ended_after_thirty_seconds() {
        let (mut client, _graceful) = connect();
        client.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        time::sleep(Duration::from_secs(29)).await;
        assert_eq!(client.write(b"x").await.unwrap(), 1, "it is still open");
        time::sleep(Duration::from_secs(2)).await;
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.ok();
        assert!(!rest.is_empty() && rest.len() <= 2 * PIPE_BYTES, "{} bytes", rest.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_kept_from_one_kibibyte_a_second_on() {
        for (bytes_per_second, is_kept) in [(4096, true), (1200, true), (100, false), (1, false)] {
            let (mut client, _graceful) = connect();
            client.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
            let mut part = vec![0; bytes_per_second];
            let mut was_kept = true;
            for _ in 0..300 {
                time::sleep(Duration::from_secs(1)).await;
                was_kept &= client.read_exact(&mut part).await.is_ok();
            }
            // What the pipe held can be read after the end, too.
            was_kept &= client.write_all(b" ").await.is_ok();
            assert_eq!(was_kept, is_kept, "{bytes_per_second} bytes a second");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_waits_for_the_server_has_no_deadline() {
        let (mut client, _graceful) = connect();
        client.write_all(b"GET /silent HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut head = vec![0; 1024];
        assert_ne!(client.read(&mut head).await.unwrap(), 0);
        let more = time::timeout(Duration::from_secs(900), client.read(&mut head)).await;
        assert!(more.is_err(), "still open after a quarter of an hour");
    }
}
