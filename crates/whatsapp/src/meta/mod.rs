//! Meta's WhatsApp Cloud API, used directly.

mod check;
mod graph_version;
mod signature;
mod templates;
mod webhook;

use std::sync::Arc;

use domain::{Secret, Timestamp};
use http::{HeaderMap, header::AUTHORIZATION};

use self::graph_version::GraphVersion;

use crate::{
    BoxFuture, CheckResult, MessageProvider, ProviderContext, SendError, SettingsSource,
    TemplateError, WebhookError, WebhookRequest, WebhookResponse,
    cloud::{
        self, ConfigHint,
        client::{Client, Service},
        response,
        templates::ListedTemplate,
    },
    http_client::Reply,
    template::pages::Page,
};

/// The name of the provider.
pub const NAME: &str = "meta";
/// The settings that errors of messages point at.
const HINT: ConfigHint = ConfigHint {
    token: "META_ACCESS_TOKEN",
    object: "META_PHONE_NUMBER_ID",
    address: "META_BASE_URL",
};
/// The settings that errors of templates point at: templates belong to the account, not
/// to the number.
const ACCOUNT_HINT: ConfigHint = ConfigHint { object: "META_WABA_ID", ..HINT };

/// What only Meta needs.
struct Meta {
    phone_number_id: String,
    account_id: String,
    app_secret: Secret<String>,
    verify_token: Secret<String>,
    version: GraphVersion,
}

/// Creates the provider from its settings; reports every setting that is wrong.
pub fn open(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    let authorization =
        settings.credential("META_ACCESS_TOKEN", "Bearer ", "a system user's token");
    let phone_number_id = settings.checked("META_PHONE_NUMBER_ID", "106540352242922", digits);
    let account_id = settings.checked("META_WABA_ID", "102290129340398", digits);
    let app_secret = settings.secret("META_APP_SECRET", "the app's secret, 32 hex digits");
    let verify_token = settings.secret("META_VERIFY_TOKEN", "a long random secret you choose");
    let version =
        settings.defaulted("META_GRAPH_VERSION", graph_version::DEFAULT, GraphVersion::parse);
    let base = settings.base_url("META_BASE_URL", "https://graph.facebook.com");
    let rate_limits = cloud::rate_limits(settings, "META_MESSAGES_PER_SECOND");
    let service = Meta {
        phone_number_id: phone_number_id?,
        account_id: account_id?,
        app_secret: app_secret?,
        verify_token: verify_token?,
        version: version?,
    };
    Some(Arc::new(Client {
        context: context.clone(),
        base_url: format!("{}/{}", base?, service.version),
        credential: (AUTHORIZATION, authorization?),
        messages_path: format!("{}/messages", service.phone_number_id),
        templates_path: format!("{}/message_templates", service.account_id),
        rate_limits: rate_limits?,
        service,
    }))
}

/// Ids of numbers and accounts consist of digits. They become part of a path, so nothing
/// else is allowed.
fn digits(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("must consist of digits only".to_owned());
    }
    Ok(text.to_owned())
}

impl Service for Meta {
    const NAME: &'static str = NAME;
    const MAX_TEMPLATE_PAGES: usize = 100;

    /// The cursor that the page before named.
    type Cursor = Option<String>;

    fn send_error(reply: &Reply) -> SendError {
        response::classify_error(reply, &HINT)
    }

    fn template_error(reply: &Reply) -> TemplateError {
        response::template_error(reply, &ACCOUNT_HINT)
    }

    fn templates_query(name: Option<&str>, after: &Self::Cursor) -> String {
        templates::query(name, after.as_deref())
    }

    fn read_templates_page(
        reply: &Reply,
        _: Self::Cursor,
    ) -> Option<Page<ListedTemplate, Self::Cursor>> {
        templates::read_page(reply)
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        webhook::read(request, &self.app_secret, &self.verify_token)
    }

    fn self_test(&self) -> Option<(HeaderMap, Vec<u8>)> {
        signature::self_test(&self.app_secret)
    }

    fn warning(&self, now: Timestamp) -> Option<String> {
        self.version.warning(now)
    }

    fn check(client: &Client<Self>) -> BoxFuture<'_, Vec<CheckResult>> {
        Box::pin(check::check(client))
    }
}
