//! `marigold check-provider stripe`.

use domain::Currency;
use payment::stripe::CheckContext;
use serde_json::{Value, json};

use crate::support::{Reaction, Server, fails, list, ok};

const ACCOUNT: &str = "GET /v1/account";
const SPEC: &str = "GET /v1/country_specs/GB";
const ENDPOINTS: &str = "GET /v1/webhook_endpoints";
const CALL: &str = "POST /webhooks/stripe";
const READS: [&str; 4] =
    ["GET /v1/checkout/sessions", "GET /v1/payment_intents", "GET /v1/refunds", "GET /v1/events"];

/// Runs the check, and returns each line with its subject.
async fn lines(script: impl FnOnce(&str) -> Vec<(&'static str, Reaction)>) -> Vec<(String, bool)> {
    // The address of the shop is the one of the server, which is known once it has started; so the
    // endpoint's address is left open here.
    let server = Server::start(script("URL")).await;
    let public_url = server.url.as_str().trim_end_matches('/').to_owned();
    let context = CheckContext { public_url: &public_url, currency: Currency::EUR };
    let results = server.gateway().check(&context).await;
    server.requests();
    results
        .into_iter()
        .map(|result| {
            let is_good = result.outcome.is_ok();
            let detail = result.outcome.unwrap_or_else(|advice| advice);
            (format!("{}: {detail}", result.subject).replace(&public_url, "SHOP"), is_good)
        })
        .collect()
}

fn account(can_charge: bool) -> Reaction {
    ok(json!({ "id": "acct_1", "object": "account", "country": "GB",
               "charges_enabled": can_charge }))
}

fn reads() -> Vec<(&'static str, Reaction)> {
    READS.into_iter().map(|line| (line, list(Vec::new(), false))).collect()
}

fn spec(currencies: Value) -> Reaction {
    ok(json!({ "id": "GB", "supported_payment_currencies": currencies }))
}

fn line<'l>(lines: &'l [(String, bool)], subject: &str) -> &'l (String, bool) {
    lines.iter().find(|(line, _)| line.starts_with(subject)).unwrap()
}

#[tokio::test]
async fn an_account_that_is_ready_passes_every_check_but_the_unknown_endpoint() {
    let lines = lines(|_| {
        let mut script = vec![(ACCOUNT, account(true))];
        script.extend(reads());
        script.push((SPEC, spec(json!(["eur", "gbp"]))));
        script.push((ENDPOINTS, list(Vec::new(), false)));
        script.push((CALL, ok(json!({}))));
        script
    })
    .await;
    for (subject, expected, is_good) in [
        ("API key", "API key: secret key of the account acct_1", true),
        ("mode", "mode: test: no money moves", true),
        ("account", "account: in GB, can charge", true),
        ("currency", "currency: EUR is among the 2 that accounts in GB charge", true),
        ("webhook endpoint", "webhook endpoint: add the endpoint SHOP/webhooks/stripe", false),
        ("webhook:", "webhook: SHOP/webhooks/stripe accepts a signed call", true),
    ] {
        let (said, good) = line(&lines, subject);
        assert!(said.starts_with(expected) && *good == is_good, "{said}");
    }
}

#[tokio::test]
async fn each_thing_that_is_wrong_is_named_with_what_to_change() {
    let lines = lines(|_| {
        let mut script = vec![(ACCOUNT, account(false))];
        script.extend(reads());
        script[3].1 = fails(403, "invalid_request_error", "");
        script.push((SPEC, spec(json!(["gbp"]))));
        script.push((ENDPOINTS, fails(403, "invalid_request_error", "")));
        script.push((CALL, fails(401, "", "")));
        script
    })
    .await;
    for (subject, advice) in [
        ("account", "cannot charge yet"),
        ("permissions", "access to Refunds"),
        ("currency", "cannot charge in EUR"),
        ("webhook:", "another STRIPE_WEBHOOK_SECRET"),
    ] {
        let (said, is_good) = line(&lines, subject);
        assert!(said.contains(advice) && !is_good, "{said}");
    }
}

#[tokio::test]
async fn a_wrong_key_ends_the_check_at_once() {
    let lines = lines(|_| vec![(ACCOUNT, fails(401, "invalid_request_error", ""))]).await;
    let (said, is_good) = line(&lines, "API key");
    assert!(said.contains("does not know this key") && !is_good, "{said}");
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|(line, _)| !line.contains("0123456789abcdef")));
}

#[tokio::test]
async fn a_restricted_key_without_the_account_is_no_fault() {
    let lines = lines(|_| {
        let mut script = vec![(ACCOUNT, fails(403, "invalid_request_error", ""))];
        script.extend(reads());
        script.push((ENDPOINTS, list(Vec::new(), false)));
        script.push((CALL, ok(json!({}))));
        script
    })
    .await;
    assert!(line(&lines, "API key").1 && line(&lines, "permissions").1);
}
