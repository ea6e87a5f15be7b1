//! Account enumeration: no page, header or cookie tells whether an account exists.

use super::support::{Browser, PASSWORD, Page, TestApp};

/// What is random in every answer, made the same.
pub fn normal(page: &Page) -> String {
    let mut lines: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "content-security-policy"].contains(&name.as_str()))
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            match (name.as_str(), value.split_once('=')) {
                ("set-cookie", Some((cookie, rest))) => {
                    let attributes = rest.split_once(';').map_or("", |(_, attributes)| attributes);
                    format!("set-cookie: {cookie}=…;{attributes}")
                }
                _ => format!("{name}: {value}"),
            }
        })
        .collect();
    lines.sort();
    let nonce = page.header("content-security-policy").split("'nonce-").nth(1);
    let nonce = nonce.and_then(|rest| rest.split('\'').next()).unwrap_or("none");
    let mut html = page.html.replace(nonce, "NONCE");
    if let Some((before, after)) = html.clone().split_once("••• ••• ") {
        let after: String = after.chars().skip(2).collect();
        html = format!("{before}•••{after}");
    }
    format!("{} {}\n{html}", page.status, lines.join("\n"))
}

/// The responses to a form with these fields, and the page after it.
async fn seen(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> (String, String) {
    browser.get(path).await;
    let answer = browser.post(&format!("/api{path}"), fields).await;
    let next = browser.get(&answer.location().unwrap()).await;
    (normal(&answer), normal(&next))
}

#[tokio::test]
async fn x45_unknown_wrong_and_right_look_the_same_at_sign_in() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let mut all = Vec::new();
    for (email, password) in [
        ("nobody@example.com", PASSWORD),
        (&*person.email, "not the violet kettle"),
        (&*person.email, PASSWORD),
    ] {
        let form = [("email", email), ("password", password)];
        let mut browser = app.browser();
        all.push(seen(&mut browser, "/login", &form).await);
        let page = browser.get("/login/verify").await;
        assert!(page.text().contains("••• ••• ••."), "X-52: {}", page.text());
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

#[tokio::test]
async fn x45_x48_they_look_the_same_when_the_phone_has_had_enough_to_the_last_page() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    for _ in 0..5 {
        let mut browser = app.browser();
        browser.get("/reset").await;
        browser.submit("/api/reset", &[("email", &*person.email)]).await;
        app.deliver().await;
    }
    let mut all = Vec::new();
    for (email, password) in [
        ("nobody@example.com", PASSWORD),
        (&*person.email, "not the violet kettle"),
        (&*person.email, PASSWORD),
    ] {
        let (mut browser, form) = (app.browser(), [("email", email), ("password", password)]);
        let (answer, page) = seen(&mut browser, "/login", &form).await;
        let mut pages = vec![answer, page];
        app.deliver().await;
        pages.push(normal(&browser.get("/login/verify").await));
        let resend = browser.submit("/api/codes/resend", &[("purpose", "login")]).await;
        pages.push(normal(&resend));
        for _ in 0..6 {
            pages.push(normal(&browser.submit("/api/login/verify", &[("code", "000000")]).await));
        }
        for _ in 0..6 {
            browser.get("/login").await;
            pages.push(normal(&browser.submit("/api/login", &form).await));
        }
        // The form shows again what was typed into it.
        all.push(pages.iter().map(|page| page.replace(email, "E-MAIL")).collect::<Vec<_>>());
    }
    for other in &all[1..] {
        for (place, (expected, page)) in all[0].iter().zip(other).enumerate() {
            assert_eq!(expected, page, "page {place}");
        }
        assert_eq!(all[0].len(), other.len());
    }
}

#[tokio::test]
async fn x45_unknown_and_known_look_the_same_at_reset() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let known = seen(&mut app.browser(), "/reset", &[("email", person.phone.expose())]).await;
    let unknown = seen(&mut app.browser(), "/reset", &[("email", "+447700900999")]).await;
    assert_eq!(known, unknown);
    let known = seen(&mut app.browser(), "/reset", &[("email", &person.email)]).await;
    let unknown = seen(&mut app.browser(), "/reset", &[("email", "no@example.com")]).await;
    assert_eq!(known, unknown);
}

#[tokio::test]
async fn x45_a_taken_phone_looks_free_at_registration() {
    let app = TestApp::new().await;
    let (taken, free) = (app.join(&mut app.browser()).await, app.person());
    let form = |phone| {
        [("name", "A"), ("email", "a@example.com"), ("phone", phone), ("password", PASSWORD)]
    };
    let one = seen(&mut app.browser(), "/register", &form(taken.phone.expose())).await;
    let other = seen(&mut app.browser(), "/register", &form(free.phone.expose())).await;
    assert_eq!(one, other);
}

#[tokio::test]
async fn x47_attempts_on_unknown_accounts_end_like_those_on_known_ones() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get("/login").await;
    let form = [("email", "nobody@example.com"), ("password", PASSWORD)];
    browser.submit("/api/login", &form).await;
    for words in ["4 more times", "3 more times", "2 more times", "once more", "start again"] {
        let page = browser.submit("/api/login/verify", &[("code", "123456")]).await;
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
}

#[tokio::test]
async fn x99_a_code_of_one_browser_is_worth_nothing_in_another() {
    let app = TestApp::new().await;
    let (mut thief, mut victim) = (app.browser(), app.browser());
    let person = app.join(&mut thief).await;
    thief.submit("/api/logout", &[]).await;
    thief.submit("/api/login", &[("email", &*person.email), ("password", PASSWORD)]).await;
    let code = app.code(&person.phone).await;
    victim.get("/login/verify").await;
    let page = victim.submit("/api/login/verify", &[("code", &code)]).await;
    assert!(page.text().contains("start again"), "{}", page.text());
    assert_eq!(victim.get("/account").await.path, "/login?next=/account");
}
