//! What live clients of Meta send and receive: their spellings, and ids in place of numbers.

use serde_json::{Value, json};

use crate::meta::{message, provider, send};
use crate::support::number;

#[tokio::test]
async fn each_spelling_that_live_clients_send_is_accepted() {
    let provider = provider().await;
    for (pointer, value) in [
        ("/template/components/0/type", json!("BODY")),
        ("/template/components/0/type", json!("Body")),
        ("/template/components/0/parameters/0/type", json!("TEXT")),
        ("/template/components/1/type", json!("BUTTON")),
        ("/template/components/1/sub_type", json!("URL")),
        ("/template/components/1/sub_type", json!("Url")),
        ("/template/components/1/index", json!(0)),
        ("/template/components/1/index", json!("0")),
        ("/template/language/policy", json!("deterministic")),
        ("/template/language/policy", json!("DETERMINISTIC")),
        ("/recipient_type", json!("INDIVIDUAL")),
    ] {
        let mut body = message(&number("111"));
        if pointer == "/template/language/policy" {
            body["template"]["language"]["policy"] = Value::Null;
        }
        *body.pointer_mut(pointer).unwrap() = value.clone();
        let answer = send(&provider, &body).await;
        assert_eq!(answer.status, 200, "{pointer} {value}: {answer:?}");
    }
}

#[tokio::test]
async fn other_words_in_these_places_are_refused() {
    let provider = provider().await;
    for (pointer, value, code) in [
        ("/template/components/0/type", json!("text"), 100),
        ("/template/components/0/type", json!(0), 100),
        ("/template/components/0/parameters/0/type", json!("currency"), 132_012),
        ("/template/components/1/type", json!("buttons"), 100),
        ("/template/components/1/sub_type", json!("copy_code"), 132_018),
        ("/template/components/1/sub_type", json!(null), 132_018),
        ("/template/components/1/index", json!(1), 131_008),
        ("/template/components/1/index", json!("00"), 131_008),
        ("/template/components/1/index", json!(null), 131_008),
        ("/recipient_type", json!("person"), 100),
    ] {
        let mut body = message(&number("111"));
        *body.pointer_mut(pointer).unwrap() = value.clone();
        let answer = send(&provider, &body).await;
        assert_eq!(answer.code(), code, "{pointer} {value}: {answer:?}");
    }
}

#[tokio::test]
async fn a_user_id_given_as_a_number_is_answered_200_and_dropped() {
    let provider = provider().await;
    for to in ["GB.13491208655302741918", "US.1", "GB.ENT.11815799212886844830", "DE.a1B2"] {
        let answer = send(&provider, &message(to)).await;
        assert_eq!(answer.status, 200, "{to}: {answer:?}");
        assert_eq!(answer.body["messages"][0]["message_status"], "accepted");
    }
    for to in ["gb.1349", "GBR.1349", "GB.", "GB", ".1349", "GB.13 49", ""] {
        assert_ne!(send(&provider, &message(to)).await.status, 200, "{to}");
    }
    let mut both = message(&number("111"));
    both["recipient"] = json!("GB.1349");
    assert_eq!(send(&provider, &both).await.status, 200, "`to` wins");
    // The webhooks of the only message to a number, and none of the others.
    let reports = provider.webhook_bodies(2).await;
    assert_eq!(reports.len(), 2);
    for report in reports {
        let status = &report["entry"][0]["changes"][0]["value"]["statuses"][0];
        assert_eq!(status["recipient_id"], number("111").trim_start_matches('+'));
    }
}

#[tokio::test]
async fn a_changed_number_is_told_without_contacts_and_may_be_withheld() {
    let provider = provider().await;
    let (from, to) = (number("111"), number("112"));
    let change = json!({ "from": from, "to": to });
    assert_eq!(provider.post("/emulator/user-changes", change).await.status, 200);
    let withheld = json!({ "from": from, "to": to, "is_withheld": true });
    assert_eq!(provider.post("/emulator/user-changes", withheld).await.status, 200);
    assert_eq!(provider.post("/emulator/user-changes", json!({})).await.status, 400);
    let mut told = provider.webhook_bodies(2).await;
    told.sort_by_key(|body| body.to_string().contains("user_changed_user_id"));
    for (body, kind) in told.iter().zip(["user_changed_number", "user_changed_user_id"]) {
        let value = &body["entry"][0]["changes"][0]["value"];
        assert_eq!(value["contacts"], Value::Null);
        let message = &value["messages"][0];
        assert_eq!(
            (&message["type"], &message["system"]["type"]),
            (&json!("system"), &json!(kind))
        );
        let is_withheld = kind == "user_changed_user_id";
        assert_eq!(message["from"].is_null(), is_withheld);
        assert_eq!(message["system"]["wa_id"].is_null(), is_withheld);
        assert_ne!(message["system"]["user_id"], message["system"]["previous_user_id"]);
    }
}
