//! An account that is disabled between two steps of a flow: no later step does anything.

use super::{
    purchases::at_review,
    support::{HOUR, PASSWORD, Person, TestApp, run_on_sqlite},
};

const NEW: &str = "a fresh kettle of fish";

async fn set_disabled(app: &TestApp, person: &Person, is_disabled: bool) {
    let at = if is_disabled { "1" } else { "null" };
    let sql = format!("update accounts set disabled_at = {at} where email = '{}'", person.email);
    run_on_sqlite(&app.shop.database, sql).await;
}

/// The forms before the account is disabled, the form after it, and words of the page that follows.
type Case<'c> = (&'c [&'c str], &'c str, &'c str);

#[tokio::test]
async fn s_s04_a_disabled_account_opens_nothing() {
    let cases: [Case<'_>; 9] = [
        (&[], "/api/login", "do not match"),
        (&["/api/login"], "/api/login/verify", "start again"),
        (&[], "/api/reset", "If we know"),
        (&["/api/reset"], "/api/reset/verify", "start again"),
        (&["/api/reset", "/api/reset/verify"], "/api/reset/password", "no code to check"),
        (&["/api/login", "/api/login/verify"], "/api/account/password", "Sign in"),
        (&["/api/login", "/api/login/verify"], "/api/account/phone/password", "Sign in"),
        (
            &["/api/login", "/api/login/verify", "/api/account/phone/password"],
            "/api/account/phone/step-up",
            "Sign in",
        ),
        (&[], "/api/register", "Confirm your phone"),
    ];
    for (before, action, words) in cases {
        let app = TestApp::new().await;
        let person = app.join(&mut app.browser()).await;
        app.clock.advance(HOUR);
        let mut browser = app.browser();
        for form in before {
            let code = if form.ends_with("verify") {
                app.code(&person.phone).await
            } else {
                String::new()
            };
            send(&mut browser, form, &person, &code).await;
        }
        let code = app.code(&person.phone).await;
        set_disabled(&app, &person, true).await;
        let page = send(&mut browser, action, &person, &code).await;
        assert!(page.contains(words), "{action}: {page}");
        let form = browser.get("/reset/password").await;
        assert!(!form.html.contains("name=\"password\""), "{action}: no form for a password");
        assert_eq!(browser.get("/account").await.path, "/login?next=/account", "{action}");
        set_disabled(&app, &person, false).await;
        let mut owner = app.browser();
        app.clock.advance(HOUR);
        let page = send(&mut owner, "/api/login", &person, "").await;
        assert!(page.contains("6-digit code"), "{action}: the password is what it was: {page}");
    }
}

async fn send(
    browser: &mut super::support::Browser,
    action: &str,
    person: &Person,
    code: &str,
) -> String {
    browser.get(action.strip_prefix("/api").unwrap()).await;
    let mut fields = vec![("email", &*person.email), ("code", code), ("current", PASSWORD)];
    match action {
        "/api/register" => fields = person.form().to_vec(),
        "/api/reset/password" | "/api/account/password" => fields.push(("password", NEW)),
        _ => fields.push(("password", PASSWORD)),
    }
    browser.submit(action, &fields).await.text()
}

#[tokio::test]
async fn s_s04_a_disabled_account_pays_nothing() {
    let app = TestApp::new().await;
    let (person, mut browser) = at_review(&app, &[]).await;
    browser.submit("/api/checkout/place", &[]).await;
    let code = app.code(&person.phone).await;
    set_disabled(&app, &person, true).await;
    browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
    assert!(app.shop.gateway.statements().await.unwrap().is_empty());
}
