//! Twilio: requests, replies, webhook calls, templates, Verify and checks.

mod check;
mod responses;
mod sending;
mod settings;
mod templates;
mod verify;
mod webhook_rules;
mod webhooks;

use std::{collections::BTreeMap, sync::Arc};

use domain::Channel;
use serde_json::{Value, json};
use whatsapp::{MessageProvider, OutgoingMessage, providers};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::support::{CODE, PHONE, Settings, context, login, schema::Schema};

const ACCOUNT: &str = "AC22222222222222222222222222222222";
const TOKEN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const SERVICE: &str = "VA66666666666666666666666666666666";
const PAYMENTS: &str = "VA77777777777777777777777777777777";
const MESSAGE: &str = "SM11111111111111111111111111111111";
const CONTENT: &str = "HX44444444444444444444444444444444";
const FROM: &str = "whatsapp:+447700900001";
const SMS_FROM: &str = "+447700900002";

/// The settings of a shop with both senders, and all services of Twilio at this address.
pub fn settings(address: &str) -> Settings {
    let bases = [
        "TWILIO_BASE_URL",
        "TWILIO_VERIFY_BASE_URL",
        "TWILIO_CONTENT_BASE_URL",
        "TWILIO_MESSAGING_BASE_URL",
    ];
    Settings::new(bases.map(|name| (name, address)))
        .with("TWILIO_ACCOUNT_SID", ACCOUNT)
        .with("TWILIO_AUTH_TOKEN", TOKEN)
        .with("TWILIO_FROM", FROM)
        .with("TWILIO_SMS_FROM", SMS_FROM)
}

/// The provider, if its settings are right.
fn try_open(settings: &mut Settings) -> Option<Arc<dyn MessageProvider>> {
    providers::open("twilio", settings, &context()).unwrap()
}

/// The provider with all its services at this address.
pub fn at(address: &str) -> Arc<dyn MessageProvider> {
    open(settings(address))
}

fn open(mut settings: Settings) -> Arc<dyn MessageProvider> {
    try_open(&mut settings).unwrap()
}

/// A login code by WhatsApp, which Twilio sends by a template of its own id.
pub fn whatsapp_login() -> OutgoingMessage {
    OutgoingMessage { template_id: Some(CONTENT.to_owned()), ..login(Channel::WhatsApp) }
}

/// Lets a server answer every request of this method and path.
async fn answer(server: &MockServer, method: &str, path: &str, status: u16, body: Value) {
    Mock::given(matchers::method(method))
        .and(matchers::path(path))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

fn messages_path() -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
}

fn verifications_path(service: &str) -> String {
    format!("/v2/Services/{service}/Verifications")
}

/// The requests that the server received, in their order.
async fn asked(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

/// Parses a form, whose fields must not repeat.
fn fields(request: &Request) -> BTreeMap<String, String> {
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    let pairs: Vec<_> = form_urlencoded::parse(&request.body).into_owned().collect();
    let fields: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(pairs.len(), fields.len(), "{pairs:?}");
    fields
}

/// Asserts that a request matches the schema of this name in
/// `tests/data/twilio/requests.json`.
fn assert_published(name: &str, body: &Value) {
    let all: Value = serde_json::from_str(include_str!("../../data/twilio/requests.json")).unwrap();
    Schema::new(&all["requests"][name].to_string()).assert_takes(body);
}

/// The same for a form, whose values are all text.
fn assert_published_form(name: &str, fields: &BTreeMap<String, String>) {
    let typed = fields.iter().map(|(name, value)| match name.as_str() {
        "ValidityPeriod" => (name.clone(), json!(value.parse::<u64>().unwrap())),
        _ => (name.clone(), json!(value)),
    });
    assert_published(name, &Value::Object(typed.collect()));
}

/// An error of Twilio with the recipient's number in its text.
fn problem(code: u32, status: u16) -> Value {
    json!({
        "code": code,
        "message": format!("The 'To' number {} and code {} are refused", PHONE, CODE),
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status,
    })
}
