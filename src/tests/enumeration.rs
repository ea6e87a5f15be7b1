//! An anonymous visitor learns nothing about accounts from pages, headers and cookies.

use super::support::{Browser, PASSWORD, Page, TestApp};

/// A response with its random parts replaced.
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
async fn x45_an_unknown_address_and_a_wrong_password_are_refused_in_the_same_bytes() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let mut all = Vec::new();
    for (email, password) in
        [("nobody@example.com", PASSWORD), (&*person.email, "not the violet kettle")]
    {
        let form = [("email", email), ("password", password)];
        let mut browser = app.browser();
        let (answer, page) = seen(&mut browser, "/login", &form).await;
        assert!(page.contains("That e-mail address and password do not match."), "{page}");
        assert!(page.contains(&format!("value=\"{email}\"")) && !page.contains(password));
        let fetched = normal(&browser.fetch("/api/login", &form).await);
        assert!(fetched.starts_with("422"), "{fetched}");
        // The form shows the typed address again.
        all.push([answer, page.replace(email, "E-MAIL"), fetched]);
        assert!(browser.get("/login/verify").await.text().contains("no code to enter here"));
    }
    assert_eq!(all[0], all[1]);
}

#[tokio::test]
async fn the_right_password_leads_to_a_page_that_names_the_phone() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let mut browser = app.browser();
    browser.get("/login").await;
    let form = [("email", &*person.email), ("password", PASSWORD)];
    let page = browser.submit("/api/login", &form).await;
    let text = page.text();
    assert!(text.contains(&person.phone.masked()) && !text.contains("If your"), "{text}");
    app.deliver().await;
    let text = browser.get("/login/verify").await.text();
    assert!(text.contains("Your message is on your phone."), "{text}");
}

#[tokio::test]
async fn only_the_right_password_sees_that_the_phone_reached_its_limit() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    // With the code of the registration these are five.
    for _ in 0..4 {
        let mut browser = app.browser();
        browser.get("/login").await;
        let form = [("email", &*person.email), ("password", PASSWORD)];
        browser.submit("/api/login", &form).await;
        app.deliver().await;
    }
    for (email, password, words) in [
        ("nobody@example.com", PASSWORD, "do not match"),
        (&*person.email, "not the violet kettle", "do not match"),
        (&*person.email, PASSWORD, "tried too often"),
    ] {
        let mut browser = app.browser();
        browser.get("/login").await;
        let form = [("email", email), ("password", password)];
        let page = browser.submit("/api/login", &form).await;
        assert_eq!(page.path, "/login");
        assert!(page.text().contains(words), "{email}: {}", page.text());
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
async fn x47_a_reset_without_an_account_runs_out_of_attempts_as_any_other() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get("/reset").await;
    browser.submit("/api/reset", &[("email", "nobody@example.com")]).await;
    for words in ["4 more times", "3 more times", "2 more times", "once more", "start again"] {
        let page = browser.submit("/api/reset/verify", &[("code", "123456")]).await;
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
}

#[tokio::test]
async fn x99_a_code_of_one_browser_is_refused_in_another() {
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
