//! One request as it came, and the answer to it.

use serde_json::Value;

use crate::outcome::Outcome;
use crate::phones::Message;

/// A request, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query as it came, without the question mark.
    pub query: String,
    /// Names in lower case, values as text.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Call {
    /// The first header of that name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// The path's parts between slashes.
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(each, _)| each == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The body as a form's fields, in order.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the body is said to be of that kind.
    pub fn is_of_type(&self, kind: &str) -> bool {
        self.header("content-type").is_some_and(|value| {
            value.split(';').next().is_some_and(|first| first.trim().eq_ignore_ascii_case(kind))
        })
    }
}

/// What a provider answers, and what follows from it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers beyond the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// The message that was accepted, if one was, and what becomes of it.
    pub accepted: Option<(Message, Outcome)>,
}

impl Answer {
    /// An answer in JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json",
            body: body.to_string(),
            accepted: None,
        }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json",
            body: String::new(),
            accepted: None,
        }
    }

    /// The same answer with another header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same answer to a call that had a message accepted.
    pub fn accepting(mut self, message: Message, outcome: Outcome) -> Self {
        self.accepted = Some((message, outcome));
        self
    }
}
