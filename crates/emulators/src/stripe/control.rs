//! The addresses for the emulator of Stripe itself, beside those of [`crate::control`].
//!
//! | request | effect |
//! | --- | --- |
//! | `GET /emulator/ledger` | every payment with what was authorized, captured, released, held, refunded and disputed; the sums by currency; the payments that still hold money; the open sessions |
//! | `POST /emulator/reset` | forgets everything: objects, keys, faults, the clock |
//! | `GET /emulator/clock` | the emulator's time |
//! | `POST /emulator/clock` | `{"advance": 604800}` moves it forward, and does what is due: sessions and authorizations expire |
//! | `GET`, `POST /emulator/webhooks` | `{"delay": 0, "jitter": 500, "lost": 0.1, "doubled": 0.1, "seed": 1, "is_held": false, "signature_skew": 0}` sets how webhooks misbehave; those left out are off |
//! | `POST /emulator/webhooks/deliver` | `{"events": ["evt_2", "evt_1", "evt_1"]}` sends these now in this order; without `events` all that were not accepted, oldest first |
//! | `POST /emulator/webhooks/roll` | gives the endpoint a new secret, which is returned; the old one signs too for a day |
//! | `POST /emulator/disputes` | `{"payment_intent": "pi_…", "reason": "fraudulent"}` disputes a captured payment |

//!
//! A webhook's signature has the time of this machine, also when the emulator's clock is ahead. The
//! faults `failed_later` and `silence` have no effect here.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::delivery::{Behaviour, Delivery};
use super::disputes;
use super::events::{Event, Origin};
use super::ledger;
use crate::control::apply;
use crate::http::{ApiRequest, ApiResponse};
use crate::state::State;

/// The response, if the request is for one of these addresses.
pub(super) fn handle(
    shared: &Arc<Shared>,
    state: &Arc<State>,
    request: &ApiRequest,
) -> Option<ApiResponse> {
    Some(match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/emulator/ledger") => {
            let ledger =
                shared.run(state, Origin::default(), |context| ledger::show(context.store));
            ApiResponse::json(200, &ledger)
        }
        ("POST", "/emulator/reset") => {
            shared.reset(state);
            ApiResponse::json(200, &json!({ "done": true }))
        }
        ("GET", "/emulator/clock") => ApiResponse::json(200, &json!({ "now": shared.now(state) })),
        ("POST", "/emulator/clock") => advance(shared, state, request),
        ("GET", "/emulator/webhooks") => {
            ApiResponse::json(200, &json!(shared.delivery.behaviour()))
        }
        ("POST", "/emulator/webhooks") => {
            apply(request, |behaviour: Behaviour| shared.delivery.set(behaviour))
        }
        ("POST", "/emulator/webhooks/deliver") => deliver(shared, state, request),
        ("POST", "/emulator/webhooks/roll") => roll(shared, state),
        ("POST", "/emulator/disputes") => dispute(shared, state, request),
        _ => return None,
    })
}

fn advance(shared: &Arc<Shared>, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Advance {
        advance: u32,
    }
    let response = apply(request, |by: Advance| shared.advance(i64::from(by.advance)));
    shared.run(state, Origin::default(), |_| ());
    response
}

fn deliver(shared: &Arc<Shared>, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let wanted = body.get("events").and_then(Value::as_array);
    let webhooks = shared.run(state, Origin::default(), |context| {
        let events = &context.store.events;
        let chosen: Vec<&Event> = match wanted {
            Some(ids) => ids.iter().filter_map(|id| events.find(id.as_str()?)).collect(),
            None => events.all().iter().filter(|event| event.is_pending()).collect(),
        };
        shared.delivery.webhooks(context.store, chosen.into_iter(), context.now)
    });
    let count = webhooks.len();
    Delivery::send_now(state, webhooks);
    ApiResponse::json(200, &json!({ "sent": count }))
}

fn roll(shared: &Arc<Shared>, state: &Arc<State>) -> ApiResponse {
    let secret = format!("whsec_{}", state.identifiers.hex());
    let is_rolled = shared.run(state, Origin::default(), |context| {
        let Some(mut endpoint) = context.store.endpoints.all().first().cloned() else {
            return false;
        };
        endpoint.roll(secret.clone(), context.now);
        context.store.endpoints.put(endpoint);
        true
    });
    if is_rolled {
        ApiResponse::json(200, &json!({ "secret": secret }))
    } else {
        ApiResponse::json(400, &json!({ "problem": "there is no webhook endpoint" }))
    }
}

fn dispute(shared: &Arc<Shared>, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let id = text("payment_intent").unwrap_or_default();
    let reason = text("reason").unwrap_or("fraudulent");
    let is_disputed = shared.run(state, Origin::default(), |context| {
        let intent = context.store.payment_intents.find(id).cloned();
        let charge = intent.and_then(|intent| context.store.charge_of(&intent));
        match charge.filter(|charge| charge.captured && !charge.disputed) {
            Some(charge) => disputes::open(context, charge, reason, "needs_response"),
            None => return false,
        }
        true
    });
    if is_disputed {
        ApiResponse::json(200, &json!({ "done": true }))
    } else {
        ApiResponse::json(
            400,
            &json!({ "problem": "give the `payment_intent` of a captured payment" }),
        )
    }
}
