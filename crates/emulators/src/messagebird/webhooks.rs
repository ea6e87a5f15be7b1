//! `…/webhooks`: reads back what requests have set, but the emulator's configuration decides where
//! webhooks are sent.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::{Problem, error, not_found, object};
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{put, text};
use crate::state::State;

/// The fields of the only webhook.
#[derive(Debug, Default)]
pub(super) struct Webhooks(Mutex<Value>);

impl Webhooks {
    pub fn route(
        &self,
        state: &State,
        method: &str,
        path: &[&str],
        request: &ApiRequest,
    ) -> ApiResponse {
        match (method, path) {
            ("POST", []) => match object(request) {
                Ok(body) if text(&body, "/url").is_some() => {
                    ApiResponse::json(201, &self.change(state, &body))
                }
                Ok(_) => error(state, Problem::missing("url")),
                Err(problem) => error(state, problem),
            },
            ("GET", []) => {
                let items: Vec<Value> =
                    state.config.webhook.iter().map(|_| self.change(state, &json!({}))).collect();
                let count = items.len();
                let body = json!({ "offset": 0, "limit": 10, "count": count, "totalCount": count,
                    "items": items });
                ApiResponse::json(200, &body)
            }
            ("GET", [_]) => ApiResponse::json(200, &self.change(state, &json!({}))),
            ("PATCH" | "PUT", [_]) => {
                let body = request.json().unwrap_or_default();
                ApiResponse::json(200, &self.change(state, &body))
            }
            ("DELETE", [_]) => ApiResponse::empty(204),
            _ => not_found(state),
        }
    }

    /// Sets the fields of a request, and shows the webhook.
    fn change(&self, state: &State, body: &Value) -> Value {
        let mut webhook = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if webhook.is_null() {
            *webhook = json!({
                "id": "00000000000000000000000000000001",
                "url": state.config.webhook,
                "channelId": null,
                "events": ["message.created", "message.updated"],
                "status": "enabled",
                "createdDatetime": iso(state.now()),
                "updatedDatetime": null,
            });
        }
        for key in ["url", "channelId", "events", "status"] {
            if let Some(value) = body.get(key) {
                put(&mut webhook, key, value.clone());
            }
        }
        webhook.clone()
    }
}
