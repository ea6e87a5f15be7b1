//! Templates through 360dialog.

use domain::{Language, MessageKind, Purpose};
use serde_json::{Value, json};
use whatsapp::{Template, TemplateError, TemplateStatus};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param},
};

use super::{SECRETS, dialog360};
use crate::{
    meta::templates::listed,
    support::{assert_says_nothing_secret, schema::Schema, servers::refusing, statuses::answering},
};

const PATH: &str = "/v1/configs/templates";

fn login() -> Template {
    Template { kind: MessageKind::Code(Purpose::Login), language: Language::English, minutes: 10 }
}

async fn listing(pages: &[(usize, Value)]) -> MockServer {
    let server = MockServer::start().await;
    for (offset, body) in pages {
        Mock::given(method("GET"))
            .and(path(PATH))
            .and(query_param("offset", offset.to_string()))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test]
async fn a_new_template_is_submitted_in_the_form_of_meta() {
    let server = listing(&[(0, json!({ "total": 0, "waba_templates": [] }))]).await;
    let created = json!({ "id": "AbCdEf1WT", "name": "marigold_login_code", "language": "en",
                          "status": "submitted", "components": [] });
    let response = ResponseTemplate::new(201).set_body_json(created);
    Mock::given(method("POST")).and(path(PATH)).respond_with(response).mount(&server).await;
    let state = dialog360(&server.uri()).templates().unwrap().submit(&login()).await.unwrap();
    assert_eq!((state.status, state.minutes), (TemplateStatus::Pending, Some(10)));
    assert_eq!(state.id.as_deref(), Some("AbCdEf1WT"));
    let requests = server.received_requests().await.unwrap();
    let schema = Schema::new(include_str!("../../data/meta_message_templates.schema.json"));
    schema.assert_takes(&requests[1].body_json().unwrap());
    let mut asked = requests[0].url.query_pairs();
    let filter = r#"{"business_templates.name":"marigold_login_code"}"#;
    assert!(asked.any(|pair| pair == ("filters".into(), filter.into())));
}

#[tokio::test]
async fn all_pages_are_listed_and_lower_case_statuses_are_read() {
    let words = ["created", "submitted", "pending", "approved", "rejected", "paused", "disabled"];
    let first: Vec<_> = words.iter().map(|word| listed("en", word)).collect();
    let server = listing(&[
        (0, json!({ "total": 8, "waba_templates": first })),
        (7, json!({ "total": 8, "waba_templates": [listed("de", "deleted")] })),
    ])
    .await;
    let listed = dialog360(&server.uri()).templates().unwrap().list().await.unwrap();
    let found: Vec<_> = listed.iter().map(|state| state.status).collect();
    use TemplateStatus::{Approved, Disabled, Paused, Pending, Rejected};
    let expected = [Pending, Pending, Pending, Approved, Rejected, Paused, Disabled, Disabled];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn submitting_an_existing_template_returns_its_state() {
    let page = json!({ "total": 1, "waba_templates": [listed("en", "rejected")] });
    let server = listing(&[(0, page)]).await;
    let state = dialog360(&server.uri()).templates().unwrap().submit(&login()).await.unwrap();
    assert_eq!(state.status, TemplateStatus::Rejected);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn template_errors_point_at_the_key_or_give_the_cause() {
    let wrong_key = json!({ "meta": { "developer_message": "Invalid api_key" } });
    let server = answering(ResponseTemplate::new(401).set_body_json(wrong_key)).await;
    let error = dialog360(&server.uri()).templates().unwrap().list().await.unwrap_err();
    assert!(matches!(error, TemplateError::Misconfigured { setting: "D360_API_KEY", .. }));
    assert_says_nothing_secret(&format!("{error:?} {error}"), &SECRETS);

    let refused = json!({ "error": { "code": 100, "error_user_msg": "No +447700900111" } });
    let server = answering(ResponseTemplate::new(400).set_body_json(refused)).await;
    let error = dialog360(&server.uri()).templates().unwrap().list().await.unwrap_err();
    assert_eq!(error, TemplateError::Refused("100: No +…".to_owned()));

    let away = dialog360(&refusing().await).templates().unwrap().list().await;
    assert_eq!(away, Err(TemplateError::Unreachable));
}
