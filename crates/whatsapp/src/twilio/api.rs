//! Authenticated requests, and the form of ids, which all of Twilio's services share.

use domain::Secret;
use http::{Method, header::CONTENT_TYPE};
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::http_client::{HttpClient, HttpError, Reply};

/// An account with its credentials.
pub(super) struct Api {
    http_client: HttpClient,
    account: String,
    token: Secret<String>,
    /// The id and the secret of an API key, if requests use one. A key can be revoked
    /// by itself, but it may not read the account.
    key: Option<(String, Secret<String>)>,
}

impl Api {
    pub(super) const fn new(
        http_client: HttpClient,
        account: String,
        token: Secret<String>,
        key: Option<(String, Secret<String>)>,
    ) -> Self {
        Self { http_client, account, token, key }
    }

    /// The id of the account (AC…).
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// Whether requests use an API key.
    pub(super) const fn has_key(&self) -> bool {
        self.key.is_some()
    }

    pub(super) async fn get(&self, url: &str) -> Result<Reply, HttpError> {
        self.http_client.send(self.request(Method::GET, url)).await
    }

    /// A request that only the token of the account may make.
    pub(super) async fn get_as_account(&self, url: &str) -> Result<Reply, HttpError> {
        let request = self.http_client.request(Method::GET, url);
        self.http_client.send(request.basic_auth(&self.account, Some(self.token.expose()))).await
    }

    /// Posts a form: messages and verifications.
    pub(super) async fn post_form(
        &self,
        url: &str,
        fields: &[(&str, &str)],
    ) -> Result<Reply, HttpError> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(Method::POST, url);
        self.http_client.send(request.header(CONTENT_TYPE, FORM).body(form)).await
    }

    /// Posts JSON: templates.
    pub(super) async fn post_json(&self, url: &str, body: &Value) -> Result<Reply, HttpError> {
        let request = self.request(Method::POST, url);
        self.http_client
            .send(request.header(CONTENT_TYPE, "application/json").body(body.to_string()))
            .await
    }

    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let (user, password) = match &self.key {
            Some((id, secret)) => (id, secret),
            None => (&self.account, &self.token),
        };
        self.http_client.request(method, url).basic_auth(user, Some(password.expose()))
    }
}

/// The content type of requests and webhook calls.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The longest id of a message that is accepted.
const MAX_ID_LEN: usize = 64;

/// Whether an id from Twilio can be stored and compared.
pub(super) fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
