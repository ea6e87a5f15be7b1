//! Reads the list of events, for shops that webhooks do not reach.
//! Source: <https://docs.stripe.com/api/events/list>. Stripe keeps events for 30 days.

use std::time::Duration;

use domain::Timestamp;
use serde::Deserialize;

use super::{
    Stripe,
    errors::StripeError,
    events::{Event, TYPES},
    form::Form,
};
use crate::{EventCursor, GatewayEvent};

/// The address of all events.
const PATH: &str = "/v1/events";
/// How far back the first poll looks. What is older is found by reading the payments.
const FIRST_POLL: Duration = Duration::from_secs(60 * 60);
/// The number of events in a page: the most that Stripe returns.
const PAGE_LEN: u32 = 100;
/// The most pages of one poll. The next poll goes on where this one ended.
const MAX_PAGES: usize = 10;

/// A page of events, the newest first.
#[derive(Deserialize)]
struct Page {
    data: Vec<Event>,
    #[serde(default)]
    has_more: bool,
}

/// The events after the cursor, the oldest first.
pub(super) async fn poll(
    stripe: &Stripe,
    since: Option<&EventCursor>,
    now: Timestamp,
) -> Result<Vec<GatewayEvent>, StripeError> {
    let Some(cursor) = since else { return recent(stripe, now).await };
    let mut cursor = cursor.0.clone();
    let mut events = Vec::new();
    for _ in 0..MAX_PAGES {
        let query = query().with("ending_before", &cursor);
        let mut page = match stripe.client.get::<Page>(PATH, &query).await {
            Ok(page) => page.value,
            // The event of the cursor is older than Stripe keeps events.
            Err(error) if error.is_missing() => return recent(stripe, now).await,
            Err(error) => return Err(error),
        };
        let Some(newest) = page.data.first() else { break };
        cursor.clone_from(&newest.id);
        page.data.reverse();
        events.extend(page.data);
        if !page.has_more {
            break;
        }
    }
    Ok(read(stripe, events))
}

/// The newest events of the last hour.
async fn recent(stripe: &Stripe, now: Timestamp) -> Result<Vec<GatewayEvent>, StripeError> {
    let since = (now - FIRST_POLL).as_millis() / 1000;
    let query = query().with("created[gte]", since);
    let mut events = stripe.client.get::<Page>(PATH, &query).await?.value.data;
    events.reverse();
    Ok(read(stripe, events))
}

/// The kinds of events that the shop uses. Those that a webhook delivered are among them, and the
/// shop knows them by their ids: Stripe's filter for what was not delivered would leave out
/// everything if the endpoint is missing.
fn query() -> Form {
    let form = Form::new().with("limit", PAGE_LEN);
    TYPES.iter().fold(form, |form, kind| form.with("types[]", kind))
}

fn read(stripe: &Stripe, events: Vec<Event>) -> Vec<GatewayEvent> {
    let mode = stripe.settings.key.mode();
    events.into_iter().map(|event| event.into_gateway_event(mode)).collect()
}
