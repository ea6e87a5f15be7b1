//! A form leads back to its part of the page, saved or refused, and what happened is said there.

use std::collections::BTreeSet;

use web::routes;

use super::{
    catalogue_pages::{between, stocked},
    support::{Browser, PASSWORD, Page, TestApp, wrong},
};

/// What a form of a page sends.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
    /// The part of the page that it names.
    anchor: Option<String>,
    /// Where it begins in the page.
    position: usize,
}

/// The value of an attribute of a tag, or the empty text.
fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split_once(&format!(" {name}=\"")).map_or("", |(_, rest)| rest);
    value.split('"').next().unwrap().replace("&amp;", "&")
}

/// The forms of a page that change something.
fn forms(page: &Page) -> Vec<Form> {
    let begins = page.html.match_indices("<form").map(|(position, _)| position);
    let forms = begins.map(|position| {
        let form = page.html[position..].split("</form>").next().unwrap();
        let tags = form.split("<input").skip(1).map(|tag| tag.split('>').next().unwrap());
        let sent = tags.filter(|tag| !tag.contains("type=\"radio\"") || tag.contains(" checked"));
        let fields = sent.map(|tag| (attribute(tag, "name"), attribute(tag, "value")));
        let fields: Vec<_> = fields.filter(|(name, _)| !name.is_empty()).collect();
        let page = &fields.iter().find(|(name, _)| name == "page")?.1;
        let anchor = page.split_once('#').map(|(_, anchor)| anchor.to_owned());
        Some(Form { action: attribute(form, "action"), fields, anchor, position })
    });
    forms.flatten().collect()
}

/// Where the element with this `id` begins. There is one.
fn position_of(page: &Page, id: &str) -> usize {
    let attribute = format!(" id=\"{id}\"");
    assert_eq!(page.html.matches(&attribute).count(), 1, "{id}: {}", page.html);
    page.html.find(&attribute).unwrap()
}

/// The part of the page with this `id`, up to the next part that a form names.
fn part<'p>(page: &'p Page, id: &str) -> &'p str {
    let begin = position_of(page, id);
    let anchors: BTreeSet<_> = forms(page).into_iter().filter_map(|form| form.anchor).collect();
    let positions = anchors.iter().map(|anchor| position_of(page, anchor));
    let end = positions.filter(|position| *position > begin).min().unwrap_or(page.html.len());
    &page.html[begin..end]
}

/// Sends the first form of the page with this address, with other values for some fields.
/// Returns the fragment that it leads to, and the page.
async fn send(
    browser: &mut Browser,
    path: &str,
    action: &str,
    changes: &[(&str, &str)],
) -> (String, Page) {
    let page = browser.get(path).await;
    let form = forms(&page).into_iter().find(|form| form.action == action);
    let form = form.unwrap_or_else(|| panic!("no {action} on {path}: {}", page.html));
    let kept = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut fields: Vec<_> =
        kept.filter(|(name, _)| changes.iter().all(|c| c.0 != *name)).collect();
    fields.extend(changes);
    let location = browser.post(action, &fields).await.location().unwrap();
    let (to, fragment) = location.split_once('#').unwrap_or((&location, ""));
    (fragment.to_owned(), browser.get(to).await)
}

/// A shop with a shopper who has two products in the cart, another session, and a trusted device.
async fn shopper() -> (TestApp, Browser) {
    let (app, mut browser) = stocked().await;
    let person = app.join(&mut browser).await;
    let mut other = app.browser();
    let form = [("email", person.email.as_str()), ("password", PASSWORD)];
    other.submit("/api/login", &form).await;
    let code = app.code(&person.phone).await;
    other.submit("/api/login/verify", &[("code", &code), ("trust", "yes")]).await;
    for product in ["/products/sunday-mug", "/products/market-tote"] {
        let page = browser.get(product).await;
        let variant = between(&page.html, "name=\"variant\" value=\"", "\"").to_owned();
        browser.submit("/api/cart/add", &[("variant", &variant), ("quantity", "1")]).await;
    }
    (app, browser)
}

/// A signed-in merchant with a paid order and a shopper who waits for a new phone.
/// Returns the pages of the order and of the shopper, too.
async fn merchant() -> (TestApp, Browser, String, String) {
    let (app, _) = stocked().await;
    let mut browser = app.sign_in_merchant().await;
    let person = app.join(&mut app.browser()).await;
    let as_merchant = app.merchant();
    let orders = app.shop.merchant(&as_merchant).unwrap().orders(None).await.unwrap().orders;
    let paid = orders.iter().find(|order| order.status == domain::OrderStatus::Paid).unwrap();
    let account = routes::merchant_account(&person.email);
    app.disable_codes(&person).await;
    browser.get(&account).await;
    (app, browser, routes::merchant_order(&paid.id), account)
}

#[tokio::test]
async fn forms_that_share_a_page_name_their_part_of_it() {
    let (_app, mut shopper) = shopper().await;
    let (_other, mut merchant, order, account) = merchant().await;
    let (cart, security, goods) = ("/cart", "/account/security", "/merchant/products");
    let pages = [(cart, 6), (security, 4), ("/products/sunday-mug", 1), ("/checkout", 1)];
    let mut seen = Vec::new();
    for (path, count) in pages {
        seen.push((shopper.get(path).await, count));
    }
    for (path, count) in [(goods, 100), (order.as_str(), 2), (account.as_str(), 2)] {
        seen.push((merchant.get(path).await, count));
    }
    for (page, count) in &seen {
        let forms = forms(page);
        assert!(forms.len() >= *count, "{}: {} forms", page.path, forms.len());
        for form in forms {
            let anchor = form.anchor.unwrap_or_else(|| panic!("{} names no part", form.action));
            let position = position_of(page, &anchor);
            assert!(position < form.position, "{} stands before {anchor}", form.action);
        }
    }
}

#[tokio::test]
async fn a_refused_form_leads_to_its_alert_at_its_part_of_the_page() {
    let (_app, mut shopper) = shopper().await;
    let (_other, mut merchant, order, account) = merchant().await;
    let security = "/account/security";
    let wrong_password: &[_] = &[("current", "wrong"), ("password", "violet kettle")];
    for (path, action, changes) in [
        ("/cart", "/api/cart/quantity", &[("quantity", "99")][..]),
        ("/cart", "/api/cart/remove", &[("variant", "x")]),
        ("/products/sunday-mug?colour=sage", "/api/cart/add", &[("quantity", "99")]),
        ("/checkout", "/api/checkout/address", &[("postcode", "")]),
        ("/checkout?step=address", "/api/checkout/address", &[("country", "XX")]),
        (security, "/api/account/password", wrong_password),
        (security, "/api/account/sessions/end", &[("id", "x")]),
        (security, "/api/account/devices/forget", &[("id", "x")]),
    ] {
        check_refused(&mut shopper, path, action, changes).await;
    }
    let goods = "/merchant/products";
    for (path, action, changes) in [
        (goods, "/api/merchant/products/price", &[("price", "free")][..]),
        (goods, "/api/merchant/products/stock", &[("stock", "-1")]),
        (goods, "/api/merchant/products/stock", &[("shown", "999"), ("stock", "3")]),
        (goods, "/api/merchant/products/pieces", &[("pieces", "0")]),
        (goods, "/api/merchant/products/listed", &[("shown", "no")]),
        (&order, "/api/merchant/orders/refund", &[("shown", "x")]),
        (&account, "/api/merchant/accounts/recover", &[("shown", "1")]),
        (&account, "/api/merchant/accounts/phone-change/start", &[("account", "x")]),
    ] {
        check_refused(&mut merchant, path, action, changes).await;
    }
}

/// Checks that a form is refused, and that its alert stands at its part of the page.
async fn check_refused(browser: &mut Browser, path: &str, action: &str, changes: &[(&str, &str)]) {
    let before = browser.get(path).await;
    let form = forms(&before).into_iter().find(|form| form.action == action).unwrap();
    let (fragment, page) = send(browser, path, action, changes).await;
    assert_eq!(fragment, "alert", "{action} on {path}");
    let alert = position_of(&page, "alert");
    let part = part(&page, &form.anchor.unwrap());
    assert!(part.contains(" id=\"alert\""), "{action} on {path}: {part}");
    let tag = page.html[..alert].rfind('<').unwrap();
    let tag = page.html[tag..].split('>').next().unwrap();
    assert!(tag.contains("tabindex=\"-1\""), "the fragment moves the focus to it: {tag}");
    let once = browser.get(path).await;
    assert!(!once.html.contains(" id=\"alert\""), "it is shown once");
}

#[tokio::test]
async fn a_saved_form_leads_to_its_part_of_the_page_and_says_so_there() {
    let (_app, mut shopper) = shopper().await;
    let (_other, mut merchant, order, account) = merchant().await;
    let (security, goods) = ("/account/security", "/merchant/products");
    for (path, action, changes) in [
        ("/cart", "/api/cart/quantity", &[("quantity", "2")][..]),
        ("/products/sunday-mug?colour=sage", "/api/cart/add", &[("quantity", "1")]),
        (security, "/api/account/devices/forget", &[]),
        (security, "/api/account/sessions/end", &[]),
        (
            security,
            "/api/account/password",
            &[("current", PASSWORD), ("password", "violet kettle drum")],
        ),
    ] {
        check_saved(&mut shopper, path, action, changes).await;
    }
    for (path, action, changes) in [
        (goods, "/api/merchant/products/price", &[("price", "12.50")][..]),
        (goods, "/api/merchant/products/stock", &[("stock", "12")]),
        (goods, "/api/merchant/products/pieces", &[("pieces", "+5")]),
        (goods, "/api/merchant/products/listed", &[]),
        (&order, "/api/merchant/orders/ship", &[]),
        (&account, "/api/merchant/accounts/recover", &[]),
        (&account, "/api/merchant/accounts/phone-change/start", &[]),
        (&account, "/api/merchant/accounts/phone-change/cancel", &[]),
    ] {
        check_saved(&mut merchant, path, action, changes).await;
    }
}

/// Checks that a form is saved, and that its status line stands where it leads.
async fn check_saved(browser: &mut Browser, path: &str, action: &str, changes: &[(&str, &str)]) {
    let (fragment, page) = send(browser, path, action, changes).await;
    assert!(!fragment.is_empty() && fragment != "alert", "{action} on {path}: {}", page.text());
    let part = part(&page, &fragment);
    assert!(part.contains("role=\"status\""), "{action} on {path}: {part}");
    assert_eq!(page.html.matches("role=\"status\"").count(), 1, "{action} on {path}");
}

#[tokio::test]
async fn a_code_that_was_not_right_leads_to_its_field() {
    let app = TestApp::new().await;
    let (mut browser, person) = (app.browser(), app.person());
    browser.submit("/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    let (path, verify) = ("/register/verify", "/api/register/verify");
    for typed in [wrong(&code).as_str(), "12", "546371 or 111222", "abcdef"] {
        let (fragment, page) = send(&mut browser, path, verify, &[("code", typed)]).await;
        assert_eq!(fragment, "code", "{typed}");
        position_of(&page, "code");
        let field = between(&page.html, "<input id=\"code\"", ">");
        assert!(field.contains("aria-describedby=\"alert code-hint\""), "{typed}: {field}");
        position_of(&page, "alert");
    }
    let (fragment, page) = send(&mut browser, path, "/api/codes/resend", &[]).await;
    assert_eq!(fragment, "alert", "this is not about the code");
    assert!(page.text().contains("sent a moment ago"), "{}", page.text());
    app.clock.advance(std::time::Duration::from_secs(60));
    let (fragment, page) = send(&mut browser, path, "/api/codes/resend", &[]).await;
    assert_eq!(fragment, "code", "{}", page.text());
    let status = position_of(&page, "code") > page.html.find("We sent the code again").unwrap_or(0);
    assert!(status && page.html.contains("role=\"status\""), "{}", page.text());
    for _ in 0..3 {
        send(&mut browser, path, verify, &[("code", &wrong(&code))]).await;
    }
    let (fragment, page) = send(&mut browser, path, verify, &[("code", &wrong(&code))]).await;
    assert_eq!(fragment, "alert", "five wrong codes: {}", page.text());
    assert!(!page.html.contains(" id=\"code\""), "there is no field any more");
    position_of(&page, "alert");
}

#[tokio::test]
async fn what_no_part_of_the_page_takes_is_said_at_its_top() {
    let (_app, mut browser) = shopper().await;
    for (page, path) in [
        ("/cart#line-gone", "/cart"),
        ("/cart", "/cart"),
        ("/cart#", "/cart"),
        ("/cart#a b", "/cart"),
        ("/cart#a#b", "/cart"),
        ("/cart#\"><script>", "/cart"),
        ("/account/security#line-gone", "/account/security"),
        ("//evil.example#cart", "/"),
        ("https://evil.example/cart#cart", "/"),
    ] {
        let fields = [("variant", "x"), ("quantity", "1"), ("page", page)];
        let location = browser.post("/api/cart/quantity", &fields).await.location().unwrap();
        assert_eq!(location, format!("{path}#alert"), "{page}");
        if path != "/" {
            let shown = browser.get(path).await;
            let alert = position_of(&shown, "alert");
            assert!(alert < forms(&shown)[0].position, "{page}: {}", shown.html);
        }
    }
}

#[tokio::test]
async fn a_script_gets_the_page_without_a_fragment_so_that_it_loads_it() {
    let app = TestApp::new().await;
    let (mut browser, person) = (app.browser(), app.person());
    browser.submit("/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    let fields = [("code", wrong(&code)), ("page", "/register/verify#code".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    for _ in 0..4 {
        let answer = browser.fetch("/api/register/verify", &fields).await;
        assert_eq!(answer.location(), None, "the message is shown in place");
    }
    let answer = browser.fetch("/api/register/verify", &fields).await;
    assert_eq!(answer.location().as_deref(), Some("/register/verify"));
}
