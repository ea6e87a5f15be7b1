//! The calls that change something. Each is a server function with a named
//! address below `/api`, so that a plain form and an island can post to it.
//!
//! An address is the address of the page it belongs to, after `/api`.

pub mod account;
pub mod carts;
pub mod checkout;
pub mod codes;
pub mod merchant;
pub mod registration;
pub mod reset;
pub mod sign_in;

use domain::Refusal;
use leptos::{prelude::*, server_fn::codec::JsonEncoding};
use serde::{Deserialize, Serialize};

/// Why a call did not do what was asked, as it crosses the wire. An island
/// shows the words; a program reads the kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiError {
    /// The words for people.
    pub message: String,
    /// Which fault it was.
    pub kind: ApiErrorKind,
}

/// The two kinds of failure, and what the wire itself may do wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ApiErrorKind {
    /// The shop says no.
    Refused(Refusal),
    /// Something broke; the words carry the reference.
    Failed,
    /// The request could not be read.
    Malformed,
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// Says nothing of what the framework found, which may quote the request.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self {
            message: "The form could not be read. Please try again.".into(),
            kind: ApiErrorKind::Malformed,
        }
    }
}
