//! Message providers that respond as a test scripts it, and record what they were sent.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{Channel, Language, MessageId, MessageKind, PhoneNumber, Purpose};
use shop::{Shop, Visitor, codes::CodeView, templates};
use store::Message;
use test_support::secret_scan::register_secret;
use tokio::sync::Semaphore;
use whatsapp::{
    Accepted, BoxFuture, MessageProvider, OutgoingMessage, Payment, RateLimits, SendError,
    Template, TemplateError, TemplateState, Templates, VerificationOutcome,
};

use crate::{
    codes::support::{issue, request},
    support::{TestShop, phone},
};

pub const LOGIN: Purpose = Purpose::Login;

/// A message that a provider was given to send.
#[derive(Clone, Debug)]
pub struct SentMessage {
    pub id: MessageId,
    pub phone: PhoneNumber,
    pub channel: Channel,
    pub language: Language,
    pub code: Option<String>,
    pub template_id: Option<String>,
    pub payment: Option<Payment>,
}

/// A provider with scripted responses. Each is used once, and the last one repeatedly.
pub struct Scripted {
    name: &'static str,
    channels: Vec<Channel>,
    rate_limits: RateLimits,
    repeats_safely: bool,
    tracks_verifications: bool,
    templates: Option<ScriptedTemplates>,
    answers: Mutex<VecDeque<Result<(), SendError>>>,
    gate: Option<Arc<Semaphore>>,
    count: AtomicU64,
    sent_messages: Mutex<Vec<SentMessage>>,
    /// The reported outcomes of verifications.
    ended: Mutex<Vec<(String, VerificationOutcome)>>,
}

impl Scripted {
    /// A provider that accepts every message, on every channel.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            channels: vec![Channel::WhatsApp, Channel::Sms],
            rate_limits: RateLimits::UNLIMITED,
            repeats_safely: false,
            tracks_verifications: false,
            templates: None,
            answers: Mutex::new([Ok(())].into()),
            gate: None,
            count: AtomicU64::new(0),
            sent_messages: Mutex::default(),
            ended: Mutex::default(),
        }
    }

    /// A provider with these responses.
    pub fn with_answers(name: &'static str, answers: &[Result<(), SendError>]) -> Self {
        Self { answers: Mutex::new(answers.iter().cloned().collect()), ..Self::new(name) }
    }

    pub fn only_by(self, channel: Channel) -> Self {
        Self { channels: vec![channel], ..self }
    }

    pub fn idempotent(self) -> Self {
        Self { repeats_safely: true, ..self }
    }

    /// Makes it track its verifications.
    pub fn tracking_verifications(self) -> Self {
        Self { tracks_verifications: true, ..self }
    }

    pub fn with_rate_limits(self, rate_limits: RateLimits) -> Self {
        Self { rate_limits, ..self }
    }

    pub fn with_templates(self, states: Vec<TemplateState>) -> Self {
        Self { templates: Some(ScriptedTemplates(Mutex::new(states))), ..self }
    }

    /// Makes it respond only with a permit of the gate.
    pub fn gated_by(self, gate: &Arc<Semaphore>) -> Self {
        Self { gate: Some(Arc::clone(gate)), ..self }
    }

    /// The messages it was given, in order.
    pub fn sent_messages(&self) -> Vec<SentMessage> {
        self.sent_messages.lock().unwrap().clone()
    }

    /// The reported outcomes of verifications, sorted by id.
    pub fn ended(&self) -> Vec<(String, VerificationOutcome)> {
        let mut ended = self.ended.lock().unwrap().clone();
        ended.sort_by(|one, other| one.0.cmp(&other.0));
        ended
    }

    pub fn count(&self) -> usize {
        self.sent_messages.lock().unwrap().len()
    }

    /// Sets the templates that it reports from now on.
    pub fn set_templates(&self, states: Vec<TemplateState>) {
        *self.templates.as_ref().unwrap().0.lock().unwrap() = states;
    }

    fn answer(&self) -> Result<(), SendError> {
        let mut answers = self.answers.lock().unwrap();
        if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
    }
}

impl MessageProvider for Scripted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn carries(&self, channel: Channel, _: MessageKind) -> bool {
        self.channels.contains(&channel)
    }

    fn rate_limits(&self) -> RateLimits {
        self.rate_limits
    }

    fn repeats_safely(&self) -> bool {
        self.repeats_safely
    }

    fn templates(&self) -> Option<&dyn Templates> {
        self.templates.as_ref().map(|shelf| shelf as &dyn Templates)
    }

    fn tracks_verifications(&self) -> bool {
        self.tracks_verifications
    }

    fn report_outcome<'a>(&'a self, id: &'a str, end: VerificationOutcome) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.ended.lock().unwrap().push((id.to_owned(), end)) })
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            let code = message.code.as_ref().map(domain::Code::expose_text);
            code.iter().for_each(|code| register_secret(&**code));
            self.sent_messages.lock().unwrap().push(SentMessage {
                id: message.id.clone(),
                phone: message.phone.clone(),
                channel: message.channel,
                language: message.language,
                code,
                template_id: message.template_id.clone(),
                payment: message.payment.clone(),
            });
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
            let provider_message_id = format!("{}-{number}", self.name);
            self.answer().map(|()| Accepted { provider_message_id })
        })
    }
}

/// The templates of a scripted provider.
struct ScriptedTemplates(Mutex<Vec<TemplateState>>);

impl Templates for ScriptedTemplates {
    fn submit<'a>(
        &'a self,
        template: &'a Template,
    ) -> BoxFuture<'a, Result<TemplateState, TemplateError>> {
        Box::pin(async move {
            let state = TemplateState {
                name: template.name("marigold"),
                language: template.language,
                id: None,
                status: whatsapp::TemplateStatus::Pending,
                reason: None,
                minutes: Some(template.minutes),
            };
            self.0.lock().unwrap().push(state.clone());
            Ok(state)
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<TemplateState>, TemplateError>> {
        Box::pin(async { Ok(self.0.lock().unwrap().clone()) })
    }
}

pub fn retry(after_seconds: Option<u32>) -> Result<(), SendError> {
    Err(SendError::Retry { after_seconds, why: "busy".into() })
}

pub fn fail_over() -> Result<(), SendError> {
    Err(SendError::FailOver { why: "the account is locked".into() })
}

pub fn undeliverable() -> Result<(), SendError> {
    Err(SendError::Undeliverable { why: "not on WhatsApp".into() })
}

pub fn misconfigured() -> Result<(), SendError> {
    Err(SendError::Misconfigured { setting: "A_TOKEN", why: "has expired; make a new one".into() })
}

/// A shop with scripted providers, and a visitor who asked for a code.
pub struct Scene {
    pub test: TestShop,
    pub shop: Shop,
    pub templates: templates::Templates,
    pub visitor: Visitor,
}

impl Scene {
    /// Requests a code, which is not sent yet.
    pub async fn new(providers: &[&Arc<Scripted>]) -> Self {
        let test = TestShop::new().await;
        let dependencies = test.dependencies(providers.iter().map(|c| (*c).clone() as _).collect());
        let (templates, shop) = (dependencies.templates(), Shop::new(dependencies));
        let visitor = test.visitor();
        issue(&test, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
        Self { test, shop, templates, visitor }
    }

    /// Another visitor requests a code for another phone.
    pub async fn request_another(&self, number: u32) -> Visitor {
        let visitor = self.test.visitor();
        let request = request(LOGIN, number.into(), &phone(number));
        issue(&self.test, &visitor, &request).await.unwrap();
        visitor
    }

    /// Advances the clock and sends what is due.
    pub async fn wait(&self, seconds: u64) {
        self.test.clock.advance(std::time::Duration::from_secs(seconds));
        self.run().await;
    }

    /// Sends what is due.
    pub async fn run(&self) {
        self.shop.delivery().run_due().await;
    }

    pub async fn view(&self) -> CodeView {
        self.shop.codes().status(&self.visitor, LOGIN).await.unwrap().unwrap()
    }

    /// The newest row.
    pub async fn row(&self) -> Message {
        let mut rows = self.test.db.read().await.unwrap();
        rows.messages().list(None, 1).await.unwrap().remove(0)
    }
}
