//! What all requests to the Graph API have in common: errors, versions, and the sender.

use serde_json::{Value, json};

use crate::http::{ApiRequest, ApiResponse};
use crate::outcome::ServiceError;
use crate::state::State;

/// The sender's number as Meta displays it, digits only.
pub(crate) const SENDER: &str = "15550001111";

/// An error of the Graph API.
#[derive(Debug, Clone)]
pub(crate) struct GraphError(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: u16,
    code: i64,
    title: String,
    details: Option<String>,
    kind: &'static str,
    subcode: Option<i64>,
    is_transient: bool,
    user: Option<(String, String)>,
}

impl GraphError {
    /// An error with its HTTP status, code and title.
    pub fn new(status: u16, code: i64, title: &str) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            title: String::from(title),
            details: None,
            kind: "OAuthException",
            subcode: None,
            is_transient: false,
            user: None,
        }))
    }

    pub fn title(&self) -> &str {
        self.0.details.as_deref().unwrap_or(&self.0.title)
    }

    /// With `error_data.details`.
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.0.details = Some(details.into());
        self
    }

    /// With another `type`.
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.0.kind = kind;
        self
    }

    /// With `error_subcode`.
    pub fn subcode(mut self, subcode: i64) -> Self {
        self.0.subcode = Some(subcode);
        self
    }

    /// With `is_transient`.
    pub fn transient(mut self) -> Self {
        self.0.is_transient = true;
        self
    }

    /// With `error_user_title` and `error_user_msg`, as when a template is refused.
    pub fn user(mut self, title: &str, message: impl Into<String>) -> Self {
        self.0.user = Some((String::from(title), message.into()));
        self
    }
}

pub(crate) fn error(state: &State, GraphError(error): GraphError) -> ApiResponse {
    state.count(format!("refused_{}", error.code));
    // Errors of WhatsApp have their code in the message; those of Graph do not.
    let message = match error.code {
        2 | 4 | 104 | 190 => error.title,
        _ if error.subcode == Some(33) => error.title,
        code => format!("(#{code}) {}", error.title),
    };
    let mut object = json!({
        "message": message,
        "type": error.kind,
        "code": error.code,
        "fbtrace_id": format!("A{}", state.identifiers.hex()),
    });
    let extras = [
        ("error_subcode", error.subcode.map(Value::from)),
        ("is_transient", error.is_transient.then_some(Value::Bool(true))),
        ("error_user_title", error.user.as_ref().map(|(title, _)| json!(title))),
        ("error_user_msg", error.user.as_ref().map(|(_, message)| json!(message))),
        (
            "error_data",
            error.details.map(|text| json!({ "messaging_product": "whatsapp", "details": text })),
        ),
    ];
    if let Some(object) = object.as_object_mut() {
        for (key, value) in extras {
            if let Some(value) = value {
                object.insert(String::from(key), value);
            }
        }
    }
    ApiResponse::json(error.status, &json!({ "error": object }))
}

/// No token was sent.
pub(crate) fn token_missing(state: &State) -> ApiResponse {
    let title = "An access token is required to request this resource.";
    error(state, GraphError::new(401, 104, title))
}

/// The token is expired, revoked or malformed.
pub(crate) fn token_invalid(state: &State) -> ApiResponse {
    error(state, GraphError::new(401, 190, "Invalid OAuth access token").subcode(463))
}

/// The object does not exist, or the token has no access to it.
pub(crate) fn object_missing(state: &State, id: &str) -> ApiResponse {
    let title = format!(
        "Unsupported post request. Object with ID '{id}' does not exist, cannot be loaded due to \
         missing permissions, or does not support this operation"
    );
    error(state, GraphError::new(400, 100, &title).kind("GraphMethodException").subcode(33))
}

/// Whether a path segment is a version of Graph, such as `v26.0`.
pub(crate) fn is_version(part: &str) -> bool {
    part.strip_prefix('v').and_then(|rest| rest.split_once('.')).is_some_and(|(major, minor)| {
        [major, minor]
            .iter()
            .all(|each| !each.is_empty() && each.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// The sender as Graph describes it.
pub(crate) fn sender(state: &State) -> Value {
    json!({
        "id": state.config.account.meta_phone_number_id,
        "display_phone_number": "+1 555-000-1111",
        "verified_name": "Emulator",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "throughput": { "level": "STANDARD" },
        "messaging_limit_tier": "TIER_250",
    })
}

/// The edges of the sender except `messages`.
pub(crate) fn phone_number(
    state: &State,
    method: &str,
    path: &[&str],
    request: &ApiRequest,
) -> ApiResponse {
    match (method, path) {
        ("GET", []) => ApiResponse::json(200, &sender(state)),
        ("POST", ["register"]) => register(state, request),
        ("POST", ["deregister"]) => ApiResponse::json(200, &json!({ "success": true })),
        _ => object_missing(state, &request.path),
    }
}

fn register(state: &State, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let pin = body.get("pin").and_then(Value::as_str).unwrap_or_default();
    if pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return ApiResponse::json(200, &json!({ "success": true }));
    }
    error(state, GraphError::new(400, 100, "Param pin must be a 6-digit number."))
}

/// A template that breaks a rule.
pub(crate) fn invalid_template(details: impl Into<String>) -> GraphError {
    let details = details.into();
    GraphError::new(400, 100, "Invalid parameter")
        .user("Invalid template", details.clone())
        .details(details)
}

/// A failure of Meta's service.
pub(crate) fn service_error(state: &State, failure: ServiceError) -> ApiResponse {
    match failure {
        ServiceError::TooMany => error(
            state,
            GraphError::new(400, 130_429, "Rate limit hit")
                .details("Cloud API message throughput has been reached."),
        ),
        ServiceError::Internal => error(
            state,
            GraphError::new(500, 131_000, "Something went wrong")
                .details("Message failed to send due to an unknown error."),
        ),
        ServiceError::Unavailable => {
            error(state, GraphError::new(503, 2, "Service temporarily unavailable").transient())
        }
    }
}
