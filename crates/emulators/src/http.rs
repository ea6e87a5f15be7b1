//! Requests and responses of the providers' APIs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::messages::Message;
use crate::outcome::Outcome;

/// A request with its whole body.
#[derive(Debug, Clone)]
pub(crate) struct ApiRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query as it was received, without the question mark.
    pub query: String,
    /// Header names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl ApiRequest {
    /// The first header of that name, which must be given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// The path's segments; empty ones are left out.
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// The first value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(each, _)| each == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The body as form fields, in their order.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The body as JSON; none if it is not JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether `Content-Type` names that media type.
    pub fn has_content_type(&self, media_type: &str) -> bool {
        self.header("content-type").is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|first| first.trim().eq_ignore_ascii_case(media_type))
        })
    }
}

/// A response, and the message that was accepted with it.
#[derive(Debug)]
pub(crate) struct ApiResponse {
    pub status: u16,
    /// The headers besides `Content-Type`.
    pub headers: Vec<(&'static str, String)>,
    pub content_type: &'static str,
    pub body: String,
    /// The accepted message, and its outcome.
    pub accepted: Option<(Message, Outcome)>,
    /// Says when the response has left, or the client has gone.
    pub pending: Option<Pending>,
}

/// A request whose response has not left yet. It has when this is dropped.
#[derive(Debug)]
pub(crate) struct Pending(pub Arc<AtomicBool>);

impl Pending {
    pub fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl ApiResponse {
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json",
            body: body.to_string(),
            accepted: None,
            pending: None,
        }
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json",
            body: String::new(),
            accepted: None,
            pending: None,
        }
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The response to a request whose message was accepted.
    pub fn accepting(mut self, message: Message, outcome: Outcome) -> Self {
        self.accepted = Some((message, outcome));
        self
    }
}
