//! The HTTP client that all providers share. It follows no redirect, limits the time and
//! the size of an answer, and distinguishes "certainly not sent" from "possibly sent".

use std::time::{Duration, UNIX_EPOCH};

use domain::Timestamp;
use http::{HeaderMap, StatusCode};
use reqwest::{Client, ClientBuilder, RequestBuilder, redirect::Policy};
use serde::de::DeserializeOwned;

use crate::SendError;

/// The time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The time to connect and to receive the whole answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection stays open.
const IDLE_CONNECTION_TIMEOUT: Duration = Duration::from_secs(90);
/// The largest body of an answer that is read.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// The client. A clone is cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct HttpClient(Client);

/// The answer of a provider.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// The body; `None` if the connection broke off or the body was too large.
    body: Option<Vec<u8>>,
}

/// The provider did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// There was no connection, so that certainly nothing was sent.
    #[error("the provider was not reached")]
    NotSent,
    /// The request may have been sent, but no answer arrived.
    #[error("the provider did not answer")]
    NoAnswer,
}

impl From<HttpError> for SendError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::NotSent => {
                Self::Retry { after_seconds: None, why: "the provider was not reached".into() }
            }
            HttpError::NoAnswer => Self::Unknown,
        }
    }
}

impl HttpClient {
    /// A client that trusts the certificates of the system; fails if they are unreadable.
    pub fn new() -> Result<Self, reqwest::Error> {
        Self::build(Client::builder)
    }

    /// A client that trusts no certificate, so that every https request fails. It is for a
    /// shop without providers on a machine without certificates.
    pub fn offline() -> Result<Self, reqwest::Error> {
        Self::build(|| Client::builder().tls_certs_only([]))
    }

    fn build(builder: impl FnOnce() -> ClientBuilder) -> Result<Self, reqwest::Error> {
        // Installing twice is an error that can be ignored: every caller installs `ring`.
        rustls::crypto::ring::default_provider().install_default().ok();
        builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION_TIMEOUT)
            .redirect(Policy::none())
            .user_agent(concat!("marigold/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
    }

    /// Starts a request.
    pub fn request(&self, method: http::Method, url: &str) -> RequestBuilder {
        self.0.request(method, url)
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> Result<Reply, HttpError> {
        let mut response = request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                HttpError::NotSent
            } else {
                HttpError::NoAnswer
            }
        })?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Some(Vec::new());
        while let Some(whole) = &mut body {
            match response.chunk().await {
                Ok(None) => break,
                Ok(Some(more)) if whole.len() + more.len() <= MAX_RESPONSE_BYTES => {
                    whole.extend_from_slice(&more);
                }
                Ok(Some(_)) | Err(_) => body = None,
            }
        }
        Ok(Reply { status, headers, body })
    }
}

impl Reply {
    /// The body as text; `None` if it is incomplete, too large, or not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.body.as_deref()?).ok()
    }

    /// The body as JSON; `None` if it is incomplete, too large, or of another form.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.body.as_deref()?).ok()
    }

    /// The time of the provider's clock (`Date`, RFC 9110 section 6.6.1).
    pub fn date(&self) -> Option<Timestamp> {
        let text = self.headers.get(http::header::DATE)?.to_str().ok()?;
        let since_1970 = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_millis(0) + since_1970)
    }

    /// The value of `Retry-After`, if it is a number of seconds.
    pub fn retry_after(&self) -> Option<u32> {
        self.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_without_certificates_can_be_created() {
        assert!(HttpClient::offline().is_ok());
    }
}
