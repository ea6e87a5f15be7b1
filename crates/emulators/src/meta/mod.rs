//! Meta's WhatsApp Cloud API (Graph API), as documented up to September 2026.

mod components;
mod graph;
pub(crate) mod send;
pub(crate) mod templates;
pub(crate) mod webhooks;

use std::sync::Arc;

use serde_json::json;

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::Message;
use crate::outcome::{Outcome, ServiceError};
use crate::protocol::Protocol;
use crate::state::State;
use crate::webhook::Webhook;

pub(crate) use graph::{SENDER, error, object_missing, service_error};
pub(crate) use templates::decide;

pub(crate) struct Meta;

impl Protocol for Meta {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        let account = &state.config.account;
        match request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
            None => return graph::token_missing(state),
            Some(token) if token != account.meta_access_token => {
                return graph::token_invalid(state);
            }
            Some(_) => {}
        }
        let segments = request.segments();
        // Without a version, Graph takes the oldest supported one.
        let (version, path) = match segments.split_first() {
            Some((first, rest)) if graph::is_version(first) => (*first, rest),
            _ => ("v22.0", segments.as_slice()),
        };
        let answer = match (request.method.as_str(), path) {
            ("POST", [id, "messages"]) if *id == account.meta_phone_number_id => {
                send::send(state, request)
            }
            (method, [id, rest @ ..]) if *id == account.meta_phone_number_id => {
                graph::phone_number(state, method, rest, request)
            }
            (method, [id, rest @ ..]) if *id == account.meta_waba_id => {
                business_account(state, method, rest, request)
            }
            (method, [id]) => templates::one(state, method, id, request),
            (_, [id, ..]) => object_missing(state, id),
            (_, []) => object_missing(state, "/"),
        };
        answer
            .with_header("facebook-api-version", version)
            .with_header("x-fb-request-id", state.identifiers.hex())
    }

    fn service_error(&self, state: &State, _: &ApiRequest, failure: ServiceError) -> ApiResponse {
        service_error(state, failure)
    }

    fn status_webhook(
        &self,
        state: &State,
        message: &Message,
        status: DeliveryStatus,
        outcome: Outcome,
    ) -> Option<Webhook> {
        webhooks::signed(state, &webhooks::status(state, message, status, outcome))
    }
}

/// Tells the shop in the background that a person has another number, or other ids.
pub(crate) fn tell_user_change(state: &Arc<State>, from: &str, to: &str, is_withheld: bool) {
    let body = webhooks::user_change(state, from, to, is_withheld);
    if let Some(webhook) = webhooks::signed(state, &body) {
        let told = Arc::clone(state);
        state.spawn(async move { crate::webhook::send(&told, webhook).await });
    }
}

/// The Graph edges of the WhatsApp Business Account.
fn business_account(
    state: &Arc<State>,
    method: &str,
    path: &[&str],
    request: &ApiRequest,
) -> ApiResponse {
    let id = &state.config.account.meta_waba_id;
    match (method, path) {
        ("GET", []) => ApiResponse::json(
            200,
            &json!({
                "id": id,
                "name": "Emulator",
                "currency": "EUR",
                "timezone_id": "1",
                "whatsapp_business_manager_messaging_limit": "TIER_250",
            }),
        ),
        ("GET", ["phone_numbers"]) => {
            ApiResponse::json(200, &json!({ "data": [graph::sender(state)] }))
        }
        ("GET", ["subscribed_apps"]) => ApiResponse::json(
            200,
            &json!({ "data": [{ "whatsapp_business_api_data": { "id": "1", "name": "Emulator" } }] }),
        ),
        ("POST", ["subscribed_apps"]) => ApiResponse::json(200, &json!({ "success": true })),
        ("POST", ["message_templates"]) => templates::create(state, request),
        ("POST", ["upsert_message_templates"]) => templates::upsert(state, request),
        ("GET", ["message_templates"]) => templates::list(state, request),
        ("DELETE", ["message_templates"]) => templates::delete(state, request),
        ("GET", ["message_template_previews"]) => templates::previews(request),
        _ => object_missing(state, &request.path),
    }
}
