//! WhatsApp templates at MessageBird: Meta's rules behind MessageBird's API.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Problem, error, not_found, object};
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::json::text;
use crate::state::State;
use crate::templates::Template;

/// The addresses below `…/platforms/whatsapp/templates`.
pub(super) fn route(
    state: &Arc<State>,
    request: &ApiRequest,
    method: &str,
    path: &[&str],
) -> ApiResponse {
    let select = |name: &str, language: Option<&str>| {
        state.templates.select(|each| {
            each.name == name && language.is_none_or(|wanted| each.language == wanted)
        })
    };
    match (method, path) {
        ("POST", []) => create(state, request),
        ("GET", []) => {
            let all: Vec<Value> =
                state.templates.select(|_| true).iter().map(|each| show(state, each)).collect();
            ApiResponse::json(
                200,
                &json!({ "offset": 0, "limit": all.len(), "count": all.len(),
                "totalCount": all.len(), "items": all }),
            )
        }
        ("GET", [name]) => match select(name, None).as_slice() {
            [] => not_found(state),
            found => {
                let all: Vec<Value> = found.iter().map(|each| show(state, each)).collect();
                ApiResponse::json(200, &Value::from(all))
            }
        },
        ("GET", [name, language]) => match select(name, Some(language)).first() {
            None => not_found(state),
            Some(found) => ApiResponse::json(200, &show(state, found)),
        },
        ("PUT", [name, language]) => {
            state.templates.remove(|each| each.name == *name && each.language == *language);
            create(state, request)
        }
        ("DELETE", [name, rest @ ..]) => {
            let language = rest.first();
            let removed = state.templates.remove(|each| {
                each.name == *name && language.is_none_or(|wanted| each.language == *wanted)
            });
            if removed == 0 { not_found(state) } else { ApiResponse::empty(204) }
        }
        _ => not_found(state),
    }
}

fn create(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    match object(request).and_then(|body| read(state, body)) {
        Ok(template) => {
            let mut shown = show(state, &template);
            crate::json::put(&mut shown, "status", "PENDING");
            // It cannot fail: `read` refuses a template whose name and language exist.
            let _ = crate::meta::templates::submit(state, template);
            ApiResponse::json(201, &shown)
        }
        Err(problem) => error(state, problem),
    }
}

fn read(state: &State, mut body: Value) -> Result<Template, Problem> {
    text(&body, "/wabaID").ok_or_else(|| Problem::missing("wabaID"))?;
    if let Some(object) = body.as_object_mut() {
        object.remove("wabaID");
    }
    let language = text(&body, "/language").unwrap_or_default();
    let template = crate::meta::templates::read(state, &body, language)
        .map_err(|problem| Problem::invalid("components", problem.title()))?;
    if state.templates.find(&template.name, &template.language).is_some() {
        return Err(Problem::invalid("name", "there is such a template already"));
    }
    Ok(template)
}

fn show(state: &State, template: &Template) -> Value {
    json!({
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "components": template.components,
        "status": template.status(),
        "rejectedReason": template.reason(),
        "wabaID": "102290129340398",
        "namespace": state.config.account.messagebird_namespace,
        "createdAt": iso(template.created_at),
        "updatedAt": iso(template.created_at),
    })
}
