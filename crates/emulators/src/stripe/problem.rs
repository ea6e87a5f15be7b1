//! Errors in Stripe's format (<https://docs.stripe.com/api/errors>).

use serde_json::{Map, Value, json};

/// The result of an operation of the API.
pub(super) type Answer = Result<Value, Problem>;

/// An error of the API.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub status: u16,
    /// Whether the parameters were refused before the operation began. Then an idempotency key
    /// does not keep the answer.
    pub is_before_execution: bool,
    error: Map<String, Value>,
}

impl Problem {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut error = Map::new();
        error.insert(String::from("type"), json!(kind));
        error.insert(String::from("message"), json!(message.into()));
        Self { status, is_before_execution: false, error }
    }

    /// A request that cannot be fulfilled.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// The same with another status than 400.
    pub fn refused(status: u16, message: impl Into<String>) -> Self {
        Self { is_before_execution: true, ..Self::new(status, "invalid_request_error", message) }
    }

    /// A failure of the service.
    pub fn api(status: u16, message: impl Into<String>) -> Self {
        Self::new(status, "api_error", message)
    }

    /// A key that is used wrongly.
    pub fn idempotency(status: u16, message: impl Into<String>) -> Self {
        Self { is_before_execution: true, ..Self::new(status, "idempotency_error", message) }
    }

    /// A card that is not charged.
    pub fn card(code: &str, message: impl Into<String>) -> Self {
        Self::new(402, "card_error", message).with_code(code)
    }

    /// A parameter that does not have the right format.
    pub fn malformed(param: &str, message: impl Into<String>) -> Self {
        Self { is_before_execution: true, ..Self::invalid(message) }.with("param", json!(param))
    }

    /// A required parameter is missing.
    pub fn missing(param: &str) -> Self {
        let message = format!("Missing required param: {param}.");
        Self::malformed(param, message).with_code("parameter_missing")
    }

    /// There is no object with this id.
    pub fn no_such(object: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {object}: '{id}'");
        let mut problem = Self::invalid(message).with_code("resource_missing").at(param);
        // An id in the path is answered with 404, one in a parameter with 400.
        problem.status = if matches!(param, "id" | "intent" | "session") { 404 } else { 400 };
        problem
    }

    pub fn with_code(self, code: &str) -> Self {
        let page = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
        self.with("code", json!(code)).with("doc_url", json!(page))
    }

    pub fn at(self, param: &str) -> Self {
        self.with("param", json!(param))
    }

    /// Adds a field, such as the PaymentIntent to which the error belongs.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.error.insert(String::from(field), value);
        self
    }

    /// The error as `last_payment_error` shows it.
    pub fn as_last_payment_error(&self) -> Value {
        let mut error = self.error.clone();
        error.remove("payment_intent");
        Value::Object(error)
    }

    /// The response's body.
    pub fn body(&self, request_id: &str, now: i64) -> Value {
        let mut error = self.error.clone();
        let log = format!("https://dashboard.stripe.com/test/logs/{request_id}?t={now}");
        error.insert(String::from("request_log_url"), json!(log));
        json!({ "error": error })
    }

    /// The error's code, or its type if it has none.
    pub fn name(&self) -> String {
        let name = self.error.get("code").or_else(|| self.error.get("type"));
        name.and_then(Value::as_str).map(String::from).unwrap_or_default()
    }

    pub fn message(&self) -> &str {
        self.error.get("message").and_then(Value::as_str).unwrap_or_default()
    }
}
