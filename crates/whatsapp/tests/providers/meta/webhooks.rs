//! Webhook calls from Meta: their authentication and their events.

use domain::{DeliveryStatus, Language, MessageId};
use hmac::{Hmac, Mac};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use whatsapp::{
    DeliveryReport, TemplateStatus, TemplateUpdate, WebhookError, WebhookEvent, WebhookResponse,
};

use super::{SECRETS, meta, responses::ERRORS};
use crate::support::{Call, PUBLIC_URL, assert_says_nothing_secret};

const SIGNATURE: &str = "x-hub-signature-256";

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    app_secret: String,
    body: String,
    signature: String,
}

fn vectors() -> Vec<Vector> {
    let text = include_str!("../../data/meta_signatures.json");
    serde_json::from_str::<Vectors>(text).unwrap().vectors
}

fn url() -> String {
    format!("{PUBLIC_URL}/webhooks/meta")
}

pub fn ask(call: &Call) -> Result<WebhookResponse, WebhookError> {
    meta("https://graph.example.com").read_webhook(&call.request())
}

pub fn signed(body: &[u8]) -> Call {
    let mac = Hmac::<Sha256>::new_from_slice(SECRETS[1].as_bytes()).unwrap().chain_update(body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    Call::new(Method::POST, &url(), body).with_header(SIGNATURE, &signature)
}

pub fn events(body: &Value) -> Vec<WebhookEvent> {
    match ask(&signed(body.to_string().as_bytes())) {
        Ok(WebhookResponse::Events { events, once: None }) => events,
        other => panic!("{other:?}"),
    }
}

/// The body of a call with these statuses, and with fields that the shop ignores.
pub fn statuses(statuses: &[Value]) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{
        "id": "102290129340398",
        "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "447700900222", "phone_number_id": "1" },
            "contacts": [{ "profile": { "username": "ada.l" }, "user_id": "GB.1349" }],
            "statuses": statuses,
        }}],
    }]})
}

pub fn status(id: &str, status: &str) -> Value {
    json!({
        "id": id,
        "status": status,
        "timestamp": "1767225600",
        "recipient_id": "447700900111",
        "biz_opaque_callback_data": "00000000000000000000000000000007",
        "pricing": { "billable": true, "pricing_model": "PMP", "category": "authentication" },
    })
}

pub fn report(id: &str, status: DeliveryStatus) -> WebhookEvent {
    WebhookEvent::Delivery(DeliveryReport {
        provider: "meta",
        provider_message_id: id.to_owned(),
        reference: Some(MessageId::from_bits(7)),
        status,
        failure: None,
        recipient: None,
    })
}

#[test]
fn every_published_signature_is_accepted() {
    for vector in vectors() {
        assert_eq!(vector.app_secret, SECRETS[1]);
        let call = Call::new(Method::POST, &url(), vector.body.as_bytes())
            .with_header(SIGNATURE, &vector.signature);
        assert_eq!(ask(&call), Ok(WebhookResponse::events(Vec::new())), "{}", vector.body);
    }
}

#[test]
fn x66_a_forged_signature_is_rejected() {
    for vector in vectors() {
        let body = vector.body.as_bytes();
        let call = |header: &str| {
            ask(&Call::new(Method::POST, &url(), body).with_header(SIGNATURE, header))
        };
        let flipped = match vector.signature.strip_suffix('e') {
            Some(rest) => format!("{rest}f"),
            None => format!("{}e", &vector.signature[..vector.signature.len() - 1]),
        };
        let bare = vector.signature.trim_start_matches("sha256=").to_owned();
        let short = vector.signature[..vector.signature.len() - 2].to_owned();
        for wrong in [flipped, bare, short, "sha256=".to_owned(), "sha1=00".to_owned()] {
            assert_eq!(call(&wrong), Err(WebhookError::BadSignature), "{wrong}");
        }
        let unsigned = Call::new(Method::POST, &url(), body);
        assert_eq!(ask(&unsigned), Err(WebhookError::NoSignature));
        let other = Call::new(Method::POST, &url(), &[body, b" "].concat())
            .with_header(SIGNATURE, &vector.signature);
        assert_eq!(ask(&other), Err(WebhookError::BadSignature));
        let mac = Hmac::<Sha256>::new_from_slice(b"another key").unwrap().chain_update(body);
        let signed_by_another = hex::encode(mac.finalize().into_bytes());
        assert_eq!(call(&format!("sha256={signed_by_another}")), Err(WebhookError::BadSignature));
    }
}

#[test]
fn the_handshake_echoes_the_challenge_if_the_token_is_right() {
    let shake = |query: &str| ask(&Call::new(Method::GET, &format!("{}?{query}", url()), b""));
    let echo = Ok(WebhookResponse::Echo("1158201444".to_owned()));
    let right = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock";
    assert_eq!(shake(right), echo);
    assert_eq!(shake(&right.replace("hamhock", "hamhocK")), Err(WebhookError::BadSignature));
    assert_eq!(shake(&right.replace("meatyhamhock", "")), Err(WebhookError::BadSignature));
    assert_eq!(shake("hub.mode=subscribe&hub.challenge=1"), Err(WebhookError::NoSignature));
    assert_eq!(shake(&right.replace("subscribe", "other")), Err(WebhookError::Malformed));
    assert_eq!(shake(&right.replace("1158201444", "%3Cscript%3E")), Err(WebhookError::Malformed));
    assert_eq!(shake(&right.replace("1158201444", &"1".repeat(129))), Err(WebhookError::Malformed));
    assert_eq!(ask(&Call::new(Method::PUT, &url(), b"")), Err(WebhookError::NotOffered));
}

#[test]
fn statuses_of_messages_are_read_in_their_order() {
    let body = statuses(&[
        status("wamid.2", "read"),
        status("wamid.2", "delivered"),
        status("wamid.1", "sent"),
        status("wamid.1", "played"),
        status("wamid.1", "deleted"),
    ]);
    let expected = [
        report("wamid.2", DeliveryStatus::Read),
        report("wamid.2", DeliveryStatus::Delivered),
        report("wamid.1", DeliveryStatus::Sent),
    ];
    assert_eq!(events(&body), expected);
}

#[test]
fn a_call_with_many_entries_and_changes_is_read() {
    let mut body = statuses(&[status("wamid.1", "sent")]);
    let entry = body["entry"][0].clone();
    body["entry"].as_array_mut().unwrap().push(entry.clone());
    let change = entry["changes"][0].clone();
    body["entry"][1]["changes"].as_array_mut().unwrap().push(change);
    assert_eq!(events(&body), vec![report("wamid.1", DeliveryStatus::Sent); 3]);
}

#[test]
fn a_status_without_recipient_and_reference_is_read() {
    let mut bare = status("wamid.1", "delivered");
    for key in ["recipient_id", "timestamp", "biz_opaque_callback_data", "pricing"] {
        bare.as_object_mut().unwrap().remove(key);
    }
    let mut foreign = status("wamid.1", "delivered");
    foreign["biz_opaque_callback_data"] = json!("otp:7f3a");
    let unreferenced = WebhookEvent::Delivery(DeliveryReport {
        provider: "meta",
        provider_message_id: "wamid.1".to_owned(),
        reference: None,
        status: DeliveryStatus::Delivered,
        failure: None,
        recipient: None,
    });
    assert_eq!(events(&statuses(&[bare, foreign])), vec![unreferenced; 2]);
}

#[test]
fn a_reported_failure_has_the_class_of_an_error_reply() {
    for (class, _, codes) in ERRORS {
        for code in *codes {
            let mut failed = status("wamid.1", "failed");
            failed["errors"] = json!([{ "code": code, "title": "to +447700900111",
                                        "error_data": { "details": "493817" } }]);
            let events = events(&statuses(&[failed]));
            let [WebhookEvent::Delivery(DeliveryReport { status, failure: Some(failure), .. })] =
                &events[..]
            else {
                panic!("{events:?}");
            };
            assert_eq!((*status, failure.class()), (DeliveryStatus::Failed, *class), "{code}");
            assert_says_nothing_secret(&format!("{events:?}"), &SECRETS);
        }
    }
}

#[test]
fn reviews_of_templates_are_events() {
    for (event, status) in [
        ("APPROVED", Some(TemplateStatus::Approved)),
        ("REINSTATED", Some(TemplateStatus::Approved)),
        ("UNARCHIVED", Some(TemplateStatus::Approved)),
        ("FLAGGED", Some(TemplateStatus::Approved)),
        ("PENDING", Some(TemplateStatus::Pending)),
        ("IN_APPEAL", Some(TemplateStatus::Pending)),
        ("REJECTED", Some(TemplateStatus::Rejected)),
        ("LIMIT_EXCEEDED", Some(TemplateStatus::Rejected)),
        ("PAUSED", Some(TemplateStatus::Paused)),
        ("LOCKED", Some(TemplateStatus::Paused)),
        ("DISABLED", Some(TemplateStatus::Disabled)),
        ("DELETED", Some(TemplateStatus::Disabled)),
        ("PENDING_DELETION", Some(TemplateStatus::Disabled)),
        ("ARCHIVED", Some(TemplateStatus::Disabled)),
        ("SOMETHING_NEW", None),
    ] {
        let told = events(&decision(event, "pt_BR", json!("INVALID_FORMAT")));
        let expected = status.map(|status| {
            WebhookEvent::Template(TemplateUpdate {
                provider: "meta",
                name: "marigold_login_code".to_owned(),
                language: Language::Portuguese,
                status,
                reason: Some("INVALID_FORMAT: use {{1}}".to_owned()),
            })
        });
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{event}");
    }
    assert_eq!(events(&decision("APPROVED", "sw", json!(null))), []);
}

pub fn decision(event: &str, language: &str, reason: Value) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "time": 1_767_225_600,
        "changes": [{ "field": "message_template_status_update", "value": {
            "event": event,
            "message_template_id": 594_425_479_261_596_u64,
            "message_template_name": "marigold_login_code",
            "message_template_language": language,
            "reason": reason,
            "rejection_info": { "reason": "use {{1}}", "recommendation": "…" },
        }}],
    }]})
}

#[test]
fn calls_that_the_shop_does_not_use_are_ignored() {
    for field in
        ["account_update", "message_template_quality_update", "phone_number_quality_update"]
    {
        let value = json!({ "event": "ACCOUNT_RESTRICTION", "statuses": 7 });
        let change = json!({ "field": field, "value": value });
        assert_eq!(events(&json!({ "entry": [{ "changes": [change] }] })), []);
    }
    let inbound = json!({ "field": "messages", "value": { "messages": [{ "id": "wamid.9" }] } });
    assert_eq!(events(&json!({ "entry": [{ "changes": [inbound] }] })), []);
    let odd = statuses(&[json!({ "status": "sent" }), json!(7), status("wamid.1", "sent")]);
    assert_eq!(events(&odd), [report("wamid.1", DeliveryStatus::Sent)]);
}

#[test]
fn too_many_events_and_invalid_json_are_malformed() {
    let much = statuses(&vec![status("wamid.1", "sent"); 1_001]).to_string();
    for body in ["", "{", "[7]", "7", &much] {
        assert_eq!(ask(&signed(body.as_bytes())), Err(WebhookError::Malformed), "{:.40}", body);
    }
    assert_eq!(events(&statuses(&vec![status("wamid.1", "sent"); 1_000])).len(), 1_000);
}

#[test]
fn the_self_test_is_accepted() {
    let (headers, body) = meta("https://graph.example.com").self_test(&url()).unwrap();
    let mut call = Call::new(Method::POST, &url(), &body);
    call.headers = headers;
    assert_eq!(ask(&call), Ok(WebhookResponse::events(Vec::new())));
    assert_says_nothing_secret(&format!("{:?}", call.headers), &SECRETS);
}
