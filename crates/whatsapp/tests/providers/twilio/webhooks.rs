//! Webhook calls from Twilio: their authentication and their events.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{DeliveryStatus, MessageId};
use hmac::{Hmac, Mac};
use http::Method;
use sha2::Digest;
use whatsapp::{DeliveryReport, WebhookError, WebhookEvent, WebhookRequest, WebhookResponse};

use super::*;
use crate::support::{Call, NOW};

const URL: &str = "https://shop.example.com/webhooks/twilio";
const FORM: &str = "application/x-www-form-urlencoded";

/// A call of Twilio about [`MESSAGE`], with these additional fields.
pub fn call(fields: &[(&str, &str)]) -> Call {
    let mut all = vec![("AccountSid", ACCOUNT), ("ApiVersion", "2010-04-01")];
    all.extend([("MessageSid", MESSAGE), ("SmsSid", MESSAGE)]);
    all.extend(fields);
    form_call(URL, TOKEN, &all)
}

fn form_call(url: &str, token: &str, fields: &[(&str, &str)]) -> Call {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    // Twilio's own description of the rule, independent of the code under test.
    let mut sorted: Vec<_> = fields.iter().map(|(name, value)| format!("{name}{value}")).collect();
    sorted.sort();
    sorted.dedup();
    signed(Call::new(Method::POST, url, body.as_bytes()), token, &sorted.concat())
        .with_header("content-type", FORM)
}

fn signed(call: Call, token: &str, fields: &str) -> Call {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(call.url.as_bytes());
    mac.update(fields.as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    call.with_header("x-twilio-signature", &signature)
}

fn read(call: &Call) -> Result<WebhookResponse, WebhookError> {
    open(settings("https://twilio.example.com")).read_webhook(&call.request())
}

/// The only report of a call.
fn report(call: &Call) -> DeliveryReport {
    let WebhookResponse::Events { events, once: None } = read(call).unwrap() else { panic!() };
    let [WebhookEvent::Delivery(report)] = events.as_slice() else { panic!("{events:?}") };
    report.clone()
}

fn no_events() -> Result<WebhookResponse, WebhookError> {
    Ok(WebhookResponse::events(Vec::new()))
}

#[test]
fn every_status_is_mapped_to_a_delivery_status() {
    use DeliveryStatus::{Accepted, Delivered, Failed, Read, Sent};
    for (word, status) in [
        ("accepted", Accepted),
        ("scheduled", Accepted),
        ("queued", Accepted),
        ("sending", Accepted),
        ("sent", Sent),
        ("partially_delivered", Sent),
        ("delivered", Delivered),
        ("read", Read),
        ("undelivered", Failed),
        ("failed", Failed),
        ("canceled", Failed),
    ] {
        let report = report(&call(&[("MessageStatus", word)]));
        assert_eq!((report.status, report.provider), (status, "twilio"), "{word}");
        assert_eq!(report.provider_message_id, MESSAGE);
        assert_eq!(report.failure.is_some(), status == Failed, "{word}");
        assert_eq!(report.reference, None);
    }
}

#[test]
fn published_examples_of_calls_are_read() {
    for (fields, status) in [
        (
            "EventType=DELIVERED&SmsSid=SM1&SmsStatus=delivered&MessageStatus=delivered&\
             ChannelToAddress=%2B4477009001XX&To=whatsapp%3A%2B447700900111&\
             ChannelPrefix=whatsapp&MessageSid=SM1&From=whatsapp%3A%2B447700900001&\
             ApiVersion=2010-04-01&ChannelInstallSid=XE3",
            DeliveryStatus::Delivered,
        ),
        (
            "EventType=UNDELIVERED&SmsSid=SM1&SmsStatus=undelivered&ErrorCode=63024&\
             ErrorMessage=it+failed&ChannelStatusMessage=&MessageSid=SM1&New%5B%5D=1&New%5B%5D=2",
            DeliveryStatus::Failed,
        ),
        ("SmsSid=SM1&SmsStatus=delivered&RawDlrDoneDate=2601010000", DeliveryStatus::Delivered),
    ] {
        let fields: Vec<_> = form_urlencoded::parse(fields.as_bytes()).collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let report = report(&form_call(URL, TOKEN, &fields));
        assert_eq!((report.status, report.provider_message_id.as_str()), (status, "SM1"));
    }
}

#[test]
fn a_failure_without_a_known_code_fails_over() {
    for code in ["", "0", "abc", "99999999999", "99999"] {
        let call = call(&[("MessageStatus", "failed"), ("ErrorCode", code)]);
        assert_eq!(report(&call).failure.unwrap().class(), "fail_over", "{code}");
    }
}

#[test]
fn the_reference_is_read_from_the_signed_address() {
    let id = MessageId::from_bits(7);
    let url = format!("{URL}?reference={id}");
    let fields = [("MessageSid", MESSAGE), ("MessageStatus", "sent")];
    let with_name = form_call(&url, TOKEN, &fields);
    assert_eq!(report(&with_name).reference, Some(id));
    let other = Call { url: format!("{URL}?reference={}", MessageId::from_bits(8)), ..with_name };
    assert_eq!(read(&other), Err(WebhookError::BadSignature));
    let nonsense = form_call(&format!("{URL}?reference=7"), TOKEN, &fields);
    assert_eq!(report(&nonsense).reference, None);
}

#[test]
fn fields_that_the_shop_does_not_use_are_ignored() {
    for fields in [
        vec![("MessageStatus", "received")],
        vec![("MessageStatus", "dancing")],
        vec![("MessageSid", MESSAGE)],
        vec![],
    ] {
        assert_eq!(read(&form_call(URL, TOKEN, &fields)), no_events(), "{fields:?}");
    }
    let other = "AC99999999999999999999999999999999";
    let fields = [("AccountSid", other), ("MessageSid", MESSAGE), ("MessageStatus", "read")];
    assert_eq!(read(&form_call(URL, TOKEN, &fields)), no_events());
    let odd = [("MessageSid", "SM1' or 1=1"), ("MessageStatus", "read")];
    assert_eq!(read(&form_call(URL, TOKEN, &odd)), no_events());
}

#[test]
fn x66_a_call_without_a_signature_of_twilio_is_rejected() {
    let fields = [("MessageStatus", "delivered")];
    let good = || call(&fields);
    assert!(read(&good()).is_ok());
    let mut changed = good();
    changed.body.push(b'x');
    assert_eq!(read(&changed), Err(WebhookError::BadSignature));
    let mut unsigned = good();
    unsigned.headers.remove("x-twilio-signature");
    assert_eq!(read(&unsigned), Err(WebhookError::NoSignature));
    assert_eq!(read(&good().with_header("x-twilio-signature", "")), Err(WebhookError::NoSignature));
    for wrong in ["x", "AAAA", "VfRPtop6qyo23PqQNVK0XwzA/gI=", "=", "%"] {
        let call = good().with_header("x-twilio-signature", wrong);
        assert_eq!(read(&call), Err(WebhookError::BadSignature), "{wrong}");
    }
    let elsewhere = Call { url: "https://evil.example.com/webhooks/twilio".into(), ..good() };
    assert_eq!(read(&elsewhere), Err(WebhookError::BadSignature));
    let keyless = form_call(URL, "", &fields);
    assert_eq!(read(&keyless), Err(WebhookError::BadSignature));
    let mut got = good();
    got.method = Method::GET;
    assert_eq!(read(&got), Err(WebhookError::NotOffered));
}

#[test]
fn x66_every_flipped_bit_of_a_signature_is_rejected() {
    let good = call(&[("MessageStatus", "delivered")]);
    let signature = good.headers["x-twilio-signature"].to_str().unwrap().to_owned();
    let bytes = BASE64_STANDARD.decode(signature).unwrap();
    let provider = open(settings("https://twilio.example.com"));
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let call = call(&[("MessageStatus", "delivered")])
            .with_header("x-twilio-signature", &BASE64_STANDARD.encode(flipped));
        assert_eq!(
            provider.read_webhook(&call.request()),
            Err(WebhookError::BadSignature),
            "{bit}"
        );
    }
}

#[test]
fn the_secondary_token_is_accepted_during_a_rotation() {
    let next = "00112233445566778899aabbccddeeff";
    let call = form_call(URL, next, &[("MessageSid", MESSAGE), ("MessageStatus", "sent")]);
    assert_eq!(read(&call), Err(WebhookError::BadSignature));
    let settings = settings("https://twilio.example.com").with("TWILIO_SECONDARY_AUTH_TOKEN", next);
    assert!(open(settings).read_webhook(&call.request()).is_ok());
}

#[test]
fn a_field_that_occurs_twice_is_malformed() {
    for name in ["MessageSid", "MessageStatus", "AccountSid", "ErrorCode"] {
        let fields = [("MessageStatus", "failed"), ("ErrorCode", "1"), (name, "again")];
        assert_eq!(read(&call(&fields)), Err(WebhookError::Malformed), "{name}");
    }
}

#[test]
fn json_is_verified_by_its_digest_and_carries_no_event() {
    let body = br#"{"MessageSid":"SM1","MessageStatus":"delivered"}"#;
    let digest = hex::encode(sha2::Sha256::digest(body));
    let url = format!("{URL}?bodySHA256={digest}");
    let json = |body: &[u8]| {
        signed(Call::new(Method::POST, &url, body), TOKEN, "")
            .with_header("content-type", "application/json")
    };
    assert_eq!(read(&json(body)), no_events());
    assert_eq!(read(&json(b"{}")), Err(WebhookError::BadSignature));
    let without_digest = signed(Call::new(Method::POST, URL, body), TOKEN, "");
    assert_eq!(read(&without_digest), Err(WebhookError::BadSignature));
}

#[test]
fn the_self_test_is_accepted_and_concerns_no_real_message() {
    let provider = open(settings("https://twilio.example.com"));
    let (headers, body) = provider.self_test(URL).unwrap();
    let (method, url) = (Method::POST, URL);
    let request = WebhookRequest { method: &method, url, headers: &headers, body: &body, now: NOW };
    let WebhookResponse::Events { events, .. } = provider.read_webhook(&request).unwrap() else {
        panic!()
    };
    let [WebhookEvent::Delivery(report)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(report.provider_message_id, format!("SM{}", "0".repeat(32)));
    assert_eq!(report.status, DeliveryStatus::Accepted);
}
