//! Templates by the Content API.

use domain::{Language, MessageKind, Purpose};
use serde_json::json;
use whatsapp::{Template, TemplateError, TemplateState, TemplateStatus};
use wiremock::MockServer;

use super::*;
use crate::support::servers::refusing;

const LIST: &str = "/v1/ContentAndApprovals";
const OTHER: &str = "HX55555555555555555555555555555555";

fn login(minutes: u64) -> Template {
    let kind = MessageKind::Code(Purpose::Login);
    Template { kind, language: Language::English, minutes }
}

/// A template of a login code, as Twilio lists it.
fn content(sid: &str, minutes: u64, created: &str, status: &str) -> Value {
    json!({
        "sid": sid,
        "account_sid": ACCOUNT,
        "friendly_name": "marigold_login_code",
        "language": "en",
        "variables": { "1": "123456" },
        "types": { "whatsapp/authentication": { "code_expiration_minutes": minutes, "actions": [] } },
        "date_created": created,
        "approval_requests": { "status": status, "rejection_reason": "", "name": "x" },
    })
}

fn page(contents: &[Value], next: Option<String>) -> Value {
    json!({ "contents": contents, "meta": { "key": "contents", "next_page_url": next } })
}

async fn lists(contents: &[Value]) -> MockServer {
    let server = MockServer::start().await;
    answer(&server, "GET", LIST, 200, page(contents, None)).await;
    server
}

async fn list(server: &MockServer) -> Result<Vec<TemplateState>, TemplateError> {
    open(settings(&server.uri())).templates().unwrap().list().await
}

async fn submit(server: &MockServer, template: Template) -> Result<TemplateState, TemplateError> {
    open(settings(&server.uri())).templates().unwrap().submit(&template).await
}

fn approval_path(sid: &str) -> String {
    format!("/v1/Content/{sid}/ApprovalRequests/whatsapp")
}

/// A server without templates that accepts a template of this kind.
async fn empty_server(kind: MessageKind) -> MockServer {
    let server = lists(&[]).await;
    let name = Template { kind, language: Language::English, minutes: 0 }.name("marigold");
    let mut created = content(CONTENT, 10, "2026-01-01T00:00:00Z", "unsubmitted");
    created["friendly_name"] = json!(name);
    created["approval_requests"] = Value::Null;
    answer(&server, "POST", "/v1/Content", 201, created).await;
    let approval = json!({ "name": name, "status": "received", "rejection_reason": "" });
    answer(&server, "POST", &approval_path(CONTENT), 201, approval).await;
    server
}

#[tokio::test]
async fn every_template_is_created_and_submitted_as_the_schema_demands() {
    for kind in MessageKind::ALL {
        let server = empty_server(kind).await;
        let is_code = matches!(kind, MessageKind::Code(_));
        let minutes = if is_code { 10 } else { 0 };
        let template = Template { kind, language: Language::English, minutes };
        let state = submit(&server, template).await.unwrap();
        assert_eq!(state.id.as_deref(), Some(CONTENT));
        assert_eq!(state.status, TemplateStatus::Pending);
        let requests = asked(&server).await;
        let [_, create, approve] = requests.as_slice() else { panic!("{}", requests.len()) };
        let create: Value = create.body_json().unwrap();
        assert_published("content", &create);
        let name = template.name("marigold");
        assert_eq!((&create["friendly_name"], &create["language"]), (&json!(name), &json!("en")));
        if is_code {
            let expected = json!({
                "add_security_recommendation": true,
                "code_expiration_minutes": 10,
                "actions": [{ "type": "COPY_CODE", "copy_code_text": "Copy code" }],
            });
            assert_eq!(create["types"]["whatsapp/authentication"], expected);
        } else {
            let body = create["types"]["twilio/text"]["body"].as_str().unwrap();
            assert!(body.contains("{{1}}") && !body.contains("{{2}}"), "{body}");
        }
        let approve: Value = approve.body_json().unwrap();
        assert_published("approval", &approve);
        let category = if is_code { "AUTHENTICATION" } else { "UTILITY" };
        assert_eq!(approve, json!({ "name": name, "category": category }));
    }
}

#[tokio::test]
async fn submitting_an_existing_template_returns_its_state() {
    let server = lists(&[content(CONTENT, 10, "2026-01-01T00:00:00Z", "approved")]).await;
    let state = submit(&server, login(10)).await.unwrap();
    let expected = TemplateState {
        name: "marigold_login_code".to_owned(),
        language: Language::English,
        id: Some(CONTENT.to_owned()),
        status: TemplateStatus::Approved,
        reason: None,
        minutes: Some(10),
    };
    assert_eq!(state, expected);
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn a_template_that_was_created_but_not_submitted_is_submitted() {
    let server = lists(&[content(CONTENT, 10, "2026-01-01T00:00:00Z", "unsubmitted")]).await;
    answer(&server, "POST", &approval_path(CONTENT), 201, json!({ "status": "pending" })).await;
    let state = submit(&server, login(10)).await.unwrap();
    assert_eq!((state.status, state.minutes), (TemplateStatus::Pending, Some(10)));
}

#[tokio::test]
async fn another_lifetime_of_the_code_requires_another_template() {
    let kind = MessageKind::Code(Purpose::Login);
    let server = empty_server(kind).await;
    server.reset().await;
    let old = content(OTHER, 5, "2026-01-01T00:00:00Z", "approved");
    answer(&server, "GET", LIST, 200, page(&[old], None)).await;
    let new = content(CONTENT, 10, "2026-01-02T00:00:00Z", "unsubmitted");
    answer(&server, "POST", "/v1/Content", 201, new).await;
    answer(&server, "POST", &approval_path(CONTENT), 201, json!({ "status": "pending" })).await;
    assert_eq!(submit(&server, login(10)).await.unwrap().id.as_deref(), Some(CONTENT));
}

#[tokio::test]
async fn the_newest_content_of_a_name_and_language_is_used() {
    let old = content(OTHER, 5, "2026-01-01T00:00:00Z", "approved");
    let new = content(CONTENT, 10, "2026-01-02T00:00:00Z", "pending");
    for contents in [[old.clone(), new.clone()], [new, old]] {
        let states = list(&lists(&contents).await).await.unwrap();
        assert_eq!(states.len(), 1);
        assert_eq!(states[0].id.as_deref(), Some(CONTENT));
    }
}

#[tokio::test]
async fn every_template_status_is_read_and_an_unknown_one_is_pending() {
    for (word, status) in [
        ("unsubmitted", TemplateStatus::Pending),
        ("received", TemplateStatus::Pending),
        ("pending", TemplateStatus::Pending),
        ("approved", TemplateStatus::Approved),
        ("rejected", TemplateStatus::Rejected),
        ("paused", TemplateStatus::Paused),
        ("PAUSED", TemplateStatus::Paused),
        ("disabled", TemplateStatus::Disabled),
        ("celebrated", TemplateStatus::Pending),
    ] {
        let mut content = content(CONTENT, 10, "2026-01-01T00:00:00Z", word);
        content["approval_requests"]["rejection_reason"] = json!("INVALID_FORMAT");
        let states = list(&lists(&[content]).await).await.unwrap();
        assert_eq!(states[0].status, status, "{word}");
        assert_eq!(states[0].reason.as_deref(), Some("INVALID_FORMAT"));
    }
}

#[tokio::test]
async fn notices_are_listed_and_unknown_languages_are_ignored() {
    let mut notice = content(CONTENT, 0, "2026-01-01T00:00:00Z", "approved");
    notice["types"] = json!({ "twilio/text": { "body": "{{1}}" } });
    notice["friendly_name"] = json!("marigold_phone_changed");
    let mut polish = content(OTHER, 10, "2026-01-01T00:00:00Z", "approved");
    polish["language"] = json!("pl");
    let states = list(&lists(&[notice, polish]).await).await.unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!((states[0].name.as_str(), states[0].minutes), ("marigold_phone_changed", None));
}

#[tokio::test]
async fn the_list_is_read_to_its_last_page() {
    let server = MockServer::start().await;
    let second = format!("{}/second?PageToken=x", server.uri());
    let old = content(OTHER, 5, "2026-01-01T00:00:00Z", "approved");
    let new = content(CONTENT, 10, "2026-01-02T00:00:00Z", "approved");
    answer(&server, "GET", LIST, 200, page(&[old], Some(second))).await;
    answer(&server, "GET", "/second", 200, page(&[new], None)).await;
    assert_eq!(list(&server).await.unwrap()[0].id.as_deref(), Some(CONTENT));
}

#[tokio::test]
async fn credentials_do_not_follow_the_list_to_another_address() {
    let elsewhere = MockServer::start().await;
    for next in [format!("{}/second", elsewhere.uri()), String::new()] {
        let server = MockServer::start().await;
        answer(&server, "GET", LIST, 200, page(&[], Some(next))).await;
        let error = list(&server).await.unwrap_err();
        assert!(error.to_string().starts_with("TWILIO_CONTENT_BASE_URL"), "{error}");
    }
    let server = MockServer::start().await;
    let lookalike = format!("{}.evil.example.com/", server.uri());
    answer(&server, "GET", LIST, 200, page(&[], Some(lookalike))).await;
    let error = list(&server).await.unwrap_err();
    assert!(error.to_string().starts_with("TWILIO_CONTENT_BASE_URL"), "{error}");
    assert!(asked(&elsewhere).await.is_empty());
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    let server = MockServer::start().await;
    let again = format!("{}{LIST}?again", server.uri());
    answer(&server, "GET", LIST, 200, page(&[], Some(again))).await;
    let error = list(&server).await.unwrap_err();
    assert_eq!(
        error,
        TemplateError::Refused("the list of templates has more than 50 pages".to_owned())
    );
}

#[tokio::test]
async fn template_errors_distinguish_refused_and_unreachable() {
    let server = MockServer::start().await;
    answer(&server, "GET", LIST, 401, problem(20003, 401)).await;
    let error = list(&server).await.unwrap_err();
    assert!(error.to_string().starts_with("TWILIO_AUTH_TOKEN: "), "{error}");
    for reply in [
        ResponseTemplate::new(503),
        ResponseTemplate::new(429),
        ResponseTemplate::new(200).set_body_string("{"),
    ] {
        let server = MockServer::start().await;
        Mock::given(matchers::any()).respond_with(reply).mount(&server).await;
        assert_eq!(list(&server).await, Err(TemplateError::Unreachable));
    }
    let provider = open(settings(&refusing().await));
    assert_eq!(provider.templates().unwrap().list().await, Err(TemplateError::Unreachable));
}

#[test]
fn templates_need_a_whatsapp_sender() {
    let provider = open(settings("https://twilio.example.com").without("TWILIO_FROM"));
    assert!(provider.templates().is_none());
}
