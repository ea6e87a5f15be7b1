//! Recovery codes and the way back into an account whose phone is lost, without script.

use axum::http::Method;
use test_support::secret_scan::register_secret;
use web::routes;

use super::{
    catalogue_pages::between,
    support::{Browser, HOUR, PASSWORD, Page, Person, TestApp, on_both_engines, wrong},
};

/// The recovery codes on a page, in their order.
fn codes_on(page: &Page) -> Vec<String> {
    let codes = page.html.split("<code>").skip(1);
    let codes: Vec<_> = codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    codes.iter().for_each(register_secret);
    codes
}

/// Makes recovery codes right after registration, and saves them.
async fn save_codes(browser: &mut Browser) -> Vec<String> {
    browser.get("/account/recovery-codes").await;
    let page = browser.submit("/api/account/recovery-codes/make", &[]).await;
    let codes = codes_on(&page);
    assert_eq!(codes.len(), 10, "{}", page.text());
    let page = browser.submit("/api/account/recovery-codes/saved", &[]).await;
    assert_eq!(page.path, "/account", "{}", page.text());
    codes
}

/// Gives the password in a new browser, and chooses to have no phone any more.
async fn without_phone(app: &TestApp, person: &Person) -> (Browser, Page) {
    let mut browser = app.browser();
    browser.get("/login").await;
    let page =
        browser.submit("/api/login", &[("email", &*person.email), ("password", PASSWORD)]).await;
    assert!(page.text().contains("I no longer have this phone"), "{}", page.text());
    let page = browser.submit("/api/login/recovery", &[]).await;
    (browser, page)
}

on_both_engines!(
    s_a15_a_recovery_code_leads_to_a_new_phone_and_to_the_account,
    async |app: TestApp| {
        let mut owner = app.browser();
        let person = app.join(&mut owner).await;
        let codes = save_codes(&mut owner).await;

        let (mut browser, page) = without_phone(&app, &person).await;
        assert_eq!(page.path, "/login/recovery", "{}", page.text());
        let page = browser.submit("/api/login/recovery/verify", &[("code", "1234")]).await;
        assert!(page.text().contains("24 letters and digits"), "{}", page.text());
        assert!(page.html.contains("aria-describedby=\"code-hint code-problem\""), "{}", page.html);
        let unknown = [("code", "0000-0000-0000-0000-0000-0000")];
        let page = browser.submit("/api/login/recovery/verify", &unknown).await;
        assert!(page.text().contains("4 more times"), "{}", page.text());
        let page = browser.submit("/api/login/recovery/verify", &[("code", &*codes[9])]).await;
        assert_eq!(page.path, "/login/recovery/phone", "{}", page.text());

        let page = browser.submit("/api/login/recovery/phone", &[("phone", "12")]).await;
        assert!(page.text().contains("country code"), "{}", page.text());
        let fresh = app.person().phone;
        let page = browser.submit("/api/login/recovery/phone", &[("phone", fresh.expose())]).await;
        assert!(page.text().contains("6-digit code"), "{}", page.text());
        let code = app.code(&fresh).await;
        let form = [("code", &*wrong(&code))];
        let page = browser.submit("/api/login/recovery/phone/verify", &form).await;
        assert!(page.text().contains("4 more times"), "{}", page.text());
        let page = browser.submit("/api/login/recovery/phone/verify", &[("code", &*code)]).await;
        assert_eq!(page.path, "/account", "{}", page.text());
        assert!(page.text().contains(fresh.last_two()), "{}", page.text());
        assert_eq!(owner.get("/account").await.path, "/login?next=/account", "X-95");
        app.deliver().await;
        let notices = app.phones.messages(&person.phone).into_iter();
        let notices = notices.filter(|message| message.code.is_none());
        assert_eq!(notices.count(), 2, "of the used code, and of the new phone");
    }
);

on_both_engines!(x151_a_recovery_code_opens_no_other_page, async |app: TestApp| {
    let mut owner = app.browser();
    let person = app.join(&mut owner).await;
    let codes = save_codes(&mut owner).await;
    let (mut browser, _) = without_phone(&app, &person).await;
    browser.submit("/api/login/recovery/verify", &[("code", &*codes[0])]).await;
    for page in ["/account", "/account/security", "/account/phone", "/account/recovery-codes"] {
        assert_eq!(browser.get(page).await.path, format!("/login?next={page}"), "{page}");
    }
    for form in ["/api/account/password", "/api/account/phone/password"] {
        let answer = browser.post(form, &[("password", PASSWORD)]).await;
        assert!(answer.location().unwrap().starts_with("/login"), "{form}");
    }
    assert!(!browser.get("/reset/password").await.html.contains("type=\"password\""));
    let page = browser.get("/login/recovery/phone").await;
    assert!(page.html.contains("name=\"phone\""), "{}", page.text());
    let page = app.browser().get("/login/recovery/phone").await;
    assert!(!page.html.contains("name=\"phone\""), "another browser: {}", page.text());
});

on_both_engines!(x153_recovery_codes_are_shown_downloaded_and_then_gone, async |app: TestApp| {
    let mut browser = app.browser();
    app.join(&mut browser).await;
    browser.get("/account/recovery-codes").await;
    let page = browser.submit("/api/account/recovery-codes/make", &[]).await;
    let codes = codes_on(&page);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(codes_on(&browser.get("/account/recovery-codes").await), codes, "reloaded");

    let request = browser.request(Method::GET, "/account/recovery-codes.txt");
    let file = browser.send(request, "").await;
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"recovery-codes.txt\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let lines: Vec<_> =
        file.html.lines().filter(|line| codes.iter().any(|code| code == line)).collect();
    assert_eq!(lines, codes);
    let guest = app.browser().get("/account/recovery-codes.txt").await;
    assert_eq!(guest.path, "/login?next=/account/recovery-codes");

    browser.submit("/api/account/recovery-codes/saved", &[]).await;
    let page = browser.get("/account/recovery-codes").await;
    assert!(codes_on(&page).is_empty(), "{}", page.text());
    assert!(page.text().contains("10 recovery codes left"), "{}", page.text());
    assert_eq!(browser.get("/account/recovery-codes.txt").await.path, "/account/recovery-codes");
});

on_both_engines!(x153_new_recovery_codes_take_password_and_code, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    save_codes(&mut browser).await;
    let page = browser.submit("/api/account/recovery-codes/make", &[]).await;
    assert!(page.text().contains("confirm that it is you"), "{}", page.text());
    let password = [("password", PASSWORD)];
    let page = browser.submit("/api/account/recovery-codes/password", &password).await;
    assert!(page.text().contains("6-digit code"), "{}", page.text());
    let page = browser.submit("/api/account/recovery-codes/start-again", &[]).await;
    assert!(page.html.contains("current-password"), "{}", page.text());
    browser.submit("/api/account/recovery-codes/password", &password).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/account/recovery-codes/step-up", &[("code", &*code)]).await;
    assert!(page.text().contains("Make new recovery codes"), "{}", page.text());
    let page = browser.submit("/api/account/recovery-codes/make", &[]).await;
    assert_eq!(codes_on(&page).len(), 10, "{}", page.text());
});

on_both_engines!(each_sign_in_offers_recovery_codes_until_they_are_saved, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    let offer = "Get recovery codes";
    for _ in 0..2 {
        browser.submit("/api/logout", &[]).await;
        let form = [("email", &*person.email), ("password", PASSWORD)];
        browser.submit("/api/login", &form).await;
        let code = app.code(&person.phone).await;
        let page = browser.submit("/api/login/verify", &[("code", &*code)]).await;
        assert!(page.text().contains(offer), "{}", page.text());
        app.clock.advance(std::time::Duration::from_secs(60));
    }
    assert!(!browser.get("/account").await.text().contains(offer), "told once");
    save_codes(&mut browser).await;
    browser.submit("/api/logout", &[]).await;
    let form = [("email", &*person.email), ("password", PASSWORD)];
    browser.submit("/api/login", &form).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/login/verify", &[("code", &*code)]).await;
    assert!(!page.text().contains(offer), "{}", page.text());
});

on_both_engines!(a_lost_phone_without_a_password_leads_to_sign_in, async |app: TestApp| {
    let mut browser = app.browser();
    let page = browser.get("/login").await;
    assert!(page.html.contains("href=\"/login/recovery\""), "{}", page.text());
    let page = browser.get("/login/recovery").await;
    assert!(page.text().contains("First sign in"), "{}", page.text());
    assert!(!page.html.contains("name=\"code\""), "{}", page.text());
    browser.get("/login/verify").await;
    let page = browser.submit("/api/login/recovery", &[]).await;
    assert!(page.text().contains("no code to"), "{}", page.text());
});

#[tokio::test]
async fn a_wrong_recovery_code_is_said_at_its_field() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let (mut browser, page) = without_phone(&app, &person).await;
    let field = |page: &Page| between(&page.html, "<input id=\"code\"", ">").to_owned();
    assert!(!field(&page).contains("aria-invalid"), "{}", field(&page));
    for typed in ["0000-0000-0000-0000-0000-0000", "0000", "", "493817"] {
        let form = [("code", typed)];
        let answer = browser.post("/api/login/recovery/verify", &form).await;
        assert_eq!(answer.location().as_deref(), Some("/login/recovery#code"), "{typed}");
        let page = browser.get("/login/recovery").await;
        let field = field(&page);
        assert!(field.contains("aria-invalid=\"true\""), "{typed}: {field}");
        assert!(field.contains("code-hint code-problem\""), "{typed}: {field}");
        let problem = between(&page.html, "<p id=\"code-problem\" class=\"problem\">", "</p>");
        let alert = between(&page.html, "id=\"alert\"", "</div>");
        assert!(!problem.is_empty() && alert.contains(problem), "{typed}: {problem} {alert}");
    }
}

on_both_engines!(x152_five_wrong_recovery_codes_end_the_sign_in, async |app: TestApp| {
    let person = app.join(&mut app.browser()).await;
    let (mut browser, _) = without_phone(&app, &person).await;
    for left in (0..5).rev() {
        let form = [("code", "0000-0000-0000-0000-0000-0000")];
        let answer = browser.fetch("/api/login/recovery/verify", &form).await;
        assert_eq!(answer.status.as_u16(), 422);
        let said: serde_json::Value = serde_json::from_str(&answer.html).unwrap();
        assert_eq!(said["kind"]["Refused"]["WrongRecoveryCode"]["left"], left);
    }
    let page = browser.get("/login/recovery").await;
    assert!(!page.html.contains("name=\"code\""), "{}", page.text());
    assert!(page.text().contains("First sign in"), "{}", page.text());
});

on_both_engines!(
    s_a15_the_merchant_starts_a_wait_after_which_a_phone_is_set,
    async |app: TestApp| {
        let person = app.join(&mut app.browser()).await;
        let mut merchant = app.sign_in_merchant().await;
        let here = routes::merchant_account(&person.email);
        let page = merchant.get(&here).await;
        assert!(page.text().contains("the e-mail address is not confirmed"), "{}", page.text());
        let account = between(&page.html, "name=\"account\" value=\"", "\"").to_owned();
        let form = [("account", &*account)];
        let page = merchant.submit("/api/merchant/accounts/phone-change/start", &form).await;
        assert!(page.text().contains("Waiting"), "{}", page.text());
        let shown = between(&page.html, "name=\"shown\" value=\"", "\"").to_owned();
        assert!(
            merchant.get("/merchant/accounts").await.text().contains(&person.email),
            "the list"
        );
        let cancel = [("account", &*account), ("shown", &*shown)];
        let page = merchant.submit("/api/merchant/accounts/phone-change/cancel", &cancel).await;
        assert!(!page.text().contains("Waiting"), "{}", page.text());
        merchant.get(&here).await;
        merchant.submit("/api/merchant/accounts/phone-change/start", &form).await;

        let (mut browser, page) = without_phone(&app, &person).await;
        assert!(page.text().contains("We have started a change of phone"), "{}", page.text());
        let page = browser.submit("/api/login/recovery/assisted", &[]).await;
        assert!(page.text().contains("not possible"), "too early: {}", page.text());
        app.clock.advance(24 * HOUR);
        let (mut browser, page) = without_phone(&app, &person).await;
        assert!(page.text().contains("The wait is over"), "{}", page.text());
        let page = browser.submit("/api/login/recovery/assisted", &[]).await;
        assert_eq!(page.path, "/login/recovery/phone", "{}", page.text());
        let fresh = app.person().phone;
        browser.submit("/api/login/recovery/phone", &[("phone", fresh.expose())]).await;
        let code = app.code(&fresh).await;
        let page = browser.submit("/api/login/recovery/phone/verify", &[("code", &*code)]).await;
        assert_eq!(page.path, "/account", "{}", page.text());
    }
);
