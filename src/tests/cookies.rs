//! Browsers that refuse cookies, and what the shop tells a browser without keeping a row for it.

use domain::{MessageKind, PhoneNumber, Purpose};

use super::support::{HOUR, PASSWORD, Page, TestApp, on_both_engines};

/// What a browser is told that does not send its secret back.
const TOLD: &str = "did not send this shop’s cookie back";

async fn messages(app: &TestApp, phone: &PhoneNumber) -> usize {
    app.deliver().await;
    app.phones.messages(phone).len()
}

fn assert_told(page: &Page) {
    let text = page.text();
    assert!(text.contains(TOLD), "{}: {text}", page.path);
    assert!(!text.contains("used") && !text.contains("start again"), "{}: {text}", page.path);
}

on_both_engines!(a_browser_without_cookies_is_told_before_any_message, async |app: TestApp| {
    let person = app.join(&mut app.browser()).await;
    let new = app.person();
    app.clock.advance(HOUR);
    let before = messages(&app, &person.phone).await;
    let (email, phone) = (&*person.email, person.phone.expose());
    let register = new.form();
    let taken = [("name", "A"), ("email", email), ("phone", phone), ("password", PASSWORD)];
    let cases: [(&str, &[(&str, &str)]); 9] = [
        ("/register", &register),
        ("/register", &taken),
        ("/register?next=/checkout", &register),
        ("/login", &[("email", email), ("password", PASSWORD)]),
        ("/login", &[("email", email), ("password", "not the violet kettle")]),
        ("/login?next=/checkout", &[("email", email), ("password", PASSWORD)]),
        ("/reset", &[("email", email)]),
        ("/reset", &[("email", phone)]),
        ("/reset?next=/cart", &[("email", "nobody@example.com")]),
    ];
    for (page, fields) in cases {
        let mut browser = app.browser().without_cookies();
        browser.get(page).await;
        let action = format!("/api{}", page.split('?').next().unwrap());
        let location = browser.post(&action, fields).await.location().unwrap();
        assert_told(&browser.get(&location).await);
        let (address, query) = location.split_once('?').unwrap();
        assert_eq!(format!("/api{address}"), action, "it is the page of the form");
        assert!(page.split_once('?').is_none_or(|(_, next)| query.contains(next)), "{query}");
        let again = browser.post(&action, fields).await.location().unwrap();
        assert_eq!(again, location, "the address does not grow");
        assert_told(&browser.get(&again).await);
        let fetched = browser.fetch(&action, fields).await;
        assert_eq!(fetched.status.as_u16(), 409);
        assert!(fetched.html.contains("CookieNeeded"), "{}", fetched.html);
    }
    assert_eq!(messages(&app, &person.phone).await, before);
    assert_eq!(messages(&app, &new.phone).await, 0);
    assert_eq!(app.session_rows().await, 1, "of the customer");
});

#[tokio::test]
async fn the_checkout_leads_a_browser_without_cookies_to_a_page_that_tells_it() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let mut browser = app.browser().without_cookies();
    let page = browser.submit("/api/checkout/place", &[]).await;
    assert_eq!(page.path.split('?').next(), Some("/login"), "{}", page.text());
    let form = [("email", &*person.email), ("password", PASSWORD), ("next", "/checkout")];
    assert_told(&browser.submit("/api/login", &form).await);
}

#[tokio::test]
async fn a_browser_that_got_its_cookie_with_the_refusal_sends_the_form_again() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    app.clock.advance(HOUR);
    let mut browser = app.browser();
    browser.get("/login").await;
    // The cookie was cleared after the page was opened.
    browser.cookies.clear();
    let request = browser.request(axum::http::Method::POST, "/api/login");
    let request = request
        .header("origin", app.shop_origin())
        .header("referer", format!("{}/login", app.shop_origin()))
        .header("content-type", "application/x-www-form-urlencoded");
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", &*person.email), ("password", PASSWORD)])
        .finish();
    let answer = browser.send(request, &body).await;
    let page = browser.get(&answer.location().unwrap()).await;
    assert_told(&page);
    assert!(page.html.contains(&format!("value=\"{}\"", person.email)), "what was typed is kept");
    let page = browser.get(&page.path).await;
    assert!(!page.text().contains(TOLD), "it keeps cookies, and is told once");
    let form = [("email", &*person.email), ("password", PASSWORD)];
    assert_eq!(browser.submit("/api/login", &form).await.path, "/login/verify");
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/login/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/account");
}

#[tokio::test]
async fn a_signed_in_browser_that_lost_its_secret_is_told_before_any_message() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    app.clock.advance(HOUR / 4);
    let before = messages(&app, &person.phone).await;
    browser.cookies.remove("marigold-browser");
    browser.refuses_cookies = true;
    let page = browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
    assert_told(&page);
    assert_eq!(messages(&app, &person.phone).await, before);
}

#[tokio::test]
async fn only_pages_with_a_form_for_a_code_set_the_secret() {
    let app = TestApp::new().await;
    for (path, sets_it) in [
        ("/login", true),
        ("/register", true),
        ("/reset", true),
        ("/login?next=/checkout", true),
        ("/", false),
        ("/products", false),
        ("/cart", false),
        ("/login/verify", false),
        ("/nowhere", false),
    ] {
        let mut browser = app.browser();
        let page = browser.get(path).await;
        assert_eq!(browser.cookies.contains_key("marigold-browser"), sets_it, "{path}");
        assert!(page.path == path.split('?').next().unwrap() || !sets_it, "{path}");
        browser.get(path).await;
        assert_eq!(browser.cookies.len(), usize::from(sets_it), "{path}: and nothing else");
    }
}

/// The first forms of a browser that has no cookie yet, sent at once as by a double click.
#[tokio::test]
async fn two_posts_of_a_first_form_have_the_secret_of_its_page() {
    let app = TestApp::new().await;
    let person = app.person();
    let mut one = app.browser();
    one.get("/register").await;
    let mut other = one.another_window(app.browser());
    let form = person.form();
    let (first, second) =
        tokio::join!(one.post("/api/register", &form), other.post("/api/register", &form));
    for answer in [first, second] {
        assert_eq!(answer.location().as_deref(), Some("/register/verify"));
    }
    app.deliver().await;
    let sent = app.phones.messages(&person.phone);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].purpose, MessageKind::Code(Purpose::Phone));
}

/// A page, the form that is sent from it, its fields, and words of the page that follows.
type Case<'c> = (&'c str, &'c str, &'c [(&'c str, &'c str)], &'c str);

on_both_engines!(x11_refused_anonymous_forms_make_no_row_and_are_told, async |app: TestApp| {
    let person = app.join(&mut app.browser()).await;
    let rows = app.session_rows().await;
    let (email, long) = (&*person.email, "x".repeat(3_000));
    let cases: [Case<'_>; 11] = [
        ("/login", "/api/login", &[("email", email), ("password", "wrong")], "do not match"),
        ("/login", "/api/login", &[("email", "nobody")], "name@example.com"),
        ("/login", "/api/login", &[("email", &long)], "name@example.com"),
        ("/register", "/api/register", &[("name", "Robin"), ("phone", "12")], "Please correct"),
        ("/reset", "/api/reset", &[("email", "12")], "country code"),
        ("/login/verify", "/api/login/verify", &[("code", "123456")], "no code to enter"),
        ("/reset/verify", "/api/reset/verify", &[("code", "12")], "no code to enter"),
        ("/reset/password", "/api/reset/password", &[("password", PASSWORD)], "no code to check"),
        ("/login/verify", "/api/codes/resend", &[("purpose", "login")], "no code to"),
        ("/cart", "/api/cart/add", &[("variant", "0"), ("quantity", "1")], "cart"),
        ("/checkout", "/api/checkout/place", &[], "Sign in"),
    ];
    for _ in 0..5 {
        for (page, action, fields, words) in cases {
            let mut browser = app.browser();
            browser.get(page).await;
            let page = browser.submit(action, fields).await;
            assert!(page.text().contains(words), "{action}: {}", page.text());
            assert!(!browser.cookies.contains_key("marigold-flash"), "{action}: it is told once");
            assert!(!browser.cookies.contains_key("marigold"), "{action}: there is no session");
        }
        app.clock.advance(HOUR);
    }
    assert_eq!(app.session_rows().await, rows);
});
