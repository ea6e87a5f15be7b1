//! The check of the settings, and what it tells the merchant to change.

use serde_json::{Value, json};
use whatsapp::CheckResult;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, path},
};

use super::{SECRETS, meta, responses::error, settings};
use crate::support::{assert_says_nothing_secret, servers::refusing};

const ON_TIME: &str = "Thu, 01 Jan 2026 00:00:30 GMT";
const LATE: &str = "Thu, 01 Jan 2026 00:05:00 GMT";

async fn found(number: Value, status: u16, apps: Value, date: &str) -> Vec<CheckResult> {
    let server = MockServer::start().await;
    let token = format!("Bearer {}", SECRETS[0]);
    for (at, status, body) in [
        ("/v26.0/106540352242922", status, number),
        ("/v26.0/102290129340398", 200, json!({ "id": "1", "account_review_status": "APPROVED" })),
        ("/v26.0/102290129340398/subscribed_apps", 200, json!({ "data": apps })),
    ] {
        let response = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(path(at))
            .and(header("authorization", token.as_str()))
            .respond_with(response.insert_header("date", date))
            .mount(&server)
            .await;
    }
    let results = meta(&server.uri()).check().await;
    assert_says_nothing_secret(&format!("{results:?}"), &SECRETS);
    results
}

fn problems(results: &[CheckResult]) -> Vec<(&str, &str)> {
    let wrong = results.iter().filter_map(|result| {
        let problem = result.outcome.as_ref().err()?;
        Some((result.subject.as_str(), problem.as_str()))
    });
    wrong.collect()
}

fn number(status: &str) -> Value {
    json!({ "id": "106540352242922", "display_phone_number": "+44 7700 900222",
            "verified_name": "Marigold", "quality_rating": "GREEN", "status": status })
}

#[tokio::test]
async fn a_check_of_right_settings_finds_no_error() {
    let results = found(number("CONNECTED"), 200, json!([{}]), ON_TIME).await;
    assert_eq!(problems(&results), []);
    assert_eq!(results[0].outcome, Ok("Marigold, quality GREEN".to_owned()));
    assert_eq!(results.len(), 5);
}

#[tokio::test]
async fn a_check_of_a_number_that_cannot_send_tells_what_to_do() {
    for (status, what) in [
        ("PENDING", "register it"),
        ("DELETED", "META_PHONE_NUMBER_ID"),
        ("BANNED", "Business Support Home"),
    ] {
        let results = found(number(status), 200, json!([{}]), ON_TIME).await;
        let [(subject, problem)] = problems(&results)[..] else { panic!("{results:?}") };
        assert_eq!(subject, "access token and sender number");
        assert!(problem.contains(what), "{problem}");
    }
}

#[tokio::test]
async fn a_check_reports_wrong_token_missing_webhook_and_wrong_clock() {
    let results = found(error(190), 401, json!([]), LATE).await;
    let problems = problems(&results);
    let subjects: Vec<_> = problems.iter().map(|(subject, _)| *subject).collect();
    assert_eq!(subjects, ["access token and sender number", "webhook subscription", "clock"]);
    assert!(problems[0].1.contains("META_ACCESS_TOKEN"), "{}", problems[0].1);
    assert!(problems[2].1.contains("300 seconds"), "{}", problems[2].1);
}

#[tokio::test]
async fn a_graph_version_that_ends_soon_is_a_finding_and_a_warning() {
    let at = |version: &str, millis: i64| {
        let mut settings =
            settings("https://graph.example.com").with("META_GRAPH_VERSION", version);
        let now = std::sync::Arc::new(move || domain::Timestamp::from_millis(millis));
        let context = whatsapp::ProviderContext { now, ..crate::support::context() };
        whatsapp::providers::open("meta", &mut settings, &context).unwrap().unwrap()
    };
    // 2026-10-22 and 2026-10-23: 91 and 90 days before the end of v21.0.
    for (version, millis, is_warned) in [
        ("v21.0", 1_792_627_200_000, false),
        ("v21.0", 1_792_713_600_000, true),
        ("v22.0", 1_792_713_600_000, false),
        ("v26.0", 1_900_000_000_000, false),
    ] {
        assert_eq!(at(version, millis).warning().is_some(), is_warned, "{version}");
    }
}

#[tokio::test]
async fn an_unreachable_provider_is_reported_by_the_check() {
    let results = meta(&refusing().await).check().await;
    assert_eq!(problems(&results).len(), 3);
    assert!(problems(&results)[0].1.contains("was not reached"));
}
