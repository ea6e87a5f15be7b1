//! 360dialog: Meta's Cloud API behind a key of its own. One key belongs to one number,
//! so that no number stands in the addresses.

mod check;
mod response;
mod signature;
mod templates;
mod webhook;

use std::sync::Arc;

use domain::Secret;
use http::{HeaderMap, HeaderName};

use crate::{
    BoxFuture, CheckResult, MessageProvider, ProviderContext, SendError, SettingsSource,
    TemplateError, WebhookError, WebhookRequest, WebhookResponse,
    cloud::{
        self, ConfigHint,
        client::{Client, Service},
        templates::ListedTemplate,
    },
    http_client::Reply,
    settings,
    template::pages::Page,
};

/// The name of the provider.
pub const NAME: &str = "360dialog";
/// The settings that errors point at. The key also identifies the number.
const HINT: ConfigHint =
    ConfigHint { token: "D360_API_KEY", object: "D360_API_KEY", address: "D360_BASE_URL" };
/// The header with the key.
const API_KEY_HEADER: HeaderName = HeaderName::from_static("d360-api-key");

/// What only 360dialog needs.
struct Dialog360 {
    webhook_secret: Secret<String>,
}

/// Creates the provider from its settings; reports every setting that is wrong.
pub fn open(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    let key = settings.credential("D360_API_KEY", "", "the key of the number's channel");
    let webhook_secret = webhook_secret(settings);
    let base_url = settings.base_url("D360_BASE_URL", "https://waba-v2.360dialog.io");
    let rate_limits = cloud::rate_limits(settings, "D360_MESSAGES_PER_SECOND");
    Some(Arc::new(Client {
        context: context.clone(),
        base_url: base_url?,
        credential: (API_KEY_HEADER, key?),
        messages_path: "messages".to_owned(),
        templates_path: "v1/configs/templates".to_owned(),
        rate_limits: rate_limits?,
        service: Dialog360 { webhook_secret: webhook_secret? },
    }))
}

/// Reads the webhook secret, which must be a valid value of a header.
fn webhook_secret(source: &mut dyn SettingsSource) -> Option<Secret<String>> {
    let (name, example) = ("D360_WEBHOOK_SECRET", "a long random secret you choose");
    let secret = source.secret(name, example)?;
    if settings::header("Bearer ", &secret).is_none() {
        source.refuse(name, "must be one line of visible ASCII characters", example);
        return None;
    }
    Some(secret)
}

impl Service for Dialog360 {
    const NAME: &'static str = NAME;
    const MAX_TEMPLATE_PAGES: usize = 10;

    /// The number of templates on the pages before.
    type Cursor = usize;

    fn send_error(reply: &Reply) -> SendError {
        response::classify_error(reply)
    }

    fn template_error(reply: &Reply) -> TemplateError {
        response::template_error(reply)
    }

    fn templates_query(name: Option<&str>, offset: &Self::Cursor) -> String {
        templates::query(name, *offset)
    }

    fn read_templates_page(
        reply: &Reply,
        offset: Self::Cursor,
    ) -> Option<Page<ListedTemplate, Self::Cursor>> {
        templates::read_page(reply, offset)
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(request, &self.webhook_secret)
    }

    fn self_test(&self) -> Option<(HeaderMap, Vec<u8>)> {
        signature::self_test(&self.webhook_secret)
    }

    fn check(client: &Client<Self>) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(check::check(client))
    }
}
