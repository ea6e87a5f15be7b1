//! The Content API: templates, and their approval by WhatsApp.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Problem, error, is_sid, not_found};
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{put, text, unknown_key};
use crate::state::State;
use crate::templates::{ReviewDecision, Template};

/// The page size when the request does not set `PageSize`.
const DEFAULT_PAGE_SIZE: usize = 50;

/// The addresses below `/v1/Content`, `/v1/ContentAndApprovals` and the same of `/v2`.
pub(super) fn route(
    state: &Arc<State>,
    request: &ApiRequest,
    version: &str,
    first: &str,
    path: &[&str],
) -> ApiResponse {
    match (request.method.as_str(), first, path) {
        ("POST", "Content", []) if version == "v1" => match read(state, request) {
            Ok(template) => {
                let shown = show(state, &template);
                state.templates.insert(template);
                ApiResponse::json(201, &shown)
            }
            Err(problem) => error(state, problem),
        },
        ("GET", "Content" | "ContentAndApprovals", []) => list(state, request, version, first),
        (method, "Content", [sid, rest @ ..]) if is_sid(sid, "HX") => {
            match state.templates.find_by_id(sid) {
                Some(template) => one(state, request, method, &template, rest),
                None => not_found(state, &request.path),
            }
        }
        _ => not_found(state, &request.path),
    }
}

fn one(
    state: &Arc<State>,
    request: &ApiRequest,
    method: &str,
    template: &Template,
    path: &[&str],
) -> ApiResponse {
    match (method, path) {
        ("GET", []) => ApiResponse::json(200, &show(state, template)),
        ("DELETE", []) => {
            state.templates.remove(|each| each.id == template.id);
            ApiResponse::empty(204)
        }
        ("GET", ["ApprovalRequests"]) => {
            let mut approval = approval(template);
            put(&mut approval, "type", "whatsapp");
            let sid = &template.id;
            let body = json!({
                "sid": sid,
                "account_sid": state.config.account.twilio_account_sid,
                "whatsapp": approval,
                "url": format!("https://content.twilio.com/v1/Content/{sid}/ApprovalRequests"),
            });
            ApiResponse::json(200, &body)
        }
        ("POST", ["ApprovalRequests", "whatsapp"]) => match submit(state, request, template) {
            Ok(body) => ApiResponse::json(201, &body),
            Err(problem) => error(state, problem),
        },
        _ => not_found(state, &request.path),
    }
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(20_422, 400, format!("Invalid Parameter: {}", message.into()))
}

fn refuse_unknown(value: &Value, known: &[&str]) -> Result<(), Problem> {
    unknown_key(value, known).map_or(Ok(()), |key| Err(invalid(format!("unknown field {key}"))))
}

/// Checks and reads a template. This API accepts only JSON.
fn read(state: &State, request: &ApiRequest) -> Result<Template, Problem> {
    let body = request.json().filter(|_| request.has_content_type("application/json"));
    let body = body.ok_or_else(|| invalid("the body must be JSON"))?;
    refuse_unknown(&body, &["friendly_name", "language", "variables", "types"])?;
    let language = text(&body, "/language").filter(|language| !language.is_empty());
    let language = language.ok_or_else(|| invalid("language"))?;
    let variables = body.get("variables").cloned().unwrap_or_else(|| json!({}));
    let are_texts = |map: &serde_json::Map<_, Value>| map.values().all(Value::is_string);
    if !variables.as_object().is_some_and(are_texts) {
        return Err(invalid("variables must be an object of strings"));
    }
    let types = body.get("types").and_then(Value::as_object).filter(|types| !types.is_empty());
    let types = types.ok_or_else(|| invalid("types"))?;
    for (kind, content) in types {
        match kind.as_str() {
            "whatsapp/authentication" => authentication(content)?,
            "twilio/text" => {
                refuse_unknown(content, &["body"])?;
                let body = text(content, "/body").filter(|body| !body.is_empty());
                body.ok_or_else(|| invalid("types: twilio/text needs a body"))?;
            }
            other if other.starts_with("twilio/") || other.starts_with("whatsapp/") => {}
            other => return Err(invalid(format!("types: unknown type {other}"))),
        }
    }
    let name = text(&body, "/friendly_name").unwrap_or_default();
    Ok(Template {
        id: state.identifiers.sid("HX"),
        name: String::from(name),
        language: String::from(language),
        category: String::new(),
        components: json!({ "types": types, "variables": variables }),
        time_to_live: None,
        created_at: state.now(),
        reviewed_at: Instant::now(),
        decision: ReviewDecision::for_name(name),
    })
}

fn authentication(content: &Value) -> Result<(), Problem> {
    refuse_unknown(
        content,
        &["add_security_recommendation", "code_expiration_minutes", "actions"],
    )?;
    if content.get("add_security_recommendation").is_some_and(|value| !value.is_boolean()) {
        return Err(invalid("add_security_recommendation"));
    }
    let minutes = content.get("code_expiration_minutes");
    let is_allowed = |value: &Value| value.as_i64().is_some_and(|value| (1..=90).contains(&value));
    if minutes.is_some_and(|minutes| !is_allowed(minutes)) {
        return Err(invalid("code_expiration_minutes must be 1 to 90"));
    }
    let actions = content.get("actions").and_then(Value::as_array).filter(|list| !list.is_empty());
    for action in actions.ok_or_else(|| invalid("actions"))? {
        refuse_unknown(action, &["type", "copy_code_text"])?;
        let label = text(action, "/copy_code_text").unwrap_or_default();
        if text(action, "/type") != Some("COPY_CODE") || !(1..=25).contains(&label.chars().count())
        {
            return Err(invalid("actions: COPY_CODE with a copy_code_text is required"));
        }
    }
    Ok(())
}

/// The names of a template's variables.
pub(super) fn placeholders(template: &Template) -> Vec<String> {
    if template.components.pointer("/types/whatsapp~1authentication").is_some() {
        return vec![String::from("1")];
    }
    let body = text(&template.components, "/types/twilio~1text/body").unwrap_or_default();
    (1..=99)
        .map(|number: u8| number.to_string())
        .take_while(|name| body.contains(&format!("{{{{{name}}}}}")))
        .collect()
}

/// Submits a template for WhatsApp's approval.
fn submit(state: &State, request: &ApiRequest, template: &Template) -> Result<Value, Problem> {
    let body = request.json().ok_or_else(|| invalid("the body must be JSON"))?;
    refuse_unknown(&body, &["name", "category", "allow_category_change"])?;
    let name = text(&body, "/name").unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || !name.bytes().all(is_letter) {
        return Err(invalid("name must be of a-z, 0-9 and _"));
    }
    let category = text(&body, "/category").unwrap_or_default();
    if !["AUTHENTICATION", "UTILITY", "MARKETING"].contains(&category) {
        return Err(invalid("category must be AUTHENTICATION, UTILITY or MARKETING"));
    }
    let reviewed_at = Instant::now() + state.config.review;
    state.templates.change(
        |each| each.id == template.id,
        |each| {
            each.category = String::from(category);
            each.reviewed_at = reviewed_at;
            put(&mut each.components, "approval_name", name);
            if ReviewDecision::for_name(name) != ReviewDecision::Approved {
                each.decision = ReviewDecision::for_name(name);
            }
        },
    );
    state.count("templates_submitted");
    Ok(json!({
        "name": name,
        "category": category,
        "content_type": kind(template),
        "status": "received",
        "rejection_reason": "",
        "allow_category_change": true,
    }))
}

fn kind(template: &Template) -> &str {
    let types = template.components.get("types").and_then(Value::as_object);
    types.and_then(|types| types.keys().next()).map(String::as_str).unwrap_or_default()
}

/// The status of WhatsApp's approval.
fn approval(template: &Template) -> Value {
    let is_submitted = !template.category.is_empty();
    let status = match template.status() {
        _ if !is_submitted => String::from("unsubmitted"),
        status => status.to_ascii_lowercase(),
    };
    let reason = match template.reason() {
        reason if is_submitted && reason != "NONE" => {
            format!("{reason}. The template does not follow the format.")
        }
        _ => String::new(),
    };
    json!({
        "name": text(&template.components, "/approval_name").unwrap_or_default(),
        "category": template.category,
        "content_type": kind(template),
        "status": status,
        "rejection_reason": reason,
        "allow_category_change": true,
    })
}

fn show(state: &State, template: &Template) -> Value {
    let sid = &template.id;
    let url = format!("https://content.twilio.com/v1/Content/{sid}");
    json!({
        "sid": sid,
        "account_sid": state.config.account.twilio_account_sid,
        "friendly_name": template.name,
        "language": template.language,
        "variables": template.components.get("variables"),
        "types": template.components.get("types"),
        "url": url,
        "date_created": iso(template.created_at),
        "date_updated": iso(template.created_at),
        "links": {
            "approval_create": format!("{url}/ApprovalRequests/whatsapp"),
            "approval_fetch": format!("{url}/ApprovalRequests"),
        },
    })
}

/// The templates, paged, with their approvals if the request asks for them.
fn list(state: &State, request: &ApiRequest, version: &str, first: &str) -> ApiResponse {
    let name = request.parameter("ContentName").filter(|_| version == "v2");
    let all =
        state.templates.select(|each| name.as_ref().is_none_or(|name| each.name.contains(name)));
    let number = |name: &str| request.parameter(name).and_then(|value| value.parse::<usize>().ok());
    let size = number("PageSize").unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, 500);
    let page = number("Page").unwrap_or_default();
    let contents: Vec<Value> = all
        .iter()
        .skip(page * size)
        .take(size)
        .map(|template| {
            let mut shown = show(state, template);
            if first == "ContentAndApprovals" {
                put(&mut shown, "approval_requests", approval(template));
            }
            shown
        })
        .collect();
    let url =
        |page: usize| format!("{}/{version}/{first}?PageSize={size}&Page={page}", state.base_url);
    let has_more = all.len() > (page + 1) * size;
    let body = json!({
        "contents": contents,
        "meta": {
            "page": page,
            "page_size": size,
            "first_page_url": url(0),
            "previous_page_url": page.checked_sub(1).map(url),
            "next_page_url": has_more.then(|| url(page + 1)),
            "url": url(page),
            "key": "contents",
        },
    });
    ApiResponse::json(200, &body)
}
