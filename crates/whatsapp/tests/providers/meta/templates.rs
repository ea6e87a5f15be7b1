//! Templates at Meta: created as Meta's schema demands, and listed page by page.

use domain::{Language, MessageKind, Purpose};
use serde_json::{Value, json};
use whatsapp::{Template, TemplateError, TemplateState, TemplateStatus};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param, query_param_is_missing},
};

use super::{SECRETS, meta};
use crate::support::{
    assert_says_nothing_secret, schema::Schema, servers::refusing, statuses::answering,
};

const PATH: &str = "/v26.0/102290129340398/message_templates";

fn login() -> Template {
    Template { kind: MessageKind::Code(Purpose::Login), language: Language::English, minutes: 10 }
}

/// A template as Meta lists it.
pub fn listed(language: &str, status: &str) -> Value {
    json!({
        "id": "594425479261596",
        "name": "marigold_login_code",
        "language": language,
        "status": status,
        "category": "AUTHENTICATION",
        "parameter_format": "POSITIONAL",
        "rejected_reason": "NONE",
        "components": [
            { "type": "BODY", "text": "*{{1}}* is your verification code.",
              "add_security_recommendation": true, "example": { "body_text": [["123456"]] } },
            { "type": "FOOTER", "text": "This code expires in 10 minutes.",
              "code_expiration_minutes": 10 },
            { "type": "BUTTONS", "buttons": [{ "type": "URL", "text": "Copy code", "url": "…" }] },
        ],
    })
}

fn state(language: Language, status: TemplateStatus) -> TemplateState {
    TemplateState {
        name: "marigold_login_code".to_owned(),
        language,
        id: Some("594425479261596".to_owned()),
        status,
        reason: None,
        minutes: Some(10),
    }
}

/// A server without templates that answers a creation with `response`.
async fn creating(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let empty = ResponseTemplate::new(200).set_body_json(json!({ "data": [] }));
    Mock::given(method("GET")).and(path(PATH)).respond_with(empty).mount(&server).await;
    Mock::given(method("POST")).and(path(PATH)).respond_with(response).mount(&server).await;
    server
}

async fn created_bodies(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    let posts = requests.iter().filter(|request| request.method == http::Method::POST);
    posts.map(|request| request.body_json().unwrap()).collect()
}

fn pending() -> ResponseTemplate {
    let body =
        json!({ "id": "594425479261596", "status": "PENDING", "category": "AUTHENTICATION" });
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn a_template_of_a_code_has_advice_lifetime_button_and_time_to_live() {
    let server = creating(pending()).await;
    let meta = meta(&server.uri());
    let created = meta.templates().unwrap().submit(&login()).await;
    assert_eq!(created, Ok(state(Language::English, TemplateStatus::Pending)));
    assert_eq!(
        created_bodies(&server).await,
        [json!({
            "name": "marigold_login_code",
            "language": "en",
            "category": "AUTHENTICATION",
            "message_send_ttl_seconds": 180,
            "components": [
                { "type": "BODY", "add_security_recommendation": true },
                { "type": "FOOTER", "code_expiration_minutes": 10 },
                { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] },
            ],
        })]
    );
}

#[tokio::test]
async fn every_template_in_every_language_matches_the_schema_of_meta() {
    let server = creating(pending()).await;
    let meta = meta(&server.uri());
    for kind in MessageKind::ALL {
        let minutes = if matches!(kind, MessageKind::Code(_)) { 5 } else { 0 };
        for language in Language::ALL {
            let template = Template { kind, language, minutes };
            let created = meta.templates().unwrap().submit(&template).await.unwrap();
            assert_eq!(created.minutes, (minutes > 0).then_some(minutes));
        }
    }
    let schema = Schema::new(include_str!("../../data/meta_message_templates.schema.json"));
    let bodies = created_bodies(&server).await;
    assert_eq!(bodies.len(), MessageKind::ALL.len() * Language::ALL.len());
    bodies.iter().for_each(|body| schema.assert_takes(body));
    let mut wrong = bodies[0].clone();
    wrong["message_send_ttl_seconds"] = 29.into();
    assert!(!schema.takes(&wrong));
}

#[tokio::test]
async fn submitting_an_existing_template_returns_its_state() {
    let data = json!({ "data": [listed("de", "APPROVED"), listed("en", "PAUSED")] });
    let server = answering(ResponseTemplate::new(200).set_body_json(data)).await;
    let meta = meta(&server.uri());
    let submitted = meta.templates().unwrap().submit(&login()).await;
    assert_eq!(submitted, Ok(state(Language::English, TemplateStatus::Paused)));
    assert!(created_bodies(&server).await.is_empty());
    let requests = server.received_requests().await.unwrap();
    let mut asked = requests[0].url.query_pairs();
    assert!(asked.any(|pair| pair == ("name".into(), "marigold_login_code".into())));
}

#[tokio::test]
async fn all_pages_are_listed_by_cursor_and_not_by_address() {
    let server = MockServer::start().await;
    let elsewhere = answering(ResponseTemplate::new(200)).await;
    let first = json!({
        "data": [listed("en", "APPROVED"), listed("en_US", "APPROVED"), listed("fr", "NEW_WORD")],
        "paging": { "cursors": { "before": "A", "after": "B&=" }, "next": elsewhere.uri() },
    });
    let last = json!({
        "data": [listed("hi", "REJECTED")],
        "paging": { "cursors": { "before": "B", "after": "C" } },
    });
    let page = |body| ResponseTemplate::new(200).set_body_json(body);
    let get = || Mock::given(method("GET")).and(path(PATH));
    get().and(query_param_is_missing("after")).respond_with(page(first)).mount(&server).await;
    get().and(query_param("after", "B&=")).respond_with(page(last)).mount(&server).await;
    let listed = meta(&server.uri()).templates().unwrap().list().await.unwrap();
    let expected = [
        state(Language::English, TemplateStatus::Approved),
        state(Language::Hindi, TemplateStatus::Rejected),
    ];
    assert_eq!(listed, expected);
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_error_about_a_template_gives_the_cause_without_digits() {
    let body = json!({ "error": { "code": 100, "error_subcode": 2_388_072, "message": "Invalid",
        "error_user_title": "Body", "error_user_msg": "Wrong near 493817" } });
    let server = creating(ResponseTemplate::new(400).set_body_json(body)).await;
    let refused = meta(&server.uri()).templates().unwrap().submit(&login()).await;
    assert_eq!(refused, Err(TemplateError::Refused("100: Body: Wrong near …".to_owned())));
}

#[tokio::test]
async fn a_check_reports_a_wrong_token_or_account() {
    for (code, subcode, name) in
        [(190, 463, "META_ACCESS_TOKEN"), (200, 0, "META_ACCESS_TOKEN"), (100, 33, "META_WABA_ID")]
    {
        let body = json!({ "error": { "code": code, "error_subcode": subcode } });
        let server = answering(ResponseTemplate::new(400).set_body_json(body)).await;
        let error = meta(&server.uri()).templates().unwrap().list().await.unwrap_err();
        assert!(matches!(&error, TemplateError::Misconfigured { setting, .. } if *setting == name));
        assert_says_nothing_secret(&format!("{error:?} {error}"), &SECRETS);
    }
}

#[tokio::test]
async fn an_unreachable_provider_is_reported_by_the_check() {
    let away = meta(&refusing().await);
    assert_eq!(away.templates().unwrap().list().await, Err(TemplateError::Unreachable));
    let server = answering(ResponseTemplate::new(503)).await;
    let list = meta(&server.uri());
    assert_eq!(list.templates().unwrap().list().await, Err(TemplateError::Unreachable));
}
