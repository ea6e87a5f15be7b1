//! Webhook calls from 360dialog, which the registered header authenticates.

use domain::{DeliveryStatus, MessageId};
use http::Method;
use whatsapp::{DeliveryReport, WebhookError, WebhookEvent, WebhookResponse};

use super::{SECRETS, dialog360};
use crate::{
    meta::webhooks::{status, statuses},
    support::{Call, PUBLIC_URL, assert_says_nothing_secret},
};

fn call(body: &[u8]) -> Call {
    Call::new(Method::POST, &format!("{PUBLIC_URL}/webhooks/360dialog"), body)
}

fn ask(call: &Call) -> Result<WebhookResponse, WebhookError> {
    dialog360("https://d360.example.com").read_webhook(&call.request())
}

#[test]
fn a_call_with_the_registered_header_is_read_as_meta_events() {
    let body = statuses(&[status("wamid.1", "delivered")]).to_string();
    let call = call(body.as_bytes()).with_header("authorization", "Bearer webhook-secret-1");
    let report = WebhookEvent::Delivery(DeliveryReport {
        provider: "360dialog",
        provider_message_id: "wamid.1".to_owned(),
        reference: Some(MessageId::from_bits(7)),
        status: DeliveryStatus::Delivered,
        failure: None,
        recipient: None,
    });
    assert_eq!(ask(&call), Ok(WebhookResponse::events(vec![report])));
}

#[test]
fn x66_a_call_without_the_registered_header_is_rejected() {
    assert_eq!(ask(&call(b"{}")), Err(WebhookError::NoSignature));
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer webhook-secret-2",
        "webhook-secret-1",
        "Bearer webhook-secret-11",
    ] {
        let call = call(b"{}").with_header("authorization", wrong);
        assert_eq!(ask(&call), Err(WebhookError::BadSignature), "{wrong:?}");
    }
    let unreadable = call(b"{").with_header("authorization", "Bearer webhook-secret-1");
    assert_eq!(ask(&unreadable), Err(WebhookError::Malformed));
    assert_eq!(ask(&Call::new(Method::GET, PUBLIC_URL, b"")), Err(WebhookError::NotOffered));
}

#[test]
fn the_self_test_is_accepted_and_prints_no_secret() {
    let (headers, body) = dialog360("https://d360.example.com").self_test(PUBLIC_URL).unwrap();
    assert_says_nothing_secret(&format!("{headers:?}"), &SECRETS);
    let mut call = call(&body);
    call.headers = headers;
    assert_eq!(ask(&call), Ok(WebhookResponse::events(Vec::new())));
}
