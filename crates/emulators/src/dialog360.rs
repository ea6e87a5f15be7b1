//! 360dialog: Meta's messages with addresses, keys and templates of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::text;
use crate::messages::Message;
use crate::meta;
use crate::outcome::{Outcome, ServiceError};
use crate::protocol::Protocol;
use crate::state::State;
use crate::templates::Template;
use crate::webhook::Webhook;

pub(crate) struct Dialog360;

impl Protocol for Dialog360 {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        if request.header("d360-api-key") != Some(state.config.account.dialog360_api_key.as_str()) {
            return refused(state, 401, "Invalid api_key");
        }
        match (request.method.as_str(), request.segments().as_slice()) {
            ("POST", ["messages"]) => meta::send::send(state, request),
            ("POST", ["v1", "configs", "templates"]) => create(state, request),
            ("GET", ["v1", "configs", "templates"]) => list(state, request),
            ("DELETE", ["v1", "configs", "templates", name]) => remove(state, name),
            ("DELETE", ["message_templates"]) => meta::templates::delete(state, request),
            ("POST" | "GET", ["v1", "configs", "webhook"]) => webhook(state, request),
            _ => refused(state, 404, "Not found"),
        }
    }

    fn service_error(&self, state: &State, _: &ApiRequest, failure: ServiceError) -> ApiResponse {
        match failure {
            ServiceError::TooMany => {
                refused(state, 400, "You have exceeded the endpoint rate limit.")
            }
            ServiceError::Internal => refused(state, 500, "Internal server error"),
            ServiceError::Unavailable => {
                refused(state, 502, "WhatsApp for Business API not available")
            }
        }
    }

    fn status_webhook(
        &self,
        state: &State,
        message: &Message,
        status: DeliveryStatus,
        outcome: Outcome,
    ) -> Option<Webhook> {
        meta::webhooks::signed(state, &meta::webhooks::status(state, message, status, outcome))
    }
}

/// An error in 360dialog's own format.
fn refused(state: &State, status: u16, why: &str) -> ApiResponse {
    state.count(format!("refused_{status}"));
    let meta = json!({ "success": false, "http_code": status, "developer_message": why });
    ApiResponse::json(status, &json!({ "meta": meta }))
}

fn show(template: &Template) -> Value {
    json!({
        "id": format!("{}WT", template.id),
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "namespace": "1c2d3e4f_5a6b_7c8d_9e0f_112233445566",
        "status": match template.status() {
            "PENDING" => String::from("submitted"),
            other => other.to_ascii_lowercase(),
        },
        "rejected_reason": template.reason(),
        "components": template.components,
        "external_id": template.id,
        "created_at": crate::format::iso(template.created_at),
        "modified_at": crate::format::iso(template.created_at),
    })
}

fn create(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let language = text(&body, "/language").unwrap_or_default();
    let handed_in = meta::templates::read(state, &body, language).and_then(|template| {
        let shown = show(&template);
        meta::templates::submit(state, template).map(|()| shown)
    });
    match handed_in {
        Ok(mut shown) => {
            crate::json::put(&mut shown, "status", json!("submitted"));
            ApiResponse::json(201, &shown)
        }
        Err(problem) => meta::error(state, problem),
    }
}

fn list(state: &State, request: &ApiRequest) -> ApiResponse {
    let filters: Value = request
        .parameter("filters")
        .and_then(|filters| serde_json::from_str(&filters).ok())
        .unwrap_or_else(|| json!({}));
    let wanted =
        |key: &str| filters.get(format!("business_templates.{key}")).and_then(Value::as_str);
    let all = state.templates.select(|each| {
        wanted("name").is_none_or(|name| name == each.name)
            && wanted("language").is_none_or(|language| language == each.language)
    });
    let number = |name: &str| request.parameter(name).and_then(|value| value.parse::<usize>().ok());
    let (limit, offset) =
        (number("limit").unwrap_or(1000).max(1), number("offset").unwrap_or_default());
    let page: Vec<_> = all.iter().skip(offset).take(limit).map(show).collect();
    let sort = request.parameter("sort").unwrap_or_else(|| String::from("id"));
    ApiResponse::json(
        200,
        &json!({
            "count": page.len(),
            "filters": filters,
            "limit": limit,
            "offset": offset,
            "sort": [sort],
            "total": all.len(),
            "waba_templates": page,
        }),
    )
}

fn remove(state: &State, name: &str) -> ApiResponse {
    match state.templates.remove(|each| each.name == name) {
        0 => refused(state, 404, "Template not found"),
        _ => ApiResponse::json(200, &json!({ "meta": { "success": true, "http_code": 200 } })),
    }
}

/// `…/configs/webhook`: sets where webhooks are sent, and with which headers.
fn webhook(state: &State, request: &ApiRequest) -> ApiResponse {
    if request.method == "POST" {
        let body = request.json().unwrap_or_default();
        let Some(url) = text(&body, "/url").filter(|url| url.starts_with("http")) else {
            return refused(state, 400, "url is required");
        };
        let headers = body.get("headers").cloned().unwrap_or_else(|| json!({}));
        let Ok(headers) = serde_json::from_value::<BTreeMap<String, String>>(headers) else {
            return refused(state, 400, "headers must be an object of strings");
        };
        state.subscription.set(url, headers.into_iter().collect());
    }
    let (url, headers) = state.subscription.get(&state.config).unwrap_or_default();
    let headers: BTreeMap<String, String> = headers.into_iter().collect();
    ApiResponse::json(200, &json!({ "url": url, "headers": headers }))
}
