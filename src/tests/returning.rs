//! People find themselves where they were, and are told what happened and what to do next.

use std::time::Duration;

use domain::Language;

use super::{
    catalogue_pages::between,
    support::{Browser, PASSWORD, Page, Person, TestApp, wrong},
};

const MUG: &str = "/products/sunday-mug";

async fn stocked() -> TestApp {
    let app = TestApp::new().await;
    app.shop.seed().seed_catalogue().await.unwrap();
    app
}

/// The variant that the product page offers first.
async fn variant(browser: &mut Browser) -> String {
    between(&browser.get(MUG).await.html, "name=\"variant\" value=\"", "\"").to_owned()
}

/// The link of the header to the sign-in page.
fn sign_in_link(page: &Page) -> String {
    let link = between(&page.html, "data-testid=\"nav-cart-link\"", "nav-account-link");
    between(link, "href=\"", "\"").to_owned()
}

/// Signs in from the page that the link leads to, as its form does.
/// Returns where it leads, and that page.
async fn sign_in(
    app: &TestApp,
    browser: &mut Browser,
    person: &Person,
    link: &str,
) -> (String, Page) {
    let page = browser.get(link).await;
    let form = page.html.split("action=\"/api/login\"").nth(1).unwrap();
    let next = between(form, "name=\"next\" value=\"", "\"").replace("&amp;", "&");
    let form = [("email", &*person.email), ("password", PASSWORD), ("next", &*next)];
    browser.submit("/api/login", &form).await;
    let code = app.code(&person.phone).await;
    let answer = browser.post("/api/login/verify", &[("code", &code)]).await;
    let back = answer.location().unwrap();
    let page = browser.get(&back).await;
    (back, page)
}

#[tokio::test]
async fn signing_in_leads_back_to_where_the_visitor_was() {
    let app = stocked().await;
    let person = app.join(&mut app.browser()).await;
    for (here, back) in [
        (MUG, MUG),
        ("/products/sunday-mug?colour=marigold", "/products/sunday-mug?colour=marigold"),
        ("/products", "/products"),
        ("/products?q=mug&sort=price-up", "/products?q=mug&sort=price-up"),
        ("/products?category=kitchen", "/products?category=kitchen"),
        ("/cart", "/cart"),
        ("/products/nothing", "/products/nothing"),
        ("/", "/account"),
        ("/simulator", "/account"),
        ("/there/is/nothing", "/account"),
        ("/login", "/account"),
        ("/login?next=//evil.example", "/account"),
        ("/login?next=/cart", "/cart"),
    ] {
        let mut browser = app.browser();
        let link = sign_in_link(&browser.get(here).await);
        let (led, page) = sign_in(&app, &mut browser, &person, &link).await;
        assert_eq!(led, back, "{here}: {link}");
        if !back.ends_with("nothing") {
            assert!(page.html.contains("role=\"status\""), "{here}: {}", page.text());
        }
        // A phone gets ten codes a day.
        app.clock.advance(Duration::from_secs(24 * 3600));
    }
}

#[tokio::test]
async fn an_open_checkout_goes_on_after_the_sign_in() {
    let app = stocked().await;
    let person = app.join(&mut app.browser()).await;
    let mut browser = app.browser();
    let variant = variant(&mut browser).await;
    browser.submit("/api/cart/add", &[("variant", &*variant), ("quantity", "1")]).await;
    let link = sign_in_link(&browser.get("/checkout").await);
    let (led, page) = sign_in(&app, &mut browser, &person, &link).await;
    assert_eq!(led, "/checkout");
    assert!(page.html.contains("role=\"status\""), "{}", page.text());
    assert!(page.html.contains("name=\"street\""), "{}", page.text());
}

#[tokio::test]
async fn a_code_page_after_the_sign_in_leads_to_the_account() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    for path in ["/register/verify", "/login/verify", "/reset/verify", "/login", "/register"] {
        assert_eq!(browser.get(path).await.path, "/account", "{path}");
    }
    browser.submit("/api/reset", &[("email", &person.email)]).await;
    let page = browser.get("/reset/verify").await;
    assert!(page.html.contains("name=\"code\""), "a code that is waited for is asked for");
}

#[tokio::test]
async fn a_form_comes_back_at_its_spot() {
    let app = stocked().await;
    let mut browser = app.browser();
    let variant = variant(&mut browser).await;
    let line = format!("/cart#line-{variant}");
    let pieces = |number| [("variant", &*variant), ("quantity", number)];
    let answer = browser.post("/api/cart/add", &pieces("1")).await;
    assert_eq!(answer.location().as_deref(), Some(&*line));
    let page = browser.get("/cart").await;
    assert!(page.html.contains(&format!("id=\"line-{variant}\"")), "{}", page.html);
    let answer = browser.post("/api/cart/quantity", &pieces("2")).await;
    assert_eq!(answer.location().as_deref(), Some(&*line));
    app.join(&mut browser).await;
    let address = [
        ("name", "Robin Buyer"),
        ("street", "1 Test Street"),
        ("city", "London"),
        ("postcode", "E1 1AA"),
        ("country", "GB"),
    ];
    for (path, form) in [
        ("/api/checkout/address", address.as_slice()),
        ("/api/checkout/shipping", &[("shipping", "standard")]),
        ("/api/checkout/payment", &[("payment", "demo_approve")]),
    ] {
        let answer = browser.post(path, form).await;
        assert_eq!(answer.location().as_deref(), Some("/checkout#step"), "{path}");
        let page = browser.get("/checkout").await;
        assert_eq!(page.html.matches("id=\"step\"").count(), 1, "{path}");
        assert!(page.html.contains("role=\"status\""), "{path}: {}", page.text());
    }
    let answer = browser.post("/api/account/sessions/end-others", &[]).await;
    assert_eq!(answer.location().as_deref(), Some("/account/security#sessions"));
    let page = browser.get("/account/security").await;
    for id in ["password-section", "sessions", "devices"] {
        assert!(page.html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let answer = browser.post("/api/cart/remove", &[("variant", &variant)]).await;
    assert_eq!(answer.location().as_deref(), Some("/cart#cart"));
    let page = browser.get("/cart").await;
    assert!(page.html.contains("id=\"cart\"") && page.text().contains("Removed from your cart."));
}

#[tokio::test]
async fn x102_an_anchor_is_an_id_and_nothing_else() {
    let app = stocked().await;
    let mut browser = app.browser();
    for variant in ["x\r\nSet-Cookie: a=b", "//evil.example", "a b", "é", "#"] {
        let answer = browser.post("/api/cart/remove", &[("variant", variant)]).await;
        let location = answer.location().unwrap_or_default();
        assert!(location.starts_with('/') && !location.contains("evil"), "{location}");
    }
}

/// A browser that waits for the code of a registration, and the code.
async fn registering(app: &TestApp) -> (Browser, String) {
    let (mut browser, person) = (app.browser(), app.person());
    browser.submit("/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    (browser, code)
}

/// What the page says, once and in one sentence.
fn assert_says(page: &Page, words: &str) {
    assert_eq!(page.text().matches(words).count(), 1, "{words}: {}", page.text());
    assert_eq!(page.html.matches("role=\"alert\"").count(), 1, "{}", page.html);
    assert!(page.text().contains(&format!("{words}: start again for a new one.")));
    assert!(!page.html.contains("name=\"code\""));
}

#[tokio::test]
async fn a_code_that_ended_says_why_and_offers_one_next_step() {
    let app = TestApp::new().await;
    let verify = "/api/register/verify";
    let (mut browser, code) = registering(&app).await;
    app.clock.advance(Duration::from_secs(600));
    assert_says(&browser.submit(verify, &[("code", &code)]).await, "The time of this code is over");

    let (mut browser, code) = registering(&app).await;
    for _ in 0..4 {
        browser.submit(verify, &[("code", &wrong(&code))]).await;
    }
    let page = browser.submit(verify, &[("code", &wrong(&code))]).await;
    assert_says(&page, "Too many wrong codes were entered");

    let (mut browser, code) = registering(&app).await;
    let mut window = browser.another_window(app.browser());
    window.get("/register/verify").await;
    browser.submit(verify, &[("code", &code)]).await;
    window.cookies.clone_from(&browser.cookies);
    app.clock.advance(Duration::from_secs(60));
    let page = window.submit(verify, &[("code", &code)]).await;
    assert_says(&page, "This code was used already");

    let mut browser = app.browser();
    browser.get("/register/verify").await;
    let page = browser.submit(verify, &[("code", "123456")]).await;
    assert_says(&page, "There is no code to enter here");
}

#[tokio::test]
async fn a_wrong_code_is_described_at_its_field_which_has_the_focus() {
    let app = TestApp::new().await;
    let (mut browser, code) = registering(&app).await;
    let field = |page: &Page| between(&page.html, "<input id=\"code\"", ">").to_owned();
    let page = browser.get("/register/verify").await;
    assert!(field(&page).contains("aria-describedby=\"code-hint\""), "{}", field(&page));
    assert!(field(&page).contains("autofocus") && !field(&page).contains("aria-invalid"));
    assert!(!field(&page).contains("maxlength"), "a paste is never cut");
    for typed in [wrong(&code), "12".to_owned(), "546371 or 111222".to_owned()] {
        let page = browser.submit("/api/register/verify", &[("code", &typed)]).await;
        let field = field(&page);
        assert!(field.contains("aria-invalid=\"true\""), "{typed}: {field}");
        assert!(field.contains("aria-describedby=\"alert code-hint\""), "{typed}: {field}");
        assert!(field.contains("autofocus") && !field.contains("value="), "{typed}: {field}");
        assert!(page.html.contains("id=\"alert\"") && page.html.contains("role=\"alert\""));
    }
    let page = browser.submit("/api/codes/resend", &[("purpose", "phone")]).await;
    assert!(page.text().contains("sent a moment ago"), "{}", page.text());
    assert!(!field(&page).contains("aria-invalid"), "this is not about the code");
}

#[tokio::test]
async fn a_whole_message_is_accepted_as_the_code_in_it() {
    let app = TestApp::new().await;
    let (mut browser, person) = (app.browser(), app.person());
    browser.submit("/api/register", &person.form()).await;
    app.code(&person.phone).await;
    let message = app.phones.messages(&person.phone).remove(0).text;
    let page = browser.submit("/api/register/verify", &[("code", &message)]).await;
    assert_eq!(page.path, "/account", "{}", page.text());
}

#[tokio::test]
async fn a_message_speaks_the_language_of_the_page() {
    let app = TestApp::new().await;
    let (mut browser, person) = (app.browser(), app.person());
    browser.get("/register").await;
    let form = person.form();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = browser
        .request(axum::http::Method::POST, "/api/register")
        .header("origin", app.shop_origin())
        .header("accept-language", "de")
        .header("content-type", "application/x-www-form-urlencoded");
    browser.send(request, &body).await;
    app.code(&person.phone).await;
    assert_eq!(app.phones.messages(&person.phone)[0].language, Language::English);
    assert!(browser.get("/register/verify").await.html.contains("lang=\"en\""));
}
