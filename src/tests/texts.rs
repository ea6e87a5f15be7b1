//! Every page in the pseudo-language, in which each text stands in brackets (⟦…⟧): letters
//! outside of them are data and names, or a text that was written into a page by hand.

use std::{collections::BTreeSet, time::Duration};

use axum::http::StatusCode;
use domain::{PhoneNumber, Secret};
use leptos_axum::generate_route_list;
use shop::DemoPasswords;
use text::PageLanguage;

use super::{
    catalogue_pages::between,
    support::{Browser, PASSWORD, Page, Person, TestApp},
};

const MUG: &str = "/products/sunday-mug";

/// Attributes that people see or hear.
const VISIBLE_ATTRIBUTES: [&str; 4] = [" alt=\"", " aria-label=\"", " placeholder=\"", " title=\""];

/// Names, addresses and units that are data.
const DATA: [&str; 22] = [
    "help",
    "marigold",
    "Marigold",
    "Robin",
    "robin",
    "Buyer",
    "Shopper",
    "Test",
    "Street",
    "London",
    "example",
    "com",
    "EUR",
    "USD",
    "simulator",
    "caller",
    "sms",
    "whatsapp",
    "S",
    "M",
    "L",
    "XL",
];

/// Texts that other crates write in English: what a check found at a provider, and what a
/// simulated phone got, whose language is its owner's. So are elements with `lang="en"`.
const OPERATIONS: [&str; 3] =
    ["class=\"stack-tight\"", "class=\"phone-notes\"", "class=\"phone-chat\""];

/// The pages that were checked.
#[derive(Default)]
struct Visited {
    paths: BTreeSet<String>,
    data: Vec<String>,
    problems: BTreeSet<String>,
}

impl Visited {
    fn look(&mut self, page: &Page) {
        self.paths.insert(page.path.split('?').next().unwrap().to_owned());
        for words in outside(&page.html) {
            let mut left = words.clone();
            for data in &self.data {
                left = left.replace(data.as_str(), "");
            }
            let unknown = left
                .split(|c: char| !c.is_alphabetic())
                .find(|word| !word.is_empty() && !DATA.contains(word) && !is_code(word));
            if let Some(word) = unknown {
                self.problems.insert(format!("{}: {word} in {words:?}", page.path));
            }
        }
    }

    async fn get(&mut self, browser: &mut Browser, path: &str) -> Page {
        let page = browser.get(path).await;
        self.look(&page);
        page
    }

    async fn submit(&mut self, browser: &mut Browser, path: &str, form: &[(&str, &str)]) -> Page {
        let page = browser.submit(path, form).await;
        self.look(&page);
        page
    }
}

/// Part of an order's number or of a reference, in capitals or hexadecimal.
fn is_code(word: &str) -> bool {
    word.chars().all(char::is_uppercase) || word.chars().all(|c| c.is_ascii_hexdigit())
}

/// The visible text outside of brackets, piece by piece.
fn outside(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut depth = 0;
    let mut rest = html;
    while let Some((text, tag_and_more)) = rest.split_once('<') {
        found.push(without_brackets(text, &mut depth));
        let end = if tag_and_more.starts_with("!--") { "-->" } else { ">" };
        let (tag, more) = tag_and_more.split_once(end).unwrap_or((tag_and_more, ""));
        for attribute in VISIBLE_ATTRIBUTES {
            if let Some((_, value)) = tag.split_once(attribute) {
                let value = value.split('"').next().unwrap_or_default();
                found.push(without_brackets(value, &mut 0));
            }
        }
        if let Some((_, value)) = tag.split_once("name=\"description\" content=\"") {
            found.push(without_brackets(value.split('"').next().unwrap_or_default(), &mut 0));
        }
        rest = more;
        for hidden in ["script", "style"] {
            if tag.split_whitespace().next() == Some(hidden) {
                rest = more.split_once(&format!("</{hidden}>")).map_or("", |(_, after)| after);
            }
        }
        let is_list = tag.starts_with("ul ") || tag.starts_with("ol ");
        let is_operations = OPERATIONS.iter().any(|class| is_list && tag.contains(class));
        if is_operations || tag.contains(" lang=\"en\"") {
            let name = tag.split_whitespace().next().unwrap();
            rest = more.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
        }
    }
    assert_eq!(depth, 0, "brackets that do not close");
    found.retain(|text| text.chars().any(char::is_alphabetic));
    found
}

fn without_brackets(text: &str, depth: &mut usize) -> String {
    let text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&#x27;", "'");
    let mut left = String::new();
    for c in text.chars() {
        match c {
            '⟦' => *depth += 1,
            '⟧' => *depth = depth.checked_sub(1).expect("a bracket that was not opened"),
            _ if *depth == 0 => left.push(c),
            _ => {}
        }
    }
    left
}

/// Public pages, and the forms that refuse to be empty.
async fn as_guest(app: &TestApp, seen: &mut Visited) {
    let mut browser = app.browser();
    for path in [
        "/",
        "/products",
        "/products?q=nothing+like+it",
        MUG,
        "/cart",
        "/checkout",
        "/checkout/return/none",
        "/login",
        "/login/verify",
        "/login/recovery",
        "/login/recovery/phone",
        "/register",
        "/register/verify",
        "/reset",
        "/reset/verify",
        "/reset/password",
        "/terms",
        "/privacy",
        "/imprint",
        "/returns",
        "/contact",
        "/withdrawal",
        "/orders/lookup",
        "/orders/lookup/verify",
        "/withdrawal/receipt",
        "/simulator",
        "/simulator?wrong=yes",
        "/there/is/nothing",
    ] {
        let page = seen.get(&mut browser, path).await;
        assert!(page.html.contains("lang=\"qps\""), "{path}: {}", page.html);
    }
    browser.get("/register").await;
    let empty = [("name", ""), ("email", "x"), ("phone", "1"), ("password", "short")];
    seen.submit(&mut browser, "/api/register", &empty).await;
    browser.get("/login").await;
    let unknown = [("email", "nobody@example.com"), ("password", PASSWORD)];
    seen.submit(&mut browser, "/api/login", &unknown).await;
    browser.get("/reset").await;
    seen.submit(&mut browser, "/api/reset", &[("email", "nobody@example.com")]).await;
}

/// Signs in with an existing account, with a wrong code first.
async fn sign_in(app: &TestApp, seen: &mut Visited, person: &Person) {
    let mut browser = app.browser();
    browser.get("/login").await;
    let form = [("email", &*person.email), ("password", PASSWORD)];
    seen.submit(&mut browser, "/api/login", &form).await;
    seen.submit(&mut browser, "/api/login/verify", &[("code", "12")]).await;
    let code = app.code(&person.phone).await;
    let right = [("code", &*code), ("trust", "yes")];
    seen.submit(&mut browser, "/api/login/verify", &right).await;
    seen.get(&mut browser, "/account/security").await;
}

/// Confirms the e-mail address.
async fn confirm_email(app: &TestApp, seen: &mut Visited, browser: &mut Browser) {
    seen.get(browser, "/account/email").await;
    let body = app.newest_email().await;
    let token = between(&body, "token=", "\n").to_owned();
    seen.get(browser, &format!("/account/email?token={token}")).await;
    seen.submit(browser, "/api/account/email/send", &[]).await;
    seen.submit(browser, "/api/account/email/confirm", &[("token", &token)]).await;
    seen.get(browser, "/account/email").await;
}

/// Makes recovery codes, and returns one of them.
async fn make_recovery_codes(seen: &mut Visited, browser: &mut Browser) -> String {
    seen.get(browser, "/account/recovery-codes").await;
    let page = seen.submit(browser, "/api/account/recovery-codes/make", &[]).await;
    seen.submit(browser, "/api/account/recovery-codes/saved", &[]).await;
    seen.get(browser, "/account/recovery-codes").await;
    between(&page.html, "<code>", "<").to_owned()
}

/// Signs in with a recovery code, wrong ones first, and sets a new phone.
async fn lose_phone(app: &TestApp, seen: &mut Visited, person: &Person, code: &str) {
    let mut browser = app.browser();
    let form = [("email", &*person.email), ("password", PASSWORD)];
    browser.submit("/api/login", &form).await;
    seen.submit(&mut browser, "/api/login/recovery", &[]).await;
    for code in ["12", "0000-0000-0000-0000-0000-0000", code] {
        seen.submit(&mut browser, "/api/login/recovery/verify", &[("code", code)]).await;
    }
    let fresh = app.person().phone;
    for phone in ["12", fresh.expose()] {
        seen.submit(&mut browser, "/api/login/recovery/phone", &[("phone", phone)]).await;
    }
    let code = app.code(&fresh).await;
    let form = [("code", &*code)];
    let page = seen.submit(&mut browser, "/api/login/recovery/phone/verify", &form).await;
    assert_eq!(page.path, "/account", "{}", page.text());
}

/// Fills a cart, registers, buys, and checks every page on the way. Returns the shopper, and
/// one of the shopper's recovery codes.
async fn buy(app: &TestApp, seen: &mut Visited) -> (Person, String) {
    let mut browser = app.browser();
    let product = browser.get(MUG).await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    let added = [("variant", &*variant), ("quantity", "2")];
    seen.submit(&mut browser, "/api/cart/add", &added).await;
    seen.get(&mut browser, "/cart").await;
    seen.get(&mut browser, "/checkout").await;
    let person = app.person();
    browser.get("/register").await;
    seen.submit(&mut browser, "/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    let page = seen.submit(&mut browser, "/api/register/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/account", "{}", page.text());
    seen.get(&mut browser, "/account/orders").await;
    seen.get(&mut browser, "/account/phone").await;
    seen.get(&mut browser, "/account/security").await;
    let recovery_code = make_recovery_codes(seen, &mut browser).await;
    confirm_email(app, seen, &mut browser).await;
    let password = [("password", PASSWORD)];
    browser.get("/account/phone").await;
    seen.submit(&mut browser, "/api/account/phone/password", &password).await;
    // Messages that are due at the same time arrive in any order, so this code arrives now and
    // the newest code below is the one of the payment.
    app.deliver().await;
    seen.get(&mut browser, "/checkout").await;
    let address = [
        ("name", "Robin Buyer"),
        ("street", "1 Test Street"),
        ("extra", ""),
        ("city", "London"),
        ("postcode", "E1 1AA"),
        ("country", "GB"),
    ];
    seen.submit(&mut browser, "/api/checkout/address", &address).await;
    let shipping = [("shipping", "standard")];
    seen.submit(&mut browser, "/api/checkout/shipping", &shipping).await;
    let payment = [("payment", "demo_approve")];
    seen.submit(&mut browser, "/api/checkout/payment", &payment).await;
    // The shop sends no two codes to one phone within a few seconds.
    app.clock.advance(Duration::from_secs(60));
    let page = seen.submit(&mut browser, "/api/checkout/place", &[]).await;
    assert_eq!(page.path, "/checkout/confirm", "{}", page.text());
    let code = app.code(&person.phone).await;
    let page = seen.submit(&mut browser, "/api/checkout/confirm", &[("code", &code)]).await;
    assert!(page.path.starts_with("/orders/"), "{}", page.text());
    app.shop.invoices().assign_due().await.unwrap();
    withdraw(seen, &mut browser, &person, &page).await;
    seen.get(&mut browser, &page.path).await;
    seen.get(&mut browser, "/account/data").await;
    seen.submit(&mut browser, "/api/account/data/export", &password).await;
    seen.get(&mut browser, "/account/orders").await;
    let phone = format!("/simulator/{}", person.phone.expose().replace('+', "%2B"));
    seen.get(&mut browser, &phone).await;
    seen.get(&mut browser, &format!("{phone}?locked=yes")).await;
    (person, recovery_code)
}

/// Withdraws from the contract of the order on this page.
async fn withdraw(seen: &mut Visited, browser: &mut Browser, person: &Person, order: &Page) {
    let number = between(&order.html, "?order=", "\"").to_owned();
    let stated =
        [("name", "Robin"), ("order_number", &*number), ("contact", person.email.as_str())];
    seen.get(browser, &format!("/withdrawal?order={number}")).await;
    let page = seen.submit(browser, "/api/withdrawal", &stated).await;
    assert_eq!(page.path, "/withdrawal/confirm", "{}", page.text());
    let id = between(&page.html, "name=\"id\" value=\"", "\"").to_owned();
    let fields = [&stated[..], &[("id", &*id)]].concat();
    let page = seen.submit(browser, "/api/withdrawal/confirm", &fields).await;
    assert_eq!(page.path, "/withdrawal/receipt", "{}", page.text());
}

/// Every page of the merchant.
async fn sell(app: &TestApp, seen: &mut Visited, customer: &Person) {
    let secret = || Secret::new(PASSWORD.to_owned());
    let passwords = DemoPasswords { shopper: secret(), merchant: secret() };
    app.shop.seed().seed_accounts(&passwords).await.unwrap();
    let mut browser = app.browser();
    browser.get("/login").await;
    browser
        .submit("/api/login", &[("email", "merchant@example.com"), ("password", PASSWORD)])
        .await;
    let phone = PhoneNumber::from_e164("+447700900222").unwrap();
    let code = app.code(&phone).await;
    browser.submit("/api/login/verify", &[("code", &code)]).await;
    for path in [
        "/merchant",
        "/merchant/products",
        "/merchant/withdrawals",
        "/merchant/messages",
        "/merchant/messaging?check=yes",
        "/merchant/accounts",
        "/merchant/accounts?email=nobody@example.com",
    ] {
        let page = seen.get(&mut browser, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
    }
    seen.get(&mut browser, &format!("/merchant/accounts?email={}", customer.email)).await;
    let page = browser.get(&format!("/merchant/accounts?email={}", customer.email)).await;
    let account = between(&page.html, "name=\"account\" value=\"", "\"").to_owned();
    let form = [("account", &*account)];
    seen.submit(&mut browser, "/api/merchant/accounts/phone-change/start", &form).await;
    seen.get(&mut browser, "/merchant/accounts").await;
    let orders = seen.get(&mut browser, "/merchant/orders").await;
    let order = between(&orders.html, "href=\"/merchant/orders/", "\"").to_owned();
    seen.get(&mut browser, &format!("/merchant/orders/{order}")).await;
}

#[tokio::test]
async fn every_page_takes_its_texts_from_the_files() {
    let app = TestApp::in_language(|_| PageLanguage::Pseudo).await;
    app.shop.seed().seed_catalogue().await.unwrap();
    let mut seen = Visited { data: catalogue_data(&app).await, ..Visited::default() };
    as_guest(&app, &mut seen).await;
    let (person, recovery_code) = buy(&app, &mut seen).await;
    sign_in(&app, &mut seen, &person).await;
    lose_phone(&app, &mut seen, &person, &recovery_code).await;
    sell(&app, &mut seen, &person).await;
    let patterns = generate_route_list(pages::App);
    let is_seen = |pattern: &str| seen.paths.iter().any(|path| matches_pattern(pattern, path));
    let missing: Vec<_> =
        patterns.iter().map(|one| one.path()).filter(|one| !is_seen(one)).collect();
    assert!(missing.is_empty(), "not looked at: {missing:?}");
    assert!(seen.problems.is_empty(), "{:#?}", seen.problems);
}

/// Whether a pattern of the router, such as `/orders/{token}`, is the one of this path.
fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut parts, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (parts.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(one)) if part.starts_with(['{', ':']) || part == one => {}
            _ => return false,
        }
    }
}

/// Names and descriptions of products and categories, longest first.
async fn catalogue_data(app: &TestApp) -> Vec<String> {
    let catalogue = app.shop.catalogue();
    let mut data = Vec::new();
    for category in catalogue.categories().await.unwrap() {
        data.push(category.name);
    }
    let mut filter = shop::Filter::default();
    loop {
        let found = catalogue.list(&filter).await.unwrap();
        for card in found.products {
            let product = catalogue.product(&card.slug).await.unwrap();
            // Sizes of one letter are in `DATA`.
            let sizes = product.variants.into_iter().map(|variant| variant.size);
            data.extend(sizes.filter(|size| size.len() > 2));
            data.extend([product.name, product.description]);
        }
        filter.after = found.next;
        if filter.after.is_none() {
            break;
        }
    }
    data.sort_by_key(|text| std::cmp::Reverse(text.len()));
    data
}

#[test]
fn letters_outside_of_brackets_are_found() {
    let html = "<p>⟦in <b>data</b> in⟧ out<img alt=\"⟦in⟧ alt\"/></p><script>no</script>";
    assert_eq!(outside(html), [" out", " alt"]);
}
