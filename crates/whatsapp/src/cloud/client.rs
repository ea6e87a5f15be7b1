//! The client of a service that speaks the Cloud API. Meta and 360dialog differ in their
//! addresses, webhooks, checks and error bodies, which [`Service`] names; everything
//! else is here.

use domain::{Channel, MessageKind, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use reqwest::RequestBuilder;

use super::{
    message,
    response::read_accepted,
    templates::{ListedTemplate, creation_body, find},
};
use crate::{
    Accepted, BoxFuture, CheckResult, MessageProvider, OutgoingMessage, ProviderContext,
    RateLimits, SendError, Template, TemplateError, TemplateState, Templates, WebhookError,
    WebhookRequest, WebhookResponse,
    http_client::{HttpError, Reply},
    template::pages::{Page, read_all_pages},
};

/// The largest body of a webhook call. The platform collects up to 1,000 statuses in one call,
/// and documents at most 3 MB for it.
const MAX_WEBHOOK_BYTES: usize = 3 * 1024 * 1024;

/// What differs between the services that speak the Cloud API.
pub trait Service: Send + Sync + Sized + 'static {
    /// The name of the provider.
    const NAME: &'static str;
    /// The most pages of templates that are read: enough for more templates than an
    /// account may have.
    const MAX_TEMPLATE_PAGES: usize;

    /// Where a page of the list of templates starts; its default is the first page.
    type Cursor: Default + Send;

    /// The class of an error reply to a message.
    fn send_error(reply: &Reply) -> SendError;

    /// The cause of an error reply to a request about templates.
    fn template_error(reply: &Reply) -> TemplateError;

    /// The query of one page of the list of templates, limited to `name` if there is one.
    fn templates_query(name: Option<&str>, cursor: &Self::Cursor) -> String;

    /// Reads one page of the list of templates; `None` if the body is unreadable.
    fn read_templates_page(
        reply: &Reply,
        cursor: Self::Cursor,
    ) -> Option<Page<ListedTemplate, Self::Cursor>>;

    /// Verifies and reads a webhook call.
    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError>;

    /// A webhook call without events, authenticated as the service would do it.
    fn self_test(&self) -> Option<(HeaderMap, Vec<u8>)>;

    /// What the merchant should change soon, although messages can be sent today.
    fn warning(&self, _now: Timestamp) -> Option<String> {
        None
    }

    /// Asks the service whether the settings are right.
    fn check(client: &Client<Self>) -> BoxFuture<'_, Vec<CheckResult>>;
}

/// The credentials and addresses of one account at a service.
pub struct Client<S> {
    /// What every provider is given.
    pub context: ProviderContext,
    /// The address that every path is relative to.
    pub base_url: String,
    /// The header that authenticates every request.
    pub credential: (HeaderName, HeaderValue),
    /// The path that messages are posted to.
    pub messages_path: String,
    /// The path that lists and creates templates.
    pub templates_path: String,
    /// How fast the sender may send.
    pub rate_limits: RateLimits,
    /// The service, with what only it needs.
    pub service: S,
}

impl<S: Service> Client<S> {
    /// An authenticated request to a path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.base_url);
        let (name, value) = &self.credential;
        self.context.http_client.request(method, &url).header(name, value.clone())
    }

    async fn post(&self, path: &str, body: String) -> Result<Reply, HttpError> {
        let request = self.request(Method::POST, path);
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        self.context.http_client.send(request).await
    }

    async fn send_message(&self, message: &OutgoingMessage) -> Result<Accepted, SendError> {
        let body = message::body(message, &self.context.template_prefix)?;
        let reply = self.post(&self.messages_path, body).await?;
        if reply.status.is_success() { read_accepted(&reply) } else { Err(S::send_error(&reply)) }
    }

    /// The templates of the account, or those of one name.
    async fn list_templates(
        &self,
        name: Option<&str>,
    ) -> Result<Vec<TemplateState>, TemplateError> {
        let fetch = |cursor| self.templates_page(name, cursor);
        let listed = read_all_pages(S::Cursor::default(), S::MAX_TEMPLATE_PAGES, fetch).await?;
        Ok(listed.into_iter().filter_map(ListedTemplate::state).collect())
    }

    async fn templates_page(
        &self,
        name: Option<&str>,
        cursor: S::Cursor,
    ) -> Result<Page<ListedTemplate, S::Cursor>, TemplateError> {
        let path = format!("{}?{}", self.templates_path, S::templates_query(name, &cursor));
        let reply = self.context.http_client.send(self.request(Method::GET, &path)).await?;
        if !reply.status.is_success() {
            return Err(S::template_error(&reply));
        }
        S::read_templates_page(&reply, cursor).ok_or(TemplateError::Unreachable)
    }

    async fn create_template(&self, template: &Template) -> Result<TemplateState, TemplateError> {
        let prefix = &self.context.template_prefix;
        let body = creation_body(template, prefix).to_string();
        let reply = self.post(&self.templates_path, body).await?;
        if !reply.status.is_success() {
            return Err(S::template_error(&reply));
        }
        let created: Option<ListedTemplate> = reply.json();
        created
            .and_then(|created| created.created(template, prefix))
            .ok_or(TemplateError::Unreachable)
    }

    async fn submit_template(&self, template: &Template) -> Result<TemplateState, TemplateError> {
        let prefix = &self.context.template_prefix;
        let listed = self.list_templates(Some(&template.name(prefix))).await?;
        match find(listed, template, prefix) {
            Some(state) => Ok(state),
            None => self.create_template(template).await,
        }
    }
}

impl<S: Service> MessageProvider for Client<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    /// The Cloud API sends WhatsApp messages only, and every kind has a template there.
    fn carries(&self, channel: Channel, _kind: MessageKind) -> bool {
        channel == Channel::WhatsApp
    }

    fn rate_limits(&self) -> RateLimits {
        self.rate_limits
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.send_message(message))
    }

    fn max_webhook_bytes(&self) -> usize {
        MAX_WEBHOOK_BYTES
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        self.service.read_webhook(request)
    }

    fn self_test(&self, _url: &str) -> Option<(HeaderMap, Vec<u8>)> {
        self.service.self_test()
    }

    fn warning(&self) -> Option<String> {
        self.service.warning((self.context.now)())
    }

    fn templates(&self) -> Option<&dyn Templates> {
        Some(self)
    }

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        S::check(self)
    }
}

impl<S: Service> Templates for Client<S> {
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>> {
        Box::pin(self.submit_template(template))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>> {
        Box::pin(self.list_templates(None))
    }
}
