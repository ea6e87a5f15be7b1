//! The couriers of the Cloud API against the protocol twins, which are written
//! from the same references by themselves: templates, messages and calls back.

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

/// The shop's door: passes on what the twin calls back with.
struct Door(mpsc::UnboundedSender<Request>);

impl Respond for Door {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.0.send(request.clone()).ok();
        ResponseTemplate::new(200)
    }
}

/// A courier, the twin it speaks to, and what the twin calls back with.
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

    /// Without some of the settings the twin offers.
    async fn open_without(provider: Provider, without: &[&str]) -> Self {
        let (door, calls) = mpsc::unbounded_channel();
        let shop = MockServer::start().await;
        Mock::given(any()).respond_with(Door(door)).mount(&shop).await;
        let webhook = Some(format!("{}/webhooks/{}", shop.uri(), provider.name()));
        // MessageBird is told with each message where its news goes.
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

    /// Every template in every language, approved.
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

    /// The news of the next call, which must be believed.
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

    /// The next news of a message that is as far as this.
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

async fn a_message_reaches_its_phone(provider: Provider) {
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

    // By its last digits the twin knows a number that is not on WhatsApp.
    let phone = PhoneNumber::from_e164("+447700900026").unwrap();
    line.provider.send(&OutgoingMessage { phone, ..login(Channel::WhatsApp) }).await.unwrap();
    let failure = line.report(DeliveryStatus::Failed).await.failure.unwrap();
    assert_eq!(failure.class(), "undeliverable");
}

#[tokio::test]
async fn a_message_by_meta_reaches_its_phone() {
    a_message_reaches_its_phone(Provider::Meta).await;
}

#[tokio::test]
async fn a_message_by_360dialog_reaches_its_phone() {
    a_message_reaches_its_phone(Provider::Dialog360).await;
}

/// Both channels, and a number that is not on WhatsApp.
async fn both_channels_reach_their_phone(mut line: Line) {
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
async fn messages_by_messagebird_reach_their_phone() {
    let line = Line::open(Provider::Messagebird).await;
    for kind in MessageKind::ALL {
        let minutes = if matches!(kind, MessageKind::Code(_)) { 10 } else { 0 };
        let template = Template { kind, language: Language::English, minutes };
        let state = line.templates().submit(&template).await.unwrap();
        assert_eq!(state.status, TemplateStatus::Pending);
    }
    // The review takes no time, and nothing calls back when it is done.
    while line.templates().list().await.unwrap().iter().any(|state| {
        assert!(matches!(state.status, TemplateStatus::Pending | TemplateStatus::Approved));
        state.status == TemplateStatus::Pending
    }) {
        tokio::task::yield_now().await;
    }
    both_channels_reach_their_phone(line).await;
}

#[tokio::test]
async fn messages_by_twilio_reach_their_phone() {
    // Not set: codes go by Programmable Messaging as everything else.
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
async fn codes_by_twilio_verify_reach_their_phone_as_ours() {
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
async fn messages_by_bird_reach_their_phone() {
    both_channels_reach_their_phone(Line::open(Provider::Bird).await).await;
}

#[tokio::test]
async fn a_template_that_was_never_submitted_is_named_as_the_trouble() {
    for provider in [Provider::Meta, Provider::Dialog360] {
        let line = Line::open(provider).await;
        let error = line.provider.send(&login(Channel::WhatsApp)).await.unwrap_err();
        assert!(error.to_string().contains("template: 132001"), "{error}");
    }
}

#[tokio::test]
async fn the_check_finds_the_twins_in_order() {
    let all = [
        Provider::Meta,
        Provider::Twilio,
        Provider::Dialog360,
        Provider::Messagebird,
        Provider::Bird,
    ];
    for provider in all {
        let line = Line::open(provider).await;
        let results = line.provider.check().await;
        assert!(results.len() > 2, "{provider:?}: {results:?}");
        let wrong = results.iter().filter(|result| result.outcome.is_err());
        // The clock of these tests stands in the past.
        let wrong: Vec<_> = wrong.filter(|result| result.subject != "clock").collect();
        assert!(wrong.is_empty(), "{provider:?}: {wrong:?}");
    }
}
