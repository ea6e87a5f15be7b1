//! The template projects of a workspace.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::channel_problem::{Problem, invalid, not_found};
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{put, text, unknown_key};
use crate::messages::Message;
use crate::outcome::Outcome;
use crate::state::State;
use crate::templates::{ReviewDecision, Template};

/// Whether a text is a UUID.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Sets the template of the message. Returns the outcome if the message will fail.
pub(super) fn fill(
    state: &State,
    template: &Value,
    message: &mut Message,
) -> Result<Option<Outcome>, Problem> {
    let known = ["projectId", "version", "locale", "parameters", "variables"];
    if let Some(key) = unknown_key(template, &known) {
        return Err(invalid(format!("unknown field template.{key}")));
    }
    let project = text(template, "/projectId").filter(|id| is_uuid(id));
    let project = project.ok_or_else(|| invalid("template.projectId must be a UUID"))?;
    let version =
        text(template, "/version").filter(|version| *version == "latest" || is_uuid(version));
    version.ok_or_else(|| invalid("template.version must be latest or a UUID"))?;
    let locale = text(template, "/locale").filter(|locale| !locale.is_empty());
    let locale = locale.ok_or_else(|| invalid("template.locale is required"))?;
    let code = match (template.get("parameters"), template.get("variables")) {
        (Some(parameters), None) => parameter(parameters)?,
        (None, Some(variables)) => {
            let values = variables.as_object().and_then(|object| object.values().next()?.as_str());
            values.map(String::from)
        }
        (None, None) => None,
        _ => return Err(invalid("template has both parameters and variables")),
    };
    message.text = code.as_ref().map(|code| format!("*{code}* is your verification code."));
    message.code = code.as_deref().and_then(crate::code::extract);
    message.template = Some(String::from(project));
    message.language = Some(String::from(locale));
    let found = state.templates.select(|each| each.name == project);
    let is_unusable = !found.is_empty()
        && !found.iter().any(|each| {
            each.decision() == Some(ReviewDecision::Approved)
                && (each.language == locale || each.language == "*")
        });
    let is_too_long = code.is_some_and(|code| code.chars().count() > 60);
    Ok((is_unusable || is_too_long).then_some(Outcome::FailsWith("132001")))
}

/// The code: the parameter with the key `code`, or else the first. All must be strings with a key.
fn parameter(parameters: &Value) -> Result<Option<String>, Problem> {
    let list =
        parameters.as_array().ok_or_else(|| invalid("template.parameters must be a list"))?;
    let mut values = Vec::new();
    for each in list {
        let value = match (text(each, "/type"), text(each, "/key"), text(each, "/value")) {
            (Some("string"), Some(key), Some(value)) if !value.is_empty() => (key, value),
            _ => {
                return Err(invalid(
                    "template.parameters: type string, key and value are required",
                ));
            }
        };
        values.push(value);
    }
    let code = values.iter().find(|(key, _)| *key == "code").or_else(|| values.first());
    Ok(code.map(|(_, value)| String::from(*value)))
}

/// A project's templates. Bird documents too little of their bodies to check them, so any body is
/// accepted, and the template is active after its review.
pub(super) fn project_templates(
    state: &State,
    request: &ApiRequest,
    method: &str,
    project: &str,
    path: &[&str],
) -> Result<ApiResponse, Problem> {
    let show = |template: &Template| {
        let status = match template.status() {
            "APPROVED" => "active",
            "PENDING" => "pending",
            "REJECTED" => "rejected",
            _ => "inactive",
        };
        let mut shown = template.components.clone();
        put(&mut shown, "id", template.id.clone());
        put(&mut shown, "projectId", project);
        put(&mut shown, "status", status);
        shown
    };
    let found = |id: &str| {
        let all = state.templates.select(|each| each.name == project && each.id == id);
        all.into_iter().next().ok_or_else(not_found)
    };
    match (method, path) {
        ("POST", []) if is_uuid(project) => {
            let body = request.json().filter(Value::is_object);
            let body = body.ok_or_else(|| invalid("the body is not JSON"))?;
            let template = Template {
                id: state.identifiers.uuid(),
                name: String::from(project),
                language: text(&body, "/defaultLocale").unwrap_or("*").into(),
                category: String::from("AUTHENTICATION"),
                components: body,
                time_to_live: None,
                created_at: state.now(),
                reviewed_at: Instant::now() + state.config.review,
                decision: ReviewDecision::Approved,
            };
            let shown = show(&template);
            state.templates.insert(template);
            Ok(ApiResponse::json(201, &shown))
        }
        ("GET", []) => {
            let all = state.templates.select(|each| each.name == project);
            let results: Vec<Value> = all.iter().map(show).collect();
            Ok(ApiResponse::json(200, &json!({ "results": results })))
        }
        ("GET", [id]) => Ok(ApiResponse::json(200, &show(&found(id)?))),
        ("PUT" | "POST", [id, "activate"]) => Ok(ApiResponse::json(200, &show(&found(id)?))),
        _ => Err(not_found()),
    }
}
