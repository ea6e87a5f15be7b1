//! `message_templates`: submission, reading, removal and review.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::graph::{GraphError, error, invalid_template as wrong, object_missing};
use super::{components, webhooks};
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{text, unknown_key};
use crate::state::{State, pause};
use crate::templates::{ReviewDecision, Template};
use crate::webhook;

/// The page size when the request does not set `limit`.
const DEFAULT_PAGE_SIZE: usize = 25;

/// How many templates an account may have.
const MAX_TEMPLATES: usize = 6000;

/// The keys that a template may have at its top level.
const KNOWN_FIELDS: [&str; 8] = [
    "name",
    "language",
    "category",
    "components",
    "message_send_ttl_seconds",
    "parameter_format",
    "sub_category",
    "allow_category_change",
];

/// Checks and reads a submitted template.
pub(crate) fn read(state: &State, body: &Value, language: &str) -> Result<Template, GraphError> {
    if let Some(key) = unknown_key(body, &KNOWN_FIELDS) {
        return Err(wrong(format!("Unexpected key \"{key}\" on param \"root\".")));
    }
    let name = text(body, "/name").unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.len() > 512 || !name.bytes().all(is_letter) {
        return Err(wrong("name must be 1 to 512 of a-z, 0-9 and _"));
    }
    if language.is_empty()
        || !language.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    {
        return Err(wrong("language must be a locale such as en_US"));
    }
    let category = text(body, "/category").unwrap_or_default().to_ascii_uppercase();
    if !["AUTHENTICATION", "UTILITY", "MARKETING"].contains(&category.as_str()) {
        return Err(wrong("category must be AUTHENTICATION, UTILITY or MARKETING"));
    }
    let time_to_live =
        body.get("message_send_ttl_seconds").map(|value| time_to_live(value, &category));
    let components = components::normalise(body.get("components"), &category)?;
    Ok(Template {
        id: state.identifiers.decimal(),
        name: String::from(name),
        language: String::from(language),
        category,
        components,
        time_to_live: time_to_live.transpose()?,
        created_at: state.now(),
        reviewed_at: Instant::now() + state.config.review,
        decision: ReviewDecision::for_name(name),
    })
}

fn time_to_live(value: &Value, category: &str) -> Result<i64, GraphError> {
    let range = match category {
        "AUTHENTICATION" => 30..=900,
        "UTILITY" => 30..=43_200,
        _ => 43_200..=2_592_000,
    };
    value.as_i64().filter(|seconds| *seconds == -1 || range.contains(seconds)).ok_or_else(|| {
        let (from, to) = (range.start(), range.end());
        wrong(format!("message_send_ttl_seconds must be -1 or {from} to {to} for {category}"))
    })
}

/// Stores a template and starts its review.
pub(crate) fn submit(state: &Arc<State>, template: Template) -> Result<(), GraphError> {
    if !state.templates.add(template.clone()) {
        return Err(GraphError::new(400, 100, "Invalid parameter").subcode(2_388_024).user(
            "Content in this language already exists",
            "There is already content in this language for this template.",
        ));
    }
    state.count("templates_submitted");
    let reviewed = Arc::clone(state);
    state.spawn(async move {
        pause(reviewed.config.review).await;
        let decision = template.decision;
        notify(&reviewed, &template, decision).await;
    });
    Ok(())
}

/// Sets the review decision of every template of that name. Returns how many there were.
pub(crate) fn decide(
    state: &Arc<State>,
    name: &str,
    language: Option<&str>,
    decision: ReviewDecision,
) -> usize {
    let is_wanted = |each: &Template| {
        each.name == name && language.is_none_or(|wanted| each.language == wanted)
    };
    let changed = state.templates.change(is_wanted, |each| {
        each.decision = decision;
        each.reviewed_at = Instant::now();
    });
    for template in state.templates.select(is_wanted) {
        let told = Arc::clone(state);
        state.spawn(async move { notify(&told, &template, decision).await });
    }
    changed
}

/// Sends the webhook about a template's status, which only Meta and 360dialog have.
async fn notify(state: &Arc<State>, template: &Template, decision: ReviewDecision) {
    let body = webhooks::template(state, template, decision);
    let webhook = webhooks::signed(state, &body);
    state.changes.notify();
    if let Some(webhook) = webhook {
        webhook::send(state, webhook).await;
    }
}

/// `POST …/message_templates`.
pub(super) fn create(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let language = text(&body, "/language").unwrap_or_default();
    let template = match read(state, &body, language) {
        Ok(template) => template,
        Err(problem) => return error(state, problem),
    };
    let answer = json!({
        "id": template.id,
        "status": "PENDING",
        "category": template.category,
    });
    match submit(state, template) {
        Ok(()) => ApiResponse::json(200, &answer),
        Err(problem) => error(state, problem),
    }
}

/// `POST …/upsert_message_templates`: one template in several languages.
pub(super) fn upsert(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let mut body = request.json().unwrap_or_default();
    let languages = body.as_object_mut().and_then(|object| object.remove("languages"));
    let languages: Vec<String> =
        languages.and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default();
    if languages.is_empty() {
        return error(state, wrong("languages must be a list of locales"));
    }
    let read: Result<Vec<_>, _> =
        languages.iter().map(|language| read(state, &body, language)).collect();
    let read = match read {
        Ok(read) => read,
        Err(problem) => return error(state, problem),
    };
    let mut data = Vec::new();
    for template in read {
        state
            .templates
            .remove(|old| old.name == template.name && old.language == template.language);
        data.push(json!({ "id": template.id, "status": "PENDING", "language": template.language }));
        if let Err(problem) = submit(state, template) {
            return error(state, problem);
        }
    }
    ApiResponse::json(200, &json!({ "data": data }))
}

/// A template as Graph shows it.
fn show(template: &Template) -> Value {
    let mut shown = json!({
        "id": template.id,
        "name": template.name,
        "parameter_format": "POSITIONAL",
        "language": template.language,
        "status": template.status(),
        "category": template.category,
        "components": template.components,
        "rejected_reason": template.reason(),
        "quality_score": { "score": "UNKNOWN", "date": template.created_at },
    });
    if let Some(seconds) = template.time_to_live {
        crate::json::put(&mut shown, "message_send_ttl_seconds", json!(seconds));
    }
    shown
}

/// `GET …/message_templates`, paged.
pub(super) fn list(state: &State, request: &ApiRequest) -> ApiResponse {
    let wanted = |name: &str| request.parameter(name);
    let (name, status, category, language) =
        (wanted("name"), wanted("status"), wanted("category"), wanted("language"));
    let matches = |wanted: &Option<String>, value: &str| {
        wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let all = state.templates.select(|each| {
        matches(&name, &each.name)
            && matches(&status, each.status())
            && matches(&category, &each.category)
            && matches(&language, &each.language)
    });
    let number = |name: &str| wanted(name).and_then(|value| value.parse::<usize>().ok());
    let limit = number("limit").unwrap_or(DEFAULT_PAGE_SIZE).max(1);
    let start = number("after").unwrap_or_default();
    let page: Vec<_> = all.iter().skip(start).take(limit).map(show).collect();
    let end = start + page.len();
    let mut paging =
        json!({ "cursors": { "before": start.to_string(), "after": end.to_string() } });
    if end < all.len() {
        let rest: Vec<_> = form_urlencoded::parse(request.query.as_bytes())
            .filter(|(key, _)| key != "after")
            .collect();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(rest)
            .append_pair("after", &end.to_string())
            .finish();
        crate::json::put(
            &mut paging,
            "next",
            json!(format!("{}{}?{query}", state.base_url, request.path)),
        );
    }
    let mut body = json!({ "data": page, "paging": paging });
    if wanted("summary").is_some() {
        crate::json::put(&mut body, "summary", summary(state, all.len()));
    }
    ApiResponse::json(200, &body)
}

/// How many templates the account has, and how many it may have.
fn summary(state: &State, matching: usize) -> Value {
    let count = state.templates.select(|_| true).len();
    json!({
        "total_count": matching,
        "message_template_count": count,
        "message_template_limit": MAX_TEMPLATES,
        "are_translations_complete": true,
    })
}

/// `DELETE …/message_templates?name=…` or `&hsm_id=…`.
pub(crate) fn delete(state: &State, request: &ApiRequest) -> ApiResponse {
    let (name, id) = (request.parameter("name"), request.parameter("hsm_id"));
    let removed = state.templates.remove(|each| match (&name, &id) {
        (_, Some(id)) => each.id == *id,
        (Some(name), None) => each.name == *name,
        (None, None) => false,
    });
    if removed == 0 {
        return error(state, wrong("no such template"));
    }
    ApiResponse::json(200, &json!({ "success": true }))
}

/// `GET /{template}` and `POST /{template}`.
pub(super) fn one(state: &Arc<State>, method: &str, id: &str, request: &ApiRequest) -> ApiResponse {
    let Some(template) = state.templates.find_by_id(id) else {
        return object_missing(state, id);
    };
    match method {
        "GET" => ApiResponse::json(200, &show(&template)),
        "POST" => edit(state, &template, request),
        _ => object_missing(state, id),
    }
}

fn edit(state: &Arc<State>, old: &Template, request: &ApiRequest) -> ApiResponse {
    let mut body = request.json().unwrap_or_default();
    if let Some(object) = body.as_object_mut() {
        object.insert(String::from("name"), json!(old.name));
        object.entry("category").or_insert_with(|| json!(old.category));
        object.entry("components").or_insert_with(|| old.components.clone());
    }
    let mut template = match read(state, &body, &old.language) {
        Ok(template) => template,
        Err(problem) => return error(state, problem),
    };
    template.id = old.id.clone();
    template.time_to_live = template.time_to_live.or(old.time_to_live);
    state.templates.remove(|each| each.id == old.id);
    match submit(state, template) {
        Ok(()) => ApiResponse::json(200, &json!({ "success": true })),
        Err(problem) => error(state, problem),
    }
}

/// `GET …/message_template_previews`: Meta's fixed texts of authentication templates.
pub(super) fn previews(request: &ApiRequest) -> ApiResponse {
    let languages = request.parameter("languages").unwrap_or_else(|| String::from("en_US"));
    let is_warning =
        request.parameter("add_security_recommendation").is_some_and(|value| value == "true");
    let minutes = request.parameter("code_expiration_minutes").and_then(|value| value.parse().ok());
    let data: Vec<_> = languages
        .split(',')
        .map(|language| {
            let mut preview = json!({
                "language": language,
                "body": components::body_text(is_warning),
                "buttons": [{ "text": "Copy code", "autofill_text": "Autofill" }],
            });
            if let Some(minutes) = minutes {
                crate::json::put(&mut preview, "footer", json!(components::footer_text(minutes)));
            }
            preview
        })
        .collect();
    ApiResponse::json(200, &json!({ "data": data }))
}
