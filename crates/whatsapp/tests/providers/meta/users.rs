//! Business-scoped user ids: in statuses, and in the platform's notices about people.

use domain::{DeliveryStatus, PhoneNumber};
use serde_json::{Value, json};
use whatsapp::{DeliveryReport, UserChange, UserChangeKind, UserId, UserIds, WebhookEvent};

use super::webhooks::{events, report, status, statuses};

fn ids(user: &str, parent: Option<&str>) -> UserIds {
    let id = |text: &str| UserId::parse(text).unwrap();
    UserIds { user: id(user), parent: parent.map(id) }
}

/// The recipient of the only status of a call.
fn recipient(change: impl Fn(&mut Value)) -> Option<UserIds> {
    let mut status = status("wamid.1", "delivered");
    change(&mut status);
    let told = events(&statuses(&[status]));
    let [WebhookEvent::Delivery(DeliveryReport { recipient, .. })] = &told[..] else {
        panic!("{told:?}");
    };
    recipient.clone()
}

#[test]
fn the_ids_of_a_recipient_are_kept_beside_its_status() {
    for (user, parent, expected) in [
        (json!("GB.1349"), json!(null), Some(ids("GB.1349", None))),
        (json!("GB.1349"), json!("GB.ENT.7"), Some(ids("GB.1349", Some("GB.ENT.7")))),
        (json!("GB.1349"), json!(7), Some(ids("GB.1349", None))),
        (json!("GB.1349"), json!("447700900111"), Some(ids("GB.1349", None))),
        (json!(null), json!("GB.ENT.7"), None),
        (json!(""), json!(null), None),
        (json!("447700900111"), json!(null), None),
        (json!("GB. 1349"), json!(null), None),
        (json!("GB.\u{0}"), json!(null), None),
        (json!("x".repeat(161)), json!(null), None),
        (json!({ "id": "GB.1349" }), json!(null), None),
    ] {
        let found = recipient(|status| {
            status["recipient_user_id"] = user.clone();
            status["recipient_parent_user_id"] = parent.clone();
        });
        assert_eq!(found, expected, "{user} {parent}");
    }
}

#[test]
fn a_status_needs_neither_number_nor_contacts_nor_prices() {
    for (key, value) in [
        ("recipient_id", None),
        ("recipient_id", Some(json!(null))),
        ("pricing", None),
        ("pricing", Some(json!({ "category": "authentication-international" }))),
        ("pricing", Some(json!({ "category": "authentication_international" }))),
        ("pricing", Some(json!({ "category": "a word of the future", "billable": null }))),
        ("pricing", Some(json!("free"))),
        ("conversation", Some(json!({ "id": "c", "origin": { "type": "service" } }))),
        ("conversation", Some(json!(null))),
        ("internal_1p_only_data", Some(json!({ "webhook_extra_data": "x" }))),
    ] {
        let mut status = status("wamid.1", "delivered");
        let fields = status.as_object_mut().unwrap();
        let _ = match value.clone() {
            Some(value) => fields.insert(key.to_owned(), value),
            None => fields.remove(key),
        };
        let mut call = statuses(&[status]);
        let carried = call["entry"][0]["changes"][0]["value"].as_object_mut().unwrap();
        carried.remove("contacts");
        let expected = [report("wamid.1", DeliveryStatus::Delivered)];
        assert_eq!(events(&call), expected, "{key} {value:?}");
    }
}

/// A call with one message of the platform about a person.
fn notice(message: Value) -> Value {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
        "field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "447700900222", "phone_number_id": "1" },
            "messages": [message],
        },
    }]}]})
}

fn system(kind: &str) -> Value {
    json!({
        "from": "447700900111",
        "id": "wamid.S1",
        "timestamp": "1767225600",
        "type": "system",
        "system": {
            "type": kind,
            "body": "User Ada changed from 447700900111 to 447700900112",
            "wa_id": "447700900112",
            "user_id": "GB.2",
            "previous_user_id": "GB.1",
            "parent_user_id": "GB.ENT.2",
            "previous_parent_user_id": "GB.ENT.1",
        },
    })
}

fn change(kind: UserChangeKind) -> UserChange {
    UserChange {
        provider: "meta",
        notice_id: "wamid.S1".to_owned(),
        kind,
        number: PhoneNumber::from_e164("+447700900111"),
        previous: Some(ids("GB.1", Some("GB.ENT.1"))),
        current: Some(ids("GB.2", Some("GB.ENT.2"))),
    }
}

fn without(mut message: Value, pointer: &str) -> Value {
    let (at, key) = pointer.rsplit_once('/').unwrap();
    message.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(key);
    message
}

#[test]
fn a_changed_number_or_id_is_an_event_without_the_new_number() {
    let number = || system("user_changed_number");
    let base = || change(UserChangeKind::Number);
    for (message, expected) in [
        (number(), base()),
        (system("customer_changed_number"), base()),
        (system("user_changed_user_id"), change(UserChangeKind::Ids)),
        (without(number(), "/from"), UserChange { number: None, ..base() }),
        (without(number(), "/system/wa_id"), base()),
        (without(number(), "/system/body"), base()),
        (without(number(), "/system/user_id"), UserChange { current: None, ..base() }),
        (without(number(), "/system/previous_user_id"), UserChange { previous: None, ..base() }),
        (
            without(number(), "/system/previous_parent_user_id"),
            UserChange { previous: Some(ids("GB.1", None)), ..base() },
        ),
        (without(number(), "/timestamp"), base()),
    ] {
        let told = events(&notice(message.clone()));
        assert_eq!(told, [WebhookEvent::UserChange(expected)], "{message}");
        assert!(!format!("{told:?}").contains("447700900112"), "the new number is not read");
    }
}

#[test]
fn other_messages_are_no_events_and_drop_no_status() {
    for message in [
        json!(null),
        json!({}),
        json!({ "id": "wamid.9", "type": "text", "text": { "body": "hello" } }),
        json!({ "id": "wamid.9", "type": "system" }),
        json!({ "id": "wamid.9", "type": "system", "system": null }),
        system("customer_identity_changed"),
        system("a_word_of_the_future"),
        without(system("user_changed_number"), "/id"),
        without(system("user_changed_number"), "/system/type"),
    ] {
        let mut call = notice(message.clone());
        assert_eq!(events(&call), [], "{message}");
        call["entry"][0]["changes"][0]["value"]["statuses"] = json!([status("wamid.1", "sent")]);
        assert_eq!(events(&call), [report("wamid.1", DeliveryStatus::Sent)], "{message}");
    }
}
