//! The failure of a server function.

use domain::Refusal;
use leptos::{prelude::*, server_fn::codec::JsonEncoding};
use serde::{Deserialize, Serialize};

/// The failure of a server function. An island shows the message; a program reads the kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiError {
    /// The message for people; empty if the request could not be read.
    pub message: String,
    /// The kind of failure.
    pub kind: ApiErrorKind,
}

/// The kinds of failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ApiErrorKind {
    /// A rule of the shop refused it.
    Refused(Refusal),
    /// A fault; the message has its reference.
    Failed,
    /// The request could not be read.
    Malformed,
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// Omits the error of the framework, which may quote the request. It has no message, because
    /// only the server has texts; an island then says that the shop could not be reached.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self { message: String::new(), kind: ApiErrorKind::Malformed }
    }
}
