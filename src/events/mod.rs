//! Server-sent events: how far the message with a code has come, told to the page that
//! asked for it. A page hears of the challenge of its own browser only.
//!
//! A page gets a stream if there is a place for one (`limits`). Otherwise it refreshes: it gets
//! one event at a time, and its browser asks again after [`REFRESH_INTERVAL`].

pub mod limits;

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::{ChallengeId, DeliveryStatus, Purpose};
use futures::{Stream, StreamExt, future, stream};
use shop::{Visitor, codes::CodeView};
use text::Text;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time,
};

use crate::{AppState, layers::refuse};

/// How often the rows are read when no change is announced: what another process changed is
/// seen after this time at the latest.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The least time between two reads of one page.
const MIN_POLL_GAP: Duration = Duration::from_millis(100);
/// The pace of all pages.
const PACE: Pace = Pace { poll_interval: POLL_INTERVAL, min_poll_gap: MIN_POLL_GAP };
/// After this many reads without a change the stream ends, because the page was left open.
const MAX_POLLS: usize = 900;

/// How often a stream without events has a comment. Proxies end what is silent for longer than
/// some time, the least of which is 30 s.
const COMMENT_INTERVAL: Duration = Duration::from_secs(12);
/// How often a page without a stream asks again.
const REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// The id of the last event of a page without a stream. Its browser sends it with the next request.
const REFRESHES: &str = "refreshes";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx, and proxies that follow it, not to collect a response before they pass it on.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How often a page's rows are read.
#[derive(Clone, Copy)]
struct Pace {
    poll_interval: Duration,
    min_poll_gap: Duration,
}

/// Answers the events of one purpose in one browser.
pub async fn delivery(
    State(state): State<AppState>,
    Path(purpose): Path<String>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
) -> Response {
    let Some(purpose) = Purpose::parse(&purpose) else {
        return refuse(StatusCode::NOT_FOUND, "There are no such events.");
    };
    // "No content" stops the browser from connecting again, as there is nothing to follow.
    let view = state.shop.codes().status(&visitor, purpose).await.ok().flatten();
    if !view.is_some_and(|view| view.is_live()) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let changes = state.shop.delivery().changes();
    let text = state.text_for(&headers);
    let read = {
        let (state, visitor) = (state.clone(), visitor.clone());
        move || {
            let (state, visitor) = (state.clone(), visitor.clone());
            async move { state.shop.codes().status(&visitor, purpose).await.ok().flatten() }
        }
    };
    follow(&state, &visitor, &headers, updates(PACE, changes, text, read))
}

/// A response with the data of these events, the first of which comes at once: a stream until the
/// server closes, or the first event alone if the page has to refresh.
pub fn follow<S>(state: &AppState, visitor: &Visitor, headers: &HeaderMap, events: S) -> Response
where
    S: Stream<Item = String> + Send + 'static,
{
    let refreshes = headers.get(LAST_EVENT_ID).is_some_and(|id| id == REFRESHES);
    let events = events.map(|data| Event::default().data(data));
    let Some(place) = state.streams.admit(visitor, refreshes) else {
        return respond(events.take(1).map(refreshing).boxed());
    };
    // A page that has a stream again does not refresh any more.
    let events = events.map(move |event| if refreshes { event.id("") } else { event });
    let until_closed = events.take_until(state.lifecycle.closing());
    let until_needed = until_closed.take_until(place.is_needed());
    // The place is held until the stream ends. A page whose place was taken away is told to refresh.
    let end = async move { place.is_lost().then(|| refreshing(Event::default())) };
    respond(until_needed.chain(stream::once(end).filter_map(future::ready)).boxed())
}

/// An event after which the browser asks again, and says that its page refreshes.
fn refreshing(event: Event) -> Event {
    event.id(REFRESHES).retry(REFRESH_INTERVAL)
}

/// A response of these events. Proxies must pass each on at once, and not hold the connection for
/// an idle one and end it.
fn respond<S>(events: S) -> Response
where
    S: Stream<Item = Event> + Send + 'static,
{
    let keep_alive = KeepAlive::new().interval(COMMENT_INTERVAL);
    let mut response =
        Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive).into_response();
    response.headers_mut().insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

/// The lines of the challenge that `read` gives, and then every change, until its message
/// can move no more. It reads when that challenge changed, and at every poll interval.
fn updates<R, F>(
    pace: Pace,
    changes: broadcast::Receiver<ChallengeId>,
    text: Text,
    read: R,
) -> impl Stream<Item = String> + Send
where
    R: Fn() -> F + Send,
    F: Future<Output = Option<CodeView>> + Send,
{
    let start = (changes, read, text, String::new());
    stream::unfold(start, move |(mut changes, read, text, shown)| async move {
        for _ in 0..MAX_POLLS {
            if shown.starts_with(DeliveryStatus::Read.as_str()) {
                return None;
            }
            let view = read().await?;
            let current = lines(&view, &text);
            if current != shown {
                return Some((current.clone(), (changes, read, text, current)));
            }
            if !view.is_live() {
                return None;
            }
            time::sleep(pace.min_poll_gap).await;
            if view.hides_delivery {
                // Such a page follows the clock alone, so announcements are ignored.
                time::sleep(pace.poll_interval).await;
            } else {
                let change = change_of(&view.challenge, &mut changes);
                time::timeout(pace.poll_interval, change).await.ok();
            }
        }
        None
    })
}

/// Done when this challenge was announced as changed, or announcements were missed.
async fn change_of(challenge: &ChallengeId, changes: &mut broadcast::Receiver<ChallengeId>) {
    loop {
        match changes.recv().await {
            Ok(changed) if changed != *challenge => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Three lines: the status as it stands in rows, whether the text message may be
/// asked for, and what the page says.
fn lines(view: &CodeView, text: &Text) -> String {
    let way = if view.sms_in_seconds == Some(0) { "open" } else { "closed" };
    format!(
        "{}\n{way}\n{}",
        view.delivery.as_str(),
        text.delivery(view.delivery, view.channel, view.problem)
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use domain::{ChallengeState, Channel};
    use futures::{FutureExt, stream::select_all};

    use super::*;

    fn view(challenge: u128) -> CodeView {
        CodeView {
            challenge: ChallengeId::from_bits(challenge),
            purpose: Purpose::Phone,
            masked_phone: String::new(),
            attempts_left: 5,
            resend_in_seconds: 0,
            resends_left: 0,
            expires_in_seconds: 600,
            minutes: 10,
            channel: Channel::WhatsApp,
            delivery: DeliveryStatus::Sent,
            problem: None,
            hides_delivery: false,
            sms_in_seconds: None,
            state: ChallengeState::Live,
            order: None,
        }
    }

    /// Without polls, so that every read comes from an announcement.
    const NO_POLLS: Pace =
        Pace { poll_interval: Duration::from_secs(3600), min_poll_gap: Duration::ZERO };

    #[tokio::test]
    async fn a_stream_reads_only_when_its_own_challenge_changed() {
        const STREAMS: u128 = 50;
        let (sender, _) = broadcast::channel(64);
        let reads = Arc::new(AtomicUsize::new(0));
        let streams = (0..STREAMS).map(|number| {
            let reads = Arc::clone(&reads);
            let read = move || {
                reads.fetch_add(1, Ordering::SeqCst);
                async move { Some(view(number)) }
            };
            updates(NO_POLLS, sender.subscribe(), Text::default(), read).boxed()
        });
        let mut streams = select_all(streams);
        for _ in 0..STREAMS {
            streams.next().await.unwrap();
        }
        // Lets all streams run until they wait.
        let mut settle = async || {
            for _ in 0..1000 {
                assert!(streams.next().now_or_never().is_none());
                tokio::task::yield_now().await;
            }
            reads.load(Ordering::SeqCst)
        };
        let at_rest = settle().await;
        for other in 0..20 {
            sender.send(ChallengeId::from_bits(1_000_000 + other)).unwrap();
        }
        assert_eq!(settle().await, at_rest);
        sender.send(ChallengeId::from_bits(7)).unwrap();
        assert_eq!(settle().await, at_rest + 1);
    }

    #[tokio::test]
    async fn without_announcements_the_rows_are_read_at_every_interval() {
        let (_sender, changes) = broadcast::channel(8);
        let reads = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reads);
        let read = move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let delivery = if number < 3 { DeliveryStatus::Sent } else { DeliveryStatus::Read };
            async move { Some(CodeView { delivery, ..view(1) }) }
        };
        let pace = Pace { poll_interval: Duration::from_millis(1), ..NO_POLLS };
        let events: Vec<_> = updates(pace, changes, Text::default(), read).collect().await;
        assert_eq!(events.len(), 2, "{events:?}");
        assert_eq!(reads.load(Ordering::SeqCst), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_has_a_comment_every_fifteen_seconds_and_is_not_buffered() {
        let response = respond(stream::pending());
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        let mut body = response.into_body().into_data_stream();
        for _ in 0..20 {
            let comment = time::timeout(Duration::from_secs(15), body.next()).await;
            assert_eq!(comment.unwrap().unwrap().unwrap(), ":\n\n");
        }
    }

    #[tokio::test]
    async fn missed_announcements_count_as_a_change() {
        let (sender, mut changes) = broadcast::channel(2);
        for other in 0..5 {
            sender.send(ChallengeId::from_bits(other + 10)).unwrap();
        }
        assert!(change_of(&ChallengeId::from_bits(1), &mut changes).now_or_never().is_some());
    }
}
