//! Stripe: Checkout, payments, refunds, disputes and events, as its public documentation describes
//! them (<https://docs.stripe.com/api>), in one version of the API.

mod account;
mod cards;
mod charges;
mod checkout;
mod clock;
mod context;
mod control;
mod currency;
mod customers;
mod delivery;
mod disputes;
mod events;
mod expand;
mod form;
mod idempotency;
mod ledger;
mod lifecycle;
mod line_items;
mod locks;
mod objects;
mod operations;
mod pages;
mod parameters;
mod payment_intent_parameters;
mod payment_intents;
mod payment_methods;
mod problem;
mod refunds;
mod requests;
mod schema;
mod session_parameters;
mod sessions;
mod table;
mod webhook_endpoints;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::http::{ApiRequest, ApiResponse};
use crate::outcome::ServiceError;
use crate::protocol::Protocol;
use crate::state::State;

use context::{Context, Store};
use delivery::{Behaviour, Delivery};
use events::Origin;
use idempotency::Keys;
use locks::Locks;
use webhook_endpoints::Endpoint;

/// How often the emulator looks for what has expired.
const TICK: Duration = Duration::from_secs(1);

/// Stripe, with one account.
#[derive(Debug, Default)]
pub(crate) struct Stripe(Arc<Shared>);

/// What requests, the clock and the pages share.
#[derive(Debug, Default)]
struct Shared {
    store: Mutex<Store>,
    keys: Keys,
    locks: Locks,
    delivery: Delivery,
    /// Seconds by which the emulator's clock is ahead.
    ahead: AtomicI64,
    is_ticking: AtomicBool,
}

impl Shared {
    /// Unix seconds by the emulator's clock.
    fn now(&self, state: &State) -> i64 {
        state.now() + self.ahead.load(Ordering::SeqCst)
    }

    fn advance(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    fn reset(&self, state: &State) {
        *self.lock() = Store::default();
        self.keys.clear();
        self.delivery.set(Behaviour::default());
        self.ahead.store(0, Ordering::SeqCst);
        state.faults.set(None);
        state.faults.set_scripted(Vec::new());
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works with the objects after what is due by the clock, and sends the events of both.
    fn run<R>(
        self: &Arc<Self>,
        state: &Arc<State>,
        origin: Origin,
        work: impl FnOnce(&mut Context) -> R,
    ) -> R {
        self.tick(state);
        let now = self.now(state);
        let mut store = self.lock();
        configure_endpoint(&mut store, state, now);
        let mut context = Context {
            store: &mut store,
            identifiers: &state.identifiers,
            base_url: &state.base_url,
            now,
            origin: Origin::default(),
            caused: Vec::new(),
        };
        clock::settle(&mut context);
        context.origin = origin;
        let result = work(&mut context);
        let caused = std::mem::take(&mut context.caused);
        let events = caused.iter().filter_map(|id| store.events.find(id));
        let webhooks = self.delivery.webhooks(&store, events, now);
        drop(store);
        self.delivery.send(state, webhooks);
        result
    }

    /// Starts the clock with the first request.
    fn tick(self: &Arc<Self>, state: &Arc<State>) {
        if self.is_ticking.swap(true, Ordering::SeqCst) {
            return;
        }
        let (shared, ticking) = (Arc::clone(self), Arc::clone(state));
        state.spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                shared.run(&ticking, Origin::default(), |_| ());
            }
        });
    }
}

/// The webhook endpoint that the emulator is started with.
fn configure_endpoint(store: &mut Store, state: &State, now: i64) {
    if store.endpoints.all().is_empty()
        && let Some(url) = &state.config.webhook
    {
        let id = format!("we_{}", state.identifiers.hex());
        let secret = &state.config.account.stripe_webhook_secret;
        store.endpoints.put(Endpoint::configured(id, url, secret, now));
    }
}

impl Protocol for Stripe {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        if pages::is_page(&request.path) {
            return self.0.run(state, Origin::default(), |context| pages::handle(context, request));
        }
        requests::handle(&self.0, state, request)
    }

    fn service_error(
        &self,
        state: &State,
        request: &ApiRequest,
        failure: ServiceError,
    ) -> ApiResponse {
        requests::service_error(&self.0, state, request, failure)
    }

    fn may_fail(&self, request: &ApiRequest) -> bool {
        request.path.starts_with("/v1/")
    }

    fn control(&self, state: &Arc<State>, request: &ApiRequest) -> Option<ApiResponse> {
        control::handle(&self.0, state, request)
    }

    fn page(&self, _: &State) -> Option<(&'static str, String)> {
        Some(("Payments", ledger::items(&self.0.lock())))
    }
}
