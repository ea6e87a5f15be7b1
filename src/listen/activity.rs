//! What happens on one connection, and until when something else has to happen.
//!
//! hyper has one timer for the head of a request in HTTP/1, which also limits how long a
//! connection may be idle, and none for HTTP/2 or for peers that do not read. So these deadlines
//! are kept here, for all protocols.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long a client may take for its first request, from the connection to the end of the
/// request's head, whatever the protocol.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the head of a later request may take, from its first byte.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle between two requests. It is longer than the proxies in
/// front keep theirs (nginx 60 s, Caddy 120 s), so that the proxy closes an idle connection and
/// never sends a request on one that is being closed.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(180);
/// How long a peer may read nothing while a response waits for it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The slowest reading that keeps a connection: each KiB read prolongs [`WRITE_TIMEOUT`] by a
/// second, up to its full length.
const MIN_READ_BYTES_PER_SECOND: f64 = 1024.0;

/// The activity of one connection. Clones share it.
#[derive(Clone)]
pub struct Activity(Arc<Mutex<State>>);

struct State {
    opened_at: Instant,
    is_http2: bool,
    has_requested: bool,
    /// How many requests are being answered.
    in_flight: usize,
    /// The end of the last response.
    idle_since: Instant,
    /// The first byte of a request whose head is not complete.
    head_since: Option<Instant>,
    /// When the peer must have read what is being written.
    write_deadline: Option<Instant>,
    /// The HTTP/2 streams whose peer gives them no room, and since when. Such a stream keeps its
    /// response although the connection itself can be written.
    stalled: BTreeMap<u64, Instant>,
    next_request: u64,
}

impl Activity {
    /// The activity of a connection that was opened now.
    pub fn new() -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(State {
            opened_at: now,
            is_http2: false,
            has_requested: false,
            in_flight: 0,
            idle_since: now,
            head_since: None,
            write_deadline: None,
            stalled: BTreeMap::new(),
            next_request: 0,
        })))
    }

    /// When the connection ends if nothing happens; `None` while the server itself is at work.
    pub fn deadline(&self) -> Option<Instant> {
        let state = self.state();
        let read = match (state.in_flight, state.has_requested, state.head_since) {
            (1.., ..) => None,
            (0, false, _) => Some(state.opened_at + FIRST_REQUEST_TIMEOUT),
            (0, true, Some(since)) => Some(since + HEADER_READ_TIMEOUT),
            (0, true, None) => Some(state.idle_since + IDLE_TIMEOUT),
        };
        let stalled = state.stalled.values().min().map(|since| *since + WRITE_TIMEOUT);
        [read, state.write_deadline, stalled].into_iter().flatten().min()
    }

    /// Since when the connection is idle; `None` while it answers a request.
    pub fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.in_flight == 0).then_some(state.idle_since)
    }

    /// The peer sent something.
    pub fn received(&self) {
        let mut state = self.state();
        // Between two requests, HTTP/2 has frames of its own, such as answers to pings.
        if state.in_flight == 0 && state.has_requested && !state.is_http2 {
            state.head_since.get_or_insert_with(Instant::now);
        }
    }

    /// The peer took `written` of `offered` bytes.
    pub fn wrote(&self, written: usize, offered: usize) {
        let mut state = self.state();
        let Some(deadline) = state.write_deadline else { return };
        let earned = Duration::from_secs_f64(written as f64 / MIN_READ_BYTES_PER_SECOND);
        let latest = Instant::now() + WRITE_TIMEOUT;
        let is_blocked = written < offered;
        state.write_deadline = is_blocked.then(|| (deadline + earned).min(latest));
    }

    /// The peer takes nothing at the moment.
    pub fn write_blocked(&self) {
        self.state().write_deadline.get_or_insert_with(|| Instant::now() + WRITE_TIMEOUT);
    }

    /// A request arrived. It is in flight until the returned guard is dropped.
    pub fn begin_request(&self, is_http2: bool) -> RequestGuard {
        let mut state = self.state();
        state.is_http2 = is_http2;
        state.has_requested = true;
        state.head_since = None;
        state.in_flight += 1;
        state.next_request += 1;
        RequestGuard { activity: self.clone(), id: state.next_request, is_http2 }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered.
pub struct RequestGuard {
    activity: Activity,
    id: u64,
    is_http2: bool,
}

impl RequestGuard {
    /// The next part of the response is there, and the peer has to make room for it.
    pub fn waits_for_peer(&self) {
        // HTTP/1 has one response at a time, for which the write deadline suffices.
        if self.is_http2 {
            self.activity.state().stalled.insert(self.id, Instant::now());
        }
    }

    /// The peer has room for the next part of the response, which is not there yet.
    pub fn waits_for_us(&self) {
        if self.is_http2 {
            self.activity.state().stalled.remove(&self.id);
        }
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        state.stalled.remove(&self.id);
        state.in_flight = state.in_flight.saturating_sub(1);
        if state.in_flight == 0 {
            state.idle_since = Instant::now();
        }
    }
}
