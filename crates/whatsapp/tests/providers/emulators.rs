//! The providers against the emulators, which were written independently from the same
//! references: templates, messages and webhook calls.

use std::sync::Arc;

use domain::{Channel, DeliveryStatus, Language, MessageId, MessageKind, PhoneNumber, Purpose};
use emulators::{Config, Emulator, Provider};
use tokio::sync::mpsc;
use whatsapp::{
    DeliveryReport, MessageProvider, OutgoingMessage, ProviderContext, Template, TemplateStatus,
    Templates, VerificationOutcome, WebhookEvent, WebhookResponse, providers,
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::support::{Call, NOW, Settings, context, login};

/// The webhook of the shop: passes on the calls of the emulator.
struct Webhook(mpsc::UnboundedSender<Request>);

impl Respond for Webhook {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.0.send(request.clone()).ok();
        ResponseTemplate::new(200)
    }
}

/// A provider, the emulator that it talks to, and the webhook calls of the emulator.
struct Line {
    provider: Arc<dyn MessageProvider>,
    emulator: Emulator,
    shop: MockServer,
    calls: mpsc::UnboundedReceiver<Request>,
}

impl Line {
    async fn open(provider: Provider) -> Self {
        Self::open_without(provider, &[]).await
    }

    /// Opens a provider without some of the settings of the emulator.
    async fn open_without(provider: Provider, without: &[&str]) -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let shop = MockServer::start().await;
        Mock::given(any()).respond_with(Webhook(sender)).mount(&shop).await;
        let webhook = Some(format!("{}/webhooks/{}", shop.uri(), provider.name()));
        // Each message to MessageBird names the webhook address.
        let context = ProviderContext { public_url: shop.uri().into(), ..context() };
        let clock: emulators::Clock = Arc::new(|| NOW.as_millis() / 1000);
        let config = Config { webhook, clock, ..Config::new(provider) };
        let emulator = Emulator::start(config).await.unwrap();
        let values = emulator.settings();
        let mut settings =
            Settings::new(values.iter().map(|(name, value)| (*name, value.as_str())));
        for name in without {
            settings = settings.without(name);
        }
        let provider = providers::open(provider.name(), &mut settings, &context).unwrap();
        let provider = provider.unwrap_or_else(|| panic!("{:?}", settings.refused));
        Self { provider, emulator, shop, calls }
    }

    fn templates(&self) -> &dyn Templates {
        self.provider.templates().unwrap()
    }

    /// Submits every template in every language, and reads the approvals.
    async fn approve_all(&mut self) {
        for kind in MessageKind::ALL {
            let minutes = if matches!(kind, MessageKind::Code(_)) { 10 } else { 0 };
            for language in Language::ALL {
                let template = Template { kind, language, minutes };
                self.templates().submit(&template).await.unwrap();
                let approval = self.next().await;
                let [WebhookEvent::Template(events)] = &approval[..] else {
                    panic!("{approval:?}")
                };
                assert_eq!(events.status, TemplateStatus::Approved);
                assert_eq!((&events.name, events.language), (&template.name("marigold"), language));
            }
        }
    }

    /// The events of the next call, which must be accepted.
    async fn next(&mut self) -> Vec<WebhookEvent> {
        let request = self.calls.recv().await.unwrap();
        let asked = request.url[url::Position::BeforePath..].to_owned();
        let url = format!("{}{asked}", self.shop.uri());
        let mut call = Call::new(request.method, &url, &request.body);
        call.headers = request.headers;
        match self.provider.read_webhook(&call.request()) {
            Ok(WebhookResponse::Events { events, .. }) => events,
            other => panic!("{other:?}"),
        }
    }

    /// The next report of a message with this status.
    async fn report(&mut self, status: DeliveryStatus) -> DeliveryReport {
        loop {
            for events in self.next().await {
                match events {
                    WebhookEvent::Delivery(report) if report.status == status => return report,
                    _ => {}
                }
            }
        }
    }
}

async fn assert_whatsapp_is_delivered(provider: Provider) {
    let mut line = Line::open(provider).await;
    line.approve_all().await;
    let listed = line.templates().list().await.unwrap();
    assert_eq!(listed.len(), MessageKind::ALL.len() * Language::ALL.len());
    assert!(listed.iter().all(|state| state.status == TemplateStatus::Approved));
    let of_codes = listed.iter().filter(|state| state.name.ends_with("_code"));
    assert!(of_codes.clone().all(|state| state.minutes == Some(10)));
    assert_eq!(of_codes.count(), Purpose::ALL.len() * Language::ALL.len());

    let accepted = line.provider.send(&login(Channel::WhatsApp)).await.unwrap();
    let report = line.report(DeliveryStatus::Delivered).await;
    assert_eq!(report.provider_message_id, accepted.provider_message_id);
    assert_eq!(report.reference, Some(MessageId::from_bits(7)));

    // The emulator recognises a number that is not on WhatsApp by its last digits.
    let phone = PhoneNumber::from_e164("+447700900026").unwrap();
    line.provider.send(&OutgoingMessage { phone, ..login(Channel::WhatsApp) }).await.unwrap();
    let failure = line.report(DeliveryStatus::Failed).await.failure.unwrap();
    assert_eq!(failure.class(), "undeliverable");
}

#[tokio::test]
async fn a_message_by_meta_is_delivered_by_the_emulator() {
    assert_whatsapp_is_delivered(Provider::Meta).await;
}

#[tokio::test]
async fn a_message_by_360dialog_is_delivered_by_the_emulator() {
    assert_whatsapp_is_delivered(Provider::Dialog360).await;
}

/// Sends by both channels, and to a number that is not on WhatsApp.
async fn assert_both_channels_are_delivered(mut line: Line) {
    for channel in [Channel::WhatsApp, Channel::Sms] {
        let accepted = line.provider.send(&login(channel)).await.unwrap();
        let report = line.report(DeliveryStatus::Delivered).await;
        assert_eq!(report.provider_message_id, accepted.provider_message_id);
        assert_eq!(report.reference, Some(MessageId::from_bits(7)));
    }
    let phone = PhoneNumber::from_e164("+447700900026").unwrap();
    let (id, channel) = (MessageId::from_bits(8), Channel::WhatsApp);
    line.provider.send(&OutgoingMessage { id, phone, ..login(channel) }).await.unwrap();
    let failure = line.report(DeliveryStatus::Failed).await.failure.unwrap();
    assert_eq!(failure.class(), "undeliverable");
}

#[tokio::test]
async fn messages_by_messagebird_are_delivered_by_the_emulator() {
    let line = Line::open(Provider::Messagebird).await;
    for kind in MessageKind::ALL {
        let minutes = if matches!(kind, MessageKind::Code(_)) { 10 } else { 0 };
        let template = Template { kind, language: Language::English, minutes };
        let state = line.templates().submit(&template).await.unwrap();
        assert_eq!(state.status, TemplateStatus::Pending);
    }
    // The review takes no time, and no webhook call reports its end.
    while line.templates().list().await.unwrap().iter().any(|state| {
        assert!(matches!(state.status, TemplateStatus::Pending | TemplateStatus::Approved));
        state.status == TemplateStatus::Pending
    }) {
        tokio::task::yield_now().await;
    }
    assert_both_channels_are_delivered(line).await;
}

#[tokio::test]
async fn messages_by_twilio_are_delivered_by_the_emulator() {
    // Without a Verify service, codes use Programmable Messaging like all messages.
    let mut line = Line::open_without(Provider::Twilio, &["TWILIO_VERIFY_SERVICE_SID"]).await;
    assert!(line.provider.needs_template(Channel::WhatsApp, login(Channel::WhatsApp).kind));
    assert!(!line.provider.needs_template(Channel::Sms, login(Channel::Sms).kind));
    let template =
        Template { kind: login(Channel::WhatsApp).kind, language: Language::English, minutes: 10 };
    line.templates().submit(&template).await.unwrap();
    let id = loop {
        let states = line.templates().list().await.unwrap();
        let [state] = &states[..] else { panic!("{states:?}") };
        if state.status == TemplateStatus::Approved {
            assert_eq!(state.minutes, Some(10));
            break state.id.clone();
        }
        tokio::task::yield_now().await;
    };
    for channel in [Channel::WhatsApp, Channel::Sms] {
        let message = OutgoingMessage { template_id: id.clone(), ..login(channel) };
        let accepted = line.provider.send(&message).await.unwrap();
        let report = line.report(DeliveryStatus::Delivered).await;
        assert_eq!(report.provider_message_id, accepted.provider_message_id);
        assert_eq!(report.reference, Some(MessageId::from_bits(7)));
    }
    let phone = PhoneNumber::from_e164("+447700900026").unwrap();
    let message = OutgoingMessage { phone, template_id: id, ..login(Channel::WhatsApp) };
    line.provider.send(&message).await.unwrap();
    let failure = line.report(DeliveryStatus::Failed).await.failure.unwrap();
    assert_eq!(failure.class(), "undeliverable");
}

#[tokio::test]
async fn codes_by_twilio_verify_are_the_codes_of_the_shop() {
    let line = Line::open(Provider::Twilio).await;
    for channel in [Channel::WhatsApp, Channel::Sms] {
        let message = login(channel);
        let code = message.code.as_ref().unwrap().expose_text();
        assert!(!line.provider.needs_template(channel, message.kind), "Verify has its own");
        let first = line.provider.send(&message).await.unwrap();
        let arrived = line.emulator.messages();
        assert_eq!(arrived.last().unwrap().code.as_deref(), Some(&*code));
        line.provider
            .report_outcome(&first.provider_message_id, VerificationOutcome::Approved)
            .await;
        let again = line.provider.send(&message).await.unwrap();
        assert_ne!(first.provider_message_id, again.provider_message_id);
    }
}

#[tokio::test]
async fn messages_by_bird_are_delivered_by_the_emulator() {
    assert_both_channels_are_delivered(Line::open(Provider::Bird).await).await;
}

#[tokio::test]
async fn messages_by_bird_channels_are_delivered_by_the_emulator() {
    assert_both_channels_are_delivered(Line::open(Provider::BirdChannels).await).await;
}

#[tokio::test]
async fn an_error_names_a_template_that_was_never_submitted() {
    for provider in [Provider::Meta, Provider::Dialog360] {
        let line = Line::open(provider).await;
        let error = line.provider.send(&login(Channel::WhatsApp)).await.unwrap_err();
        assert!(error.to_string().contains("template: 132001"), "{error}");
    }
}

#[tokio::test]
async fn the_checks_accept_every_emulator() {
    let all = [
        Provider::Meta,
        Provider::Twilio,
        Provider::Dialog360,
        Provider::Messagebird,
        Provider::Bird,
        Provider::BirdChannels,
    ];
    for provider in all {
        let line = Line::open(provider).await;
        let results = line.provider.check().await;
        assert!(results.len() > 2, "{provider:?}: {results:?}");
        let wrong = results.iter().filter(|result| result.outcome.is_err());
        // The clock of these tests is in the past.
        let wrong: Vec<_> = wrong.filter(|result| result.subject != "clock").collect();
        assert!(wrong.is_empty(), "{provider:?}: {wrong:?}");
    }
}
