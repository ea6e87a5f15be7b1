//! A provider that accepts every message and calls the webhook as a test demands, and the real
//! providers with fictional settings, for tests that call their webhooks.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use domain::{Channel, DeliveryStatus, Language, MessageId, MessageKind};
use test_support::secret_scan::register_secret;
use whatsapp::{
    Accepted, BoxFuture, DeliveryReport, MessageProvider, OutgoingMessage, SendError,
    SettingsSource, Template, TemplateError, TemplateState, TemplateStatus, Templates,
    WebhookError, WebhookEvent, WebhookRequest, WebhookResponse, providers,
};

/// The signature of a webhook.
pub const SIGNATURE: &str = "0123456789abcdef";

/// The provider. It approves every template but the German ones.
pub struct Caller {
    has_sms: bool,
    codes: Mutex<Vec<String>>,
    templates: Mutex<Vec<Template>>,
}

impl Default for Caller {
    fn default() -> Self {
        Self { has_sms: true, codes: Mutex::default(), templates: Mutex::default() }
    }
}

impl Caller {
    /// A provider of WhatsApp messages only.
    pub fn without_sms() -> Self {
        Self { has_sms: false, ..Self::default() }
    }

    /// Its id of a message.
    pub fn name_of(id: &MessageId) -> String {
        format!("sent-{id}")
    }

    /// The webhook call that reports this status of each of these messages.
    pub fn reports<'m>(messages: impl IntoIterator<Item = &'m String>, status: &str) -> String {
        messages.into_iter().map(|message| format!("{message} {status}\n")).collect()
    }

    /// The newest code that it was given.
    pub fn code(&self) -> String {
        self.codes.lock().unwrap().last().unwrap().clone()
    }
}

fn state(template: &Template, status: TemplateStatus) -> TemplateState {
    TemplateState {
        name: template.name("marigold"),
        language: template.language,
        id: None,
        status,
        reason: (status == TemplateStatus::Rejected).then(|| "INVALID_FORMAT".to_owned()),
        minutes: None,
    }
}

impl Templates for Caller {
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>> {
        self.templates.lock().unwrap().push(*template);
        Box::pin(async { Ok(state(template, TemplateStatus::Pending)) })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>> {
        let status = |language| match language {
            Language::German => TemplateStatus::Rejected,
            _ => TemplateStatus::Approved,
        };
        let templates = self.templates.lock().unwrap();
        let states = templates.iter().map(|one| state(one, status(one.language))).collect();
        Box::pin(async { Ok(states) })
    }
}

impl MessageProvider for Caller {
    fn name(&self) -> &'static str {
        "caller"
    }

    fn carries(&self, channel: Channel, _: MessageKind) -> bool {
        self.has_sms || channel == Channel::WhatsApp
    }

    fn templates(&self) -> Option<&dyn Templates> {
        Some(self)
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        let provider_message_id = Self::name_of(&message.id);
        let code = message.code.as_ref().map(|code| code.expose_text().to_owned());
        code.iter().for_each(|code| register_secret(&**code));
        self.codes.lock().unwrap().extend(code);
        Box::pin(async { Ok(Accepted { provider_message_id }) })
    }

    /// Each line of the body is the id of a message and its status. A header may give the call an
    /// id. A GET is echoed.
    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        if request.method == Method::GET {
            return Ok(WebhookResponse::Echo(request.url.to_owned()));
        }
        match request.header("x-signature") {
            None => return Err(WebhookError::NoSignature),
            Some(SIGNATURE) => {}
            Some(_) => return Err(WebhookError::BadSignature),
        }
        let text = std::str::from_utf8(request.body).map_err(|_| WebhookError::Malformed)?;
        let report = |line: &str| {
            let (id, status) = line.split_once(' ')?;
            Some(WebhookEvent::Delivery(DeliveryReport {
                provider: self.name(),
                provider_message_id: id.to_owned(),
                reference: None,
                status: DeliveryStatus::parse(status)?,
                failure: None,
                recipient: None,
            }))
        };
        let events = text.lines().map(report).collect::<Option<Vec<_>>>();
        let once = request.header("x-call").map(|name| (name.to_owned(), super::HOUR));
        Ok(WebhookResponse::Events { events: events.ok_or(WebhookError::Malformed)?, once })
    }
}

/// The settings of a real provider.
struct RealSettings(&'static [(&'static str, &'static str)]);

impl SettingsSource for RealSettings {
    fn optional(&mut self, name: &'static str) -> Option<String> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    }

    fn refuse(&mut self, name: &'static str, problem: &str, _: &str) {
        panic!("{name} {problem}");
    }
}

/// A real provider with these settings. It belongs to a shop at `http://127.0.0.1:3000`.
pub fn real_provider(
    name: &str,
    settings: &'static [(&'static str, &'static str)],
) -> Arc<dyn MessageProvider> {
    let clock = shop::Clock::stopped_at(test_shop::BEGIN);
    let context = super::provider_context("http://127.0.0.1:3000", clock);
    providers::open(name, &mut RealSettings(settings), &context).flatten().unwrap()
}
