//! 360dialog: Meta's messages behind another door.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::json::text;
use crate::meta;
use crate::outcome::Outcome;
use crate::phones::Message;
use crate::plan::Status;
use crate::protocol::{Protocol, Refusal};
use crate::state::State;
use crate::templates::Template;
use crate::webhook::{Report, Signing};

/// 360dialog's words.
pub(crate) struct Dialog360;

/// Where 360dialog sends webhooks, and with which headers. Nothing: as the twin was started.
#[derive(Debug, Default)]
pub(crate) struct Subscription(Mutex<Option<Target>>);

/// An address, and the headers for it.
type Target = (String, Vec<(String, String)>);

impl Subscription {
    fn get(&self, state: &State) -> Option<Target> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        told.or_else(|| {
            let mut headers = state.config.webhook_headers.clone();
            if headers.is_empty() {
                let secret = &state.config.account.dialog360_webhook_secret;
                headers.push((String::from("authorization"), format!("Bearer {secret}")));
            }
            Some((state.config.webhook.clone()?, headers))
        })
    }

    fn set(&self, url: &str, headers: Vec<(String, String)>) {
        let told = Some((String::from(url), headers));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = told;
    }
}

impl Protocol for Dialog360 {
    fn answer(&self, state: &Arc<State>, call: &Call) -> Answer {
        if call.header("d360-api-key") != Some(state.config.account.dialog360_api_key.as_str()) {
            return refused(state, 401, "Invalid api_key");
        }
        match (call.method.as_str(), call.segments().as_slice()) {
            ("POST", ["messages"]) => meta::send::send(state, call),
            ("POST", ["v1", "configs", "templates"]) => create(state, call),
            ("GET", ["v1", "configs", "templates"]) => list(state, call),
            ("DELETE", ["v1", "configs", "templates", name]) => remove(state, name),
            ("DELETE", ["message_templates"]) => meta::templates::delete(state, call),
            ("POST" | "GET", ["v1", "configs", "webhook"]) => webhook(state, call),
            _ => refused(state, 404, "Not found"),
        }
    }

    fn refuse(&self, state: &State, _: &Call, refusal: Refusal) -> Answer {
        match refusal {
            Refusal::TooMany => refused(state, 400, "You have exceeded the endpoint rate limit."),
            Refusal::Internal => refused(state, 500, "Internal server error"),
            Refusal::Unavailable => refused(state, 502, "WhatsApp for Business API not available"),
        }
    }

    fn report(
        &self,
        state: &State,
        message: &Message,
        status: Status,
        outcome: Outcome,
    ) -> Option<Report> {
        report(state, &meta::reports::status(state, message, status, outcome))
    }
}

/// 360dialog's own refusal.
fn refused(state: &State, status: u16, why: &str) -> Answer {
    state.count(format!("refused_{status}"));
    let meta = json!({ "success": false, "http_code": status, "developer_message": why });
    Answer::json(status, &json!({ "meta": meta }))
}

/// Meta's webhook without Meta's signature: the merchant's own headers prove where it comes from.
pub(crate) fn report(state: &State, body: &Value) -> Option<Report> {
    let (url, headers) = state.subscription.get(state)?;
    let signing = Signing::Headers(headers);
    Some(Report::json(url, crate::json::ascii(body), signing, state.now()))
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
        "created_at": crate::state::iso(template.created_at),
        "modified_at": crate::state::iso(template.created_at),
    })
}

fn create(state: &Arc<State>, call: &Call) -> Answer {
    let body = call.json().unwrap_or_default();
    let language = text(&body, "/language").unwrap_or_default();
    let handed_in = meta::templates::read(state, &body, language).and_then(|template| {
        let shown = show(&template);
        meta::templates::hand_in(state, template).map(|()| shown)
    });
    match handed_in {
        Ok(mut shown) => {
            crate::json::put(&mut shown, "status", json!("submitted"));
            Answer::json(201, &shown)
        }
        Err(problem) => meta::error(state, problem),
    }
}

fn list(state: &State, call: &Call) -> Answer {
    let filters: Value = call
        .parameter("filters")
        .and_then(|filters| serde_json::from_str(&filters).ok())
        .unwrap_or_else(|| json!({}));
    let wanted =
        |key: &str| filters.get(format!("business_templates.{key}")).and_then(Value::as_str);
    let all = state.templates.select(|each| {
        wanted("name").is_none_or(|name| name == each.name)
            && wanted("language").is_none_or(|language| language == each.language)
    });
    let number = |name: &str| call.parameter(name).and_then(|value| value.parse::<usize>().ok());
    let (limit, offset) =
        (number("limit").unwrap_or(1000).max(1), number("offset").unwrap_or_default());
    let page: Vec<_> = all.iter().skip(offset).take(limit).map(show).collect();
    let sort = call.parameter("sort").unwrap_or_else(|| String::from("id"));
    Answer::json(
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

fn remove(state: &State, name: &str) -> Answer {
    match state.templates.remove(|each| each.name == name) {
        0 => refused(state, 404, "Template not found"),
        _ => Answer::json(200, &json!({ "meta": { "success": true, "http_code": 200 } })),
    }
}

/// `…/configs/webhook`: where webhooks go from now on, and with which headers.
fn webhook(state: &State, call: &Call) -> Answer {
    if call.method == "POST" {
        let body = call.json().unwrap_or_default();
        let Some(url) = text(&body, "/url").filter(|url| url.starts_with("http")) else {
            return refused(state, 400, "url is required");
        };
        let headers = body.get("headers").cloned().unwrap_or_else(|| json!({}));
        let Ok(headers) = serde_json::from_value::<BTreeMap<String, String>>(headers) else {
            return refused(state, 400, "headers must be an object of strings");
        };
        state.subscription.set(url, headers.into_iter().collect());
    }
    let (url, headers) = state.subscription.get(state).unwrap_or_default();
    let headers: BTreeMap<String, String> = headers.into_iter().collect();
    Answer::json(200, &json!({ "url": url, "headers": headers }))
}
