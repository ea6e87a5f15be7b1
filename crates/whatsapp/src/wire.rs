//! The one way out: a single HTTP client for every provider. It follows no
//! redirect, waits so long and no longer, reads so much and no more, and tells
//! "surely not sent" from "nobody knows".

use std::time::{Duration, UNIX_EPOCH};

use domain::Timestamp;
use http::{HeaderMap, StatusCode};
use reqwest::{Client, ClientBuilder, RequestBuilder, redirect::Policy};
use serde::de::DeserializeOwned;

use crate::SendError;

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// The longest wait for an answer, the connection included.
const TOTAL: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(90);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// The client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Wire(Client);

/// What a provider answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; `None` if it broke off or was too long.
    body: Option<Vec<u8>>,
}

/// There was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// No connection: surely nothing was sent.
    #[error("there was no connection")]
    NotSent,
    /// The request may have been written; no answer came.
    #[error("no answer came")]
    NoAnswer,
}

impl From<WireError> for SendError {
    fn from(error: WireError) -> Self {
        match error {
            WireError::NotSent => {
                Self::Retry { after_seconds: None, why: "the provider was not reached".into() }
            }
            WireError::NoAnswer => Self::Unknown,
        }
    }
}

impl Wire {
    /// The client; fails only if the system's certificates cannot be read.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::build(Client::builder)
    }

    /// A client for a shop that has no provider, on a machine that has no
    /// certificates: over https it speaks to nobody, since it trusts nobody.
    pub fn offline() -> Result<Self, reqwest::Error> {
        Self::build(|| Client::builder().tls_certs_only([]))
    }

    fn build(builder: impl FnOnce() -> ClientBuilder) -> Result<Self, reqwest::Error> {
        // The first caller's choice stands, and it is the same one.
        rustls::crypto::ring::default_provider().install_default().ok();
        builder()
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .pool_idle_timeout(IDLE)
            .redirect(Policy::none())
            .user_agent(concat!("marigold/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
    }

    /// A request to build on.
    pub fn request(&self, method: http::Method, url: &str) -> RequestBuilder {
        self.0.request(method, url)
    }

    /// Sends a request and reads its answer.
    pub async fn ask(&self, request: RequestBuilder) -> Result<Reply, WireError> {
        let mut response = request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                WireError::NotSent
            } else {
                WireError::NoAnswer
            }
        })?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Some(Vec::new());
        while let Some(whole) = &mut body {
            match response.chunk().await {
                Ok(None) => break,
                Ok(Some(more)) if whole.len() + more.len() <= LONGEST => {
                    whole.extend_from_slice(&more);
                }
                Ok(Some(_)) | Err(_) => body = None,
            }
        }
        Ok(Reply { status, headers, body })
    }
}

impl Reply {
    /// The body as JSON; `None` if it broke off, was too long, or is not that.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.body.as_deref()?).ok()
    }

    /// The moment its sender's clock showed (`Date`, RFC 9110 section 6.6.1).
    pub fn date(&self) -> Option<Timestamp> {
        let text = self.headers.get(http::header::DATE)?.to_str().ok()?;
        let since_1970 = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_millis(0) + since_1970)
    }

    /// The seconds of `Retry-After`, where it gives seconds.
    pub fn retry_after(&self) -> Option<u32> {
        self.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_without_certificates_can_be_made() {
        assert!(Wire::offline().is_ok());
    }
}
