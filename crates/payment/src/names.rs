//! The names of gateways, and their ids of payments.

use std::fmt;

/// The name of a gateway, such as `demo`: a word in settings, addresses and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GatewayName(&'static str);

impl GatewayName {
    /// The name of this word, which never changes, because rows keep it.
    pub const fn new(word: &'static str) -> Self {
        Self(word)
    }

    /// The word.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for GatewayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The gateway's own id of a payment. It is no secret, and nobody can pay with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GatewayReference(String);

impl GatewayReference {
    /// The reference of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GatewayReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
