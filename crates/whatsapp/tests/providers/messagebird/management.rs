//! Templates, and the check of the account.

use domain::{Language, MessageKind, Purpose};
use serde_json::{Value, json};
use whatsapp::{Template, TemplateError, TemplateState, TemplateStatus};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::{ACCESS_KEY, NAMESPACE, at};
use crate::support::assert_says_nothing_secret;

const LOGIN: Template =
    Template { kind: MessageKind::Code(Purpose::Login), language: Language::English, minutes: 10 };

fn listed(name: &str, language: &str, status: &str) -> Value {
    json!({
        "name": name,
        "language": language,
        "category": "AUTHENTICATION",
        "components": [
            { "type": "BODY", "add_security_recommendation": true },
            { "type": "FOOTER", "code_expiration_minutes": 10 },
        ],
        "status": status,
        "rejectedReason": "NONE",
        "wabaID": "102290129340398",
        "namespace": NAMESPACE,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
    })
}

async fn serve(server: &MockServer, verb: &str, address: &str, answer: ResponseTemplate) {
    Mock::given(method(verb)).and(path(address)).respond_with(answer).mount(server).await;
}

#[tokio::test]
async fn a_template_of_a_code_has_no_text_of_the_shop() {
    let server = MockServer::start().await;
    let all = "/v2/platforms/whatsapp/templates";
    let answer = listed("marigold_login_code", "en", "NEW");
    serve(&server, "POST", all, ResponseTemplate::new(201).set_body_json(answer)).await;
    let provider = at(&server.uri());
    let state = provider.templates().unwrap().submit(&LOGIN).await.unwrap();
    assert_eq!(
        state,
        TemplateState {
            name: "marigold_login_code".to_owned(),
            language: Language::English,
            id: None,
            status: TemplateStatus::Pending,
            reason: None,
            minutes: Some(10),
        }
    );
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.path(), format!("{all}/marigold_login_code/en"));
    assert_eq!(
        requests[1].body_json::<Value>().unwrap(),
        json!({
            "name": "marigold_login_code",
            "language": "en",
            "wabaID": "102290129340398",
            "category": "AUTHENTICATION",
            "components": [
                { "type": "BODY", "add_security_recommendation": true },
                { "type": "FOOTER", "code_expiration_minutes": 10 },
                { "type": "BUTTONS", "buttons": [
                    { "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code" },
                ] },
            ],
        })
    );
}

#[tokio::test]
async fn a_template_of_a_notice_has_the_text_of_the_shop() {
    let server = MockServer::start().await;
    let answer = listed("marigold_phone_changed", "de", "PENDING");
    let answer = ResponseTemplate::new(201).set_body_json(answer);
    serve(&server, "POST", "/v2/platforms/whatsapp/templates", answer).await;
    let provider = at(&server.uri());
    let notice =
        Template { kind: MessageKind::PhoneChanged, language: Language::German, minutes: 0 };
    provider.templates().unwrap().submit(&notice).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let body: Value = requests[1].body_json().unwrap();
    assert_eq!(body["category"], "UTILITY");
    assert_eq!(body["components"][0]["type"], "BODY");
    assert!(body["components"][0]["text"].as_str().unwrap().contains("{{1}}"));
    assert_eq!(body["components"][0]["example"], json!({ "body_text": [["Marigold"]] }));
}

#[tokio::test]
async fn submitting_an_existing_template_returns_its_state() {
    let server = MockServer::start().await;
    let one = "/v2/platforms/whatsapp/templates/marigold_login_code/en";
    let answer = listed("marigold_login_code", "en", "PAUSED");
    serve(&server, "GET", one, ResponseTemplate::new(200).set_body_json(answer)).await;
    let state = at(&server.uri()).templates().unwrap().submit(&LOGIN).await.unwrap();
    assert_eq!(state.status, TemplateStatus::Paused);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn template_statuses_are_read_and_unknown_languages_are_ignored() {
    let statuses = [
        ("NEW", TemplateStatus::Pending),
        ("PENDING", TemplateStatus::Pending),
        ("APPROVED", TemplateStatus::Approved),
        ("REJECTED", TemplateStatus::Rejected),
        ("PAUSED", TemplateStatus::Paused),
        ("DISABLED", TemplateStatus::Disabled),
        ("DELETED", TemplateStatus::Disabled),
        ("PENDING_DELETION", TemplateStatus::Disabled),
    ];
    let mut items: Vec<_> =
        statuses.iter().map(|(status, _)| listed("marigold_login_code", "pt_BR", status)).collect();
    items.push(listed("marigold_login_code", "nl", "APPROVED"));
    for body in [json!({ "items": items, "count": 9, "totalCount": 9 }), json!(items)] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_json(body);
        serve(&server, "GET", "/v3/platforms/whatsapp/templates", answer).await;
        let states = at(&server.uri()).templates().unwrap().list().await.unwrap();
        let read: Vec<_> = states.iter().map(|state| state.status).collect();
        assert_eq!(read, statuses.map(|(_, status)| status));
    }
}

#[tokio::test]
async fn an_error_about_a_template_tells_what_to_change() {
    let server = MockServer::start().await;
    let body = json!({ "errors": [{ "code": 2, "description": "x", "parameter": "access_key" }] });
    let answer = ResponseTemplate::new(401).set_body_json(body);
    let one = "/v2/platforms/whatsapp/templates/marigold_login_code/en";
    serve(&server, "GET", one, answer).await;
    let error = at(&server.uri()).templates().unwrap().submit(&LOGIN).await.unwrap_err();
    assert!(matches!(
        error,
        TemplateError::Misconfigured { setting: "MESSAGEBIRD_ACCESS_KEY", .. }
    ));
}

#[tokio::test]
async fn a_check_of_a_correct_account_finds_no_error() {
    let server = MockServer::start().await;
    let dated =
        || ResponseTemplate::new(200).insert_header("date", "Thu, 01 Jan 2026 00:00:05 GMT");
    serve(&server, "GET", "/v1/webhooks", dated().set_body_json(json!({ "items": [] }))).await;
    serve(&server, "GET", "/messages", dated().set_body_json(json!({ "items": [] }))).await;
    let templates = json!({ "items": [listed("marigold_login_code", "en", "APPROVED")] });
    let answer = dated().set_body_json(templates);
    serve(&server, "GET", "/v3/platforms/whatsapp/templates", answer).await;
    let results = at(&server.uri()).check().await;
    assert!(results.iter().all(|result| result.outcome.is_ok()), "{results:#?}");
    assert_eq!(results.len(), 6);
}

#[tokio::test]
async fn a_check_tells_what_to_change() {
    let server = MockServer::start().await;
    let refused = json!({ "errors": [{ "code": 2, "description": "no", "parameter": null }] });
    let refused = ResponseTemplate::new(401)
        .set_body_json(refused)
        .insert_header("date", "Thu, 01 Jan 2026 00:02:00 GMT");
    serve(&server, "GET", "/v1/webhooks", refused.clone()).await;
    serve(&server, "GET", "/messages", refused).await;
    let mut other = listed("marigold_login_code", "en", "APPROVED");
    other["namespace"] = "another".into();
    let answer = ResponseTemplate::new(200).set_body_json(json!({ "items": [other] }));
    serve(&server, "GET", "/v3/platforms/whatsapp/templates", answer).await;
    let results = at(&server.uri()).check().await;
    let wrong: Vec<_> = results.iter().filter_map(|it| it.outcome.clone().err()).collect();
    assert_eq!(wrong.len(), 5, "{results:#?}");
    assert!(wrong[0].contains("MESSAGEBIRD_ACCESS_KEY"));
    assert!(wrong[1].contains("120 seconds"));
    assert_eq!(wrong[2], "set MESSAGEBIRD_NAMESPACE to another");
    assert_says_nothing_secret(&format!("{results:?}"), &[ACCESS_KEY]);
}
