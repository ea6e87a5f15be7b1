//! 360dialog: Meta's Cloud API behind a key of its own. One key is one number, so
//! no number stands in its addresses.

mod check;
mod response;
mod templates;
mod webhook;

use std::sync::Arc;

use domain::{Channel, MessageKind, Secret};
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};
use reqwest::RequestBuilder;

use crate::{
    Accepted, BoxFuture, CheckResult, Common, MessageProvider, OutgoingMessage, RateLimits,
    SendError, Templates, Variables, WebhookError, WebhookRequest, WebhookResponse,
    cloud::{self, Blame, message},
    settings,
};

/// The provider's name.
pub const NAME: &str = "360dialog";
/// What errors are blamed on: the key is also the number.
const BLAME: Blame =
    Blame { token: "D360_API_KEY", object: "D360_API_KEY", address: "D360_BASE_URL" };
/// Where the key stands.
const KEY: &str = "d360-api-key";

/// The provider, as this shop uses it.
struct Dialog360 {
    common: Common,
    address: String,
    key: HeaderValue,
    webhook_secret: Secret<String>,
    rate_limits: RateLimits,
}

/// Makes the provider from its settings.
pub fn open(variables: &mut dyn Variables, common: &Common) -> Option<Arc<dyn MessageProvider>> {
    let key = variables.credential("D360_API_KEY", "", "the key of the number's channel");
    let secret = webhook_secret(variables);
    let address = variables.base_url("D360_BASE_URL", "https://waba-v2.360dialog.io");
    let rate_limits = cloud::rate_limits(variables, "D360_MESSAGES_PER_SECOND");
    Some(Arc::new(Dialog360 {
        common: common.clone(),
        address: address?,
        key: key?,
        webhook_secret: secret?,
        rate_limits: rate_limits?,
    }))
}

/// The secret has to stand in a header, so it is checked like one.
fn webhook_secret(variables: &mut dyn Variables) -> Option<Secret<String>> {
    let (name, example) = ("D360_WEBHOOK_SECRET", "a long random word of your own");
    let secret = variables.secret(name, example)?;
    if settings::header("Bearer ", &secret).is_none() {
        variables.refuse(name, "must be one line of visible ASCII characters", example);
        return None;
    }
    Some(secret)
}

impl Dialog360 {
    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.address);
        self.common.wire.request(method, &url).header(KEY, self.key.clone())
    }

    fn post(&self, path: &str, body: String) -> RequestBuilder {
        self.call(Method::POST, path).header(CONTENT_TYPE, "application/json").body(body)
    }
}

impl MessageProvider for Dialog360 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn carries(&self, channel: Channel, _kind: MessageKind) -> bool {
        cloud::carries(channel)
    }

    fn rate_limits(&self) -> RateLimits {
        self.rate_limits
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            let body = message::body(message, &self.common.template_prefix)?;
            let reply = self.common.wire.ask(self.post("messages", body)).await?;
            response::read(&reply)
        })
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(request, &self.webhook_secret)
    }

    fn self_test(&self, _url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        webhook::self_test(&self.webhook_secret)
    }

    fn templates(&self) -> Option<&dyn Templates> {
        Some(self)
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(check::check(self))
    }
}
