//! The server, the gateway that asks it, and objects as Stripe writes them.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Currency, Language, Money, OrderId, PaymentId, Timestamp};
use payment::{
    AuthorizeRequest, OrderReference, Url,
    stripe::{SecretKey, Settings, Stripe, WebhookSecrets, parse_base_url},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// 2026-11-28T12:00:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_867_200_000);
pub const SECRET: &str = "whsec_0123456789abcdef";
pub const KEY: &str = "sk_test_0123456789abcdef";

/// What the server does with a request.
pub enum Reaction {
    /// It answers with this status, these further headers, and this body.
    Answer(u16, Vec<(&'static str, &'static str)>, Value),
    /// It reads the request, and closes the connection without an answer.
    Drop,
    /// It closes the connection in the middle of the answer.
    CutOff,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub line: String,
    /// The fields of the form or of the query.
    pub fields: Vec<(String, String)>,
    headers: String,
}

impl Received {
    /// The value of a field that is there once.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        let mut lines = self.headers.lines();
        lines.find_map(|line| {
            let (known, value) = line.split_at_checked(start.len())?;
            known.eq_ignore_ascii_case(&start).then_some(value)
        })
    }

    pub fn key(&self) -> &str {
        self.header("idempotency-key").unwrap()
    }
}

/// A server that expects these requests in this order, such as `POST /v1/refunds`.
pub struct Server {
    pub url: Url,
    expected: Vec<&'static str>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub async fn start(script: Vec<(&'static str, Reaction)>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = parse_base_url(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let expected = script.iter().map(|(line, _)| *line).collect();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let log = Arc::clone(&received);
        tokio::spawn(async move {
            let mut script = script.into_iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = receive(&mut stream).await else { continue };
                lock(&log).push(request);
                let reaction = script.next().map(|(_, reaction)| reaction);
                react(&mut stream, reaction.unwrap_or_else(unscripted)).await;
            }
        });
        Self { url, expected, received }
    }

    pub fn gateway(&self) -> Stripe {
        Stripe::new(settings(&self.url), Arc::new(|| NOW)).unwrap()
    }

    /// The requests that arrived, which must be those of the script.
    pub fn requests(&self) -> Vec<Received> {
        let requests = lock(&self.received).clone();
        let lines: Vec<_> = requests.iter().map(|request| request.line.as_str()).collect();
        assert_eq!(lines, self.expected);
        requests
    }
}

pub fn settings(url: &Url) -> Settings {
    let secrets = WebhookSecrets::parse(SECRET).unwrap();
    let settings = Settings::new(SecretKey::parse(KEY).unwrap(), secrets, url.clone());
    Settings { first_wait: Duration::ZERO, ..settings }
}

fn lock(log: &Mutex<Vec<Received>>) -> MutexGuard<'_, Vec<Received>> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unscripted() -> Reaction {
    fails(418, "invalid_request_error", "not_in_the_script")
}

async fn receive(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_ascii_lowercase();
            let announced = lower
                .split_once("content-length: ")
                .map_or(0, |(_, rest)| rest.lines().next().unwrap().trim().parse().unwrap());
            if body.len() >= announced {
                return Some(received(head, body));
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn received(head: &str, body: &str) -> Received {
    let (first, headers) = head.split_once("\r\n").unwrap();
    let (method, rest) = first.split_once(' ').unwrap();
    let target = rest.split(' ').next().unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let form = if query.is_empty() { body } else { query };
    Received {
        line: format!("{method} {path}"),
        fields: form_urlencoded::parse(form.as_bytes()).into_owned().collect(),
        headers: headers.to_owned(),
    }
}

async fn react(stream: &mut TcpStream, reaction: Reaction) {
    let text = match reaction {
        Reaction::Drop => return,
        Reaction::CutOff => "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\":".to_owned(),
        Reaction::Answer(status, headers, body) => {
            let headers: String =
                headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let body = body.to_string();
            format!(
                "HTTP/1.1 {status} Test\r\n{headers}request-id: req_{status}\r\nconnection: close\
                 \r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        }
    };
    stream.write_all(text.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}

pub fn ok(body: Value) -> Reaction {
    Reaction::Answer(200, Vec::new(), body)
}

/// An error as Stripe writes it.
pub fn fails(status: u16, kind: &str, code: &str) -> Reaction {
    Reaction::Answer(status, Vec::new(), json!({ "error": { "type": kind, "code": code } }))
}

/// A failure within Stripe that must not be repeated with the same key.
pub fn broken() -> Reaction {
    let headers = vec![("stripe-should-retry", "false")];
    Reaction::Answer(500, headers, json!({ "error": { "type": "api_error" } }))
}

/// The same failure, as it is stored under its key.
pub fn stored_failure() -> Reaction {
    let headers = vec![("stripe-should-retry", "false"), ("idempotent-replayed", "true")];
    Reaction::Answer(500, headers, json!({ "error": { "type": "api_error" } }))
}

pub fn payment() -> PaymentId {
    PaymentId::from_bits(7)
}

pub fn order() -> OrderId {
    OrderId::from_bits(9)
}

pub fn money(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// An order of 25.00 €, to be paid within 31 minutes.
pub fn request() -> AuthorizeRequest {
    AuthorizeRequest {
        payment: payment(),
        order: OrderReference { id: order(), number: "M-2026-0001".to_owned() },
        amount: money(25_00),
        method: "card".to_owned(),
        lines: Vec::new(),
        email: None,
        locale: Language::English,
        return_url: Url::parse("https://shop.example/checkout/return/1").unwrap(),
        cancel_url: Url::parse("https://shop.example/checkout/payment").unwrap(),
        save_for: None,
        saved_method: None,
        expires_at: NOW + Duration::from_secs(31 * 60),
    }
}

/// A PaymentIntent of 25.00 € with this status, changed by further fields.
pub fn intent(status: &str, changes: Value) -> Value {
    let held = if status == "requires_capture" { 25_00 } else { 0 };
    let taken = if status == "succeeded" { 25_00 } else { 0 };
    let intent = json!({
        "id": "pi_1", "object": "payment_intent", "status": status,
        "amount": 25_00, "amount_capturable": held, "amount_received": taken, "currency": "eur",
        "capture_method": "manual", "latest_charge": null, "last_payment_error": null,
        "next_action": null, "cancellation_reason": null,
        "metadata": { "marigold_payment": payment().as_str(), "marigold_order": order().as_str() },
    });
    merged(intent, changes)
}

/// A Checkout Session with this status.
pub fn session(status: &str, intent: Value) -> Value {
    let url = (status == "open").then_some("https://checkout.stripe.com/c/pay/cs_1");
    json!({
        "id": "cs_1", "object": "checkout.session", "status": status, "url": url,
        "payment_status": "unpaid", "amount_total": 25_00, "currency": "eur",
        "expires_at": 1_795_869_060, "client_reference_id": payment().as_str(),
        "metadata": { "marigold_payment": payment().as_str(), "marigold_order": order().as_str() },
        "payment_intent": intent,
    })
}

pub fn list(objects: Vec<Value>, has_more: bool) -> Reaction {
    ok(json!({ "object": "list", "data": objects, "has_more": has_more }))
}

fn merged(mut object: Value, changes: Value) -> Value {
    if let (Value::Object(object), Value::Object(changes)) = (&mut object, changes) {
        object.extend(changes);
    }
    object
}
