//! Items of a webhook call that cannot be read, or that lack what they usually have: the items
//! beside them are read.

use domain::DeliveryStatus;
use serde_json::{Value, json};
use whatsapp::{DeliveryReport, WebhookEvent, WebhookResponse};

use super::webhooks::{ask, decision, events, report, signed, status, statuses};

fn good() -> Value {
    status("wamid.1", "sent")
}

/// The events of a call whose body is written by hand.
fn events_of(body: &str) -> Vec<WebhookEvent> {
    match ask(&signed(body.as_bytes())) {
        Ok(WebhookResponse::Events { events, .. }) => events,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bad_status_never_drops_the_statuses_beside_it() {
    let without = |key: &str| {
        let mut status = good();
        status.as_object_mut().unwrap().remove(key);
        status
    };
    let with = |key: &str, value: Value| {
        let mut status = good();
        status[key] = value;
        status
    };
    for bad in [
        json!(null),
        json!(7),
        json!("sent"),
        json!([good()]),
        json!({}),
        without("id"),
        without("status"),
        with("id", json!(7)),
        with("id", json!("")),
        with("id", json!("wamid.\0")),
        with("id", json!("x".repeat(513))),
        with("status", json!(null)),
        with("status", json!("warning")),
    ] {
        let told = events(&statuses(&[good(), bad.clone(), good()]));
        assert_eq!(told, vec![report("wamid.1", DeliveryStatus::Sent); 2], "{bad:.80}");
    }
}

#[test]
fn a_bad_change_or_entry_never_drops_those_beside_it() {
    let call = statuses(&[good()]);
    let entry = call["entry"][0].clone();
    let change = entry["changes"][0].clone();
    for bad in [
        json!(null),
        json!("messages"),
        json!([]),
        json!({ "field": 7, "value": {} }),
        json!({ "field": "messages" }),
        json!({ "field": "messages", "value": null }),
        json!({ "field": "messages", "value": { "statuses": { "id": "wamid.2" } } }),
        json!({ "field": "message_template_status_update", "value": { "event": 7 } }),
        json!({ "field": "a_field_of_the_future", "value": "x" }),
    ] {
        let changes = json!({ "id": "1", "changes": [bad, change] });
        for bad_entry in [bad.clone(), json!({ "id": "1", "changes": bad })] {
            let call = json!({ "entry": [bad_entry, changes, entry] });
            assert_eq!(events(&call), vec![report("wamid.1", DeliveryStatus::Sent); 2], "{call}");
        }
    }
}

#[test]
fn text_that_is_no_unicode_or_nested_deep_never_drops_the_statuses_beside_it() {
    let good = good().to_string();
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for odd in [r#""\ud83d""#, r#""\ude00\ud83d""#, "1e999", "-0", r#""\u0000""#, "[[{}]]", &deep] {
        let body = format!(
            r#"{{"object":{odd},"entry":[{{"id":{odd},"changes":[{{"field":"messages","value":{{
               "contacts":[{{"profile":{{"name":{odd}}}}}],
               "messages":[{{"text":{{"body":{odd}}}}}],
               "statuses":[{{"id":"wamid.2","status":{odd}}},{good}]}}}}]}}]}}"#
        );
        assert_eq!(events_of(&body), [report("wamid.1", DeliveryStatus::Sent)], "{odd:.20}");
    }
    let body = statuses(&[status("wamid.1", "sent")]).to_string().replace("ada.l", "a\u{1}");
    let bytes: Vec<u8> = body.bytes().map(|byte| if byte == 1 { 0xff } else { byte }).collect();
    assert!(ask(&signed(&bytes)).is_ok());
}

#[test]
fn a_failure_with_any_code_or_none_is_a_failure() {
    for (errors, class) in [
        (json!(null), "retry"),
        (json!([]), "retry"),
        (json!({}), "retry"),
        (json!([null]), "retry"),
        (json!([{ "title": "failed" }]), "retry"),
        (json!([{ "code": null }]), "retry"),
        (json!([{ "code": "words" }]), "retry"),
        (json!([{ "code": -1 }]), "retry"),
        (json!([{ "code": 1.5 }]), "retry"),
        (json!([{ "code": [131026] }]), "retry"),
        (json!([{ "code": "131026" }]), "undeliverable"),
        (json!([{ "code": null }, { "code": 131026 }]), "undeliverable"),
        (json!([{ "code": 131026 }, { "code": 131000 }]), "undeliverable"),
        (json!([{ "code": 999_999 }]), "unrecognised"),
        (json!([{ "code": 4_294_967_295_u32 }]), "unrecognised"),
        (json!([{ "code": 18_446_744_073_709_551_615_u64 }]), "retry"),
    ] {
        let mut failed = status("wamid.2", "failed");
        failed["errors"] = errors.clone();
        let told = events(&statuses(&[failed, good()]));
        let [WebhookEvent::Delivery(DeliveryReport { status, failure: Some(failure), .. }), _] =
            &told[..]
        else {
            panic!("{errors}: {told:?}");
        };
        assert_eq!((*status, failure.class()), (DeliveryStatus::Failed, class), "{errors}");
    }
}

#[test]
fn a_review_of_a_template_that_cannot_be_stored_is_left_out() {
    let named = |name: &str| {
        let mut decision = decision("APPROVED", "en", json!("NONE"));
        decision["entry"][0]["changes"][0]["value"]["message_template_name"] = json!(name);
        decision
    };
    assert_eq!(events(&named("marigold_login_code")).len(), 1);
    for name in ["", "marigold\0", "a\nb", &"x".repeat(513)] {
        assert_eq!(events(&named(name)), [], "{name:.20}");
    }
}
