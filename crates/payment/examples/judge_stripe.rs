//! Does as the shop does at Stripe, one line of JSON at a time, and answers each line with what came
//! of it. `scripts/judges` gives it webhooks, and servers that judge its requests.

use std::{
    collections::HashMap,
    error::Error,
    io::{self, BufRead, Write},
    sync::Arc,
    time::Duration,
};

use domain::{
    Currency, EmailAddress, Language, Money, OrderId, PaymentId, Quantity, RefundId, Timestamp,
};
use payment::{
    AuthorizeRequest, CaptureRequest, Gateway, GatewayCustomer, GatewayReference, OrderReference,
    PaymentLine, RawCallback, RefundRequest, Url,
    stripe::{CheckContext, SecretKey, Settings, Stripe, WebhookSecrets, parse_base_url},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is to be done.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "do")]
    what: String,
    #[serde(default = "nowhere")]
    base_url: String,
    #[serde(default)]
    public_url: String,
    #[serde(default)]
    key: Option<String>,
    secret: String,
    /// Seconds since 1970.
    now: i64,
    /// Distinguishes payments.
    #[serde(default)]
    number: u32,
    reference: Option<String>,
    customer: Option<String>,
    saved_method: Option<String>,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    body: String,
}

fn nowhere() -> String {
    "http://127.0.0.1:1".to_owned()
}

impl Line {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.saturating_mul(1000))
    }

    fn gateway(&self) -> Result<Stripe, Box<dyn Error>> {
        let key = self.key.as_deref().unwrap_or("sk_test_0123456789abcdef");
        let secrets = WebhookSecrets::parse(&self.secret)?;
        let settings =
            Settings::new(SecretKey::parse(key)?, secrets, parse_base_url(&self.base_url)?);
        let now = self.now();
        Ok(Stripe::new(settings, Arc::new(move || now))?)
    }

    fn payment(&self) -> PaymentId {
        PaymentId::from_bits(u128::from(self.number))
    }

    fn reference(&self) -> Result<GatewayReference, Box<dyn Error>> {
        Ok(GatewayReference::new(self.reference.clone().ok_or("a reference is missing")?))
    }

    fn request(&self) -> Result<AuthorizeRequest, Box<dyn Error>> {
        let line = |name: &str, unit| PaymentLine {
            name: name.to_owned(),
            quantity: Quantity::ONE,
            unit: Money::new(unit, Currency::EUR),
        };
        Ok(AuthorizeRequest {
            payment: self.payment(),
            order: OrderReference {
                id: OrderId::from_bits(u128::from(self.number)),
                number: format!("M-2026-{:04}", self.number),
            },
            amount: Money::new(25_00, Currency::EUR),
            method: "card".to_owned(),
            lines: vec![line("Tee & Hemd", 20_00), line("Versand", 5_00)],
            email: EmailAddress::parse("ada@example.com"),
            locale: Language::German,
            return_url: Url::parse("https://shop.example/checkout/return/1")?,
            cancel_url: Url::parse("https://shop.example/checkout/payment")?,
            save_for: self.customer.clone().map(GatewayCustomer),
            saved_method: self.saved_method.clone(),
            expires_at: self.now() + Duration::from_secs(35 * 60),
        })
    }
}

async fn answer(text: &str) -> Result<Value, Box<dyn Error>> {
    let line: Line = serde_json::from_str(text)?;
    let stripe = line.gateway()?;
    let amount = Money::new(25_00, Currency::EUR);
    Ok(match line.what.as_str() {
        "webhook" => webhook(&line, &stripe),
        "authorize" => said(stripe.authorize(&line.request()?).await),
        "capture" => {
            let (payment, reference) = (line.payment(), line.reference()?);
            said(stripe.capture(&CaptureRequest { payment, reference, amount }).await)
        }
        "cancel" => said(stripe.cancel(&line.payment(), line.reference().ok().as_ref()).await),
        "find" => said(stripe.find(&line.payment(), line.reference().ok().as_ref()).await),
        "refund" => {
            let (payment, reference) = (line.payment(), line.reference().ok());
            let refund = RefundId::from_bits(u128::from(line.number));
            said(stripe.refund(&RefundRequest { refund, payment, reference, amount }).await)
        }
        "poll" => said(stripe.poll(None).await),
        "check" => {
            let context = CheckContext { public_url: &line.public_url, currency: Currency::EUR };
            let lines = stripe.check(&context).await;
            json!(lines.iter().map(|line| (line.subject, line.outcome.is_ok())).collect::<Vec<_>>())
        }
        other => return Err(format!("{other} is unknown").into()),
    })
}

fn webhook(line: &Line, stripe: &Stripe) -> Value {
    let headers: Vec<_> =
        line.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let call = RawCallback { headers: &headers, body: line.body.as_bytes(), now: line.now() };
    match stripe.callback(&call) {
        Ok(events) => json!({ "events": events.iter().map(|it| &it.id).collect::<Vec<_>>() }),
        Err(refused) => json!({ "refused": refused.as_str() }),
    }
}

fn said<T: std::fmt::Debug, E: std::fmt::Debug>(outcome: Result<T, E>) -> Value {
    match outcome {
        Ok(value) => json!({ "ok": format!("{value:?}") }),
        Err(error) => json!({ "failed": format!("{error:?}") }),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        let answer = answer(&line?).await;
        let answer = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}
