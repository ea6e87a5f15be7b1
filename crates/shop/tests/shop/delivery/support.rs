//! Couriers that answer as told, and what they were handed.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{Channel, Language, MessageId, MessageKind, PhoneNumber, Purpose};
use eavesdropper::keep_secret;
use shop::{Shop, Visitor, codes::CodeView};
use store::Message;
use tokio::sync::Semaphore;
use whatsapp::{
    Accepted, BoxFuture, MessageProvider, OutgoingMessage, RateLimits, SendError, Template,
    TemplateError, TemplateState, Templates, VerificationOutcome,
};

use crate::{
    codes::support::{issue, request},
    support::{TestShop, phone},
};

pub const LOGIN: Purpose = Purpose::Login;

/// What a courier was handed.
#[derive(Clone, Debug)]
pub struct Handed {
    pub id: MessageId,
    pub phone: PhoneNumber,
    pub channel: Channel,
    pub language: Language,
    pub code: Option<String>,
    pub template_id: Option<String>,
    pub payment: Option<(String, String)>,
}

/// A courier that answers as told: each answer once, the last one for ever.
pub struct Scripted {
    name: &'static str,
    channels: Vec<Channel>,
    rate_limits: RateLimits,
    repeats_safely: bool,
    tracks_verifications: bool,
    templates: Option<SeedCategory>,
    answers: Mutex<VecDeque<Result<(), SendError>>>,
    gate: Option<Arc<Semaphore>>,
    count: AtomicU64,
    handed: Mutex<Vec<Handed>>,
    /// The codes whose end it was told.
    ended: Mutex<Vec<(String, VerificationOutcome)>>,
}

impl Scripted {
    /// One that takes everything by every channel.
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
            handed: Mutex::default(),
            ended: Mutex::default(),
        }
    }

    /// One that answers so, in this order, and then as the last.
    pub fn answering(name: &'static str, answers: &[Result<(), SendError>]) -> Self {
        Self { answers: Mutex::new(answers.iter().cloned().collect()), ..Self::new(name) }
    }

    pub fn only_by(self, channel: Channel) -> Self {
        Self { channels: vec![channel], ..self }
    }

    pub fn repeating_safely(self) -> Self {
        Self { repeats_safely: true, ..self }
    }

    /// One that keeps the codes it carries.
    pub fn keeping_codes(self) -> Self {
        Self { tracks_verifications: true, ..self }
    }

    pub fn with_rate_limits(self, rate_limits: RateLimits) -> Self {
        Self { rate_limits, ..self }
    }

    pub fn with_templates(self, states: Vec<TemplateState>) -> Self {
        Self { templates: Some(SeedCategory(Mutex::new(states))), ..self }
    }

    /// One that answers when the gate lets it.
    pub fn behind(self, gate: &Arc<Semaphore>) -> Self {
        Self { gate: Some(Arc::clone(gate)), ..self }
    }

    /// What it was handed, in order.
    pub fn handed(&self) -> Vec<Handed> {
        self.handed.lock().unwrap().clone()
    }

    /// The codes whose end it was told, in any order.
    pub fn ended(&self) -> Vec<(String, VerificationOutcome)> {
        let mut ended = self.ended.lock().unwrap().clone();
        ended.sort_by(|one, other| one.0.cmp(&other.0));
        ended
    }

    pub fn count(&self) -> usize {
        self.handed.lock().unwrap().len()
    }

    /// What its provider says of its templates from now on.
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
            code.iter().for_each(|code| keep_secret(&**code));
            self.handed.lock().unwrap().push(Handed {
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
struct SeedCategory(Mutex<Vec<TemplateState>>);

impl Templates for SeedCategory {
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

/// A shop, its couriers, and somebody who asked for a code.
pub struct Scene {
    pub test: TestShop,
    pub shop: Shop,
    pub visitor: Visitor,
}

impl Scene {
    /// Somebody with a phone asks for a code, and nothing is sent yet.
    pub async fn new(providers: &[&Arc<Scripted>]) -> Self {
        let test = TestShop::new().await;
        let shop = test.with_couriers(providers.iter().map(|c| (*c).clone() as _).collect());
        let visitor = test.visitor();
        issue(&test, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
        Self { test, shop, visitor }
    }

    /// Somebody else with another phone asks too.
    pub async fn ask_too(&self, number: u32) -> Visitor {
        let visitor = self.test.visitor();
        let request = request(LOGIN, number.into(), &phone(number));
        issue(&self.test, &visitor, &request).await.unwrap();
        visitor
    }

    /// Lets time pass and sends what is due.
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
