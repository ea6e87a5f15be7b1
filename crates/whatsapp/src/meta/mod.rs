//! Meta's WhatsApp Cloud API, spoken to without anybody between.

mod check;
mod templates;
mod webhook;

use std::sync::Arc;

use domain::{Channel, MessageKind, Secret};
use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use reqwest::RequestBuilder;

use crate::{
    Accepted, BoxFuture, CheckResult, Common, MessageProvider, OutgoingMessage, RateLimits,
    SendError, Templates, Variables, WebhookError, WebhookRequest, WebhookResponse,
    cloud::{self, Blame, message, response},
};

/// The provider's name.
pub const NAME: &str = "meta";
/// The newest version of the Graph API these words were checked against; versions
/// live for about two years.
const VERSION: &str = "v26.0";
/// What errors are blamed on.
const BLAME: Blame =
    Blame { token: "META_ACCESS_TOKEN", object: "META_PHONE_NUMBER_ID", address: "META_BASE_URL" };

/// The provider, as this shop uses it.
struct Meta {
    common: Common,
    /// The address of the service, with the version.
    address: String,
    phone_number_id: String,
    account_id: String,
    authorization: HeaderValue,
    app_secret: Secret<String>,
    verify_token: Secret<String>,
    rate_limits: RateLimits,
}

/// Makes the provider from its settings.
pub fn open(variables: &mut dyn Variables, common: &Common) -> Option<Arc<dyn MessageProvider>> {
    let authorization =
        variables.credential("META_ACCESS_TOKEN", "Bearer ", "a system user's token");
    let phone_number_id = variables.checked("META_PHONE_NUMBER_ID", "106540352242922", digits);
    let account_id = variables.checked("META_WABA_ID", "102290129340398", digits);
    let app_secret = variables.secret("META_APP_SECRET", "the app's secret, 32 hex digits");
    let verify_token = variables.secret("META_VERIFY_TOKEN", "a long random word of your own");
    let version = variables.defaulted("META_GRAPH_VERSION", VERSION, version);
    let base = variables.base_url("META_BASE_URL", "https://graph.facebook.com");
    let rate_limits = cloud::rate_limits(variables, "META_MESSAGES_PER_SECOND");
    Some(Arc::new(Meta {
        common: common.clone(),
        address: format!("{}/{}", base?, version?),
        phone_number_id: phone_number_id?,
        account_id: account_id?,
        authorization: authorization?,
        app_secret: app_secret?,
        verify_token: verify_token?,
        rate_limits: rate_limits?,
    }))
}

/// The names of numbers and accounts are digits; they stand in addresses.
fn digits(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("must be digits alone".to_owned());
    }
    Ok(text.to_owned())
}

fn version(text: &str) -> Result<String, String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix('v').and_then(|rest| rest.split_once('.')) {
        Some((major, minor)) if is_number(major) && is_number(minor) => Ok(text.to_owned()),
        _ => Err("must be a version of the Graph API".to_owned()),
    }
}

impl Meta {
    /// A call to a path below the version.
    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.address);
        self.common.wire.request(method, &url).header(AUTHORIZATION, self.authorization.clone())
    }

    /// A call with a body.
    fn post(&self, path: &str, body: String) -> RequestBuilder {
        self.call(Method::POST, path).header(CONTENT_TYPE, "application/json").body(body)
    }
}

impl MessageProvider for Meta {
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
            let request = self.post(&format!("{}/messages", self.phone_number_id), body);
            let reply = self.common.wire.ask(request).await?;
            response::read(&reply, &BLAME)
        })
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(request, &self.app_secret, &self.verify_token)
    }

    fn self_test(&self, _url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        webhook::self_test(&self.app_secret)
    }

    fn templates(&self) -> Option<&dyn Templates> {
        Some(self)
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(check::check(self))
    }
}
