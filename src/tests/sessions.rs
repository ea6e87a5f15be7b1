//! Sessions: new ids, their end, and the data that they leave in the browser.

use axum::http::StatusCode;

use super::support::{PASSWORD, TestApp};

const SESSION: &str = "marigold";

#[tokio::test]
async fn x94_a_session_id_from_outside_is_never_adopted() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let chosen = "AAAAAAAAAAAAAAAAAAAAAA";
    browser.cookies.insert(SESSION.into(), chosen.into());
    let person = app.join(&mut browser).await;
    assert_ne!(browser.cookies[SESSION], chosen);
    let mut other = app.browser();
    other.cookies.insert(SESSION.into(), chosen.into());
    assert_eq!(other.get("/account").await.path, "/login?next=/account");
    drop(person);
}

#[tokio::test]
async fn x94_password_code_and_step_up_each_make_a_new_id_and_end_the_old_one() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    browser.submit("/api/logout", &[]).await;
    assert!(!browser.cookies.contains_key(SESSION));
    let mut ids = Vec::new();
    let form = [("email", &*person.email), ("password", PASSWORD), ("next", "/cart")];
    browser.submit("/api/login", &form).await;
    ids.push(browser.cookies[SESSION].clone());
    let code = app.code(&person.phone).await;
    browser.submit("/api/login/verify", &[("code", &code)]).await;
    ids.push(browser.cookies[SESSION].clone());
    let code = {
        browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
        app.code(&person.phone).await
    };
    ids.push(browser.cookies[SESSION].clone());
    browser.submit("/api/account/phone/step-up", &[("code", &code)]).await;
    ids.push(browser.cookies[SESSION].clone());
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{} ids", ids.len());
    for old in &ids[..ids.len() - 1] {
        let mut thief = app.browser();
        thief.cookies.insert(SESSION.into(), old.clone());
        assert_eq!(thief.get("/account").await.path, "/login?next=/account");
    }
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_sign_in_over_another_ends_the_other() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    let mut elsewhere = app.browser();
    for browser in [&mut elsewhere, &mut browser] {
        browser.submit("/api/login", &[("email", &person.email), ("password", PASSWORD)]).await;
        let code = app.code(&person.phone).await;
        browser.submit("/api/login/verify", &[("code", &code)]).await;
    }
    let page = browser.get("/account/security").await;
    let others = page.html.matches("action=\"/api/account/sessions/end\"").count();
    assert_eq!(others, 1, "elsewhere, and nothing that was left behind here");
}

#[tokio::test]
async fn x94_two_session_cookies_sign_nobody_in() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    let ours = format!("{SESSION}={}", browser.cookies[SESSION]);
    let other = format!("{SESSION}=AAAAAAAAAAAAAAAAAAAAAA");
    let guest = app.browser();
    for (lines, is_signed_in) in [
        (&[ours.as_str()][..], true),
        (&[&format!("theme=dark; {ours}; theme=light")], true),
        (&[&format!("{ours}; {other}")], false),
        (&[&format!("{other}; {ours}")], false),
        (&[&ours, &other], false),
        (&[&other, &ours], false),
        (&[&format!("{ours}; {ours}")], false),
        (&[&format!("{ours}; {SESSION}=")], false),
    ] {
        let mut request = guest.request(axum::http::Method::GET, "/account");
        for line in lines {
            request = request.header("cookie", *line);
        }
        let answer = app.browser().send(request, "").await;
        assert_eq!(answer.status.is_success(), is_signed_in, "{}", answer.status);
    }
}

#[tokio::test]
async fn x105_signing_out_ends_the_session_and_clears_site_data() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    let old = browser.cookies[SESSION].clone();
    let answer = browser.post("/api/logout", &[]).await;
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
    assert_ne!(browser.cookies.get(SESSION), Some(&old));
    let mut thief = app.browser();
    thief.cookies.insert(SESSION.into(), old);
    for browser in [&mut browser, &mut thief] {
        assert_eq!(browser.get("/account").await.path, "/login?next=/account");
    }
}

#[tokio::test]
async fn x105_another_site_cannot_sign_a_visitor_out() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    let request = browser
        .request(axum::http::Method::POST, "/api/logout")
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(request, "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_idle_session_ends() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    app.clock.advance(std::time::Duration::from_secs(31 * 60));
    assert_eq!(browser.get("/account").await.path, "/login?next=/account");
}

#[tokio::test]
async fn another_browser_can_be_signed_out_from_the_account() {
    let app = TestApp::new().await;
    let (mut one, mut other) = (app.browser(), app.browser());
    let person = app.join(&mut one).await;
    other.submit("/api/login", &[("email", &*person.email), ("password", PASSWORD)]).await;
    let code = app.code(&person.phone).await;
    other.submit("/api/login/verify", &[("code", &code)]).await;
    assert!(one.get("/account/security").await.text().contains("End all others"));
    one.submit("/api/account/sessions/end-others", &[]).await;
    assert_eq!(other.get("/account").await.path, "/login?next=/account");
    assert_eq!(one.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_trusted_device_needs_no_code_until_it_is_revoked() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    browser.submit("/api/logout", &[]).await;
    let login = [("email", &*person.email), ("password", PASSWORD)];
    browser.submit("/api/login", &login).await;
    let code = app.code(&person.phone).await;
    browser.submit("/api/login/verify", &[("code", &code), ("trust", "yes")]).await;
    browser.submit("/api/logout", &[]).await;
    assert_eq!(browser.submit("/api/login", &login).await.path, "/account");
    let page = browser.get("/account/security").await;
    let form = page.html.split("devices/forget").nth(1).unwrap();
    let id = form.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    browser.submit("/api/account/devices/forget", &[("id", id)]).await;
    browser.submit("/api/logout", &[]).await;
    assert_eq!(browser.submit("/api/login", &login).await.path, "/login/verify");
}
