//! The link from code pages to the simulated phone that got the code. It is the same for all
//! visitors, and exists in the demo only.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{PhoneNumber, Purpose};
use web::routes::simulated_phone;

use super::{
    catalogue_pages::between,
    enumeration::normal,
    support::{Browser, PASSWORD, Page, Person, TestApp, wrong},
};

/// A code page, and the page that its link leads to while the code is live.
struct CodePage {
    page: Page,
    phone: PhoneNumber,
    code: String,
    linked: Option<Page>,
}

impl CodePage {
    /// Opens the link in another window of the same browser.
    async fn look(app: &TestApp, browser: &Browser, page: Page, phone: &PhoneNumber) -> Self {
        let code = app.code(phone).await;
        let mut window = browser.another_window(app.browser());
        let linked = match link(&page) {
            Some(address) => Some(window.get(address).await),
            None => None,
        };
        Self { page, phone: phone.clone(), code, linked }
    }
}

/// The address of the link, if the page has one.
fn link(page: &Page) -> Option<&str> {
    let bar = page.html.split_once(r#"class="demo-bar""#)?.1;
    Some(between(bar, "href=\"", "\""))
}

/// One person registers, resets the password, signs in, changes the phone and pays. Returns all
/// code pages, in this order.
async fn every_code_page(app: &TestApp) -> Vec<CodePage> {
    // Production refuses fictional numbers. These are example numbers of the metadata for phone
    // numbers.
    let [old, new] =
        ["+447400123456", "+447400123457"].map(|it| PhoneNumber::from_e164(it).unwrap());
    let person = Person { phone: old.clone(), ..app.person() };
    let mut browser = app.browser();
    let mut seen = Vec::new();

    let page = browser.submit("/api/register", &person.form()).await;
    seen.push(CodePage::look(app, &browser, page, &old).await);
    submit_code(&mut browser, "/api/register/verify", &seen).await;

    let page = browser.submit("/api/reset", &[("email", &person.email)]).await;
    seen.push(CodePage::look(app, &browser, page, &old).await);

    browser.submit("/api/logout", &[]).await;
    let page = sign_in(&mut browser, &person.email).await;
    seen.push(CodePage::look(app, &browser, page, &old).await);
    submit_code(&mut browser, "/api/login/verify", &seen).await;

    let page = browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
    seen.push(CodePage::look(app, &browser, page, &old).await);
    submit_code(&mut browser, "/api/account/phone/step-up", &seen).await;
    let page = browser.submit("/api/account/phone/number", &[("phone", new.expose())]).await;
    seen.push(CodePage::look(app, &browser, page, &new).await);
    submit_code(&mut browser, "/api/account/phone/verify", &seen).await;

    let page = order_mug(app, &mut browser).await;
    seen.push(CodePage::look(app, &browser, page, &new).await);
    seen
}

/// Gives the code that was last seen.
async fn submit_code(browser: &mut Browser, path: &str, seen: &[CodePage]) {
    let code = &seen.last().unwrap().code;
    let page = browser.submit(path, &[("code", code)]).await;
    assert!(page.path.starts_with("/account"), "{}: {}", page.path, page.text());
}

async fn sign_in(browser: &mut Browser, email: &str) -> Page {
    browser.submit("/api/login", &[("email", email), ("password", PASSWORD)]).await
}

/// A signed-in shopper orders something, up to the code that confirms the payment.
async fn order_mug(app: &TestApp, browser: &mut Browser) -> Page {
    app.shop.seed().seed_catalogue().await.unwrap();
    let product = browser.get("/products/sunday-mug").await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    browser.submit("/api/cart/add", &[("variant", &*variant), ("quantity", "1")]).await;
    let address = [
        ("name", "Robin Buyer"),
        ("street", "1 Test Street"),
        ("extra", ""),
        ("city", "London"),
        ("postcode", "E1 1AA"),
        ("country", "GB"),
    ];
    browser.submit("/api/checkout/address", &address).await;
    browser.submit("/api/checkout/shipping", &[("shipping", "standard")]).await;
    browser.submit("/api/checkout/payment", &[("payment", "demo_approve")]).await;
    browser.submit("/api/checkout/place", &[]).await
}

#[tokio::test]
async fn each_code_page_of_the_demo_links_to_the_phone_with_its_code() {
    let app = TestApp::new().await;
    let seen = every_code_page(&app).await;
    let paths: Vec<_> = seen.iter().map(|one| &*one.page.path).collect();
    let (phone, payment) = ("/account/phone", "/checkout/confirm");
    let expected = ["/register/verify", "/reset/verify", "/login/verify", phone, phone, payment];
    assert_eq!(paths, expected);
    for CodePage { page, phone, code, linked } in seen {
        let linked = linked.unwrap_or_else(|| panic!("no link on {}: {}", page.path, page.text()));
        assert_eq!(linked.path, simulated_phone(&phone), "from {}", page.path);
        assert!(linked.text().contains(&code), "{}: {}", page.path, linked.text());
    }
}

#[tokio::test]
async fn no_bar_leads_to_the_phone_while_a_recovery_code_is_asked_for() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    app.clock.advance(Duration::from_secs(3600));
    let mut browser = app.browser();
    let page = sign_in(&mut browser, &person.email).await;
    let address = link(&page).unwrap().to_owned();
    app.code(&person.phone).await;
    assert_eq!(browser.get(&address).await.path, simulated_phone(&person.phone));
    let page = browser.submit("/api/login/recovery", &[]).await;
    assert_eq!((page.path.as_str(), link(&page)), ("/login/recovery", None));
    // The page of the code is still open in another window.
    assert_eq!(link(&browser.get("/login/verify").await), None);
    assert_eq!(browser.get(&address).await.path, "/simulator", "it leads to no phone");
}

#[tokio::test]
async fn the_link_opens_a_new_tab_and_says_so_to_screen_readers() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let page = browser.submit("/api/register", &app.person().form()).await;
    let bar = between(&page.html, r#"class="demo-bar""#, "</p>").replace("<!>", "");
    assert!(bar.contains(r#"target="_blank""#) && bar.contains(r#"rel="noopener""#), "{bar}");
    assert!(bar.contains(r#"<span class="visually-hidden"> (opens in a new tab)</span>"#), "{bar}");
    assert!(page.text().contains("Demo: codes arrive on a simulated phone."), "{}", page.text());
}

#[tokio::test]
async fn a_reset_without_an_account_gets_the_same_link_to_all_phones() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let (mut known, mut unknown) = (app.browser(), app.browser());
    let shown = known.submit("/api/reset", &[("email", &person.email)]).await;
    let other = unknown.submit("/api/reset", &[("email", "nobody@example.com")]).await;
    assert_eq!(normal(&shown), normal(&other));
    app.deliver().await;
    assert_eq!(known.get(link(&shown).unwrap()).await.path, simulated_phone(&person.phone));
    assert_eq!(unknown.get(link(&other).unwrap()).await.path, "/simulator");
}

#[tokio::test]
async fn a_wrong_password_leads_to_no_phone() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let mut browser = app.browser();
    let form = [("email", &*person.email), ("password", "not the violet kettle")];
    let page = browser.submit("/api/login", &form).await;
    app.deliver().await;
    assert!(link(&page).is_none(), "{}", page.html);
    assert_eq!(browser.get("/simulator/code/login").await.path, "/simulator");
}

#[tokio::test]
async fn a_taken_number_at_registration_leads_to_the_phone_with_the_note() {
    let app = TestApp::new().await;
    let owner = app.join(&mut app.browser()).await;
    let newcomer = Person { phone: owner.phone.clone(), ..app.person() };
    let mut browser = app.browser();
    let page = browser.submit("/api/register", &newcomer.form()).await;
    app.deliver().await;
    assert!(app.phones.messages(&owner.phone)[0].code.is_none(), "the owner gets a note");
    assert_eq!(browser.get(link(&page).unwrap()).await.path, simulated_phone(&owner.phone));
}

#[tokio::test]
async fn another_browser_gets_the_link_to_all_phones() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let (mut owner, mut other) = (app.browser(), app.browser());
    let page = sign_in(&mut owner, &person.email).await;
    sign_in(&mut other, "nobody@example.com").await;
    app.deliver().await;
    for browser in [&mut other, &mut app.browser()] {
        assert_eq!(browser.get(link(&page).unwrap()).await.path, "/simulator");
    }
}

#[tokio::test]
async fn a_phone_that_the_simulator_hides_is_not_linked() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let page = browser.submit("/api/register", &app.person().form()).await;
    assert_eq!(browser.get(link(&page).unwrap()).await.path, "/simulator", "not yet sent");
}

#[tokio::test]
async fn the_link_of_an_ended_code_leads_to_all_phones() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.person();
    let page = browser.submit("/api/register", &person.form()).await;
    let link = link(&page).unwrap();
    let code = app.code(&person.phone).await;
    for _ in 0..5 {
        assert_eq!(browser.get(link).await.path, simulated_phone(&person.phone));
        browser.submit("/api/register/verify", &[("code", &wrong(&code))]).await;
    }
    assert_eq!(browser.get(link).await.path, "/simulator", "all attempts were used");

    let person = app.join(&mut browser).await;
    assert_eq!(browser.get(link).await.path, "/simulator", "the code was accepted");

    sign_in(&mut browser, &person.email).await;
    app.deliver().await;
    app.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(browser.get("/simulator/code/login").await.path, "/simulator", "it expired");
}

#[tokio::test]
async fn a_resend_that_reached_no_phone_still_leads_to_the_phone_with_the_code() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    app.browser().submit("/api/reset", &[("email", &person.email)]).await;
    // One phone gets only one message every few seconds.
    app.deliver().await;
    app.clock.advance(Duration::from_secs(10));
    let mut browser = app.browser();
    let page = browser.submit("/api/reset", &[("email", &person.email)]).await;
    let code = app.code(&person.phone).await;
    assert_eq!(
        app.phones.messages(&person.phone).len(),
        3,
        "as many as unknown browsers may ask for in an hour"
    );
    app.clock.advance(Duration::from_secs(61));
    browser.submit("/api/codes/resend", &[("purpose", "reset")]).await;
    app.deliver().await;
    assert_eq!(app.phones.messages(&person.phone).len(), 3, "the resend is a decoy");
    let phone = browser.get(link(&page).unwrap()).await;
    assert_eq!(phone.path, simulated_phone(&person.phone));
    assert!(phone.text().contains(&code), "{}", phone.text());
}

#[tokio::test]
async fn the_link_of_an_unknown_purpose_is_not_found() {
    let app = TestApp::new().await;
    let page = app.browser().get("/simulator/code/nonsense").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn x30_production_has_neither_the_link_nor_its_route() {
    let app = TestApp::production().await;
    let seen = every_code_page(&app).await;
    assert_eq!(seen.len(), 6);
    for CodePage { page, .. } in seen {
        assert!(page.text().contains("6-digit code"), "{}: {}", page.path, page.text());
        assert!(!page.html.contains("imulat") && !page.html.contains("demo-bar"), "{}", page.path);
    }
    for purpose in Purpose::ALL {
        let page = app.browser().get(&format!("/simulator/code/{}", purpose.as_str())).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", purpose.as_str());
    }
}
