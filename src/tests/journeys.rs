//! The flows that a code guards, without script, on both databases.

use super::{
    catalogue_pages::between,
    support::{PASSWORD, TestApp, on_both_engines, wrong},
};

on_both_engines!(registration_signs_the_shopper_in, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    let page = browser.get("/account").await;
    assert!(page.text().contains(&person.name));
    assert!(page.html.contains(">Account<"));
});

on_both_engines!(a_refused_form_keeps_what_was_typed_except_the_password, async |app: TestApp| {
    let mut browser = app.browser();
    browser.get("/register").await;
    let form = [("name", "Robin"), ("email", "nobody"), ("phone", "12"), ("password", "short")];
    let page = browser.submit("/api/register", &form).await;
    assert_eq!(page.path, "/register");
    for words in ["name@example.com", "country code", "at least 12", "Please correct"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert!(page.html.contains(r#"value="Robin""#) && page.html.contains(r#"value="nobody""#));
    assert!(!page.html.contains("short\""));
    assert!(page.html.contains(r#"aria-describedby="email-hint email-problem""#));
    let again = browser.get("/register").await;
    assert!(!again.text().contains("Please correct"), "told once");
});

on_both_engines!(an_island_gets_a_status_and_words_and_then_the_redirect, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.person();
    let answer = browser.fetch("/api/register", &person.form()).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (200, "/register/verify"));
    let code = app.code(&person.phone).await;
    let answer = browser.fetch("/api/register/verify", &[("code", &wrong(&code))]).await;
    let said: serde_json::Value = serde_json::from_str(&answer.html).unwrap();
    assert_eq!(answer.status.as_u16(), 422);
    assert!(said["message"].as_str().unwrap().contains("4 more times"));
    assert_eq!(said["kind"]["Refused"]["WrongOrExpired"]["left"], 4);
    let answer = browser.fetch("/api/codes/resend", &[("purpose", "phone")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, "60"));
    let answer = browser.fetch("/api/register/verify", &[("code", &code)]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (200, "/account"));
});

on_both_engines!(an_island_whose_code_has_ended_is_redirected, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.person();
    browser.fetch("/api/register", &person.form()).await;
    browser.get("/register/verify").await;
    let wrong = wrong(&app.code(&person.phone).await);
    for left in (0..5).rev() {
        let answer = browser.fetch("/api/register/verify", &[("code", &wrong)]).await;
        let leads_on = answer.header("location") == "/register/verify";
        assert_eq!((answer.status.as_u16(), leads_on), (422, left == 0), "{left} left");
    }
    let page = browser.get("/register/verify").await;
    assert!(page.text().contains("Too many wrong codes were entered"), "{}", page.text());
    assert!(page.text().contains("Start again") && !page.html.contains("name=\"code\""));
    let answer = browser.fetch("/api/codes/resend", &[("purpose", "phone")]).await;
    assert!(answer.location().is_some(), "nor is there a code to send again");
});

on_both_engines!(a_wrong_code_and_then_the_right_one_sign_in, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    browser.submit("/api/logout", &[]).await;
    browser.get("/login?next=/account/security").await;
    let login = [("email", &*person.email), ("password", PASSWORD), ("next", "/account/security")];
    let page = browser.submit("/api/login", &login).await;
    assert_eq!(page.path, "/login/verify");
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/login/verify", &[("code", &wrong(&code))]).await;
    assert!(page.text().contains("4 more times"), "{}", page.text());
    let typed = format!("{}\u{a0}{}", &code[..3], &code[3..]);
    let page = browser.submit("/api/login/verify", &[("code", &typed)]).await;
    assert_eq!(page.path, "/account/security");
});

on_both_engines!(a_code_is_sent_again_after_the_cooldown, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.person();
    browser.get("/register").await;
    browser.submit("/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/codes/resend", &[("purpose", "phone")]).await;
    assert!(page.text().contains("sent a moment ago"), "{}", page.text());
    app.clock.advance(std::time::Duration::from_secs(61));
    let page = browser.submit("/api/codes/resend", &[("purpose", "phone")]).await;
    assert_eq!(page.path, "/register/verify");
    assert!(page.text().contains("same code as before"), "{}", page.text());
    assert_eq!(app.code(&person.phone).await, code);
    assert_eq!(app.phones.messages(&person.phone).len(), 2);
});

on_both_engines!(a_reset_password_signs_in, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    browser.submit("/api/logout", &[]).await;
    let page = browser.get("/reset/password").await;
    assert!(!page.html.contains("type=\"password\""), "no form before the code");
    browser.get("/reset").await;
    let page = browser.submit("/api/reset", &[("email", person.phone.expose())]).await;
    assert_eq!(page.path, "/reset/verify");
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/reset/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/reset/password");
    let fresh = "another violet kettle";
    let page = browser.submit("/api/reset/password", &[("password", fresh)]).await;
    assert_eq!(page.path, "/login");
    assert!(page.text().contains("new password is set"), "{}", page.text());
    browser.submit("/api/login", &[("email", &person.email), ("password", fresh)]).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/login/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/account");
});

on_both_engines!(a_password_reset_keeps_the_next_page_and_the_cart, async |app: TestApp| {
    app.shop.seed().seed_catalogue().await.unwrap();
    let person = app.join(&mut app.browser()).await;
    let mut browser = app.browser();
    let product = browser.get("/products/sunday-mug").await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    browser.submit("/api/cart/add", &[("variant", &*variant), ("quantity", "2")]).await;
    let page = browser.get("/login?next=/checkout").await;
    let reset = "/reset?next=%2Fcheckout";
    assert!(page.html.contains(reset), "the link leads on");
    let page = browser.get(reset).await;
    assert!(page.html.contains("/login?next=%2Fcheckout"), "and back");
    let form = [("email", &*person.email), ("next", "/checkout")];
    browser.submit("/api/reset", &form).await;
    let code = app.code(&person.phone).await;
    browser.submit("/api/reset/verify", &[("code", &code)]).await;
    let fresh = "another violet kettle";
    let page = browser.submit("/api/reset/password", &[("password", fresh)]).await;
    assert_eq!(page.path, "/login");
    browser.submit("/api/login", &[("email", &person.email), ("password", fresh)]).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/login/verify", &[("code", &code)]).await;
    assert!(page.path.starts_with("/checkout"), "{}", page.path);
    assert!(page.text().contains("Sunday"), "{}", page.text());
});

on_both_engines!(a_reset_while_signed_in_ends_the_session, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    browser.submit("/api/reset", &[("email", &person.email)]).await;
    let code = app.code(&person.phone).await;
    browser.submit("/api/reset/verify", &[("code", &code)]).await;
    let form = [("password", "another violet kettle")];
    let page = browser.submit("/api/reset/password", &form).await;
    assert_eq!(page.path, "/login");
    assert!(!page.html.contains(">Account<"));
    assert_eq!(browser.get("/account").await.path, "/login?next=/account");
});

on_both_engines!(a_phone_is_changed_in_four_steps, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    let fresh = app.person().phone;
    browser.get("/account/phone").await;
    let page = browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
    assert!(page.text().contains("6-digit code"), "{}", page.text());
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/account/phone/step-up", &[("code", &code)]).await;
    assert!(page.text().contains("New mobile phone"), "{}", page.text());
    let page = browser.submit("/api/account/phone/number", &[("phone", fresh.expose())]).await;
    assert!(page.text().contains("6-digit code"), "{}", page.text());
    let code = app.code(&fresh).await;
    let page = browser.submit("/api/account/phone/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/account");
    assert!(page.text().contains(fresh.last_two()), "{}", page.text());
    app.deliver().await;
    assert!(app.phones.messages(&person.phone)[0].code.is_none(), "the old phone gets a note");
});

on_both_engines!(
    a_mistyped_new_number_is_cancelled_and_the_due_step_shown,
    async |app: TestApp| {
        let mut browser = app.browser();
        let person = app.join(&mut browser).await;
        let (mistyped, fresh) = (app.person().phone, app.person().phone);
        browser.get("/account/phone").await;
        browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
        let page = browser.submit("/api/account/phone/start-again", &[]).await;
        assert!(page.html.contains("current-password"), "{}", page.text());
        browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
        let code = app.code(&person.phone).await;
        browser.submit("/api/account/phone/step-up", &[("code", &code)]).await;
        let page =
            browser.submit("/api/account/phone/number", &[("phone", mistyped.expose())]).await;
        assert!(page.html.contains("/api/account/phone/start-again"), "the way back is shown");
        let page = browser.submit("/api/account/phone/start-again", &[]).await;
        assert!(page.text().contains("New mobile phone"), "{}", page.text());
        browser.submit("/api/account/phone/number", &[("phone", fresh.expose())]).await;
        let code = app.code(&fresh).await;

        app.clock.advance(std::time::Duration::from_secs(300));
        let answer = browser.fetch("/api/account/phone/verify", &[("code", &code)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (403, "/account/phone"));
        let page = browser.get("/account/phone").await;
        assert!(page.text().contains("confirm that it is you"), "{}", page.text());
        browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
        let step_up = app.code(&person.phone).await;
        let page = browser.submit("/api/account/phone/step-up", &[("code", &step_up)]).await;
        assert!(page.text().contains("6-digit code"), "the code still lives: {}", page.text());
        let page = browser.submit("/api/account/phone/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/account");
    }
);

on_both_engines!(registration_leads_to_the_page_it_was_opened_for, async |app: TestApp| {
    let mut browser = app.browser();
    let page = browser.get("/login?next=/account/security").await;
    let register = "/register?next=%2Faccount%2Fsecurity";
    assert!(page.html.contains(register), "the link leads on");
    let page = browser.get(register).await;
    assert!(page.html.contains("/login?next=%2Faccount%2Fsecurity"), "and back");
    let person = app.person();
    let form = [("name", "Robin"), ("password", "short"), ("next", "/account/security")];
    let page = browser.submit("/api/register", &form).await;
    assert!(page.html.contains(r#"value="/account/security""#), "a refusal forgets nothing");
    let mut form = person.form().to_vec();
    form.push(("next", "/account/security"));
    let page = browser.submit("/api/register", &form).await;
    assert_eq!(page.path, "/register/verify", "what a form led to stands in no address");
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/register/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/account/security");
});

on_both_engines!(x102_registration_leads_to_no_other_site, async |app: TestApp| {
    for next in ["//evil.example", "https://evil.example", "/api/logout"] {
        let mut browser = app.browser();
        let person = app.person();
        let page = browser.get(&format!("/register?next={next}")).await;
        assert!(!page.html.contains(next));
        let mut form = person.form().to_vec();
        form.push(("next", next));
        browser.submit("/api/register", &form).await;
        let code = app.code(&person.phone).await;
        let page = browser.submit("/api/register/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/account");
    }
});
