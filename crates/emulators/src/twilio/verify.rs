//! Verify v2: starts, checks and ends verifications.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Form, Problem, error, is_e164, not_found, refused};
use crate::format::iso;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::outcome::ServiceError;
use crate::state::State;

/// How long a verification accepts its code.
const VERIFICATION_TTL_SECONDS: i64 = 600;

/// How often a code may be sent, and how often it may be checked.
const MAX_ATTEMPTS: usize = 5;

/// The channels that a verification may name.
const CHANNELS: [&str; 6] = ["sms", "call", "email", "whatsapp", "sna", "auto"];

/// A pending verification.
#[derive(Debug, Clone)]
struct Verification {
    sid: String,
    to: String,
    code: String,
    channel: String,
    started_at: i64,
    sends: Vec<Value>,
    checks: usize,
    payment: Option<(String, String)>,
}

/// The pending verifications: at most one per recipient.
#[derive(Debug, Default)]
pub(super) struct Verifications(Mutex<HashMap<String, Verification>>);

impl Verifications {
    /// The addresses below `/v2/Services/{service}`.
    pub fn route(&self, state: &State, request: &ApiRequest, path: &[&str]) -> ApiResponse {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, each| state.now() < each.started_at + VERIFICATION_TTL_SECONDS);
        let form = Form::of(request);
        let answer = match (request.method.as_str(), path) {
            ("GET", []) => Ok(service(state)),
            ("POST", ["Verifications"]) => start(state, &form, &mut all),
            ("POST", ["VerificationCheck"]) => check(state, &form, &mut all, &request.path),
            ("GET", ["Verifications", which]) => fetch(state, &mut all, which, &request.path),
            ("POST", ["Verifications", which]) => end(state, &form, &mut all, which, &request.path),
            _ => return not_found(state, &request.path),
        };
        answer.unwrap_or_else(|problem| error(state, problem))
    }
}

type All = HashMap<String, Verification>;

fn invalid(name: &str) -> Problem {
    Problem::new(60_200, 400, format!("Invalid parameter: {name}"))
}

fn gone(path: &str) -> Problem {
    Problem::new(20_404, 404, format!("The requested resource {path} was not found"))
}

fn service(state: &State) -> ApiResponse {
    let account = &state.config.account;
    let body = json!({
        "sid": account.twilio_verify_service_sid,
        "account_sid": account.twilio_account_sid,
        "friendly_name": "Emulator",
        "code_length": 6,
        "custom_code_enabled": true,
        // If it were on, every verification would need an amount.
        "psd2_enabled": false,
        "whatsapp": { "msg_service_sid": null, "from": account.twilio_from },
    });
    ApiResponse::json(200, &body)
}

/// The amount and the payee of a payment: both are given, or neither.
fn payment(form: &Form) -> Result<Option<(String, String)>, Problem> {
    match (form.find("Amount"), form.find("Payee")) {
        (Some(amount), Some(payee)) => Ok(Some((amount.into(), payee.into()))),
        (None, None) => Ok(None),
        _ => Err(Problem::new(60_206, 400, "Amount and Payee are both required")),
    }
}

fn start(state: &State, form: &Form, all: &mut All) -> Result<ApiResponse, Problem> {
    let to = form.find("To").filter(|to| is_e164(to)).ok_or_else(|| invalid("To"))?;
    let channel = form.find("Channel").filter(|name| CHANNELS.contains(name));
    let channel = channel.ok_or_else(|| invalid("Channel"))?;
    let kind = match channel {
        "whatsapp" => Channel::Whatsapp,
        "sms" | "auto" => Channel::Sms,
        _ => {
            return Err(Problem::new(60_223, 400, format!("Delivery channel disabled: {channel}")));
        }
    };
    let custom = form.find("CustomCode");
    if custom.is_some_and(|code| !(4..=10).contains(&code.chars().count())) {
        return Err(invalid("CustomCode"));
    }
    if channel == "whatsapp" && form.find("TemplateSid").is_some() {
        return Err(Problem::new(60_408, 400, "TemplateSid is only for SMS"));
    }
    for name in ["RateLimits", "Tags", "TemplateCustomSubstitutions"] {
        let is_object =
            |text: &str| serde_json::from_str::<Value>(text).is_ok_and(|it| it.is_object());
        if form.find(name).is_some_and(|text| !is_object(text)) {
            return Err(invalid(name));
        }
    }
    let payment = payment(form)?;
    let outcome = Outcome::on(kind, to);
    if let Some(failure) = outcome.service_error() {
        return Err(refused(failure));
    }
    if state.rate_limiter.try_send(to, Instant::now()).is_err() {
        return Err(refused(ServiceError::TooMany));
    }
    let verification = all.entry(String::from(to)).or_insert_with(|| Verification {
        sid: state.identifiers.sid("VE"),
        to: String::from(to),
        code: state.identifiers.decimal().chars().rev().take(6).collect(),
        channel: String::new(),
        started_at: state.now(),
        sends: Vec::new(),
        checks: 0,
        payment: None,
    });
    if verification.sends.len() >= MAX_ATTEMPTS {
        return Err(Problem::new(60_203, 429, "Max send attempts reached"));
    }
    let attempt = state.identifiers.sid("VL");
    let shown = if channel == "sms" { "SMS" } else { channel };
    let sent = json!({ "time": iso(state.now()), "channel": shown, "attempt_sid": attempt });
    verification.sends.push(sent);
    verification.channel = String::from(channel);
    verification.payment = payment;
    if let Some(code) = custom {
        verification.code = String::from(code);
    }
    let mut message = Message::new(attempt, to, kind, state.now());
    message.code = Some(verification.code.clone());
    message.language = form.find("Locale").map(String::from);
    message.text = Some(format!("{} is your verification code.", verification.code));
    message.reference = Some(verification.sid.clone());
    Ok(ApiResponse::json(201, &show(state, verification, "pending")).accepting(message, outcome))
}

fn check(state: &State, form: &Form, all: &mut All, path: &str) -> Result<ApiResponse, Problem> {
    let code = form.find("Code").filter(|code| (4..=10).contains(&code.chars().count()));
    let code = code.ok_or_else(|| invalid("Code"))?;
    let found = match (form.find("VerificationSid"), form.find("To")) {
        (None, None) => {
            return Err(Problem::new(60_221, 400, "To or VerificationSid is required"));
        }
        (Some(sid), _) => all.values_mut().find(|each| each.sid == sid),
        (None, Some(to)) => all.get_mut(to),
    };
    let found = found.ok_or_else(|| gone(path))?;
    if found.checks >= MAX_ATTEMPTS {
        return Err(Problem::new(60_202, 429, "Max check attempts reached"));
    }
    found.checks += 1;
    let is_paid_right = payment(form)? == found.payment;
    let is_right = found.code == code && is_paid_right;
    let status = if is_right { "approved" } else { "pending" };
    let mut shown = show(state, found, status);
    if let Some(object) = shown.as_object_mut() {
        for key in ["lookup", "send_code_attempts", "sna", "url"] {
            object.remove(key);
        }
        object.insert(String::from("sna_attempts_error_codes"), json!([]));
    }
    let to = found.to.clone();
    if is_right {
        all.remove(&to);
    }
    Ok(ApiResponse::json(201, &shown))
}

fn fetch(state: &State, all: &mut All, which: &str, path: &str) -> Result<ApiResponse, Problem> {
    let found = all.values().find(|each| each.sid == which || each.to == decoded(which));
    let found = found.ok_or_else(|| gone(path))?;
    Ok(ApiResponse::json(200, &show(state, found, "pending")))
}

/// A path segment whose plus sign may be encoded as `%2B`.
fn decoded(part: &str) -> String {
    part.replace("%2B", "+").replace("%2b", "+")
}

fn end(
    state: &State,
    form: &Form,
    all: &mut All,
    which: &str,
    path: &str,
) -> Result<ApiResponse, Problem> {
    let found = all.values().find(|each| each.sid == which || each.to == decoded(which)).cloned();
    let found = found.ok_or_else(|| gone(path))?;
    let status = form.find("Status").filter(|status| ["canceled", "approved"].contains(status));
    let status = status.ok_or_else(|| invalid("Status"))?;
    all.remove(&found.to);
    Ok(ApiResponse::json(200, &show(state, &found, status)))
}

fn show(state: &State, verification: &Verification, status: &str) -> Value {
    let account = &state.config.account;
    let service = &account.twilio_verify_service_sid;
    let sid = &verification.sid;
    let (amount, payee) = verification.payment.clone().unzip();
    json!({
        "sid": sid,
        "service_sid": service,
        "account_sid": account.twilio_account_sid,
        "to": verification.to,
        "channel": verification.channel,
        "status": status,
        "valid": status == "approved",
        "date_created": iso(verification.started_at),
        "date_updated": iso(state.now()),
        "lookup": {},
        "amount": amount,
        "payee": payee,
        "send_code_attempts": verification.sends,
        "sna": null,
        "url": format!("https://verify.twilio.com/v2/Services/{service}/Verifications/{sid}"),
    })
}

/// `GET /v2/Attempts?VerificationSid=…`: the status of each message.
pub(super) fn attempts(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let account = &state.config.account;
    let wanted = request.parameter("VerificationSid");
    let is_wanted = |message: &Message| {
        message.id.starts_with("VL") && (wanted.is_none() || message.reference == wanted)
    };
    let attempts: Vec<Value> = state
        .messages
        .all()
        .iter()
        .filter(|message| is_wanted(message))
        .map(|message| {
            json!({
                "sid": message.id,
                "account_sid": account.twilio_account_sid,
                "service_sid": account.twilio_verify_service_sid,
                "verification_sid": message.reference,
                "date_created": iso(message.accepted_at),
                "date_updated": iso(message.accepted_at),
                "conversion_status": "unconverted",
                "channel": message.channel,
                "price": null,
                "channel_data": { "message_status": message.status, "to": message.to },
                "url": format!("https://verify.twilio.com/v2/Attempts/{}", message.id),
            })
        })
        .collect();
    ApiResponse::json(
        200,
        &json!({ "attempts": attempts, "meta": { "key": "attempts", "page": 0 } }),
    )
}
