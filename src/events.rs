//! Server-sent events: how far the message with a code has come, told to the
//! page that asked for it. A page learns of its own browser's challenge only.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::{DeliveryStatus, Purpose};
use futures::{Stream, StreamExt, stream};
use shop::{Visitor, codes::CodeView};
use tokio::{sync::OwnedSemaphorePermit, time};

use crate::{AppState, layers::refuse};

/// How often a page's own message is looked at when nobody says that it moved.
const LOOK: Duration = Duration::from_secs(1);
/// The least time between two looks, however much moves elsewhere.
const REST: Duration = Duration::from_millis(100);
/// A page left open stops listening after this many looks.
const LOOKS: usize = 900;

/// The events of one purpose in one browser.
pub async fn delivery(
    State(state): State<AppState>,
    Path(purpose): Path<String>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    let Some(purpose) = Purpose::parse(&purpose) else {
        return refuse(StatusCode::NOT_FOUND, "There are no such events.");
    };
    // "No content" keeps a page from asking again: there is nothing to follow.
    let view = state.shop.codes().status(&visitor, purpose).await.ok().flatten();
    if !view.is_some_and(|view| view.is_live) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let Ok(place) = state.listeners.clone().try_acquire_owned() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "Too many pages are listening.");
    };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    let closed = closed(&state);
    let changes = changes(state, visitor, purpose, place).take_until(closed);
    Sse::new(changes).keep_alive(keep_alive).into_response()
}

/// Done when the server stops.
pub fn closed(state: &AppState) -> impl Future<Output = ()> + Send + use<> {
    let mut closing = state.closing.subscribe();
    async move { drop(closing.wait_for(|is_closing| *is_closing).await) }
}

/// What is known, and then every change, until the message can move no more.
fn changes(
    state: AppState,
    visitor: Visitor,
    purpose: Purpose,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let news = state.shop.delivery().changes();
    let start = (state, visitor, news, String::new(), place);
    stream::unfold(start, move |(state, visitor, mut news, known, place)| async move {
        for _ in 0..LOOKS {
            if known.starts_with(DeliveryStatus::Read.as_str()) {
                return None;
            }
            let view = state.shop.codes().status(&visitor, purpose).await.ok().flatten()?;
            let seen = lines(&view);
            if known != seen {
                let event = Event::default().data(&seen);
                return Some((Ok(event), (state, visitor, news, seen, place)));
            }
            if !view.is_live {
                return None;
            }
            time::sleep(REST).await;
            if view.hides_delivery {
                // That something moved is no news for this page, nor is when.
                time::sleep(LOOK).await;
                continue;
            }
            // A word that something moved, or a missed one: both mean "look".
            time::timeout(LOOK, news.recv()).await.ok();
        }
        None
    })
    .boxed()
}

/// Three lines: the status as it stands in rows, whether the text message may be
/// asked for, and what the page says.
fn lines(view: &CodeView) -> String {
    let way = if view.sms_in_seconds == Some(0) { "open" } else { "closed" };
    format!("{}\n{way}\n{}", view.delivery.as_str(), pages::delivery(view))
}
