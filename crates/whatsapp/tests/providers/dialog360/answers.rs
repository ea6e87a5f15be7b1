//! All four shapes of 360dialog's errors.

use domain::Channel;
use serde_json::{Value, json};
use whatsapp::SendError;
use wiremock::ResponseTemplate;

use super::{SECRETS, dialog360};
use crate::{
    meta::answers::{ERRORS, error},
    support::{
        assert_says_nothing_secret, login,
        trouble::{answering, assert_statuses, assert_told_apart},
    },
};

async fn answer(status: u16, body: Value) -> SendError {
    let server = answering(ResponseTemplate::new(status).set_body_json(body)).await;
    let error = dialog360(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
    assert_says_nothing_secret(&format!("{error:?} {error}"), &SECRETS);
    error
}

#[tokio::test]
async fn what_meta_refuses_has_metas_class_and_names_360dialogs_settings() {
    for (class, setting, codes) in ERRORS {
        for code in *codes {
            let refused = answer(400, error(*code)).await;
            assert_eq!(refused.class(), *class, "{code}");
            if setting.is_some_and(|name| name.starts_with("META_")) {
                assert!(refused.to_string().contains("D360_API_KEY"), "{refused}");
            }
        }
    }
}

#[tokio::test]
async fn its_own_sentences_have_a_class_in_each_of_their_shapes() {
    for (status, sentence, class) in [
        (400, "Your WhatsApp for Business API has been disabled", "fail_over"),
        (400, "You have exceeded the endpoint rate limit.", "retry"),
        (400, "Could not send message due to lack of payment. Call +447700900111", "fail_over"),
        (401, "Invalid api_key", "misconfigured"),
        (403, "The endpoint is blocked", "fail_over"),
        (500, "Internal server error", "retry"),
        (502, "WhatsApp for Business API not available", "retry"),
    ] {
        for body in [
            json!({ "meta": { "success": false, "http_code": status, "developer_message": sentence } }),
            json!({ "error": sentence }),
            json!({ "errors": [{ "code": 1_099, "title": sentence, "details": "493817" }],
                    "meta": { "success": false } }),
        ] {
            assert_eq!(answer(status, body.clone()).await.class(), class, "{body}");
        }
    }
    let unknown = json!({ "meta": { "developer_message": "Something new" } });
    assert_eq!(answer(400, unknown).await.class(), "fail_over");
}

#[tokio::test]
async fn a_code_of_metas_in_its_list_counts_as_metas() {
    let body = json!({ "errors": [{ "code": 131_026, "title": "Message undeliverable" }] });
    assert_eq!(answer(400, body).await.class(), "undeliverable");
}

#[tokio::test]
async fn errors_without_a_reason_go_by_their_status() {
    assert_statuses(dialog360).await;
}

#[tokio::test]
async fn not_sent_and_perhaps_sent_are_told_apart() {
    assert_told_apart(dialog360).await;
}
