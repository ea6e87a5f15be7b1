//! Requests as every one of Twilio's services takes them.

use domain::Secret;
use http::{Method, header::CONTENT_TYPE};
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::wire::{Reply, Wire, WireError};

/// The account, and the credentials requests are made with.
pub(super) struct Api {
    wire: Wire,
    account: String,
    token: Secret<String>,
    /// The name and the secret of an API key, if requests are made with one. It
    /// can be revoked alone, but may not look at the account itself.
    key: Option<(String, Secret<String>)>,
}

impl Api {
    pub(super) const fn new(
        wire: Wire,
        account: String,
        token: Secret<String>,
        key: Option<(String, Secret<String>)>,
    ) -> Self {
        Self { wire, account, token, key }
    }

    /// The account's identifier (AC…).
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// Whether requests are made with an API key.
    pub(super) const fn has_key(&self) -> bool {
        self.key.is_some()
    }

    pub(super) async fn get(&self, url: &str) -> Result<Reply, WireError> {
        self.wire.ask(self.request(Method::GET, url)).await
    }

    /// A question only the account's own token may ask.
    pub(super) async fn get_as_account(&self, url: &str) -> Result<Reply, WireError> {
        let request = self.wire.request(Method::GET, url);
        self.wire.ask(request.basic_auth(&self.account, Some(self.token.expose()))).await
    }

    /// Posts a form, as messages and verifications are.
    pub(super) async fn post_form(
        &self,
        url: &str,
        fields: &[(&str, &str)],
    ) -> Result<Reply, WireError> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(Method::POST, url);
        self.wire.ask(request.header(CONTENT_TYPE, FORM).body(form)).await
    }

    /// Posts JSON, as templates are.
    pub(super) async fn post_json(&self, url: &str, body: &Value) -> Result<Reply, WireError> {
        let request = self.request(Method::POST, url);
        self.wire.ask(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
    }

    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let (user, password) = match &self.key {
            Some((name, secret)) => (name, secret),
            None => (&self.account, &self.token),
        };
        self.wire.request(method, url).basic_auth(user, Some(password.expose()))
    }
}

/// The type of a form, both ways.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
