//! Finds what Stripe has of a payment: by Stripe's id, or by the payment's id if the answer with
//! Stripe's id was lost.

use std::time::Duration;

use domain::{PaymentId, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    checkout_session::{self, CheckoutSession},
    client::{Client, Reply},
    errors::StripeError,
    form::Form,
    payment_intent::{self, PaymentIntent},
};
use crate::GatewayReference;

/// How far back payments without Stripe's id are searched. A session lives for 24 hours at most.
const SEARCHED_TIME: Duration = Duration::from_secs(25 * 60 * 60);
/// The number of objects in a page of a list: the most that Stripe returns.
const PAGE_LEN: u32 = 100;
/// The most pages that are read.
const MAX_PAGES: usize = 50;

/// What Stripe has of a payment.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// A page for a new card, with the PaymentIntent that it led to.
    Session(CheckoutSession),
    /// The payment with a saved card, or one whose session is complete.
    Intent(PaymentIntent),
}

impl Found {
    /// The PaymentIntent, if there is one yet.
    pub(super) fn intent(&self) -> Option<&PaymentIntent> {
        match self {
            Self::Session(session) => session.intent(),
            Self::Intent(intent) => Some(intent),
        }
    }
}

/// A list of objects, the newest first.
#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

/// An object that may belong to a payment.
trait Listed: DeserializeOwned {
    fn id(&self) -> &str;
    fn is_of(&self, payment: &PaymentId) -> bool;
}

impl Listed for CheckoutSession {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_of(&self, payment: &PaymentId) -> bool {
        Self::is_of(self, payment)
    }
}

impl Listed for PaymentIntent {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_of(&self, payment: &PaymentId) -> bool {
        Self::is_of(self, payment)
    }
}

/// What Stripe has of a payment now; `None` if it has nothing.
pub(super) async fn find(
    client: &Client,
    payment: &PaymentId,
    reference: Option<&GatewayReference>,
    now: Timestamp,
) -> Result<Option<Reply<Found>>, StripeError> {
    let found = match reference.map(GatewayReference::as_str) {
        Some(id) if id.starts_with(checkout_session::ID_PREFIX) => session(client, id).await,
        Some(id) if id.starts_with(payment_intent::ID_PREFIX) => intent(client, id).await,
        Some(_) | None => return search(client, payment, now).await,
    };
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A session, with its PaymentIntent.
async fn session(client: &Client, id: &str) -> Result<Reply<Found>, StripeError> {
    Ok(checkout_session::retrieve(client, id).await?.map(Found::Session))
}

/// A PaymentIntent, with its charge.
async fn intent(client: &Client, id: &str) -> Result<Reply<Found>, StripeError> {
    Ok(payment_intent::retrieve(client, id).await?.map(Found::Intent))
}

/// Searches sessions, then PaymentIntents, because the payment does not say which it is. Stripe's
/// search of metadata would be quicker, but does not have what was made within the last minute
/// (<https://docs.stripe.com/search#data-freshness>), which is what is looked for.
async fn search(
    client: &Client,
    payment: &PaymentId,
    now: Timestamp,
) -> Result<Option<Reply<Found>>, StripeError> {
    let since = (now - SEARCHED_TIME).as_millis() / 1000;
    let sessions = list::<CheckoutSession>(client, checkout_session::PATH, payment, since);
    if let Some(id) = sessions.await? {
        return session(client, &id).await.map(Some);
    }
    let intents = list::<PaymentIntent>(client, payment_intent::PATH, payment, since);
    match intents.await? {
        Some(id) => intent(client, &id).await.map(Some),
        None => Ok(None),
    }
}

/// The id of the object of this payment among those that were made since a time.
async fn list<T: Listed>(
    client: &Client,
    path: &str,
    payment: &PaymentId,
    since: i64,
) -> Result<Option<String>, StripeError> {
    let first = Form::new().with("created[gte]", since).with("limit", PAGE_LEN);
    let mut query = first.clone();
    for _ in 0..MAX_PAGES {
        let page = client.get::<Page<T>>(path, &query).await?.value;
        if let Some(found) = page.data.iter().find(|object| object.is_of(payment)) {
            return Ok(Some(found.id().to_owned()));
        }
        match page.data.last() {
            Some(last) if page.has_more => {
                query = first.clone().with("starting_after", last.id());
            }
            _ => return Ok(None),
        }
    }
    tracing::warn!(
        event = "stripe.search_ended",
        payment_id = %payment,
        "Stripe has more payments of the last day than are searched"
    );
    Err(StripeError::NoAnswer)
}
