//! All four forms of 360dialog's errors.

use domain::Channel;
use serde_json::{Value, json};
use whatsapp::SendError;
use wiremock::ResponseTemplate;

use super::{SECRETS, dialog360};
use crate::{
    meta::responses::{ERRORS, error},
    support::{
        assert_says_nothing_secret, login,
        statuses::{answering, assert_statuses},
    },
};

async fn answer(status: u16, body: Value) -> SendError {
    let server = answering(ResponseTemplate::new(status).set_body_json(body)).await;
    let error = dialog360(&server.uri()).send(&login(Channel::WhatsApp)).await.unwrap_err();
    assert_says_nothing_secret(&format!("{error:?} {error}"), &SECRETS);
    error
}

#[tokio::test]
async fn errors_of_meta_keep_their_class_and_name_360dialog_settings() {
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
async fn errors_of_360dialog_have_a_class_in_each_of_their_forms() {
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
async fn a_code_of_meta_in_the_list_of_errors_has_the_class_of_meta() {
    let body = json!({ "errors": [{ "code": 131_026, "title": "Message undeliverable" }] });
    assert_eq!(answer(400, body).await.class(), "undeliverable");
}

#[tokio::test]
async fn errors_without_a_code_are_classified_by_their_status() {
    assert_statuses(dialog360).await;
}
