//! Input that is too large, too long, malformed or too frequent.

use axum::http::{Method, StatusCode};
use futures::stream::{FuturesUnordered, StreamExt};

use super::support::{Browser, TestApp};

const ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:3000");
/// The capacity of one hasher: one sign-in that is hashed, and 32 that wait.
const HASHER_CAPACITY: u64 = 33;

async fn post(browser: &mut Browser, path: &str, body: Vec<u8>) -> super::support::Page {
    let request = browser
        .request(Method::POST, path)
        .header(ORIGIN.0, ORIGIN.1)
        .header("content-type", "application/x-www-form-urlencoded");
    browser.send_bytes(request, body).await
}

#[tokio::test]
async fn x38_a_malformed_code_is_refused_without_an_attempt() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.person();
    browser.get("/register").await;
    browser.submit("/api/register", &person.form()).await;
    for typed in ["12345", "1234567", "", "      ", "¹²³⁴⁵⁶", "0x1F00", &"9".repeat(5_000)]
    {
        let page = browser.submit("/api/register/verify", &[("code", typed)]).await;
        let text = page.text();
        assert!(text.contains("digits") || text.contains("Enter the code"), "{typed}: {text}");
    }
    let page = browser.submit("/api/register/verify", &[("code", "000000")]).await;
    assert!(page.text().contains("4 more times"), "{}", page.text());
}

#[tokio::test]
async fn x38_ten_megabytes_of_digits_are_not_read() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let mut body = b"code=".to_vec();
    body.extend(std::iter::repeat_n(b'9', 10_000_000));
    let answer = post(&mut browser, "/api/login/verify", body.clone()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let request = browser
        .request(Method::POST, "/api/login/verify")
        .header(ORIGIN.0, ORIGIN.1)
        .header("content-length", "10000005");
    assert_eq!(browser.send_bytes(request, body).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn x38_a_body_that_is_no_text_is_a_bad_request() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for body in [&b"code=12345%00"[..], b"code=\x00", b"code=%ff%fe", b"code=\xc3\x28"] {
        let answer = post(&mut browser, "/api/login/verify", body.to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:?}");
    }
}

#[tokio::test]
async fn x39_a_field_is_given_once_as_text_and_never_as_json() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for body in ["code=1&code=2", "code[0]=1", "code[a][b]=1", "code[]=1", "CODE=1"] {
        let answer = post(&mut browser, "/api/login/verify", body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    for body in ["{}", r#"{"code":["123456"]}"#, r#"{"code":{"$ne":""}}"#, r#"["123456"]"#] {
        let request = browser
            .request(Method::POST, "/api/login/verify")
            .header(ORIGIN.0, ORIGIN.1)
            .header("content-type", "application/json");
        assert_eq!(browser.send(request, body).await.status, StatusCode::BAD_REQUEST, "{body}");
        let answer = post(&mut browser, "/api/login/verify", body.as_bytes().to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn x44_long_fields_are_problems_and_long_addresses_break_nothing() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let (name, email) = ("n".repeat(3_000), format!("{}@example.com", "e".repeat(3_000)));
    let form =
        [("name", &*name), ("email", &*email), ("phone", "+447700900001"), ("password", &*name)];
    browser.get("/register").await;
    let page = browser.submit("/api/register", &form).await;
    for words in ["up to 100 characters", "name@example.com", "at most 128"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let query = format!("/products?q={}", "x".repeat(20_000));
    assert!(!browser.get(&query).await.status.is_server_error());
    let request = browser.request(Method::GET, "/login").header("x-long", "y".repeat(20_000));
    assert_eq!(browser.send(request, "").await.status, StatusCode::OK);
    let request = browser.request(Method::GET, "/login").header("user-agent", "z".repeat(20_000));
    assert_eq!(browser.send(request, "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn x06_forwarded_headers_do_not_lift_a_limit() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get("/reset").await;
    let limit = app.shop.settings().policy.address_sends_per_hour;
    let mut refused = 0;
    for number in 0..limit + 3 {
        let mut request = browser
            .request(Method::POST, "/api/reset")
            .header(ORIGIN.0, ORIGIN.1)
            .header("content-type", "application/x-www-form-urlencoded");
        let address = format!("203.0.113.{number}");
        for name in
            ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"]
        {
            request = request.header(name, &address);
        }
        request.headers_mut().unwrap().insert("accept", "*/*".parse().unwrap());
        let answer = browser.send(request, &format!("email=a{number}%40example.com")).await;
        refused += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn x43_sign_ins_beyond_the_capacity_are_refused_with_a_wait() {
    let app = TestApp::with_one_hasher().await;
    let held = app.shop.passwords().hold_one_hasher().await;
    let mut rush: FuturesUnordered<_> = (0..100)
        .map(|number| {
            let mut browser = app.browser();
            tokio::spawn(async move {
                browser.get("/login").await;
                let body =
                    format!("email=robin{number}%40example.com&password=violet+kettle+harbour");
                let request = browser
                    .request(Method::POST, "/api/login")
                    .header(ORIGIN.0, ORIGIN.1)
                    .header("accept", "text/html")
                    .header("content-type", "application/x-www-form-urlencoded");
                browser.send_bytes(request, body.into_bytes()).await
            })
        })
        .collect();
    for _ in HASHER_CAPACITY..100 {
        let answer = rush.next().await.unwrap().unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
        assert!(answer.html.contains("try again"), "{}", answer.html);
    }
    drop(held);
    while let Some(answer) = rush.next().await {
        assert_ne!(answer.unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    }
    let mut browser = app.browser();
    assert_eq!(browser.get("/login").await.status, StatusCode::OK);
}
