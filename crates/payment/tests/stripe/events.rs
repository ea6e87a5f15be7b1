//! Webhooks: signature, then what an event says.

use domain::{PaymentId, Timestamp};
use hmac::{Hmac, Mac};
use payment::{
    CallbackError, Dispute, DisputeStatus, EventKind, Gateway, GatewayEvent, RawCallback,
    stripe::Stripe,
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{NOW, SECRET, intent, money, order, payment, session, settings};

pub fn gateway() -> Stripe {
    let url = "http://127.0.0.1:1".parse().unwrap();
    Stripe::new(settings(&url), std::sync::Arc::new(|| NOW)).unwrap()
}

pub fn signed(body: &[u8]) -> String {
    let seconds = NOW.as_millis() / 1000;
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let mac = mac.chain_update(format!("{seconds}.")).chain_update(body).finalize();
    format!("t={seconds},v1={}", hex::encode(mac.into_bytes()))
}

fn call(body: &[u8]) -> Result<Vec<GatewayEvent>, CallbackError> {
    let header = signed(body);
    let headers = [("stripe-signature", header.as_bytes())];
    gateway().callback(&RawCallback { headers: &headers, body, now: NOW })
}

pub fn event(kind: &str, object: Value) -> Value {
    json!({ "id": "evt_1", "object": "event", "type": kind, "livemode": false,
            "api_version": "2026-10-28.endive", "data": { "object": object } })
}

fn read(kind: &str, object: Value) -> GatewayEvent {
    let mut events = call(event(kind, object).to_string().as_bytes()).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

#[test]
fn x164_nothing_is_read_of_a_call_that_is_not_signed() {
    let body = event("payment_intent.succeeded", intent("succeeded", json!({}))).to_string();
    let header = signed(body.as_bytes());
    let other = body.replace("2500", "1");
    for (header, body, expected) in [
        (None, body.as_str(), CallbackError::NoSignature),
        (Some("t=1,v1=00"), body.as_str(), CallbackError::BadSignature),
        (Some(header.as_str()), other.as_str(), CallbackError::BadSignature),
        (Some(header.as_str()), "", CallbackError::BadSignature),
    ] {
        let headers: Vec<_> =
            header.map(|header| ("stripe-signature", header.as_bytes())).into_iter().collect();
        let call = RawCallback { headers: &headers, body: body.as_bytes(), now: NOW };
        assert_eq!(gateway().callback(&call), Err(expected));
    }
}

#[test]
fn events_about_a_payment_name_it_with_amount_and_order() {
    let charge = json!({ "id": "ch_1", "object": "charge", "payment_intent": "pi_1",
                         "amount": 25_00, "currency": "eur",
                         "metadata": { "marigold_payment": payment().as_str(),
                                       "marigold_order": order().as_str() } });
    let complete = session("complete", json!("pi_1"));
    for (kind, object, reference) in [
        ("payment_intent.succeeded", intent("succeeded", json!({})), "pi_1"),
        ("payment_intent.amount_capturable_updated", intent("requires_capture", json!({})), "pi_1"),
        ("payment_intent.payment_failed", intent("requires_payment_method", json!({})), "pi_1"),
        ("payment_intent.canceled", intent("canceled", json!({})), "pi_1"),
        ("checkout.session.completed", complete, "pi_1"),
        ("checkout.session.expired", session("expired", Value::Null), "cs_1"),
        ("charge.refunded", charge, "pi_1"),
    ] {
        let event = read(kind, object);
        assert_eq!(event.id, "evt_1", "{kind}");
        assert_eq!(event.payment, Some(payment()), "{kind}");
        assert_eq!(event.reference.as_ref().map(|it| it.as_str()), Some(reference), "{kind}");
        assert_eq!(event.amount, Some(money(25_00)), "{kind}");
        assert_eq!(event.order.as_deref(), Some(order().as_str()), "{kind}");
        assert_eq!(event.kind, EventKind::Changed, "{kind}");
    }
}

#[test]
fn events_that_do_not_concern_the_shop_are_ignored() {
    let mut foreign = intent("succeeded", json!({ "metadata": {} }));
    let mut live = event("payment_intent.succeeded", intent("succeeded", json!({})));
    live["livemode"] = json!(true);
    let thin = json!({ "id": "evt_1", "object": "v2.core.event", "livemode": false,
                       "type": "v1.payment_intent.succeeded" });
    for body in [
        event("customer.created", json!({ "id": "cus_1", "object": "customer" })),
        event("payment_intent.a_kind_of_2027", intent("succeeded", json!({}))),
        event("payment_intent.succeeded", foreign.take()),
        event(
            "payment_intent.succeeded",
            intent("succeeded", json!({ "metadata": { "marigold_payment": "7" } })),
        ),
        event("payment_intent.succeeded", json!({ "object": "an_object_of_2027" })),
        event("charge.dispute.created", json!({ "object": "dispute", "id": "dp_1" })),
        event("refund.updated", json!({ "object": "refund", "payment_intent": null })),
        json!({ "id": "evt_1", "type": "payment_intent.succeeded" }),
        live,
        thin,
    ] {
        let events = call(body.to_string().as_bytes()).unwrap();
        assert_eq!(
            (events[0].id.as_str(), &events[0].kind),
            ("evt_1", &EventKind::Ignored),
            "{body}"
        );
    }
}

#[test]
fn a_signed_call_that_is_no_event_is_malformed() {
    for body in
        ["", "{", "[]", "7", "null", "{}", "{\"id\":7,\"type\":\"x\"}", "{\"id\":\"evt_1\"}"]
    {
        assert_eq!(call(body.as_bytes()), Err(CallbackError::Malformed), "{body}");
    }
    assert_eq!(call(b"{\"id\":\"\xff\",\"type\":\"x\"}"), Err(CallbackError::Malformed));
}

#[test]
fn a_dispute_is_told_with_amount_reason_and_deadline() {
    for (status, expected) in [
        ("needs_response", DisputeStatus::ResponseNeeded),
        ("warning_needs_response", DisputeStatus::ResponseNeeded),
        ("appeal_needs_response", DisputeStatus::ResponseNeeded),
        ("under_review", DisputeStatus::UnderReview),
        ("warning_under_review", DisputeStatus::UnderReview),
        ("a_status_of_2027", DisputeStatus::UnderReview),
        ("won", DisputeStatus::Won),
        ("warning_closed", DisputeStatus::Won),
        ("prevented", DisputeStatus::Won),
        ("lost", DisputeStatus::Lost),
    ] {
        for (due_by, respond_by) in
            [(json!(1_796_400_000), Some(1_796_400_000_000)), (json!(0), None), (json!(null), None)]
        {
            let object = json!({ "id": "dp_1", "object": "dispute", "status": status,
                "reason": "fraudulent", "amount": 25_00, "currency": "eur", "charge": "ch_1",
                "payment_intent": "pi_1", "evidence_details": { "due_by": due_by } });
            let event = read("charge.dispute.created", object);
            assert_eq!(event.reference.map(|it| it.as_str().to_owned()).as_deref(), Some("pi_1"));
            let expected = Dispute {
                id: "dp_1".to_owned(),
                reason: "fraudulent".to_owned(),
                amount: money(25_00),
                status: expected,
                respond_by: respond_by.map(Timestamp::from_millis),
            };
            assert_eq!(event.kind, EventKind::Dispute(expected), "{status}");
        }
    }
}

#[test]
fn a_refund_names_its_payment_by_the_payment_intent() {
    for intent in [json!("pi_1"), json!({ "id": "pi_1", "object": "payment_intent" })] {
        let object = json!({ "id": "re_1", "object": "refund", "amount": 10_00, "currency": "eur",
                             "status": "failed", "payment_intent": intent });
        let event = read("refund.failed", object);
        assert_eq!(event.reference.map(|it| it.as_str().to_owned()).as_deref(), Some("pi_1"));
        assert_eq!((event.payment, event.amount), (None::<PaymentId>, None));
        assert_eq!(event.kind, EventKind::Changed);
    }
}
