//! Meta's WhatsApp Cloud API (Graph API), as documented up to September 2026.

mod components;
mod graph;
pub(crate) mod reports;
pub(crate) mod send;
pub(crate) mod templates;

use std::sync::Arc;

use serde_json::json;

use crate::call::{Answer, Call};
use crate::outcome::Outcome;
use crate::phones::Message;
use crate::plan::Status;
use crate::protocol::{Protocol, Refusal};
use crate::state::State;
use crate::webhook::{Report, Signing};

pub(crate) use graph::{Graph, error, object_missing};
pub(crate) use templates::decide;

/// The sender's number as Meta displays it, digits only.
pub(crate) const SENDER: &str = "15550001111";

/// Meta's words.
pub(crate) struct Meta;

impl Protocol for Meta {
    fn answer(&self, state: &Arc<State>, call: &Call) -> Answer {
        let account = &state.config.account;
        match call.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
            None => return graph::token_missing(state),
            Some(token) if token != account.meta_access_token => {
                return graph::token_invalid(state);
            }
            Some(_) => {}
        }
        let segments = call.segments();
        // The version may be left out; Graph then takes the oldest that lives.
        let (version, path) = match segments.split_first() {
            Some((first, rest)) if graph::is_version(first) => (*first, rest),
            _ => ("v22.0", segments.as_slice()),
        };
        let answer = match (call.method.as_str(), path) {
            ("POST", [id, "messages"]) if *id == account.meta_phone_number_id => {
                send::send(state, call)
            }
            (method, [id, rest @ ..]) if *id == account.meta_phone_number_id => {
                graph::phone_number(state, method, rest, call)
            }
            (method, [id, rest @ ..]) if *id == account.meta_waba_id => {
                business_account(state, method, rest, call)
            }
            (method, [id]) => templates::one(state, method, id, call),
            (_, [id, ..]) => object_missing(state, id),
            (_, []) => object_missing(state, "/"),
        };
        answer
            .with("facebook-api-version", version)
            .with("x-fb-request-id", state.identifiers.hex())
    }

    fn refuse(&self, state: &State, _: &Call, refusal: Refusal) -> Answer {
        refuse(state, refusal)
    }

    fn report(
        &self,
        state: &State,
        message: &Message,
        status: Status,
        outcome: Outcome,
    ) -> Option<Report> {
        let body = reports::status(state, message, status, outcome);
        report(state, &body)
    }
}

/// Meta's refusal for no fault of the caller.
pub(crate) fn refuse(state: &State, refusal: Refusal) -> Answer {
    match refusal {
        Refusal::TooMany => error(
            state,
            Graph::new(400, 130_429, "Rate limit hit")
                .details("Cloud API message throughput has been reached."),
        ),
        Refusal::Internal => error(
            state,
            Graph::new(500, 131_000, "Something went wrong")
                .details("Message failed to send due to an unknown error."),
        ),
        Refusal::Unavailable => {
            error(state, Graph::new(503, 2, "Service temporarily unavailable").transient())
        }
    }
}

/// A webhook with Meta's signature, if there is an address for it.
fn report(state: &State, body: &serde_json::Value) -> Option<Report> {
    let url = state.config.webhook.clone()?;
    let app_secret = state.config.account.meta_app_secret.clone();
    Some(Report::json(url, crate::json::ascii(body), Signing::Meta { app_secret }, state.now()))
}

/// The edges of the WhatsApp Business Account.
fn business_account(state: &Arc<State>, method: &str, path: &[&str], call: &Call) -> Answer {
    let id = &state.config.account.meta_waba_id;
    match (method, path) {
        ("GET", []) => Answer::json(
            200,
            &json!({
                "id": id,
                "name": "Emulator",
                "currency": "EUR",
                "timezone_id": "1",
                "whatsapp_business_manager_messaging_limit": "TIER_250",
            }),
        ),
        ("GET", ["phone_numbers"]) => Answer::json(200, &json!({ "data": [graph::sender(state)] })),
        ("GET", ["subscribed_apps"]) => Answer::json(
            200,
            &json!({ "data": [{ "whatsapp_business_api_data": { "id": "1", "name": "Emulator" } }] }),
        ),
        ("POST", ["subscribed_apps"]) => Answer::json(200, &json!({ "success": true })),
        ("POST", ["message_templates"]) => templates::create(state, call),
        ("POST", ["upsert_message_templates"]) => templates::upsert(state, call),
        ("GET", ["message_templates"]) => templates::list(state, call),
        ("DELETE", ["message_templates"]) => templates::delete(state, call),
        ("GET", ["message_template_previews"]) => templates::previews(call),
        _ => object_missing(state, &call.path),
    }
}
