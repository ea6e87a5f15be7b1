//! Forms say which page they stand on, and lead back to it with their message, whether they
//! succeed or not.

use super::{
    catalogue_pages::{between, stocked},
    support::{Browser, Page, TestApp},
};

/// What is said about a choice that is not offered.
const CHOICE: &str = "Please choose one of the options.";
/// What is said about several fields that cannot be read.
const FIELDS: &str = "Please correct the marked fields.";
/// What is said about a quantity.
const QUANTITY: &str = "Enter a number from 1 to 20.";
/// What is said about an id that is not known.
const UNKNOWN: &str = "We could not find that.";

/// The pages that the forms of a page say they stand on, without the part of the page.
fn named_pages(page: &Page) -> Vec<&str> {
    let forms = page.html.split("<form").skip(1);
    let forms = forms.map(|form| form.split("</form>").next().unwrap());
    let changing = forms.filter(|form| form.contains("action=\"/api/"));
    let named = changing.map(|form| between(form, "name=\"page\" value=\"", "\""));
    named.map(|page| page.split('#').next().unwrap()).collect()
}

/// The first form of a page that posts to this address.
fn form_of<'p>(page: &'p Page, action: &str) -> &'p str {
    between(&page.html, &format!("action=\"{action}\""), "</form>")
}

/// Sends a form and checks where it leads and what is said there.
async fn check(browser: &mut Browser, from: &str, form: (&str, &[(&str, &str)]), to: (&str, &str)) {
    let (action, fields) = form;
    let (path, words) = to;
    browser.get(from).await;
    let answer = browser.post(action, fields).await;
    let location = answer.location().unwrap();
    let page = location.split('#').next().unwrap();
    assert_eq!(page, path, "{action} from {from}");
    let page = browser.get(path).await;
    assert!(page.text().contains(words), "{action} from {from}: {}", page.text());
}

/// A shop with a signed-in shopper who has a mug in the cart, and the id of the mug.
async fn shopper() -> (TestApp, Browser, String) {
    let (app, mut browser) = stocked().await;
    let page = browser.get("/products/sunday-mug").await;
    let variant = between(&page.html, "name=\"variant\" value=\"", "\"").to_owned();
    app.join(&mut browser).await;
    browser.submit("/api/cart/add", &[("variant", &variant), ("quantity", "1")]).await;
    (app, browser, variant)
}

#[tokio::test]
async fn every_form_that_changes_something_names_its_page() {
    let (app, mut browser, _) = shopper().await;
    for (path, count) in [
        ("/products/sunday-mug", 1),
        ("/products/sunday-mug?colour=sage", 1),
        ("/cart", 3),
        ("/checkout", 1),
        ("/account", 1),
        ("/account/security", 1),
        ("/account/phone", 1),
        ("/reset", 1),
    ] {
        let page = browser.get(path).await;
        assert_eq!(named_pages(&page), vec![path; count], "{path}");
    }
    let mut guest = app.browser();
    for path in ["/login", "/register", "/reset", "/login?next=/cart"] {
        let page = guest.get(path).await;
        assert_eq!(named_pages(&page), [path], "{path}");
    }
}

#[tokio::test]
async fn forms_of_cart_and_checkout_come_back_without_a_referer() {
    let (_app, mut browser, variant) = shopper().await;
    let mug = "/products/sunday-mug?colour=sage";
    let known = ("variant", variant.as_str());
    for (from, form, to) in [
        (mug, ("/api/cart/add", &[known, ("quantity", "1")][..]), ("/cart", "Added to your cart.")),
        (mug, ("/api/cart/add", &[known, ("quantity", "x")]), (mug, QUANTITY)),
        (mug, ("/api/cart/add", &[("variant", "x"), ("quantity", "1")]), (mug, CHOICE)),
        ("/cart", ("/api/cart/quantity", &[known, ("quantity", "2")]), ("/cart", "up to date")),
        ("/cart", ("/api/cart/quantity", &[known, ("quantity", "-1")]), ("/cart", QUANTITY)),
        ("/cart", ("/api/cart/remove", &[("variant", "x")]), ("/cart", CHOICE)),
        ("/checkout", ("/api/checkout/address", &[("name", "")]), ("/checkout", FIELDS)),
        ("/checkout", ("/api/checkout/shipping", &[("shipping", "pigeon")]), ("/checkout", CHOICE)),
        (
            "/checkout?step=address",
            ("/api/checkout/address", &[("name", "")]),
            ("/checkout?step=address", FIELDS),
        ),
    ] {
        check(&mut browser, from, form, to).await;
    }
}

#[tokio::test]
async fn forms_of_the_account_come_back_without_a_referer() {
    let (_app, mut browser, _) = shopper().await;
    let security = "/account/security";
    for (from, form, to) in [
        (
            security,
            ("/api/account/password", &[("current", "wrong"), ("password", "violet kettle")][..]),
            (security, "not your current password"),
        ),
        (security, ("/api/account/sessions/end", &[("id", "x")]), (security, UNKNOWN)),
        (
            security,
            ("/api/account/sessions/end-others", &[]),
            (security, "other sessions have ended"),
        ),
        (security, ("/api/account/devices/forget", &[("id", "x")]), (security, UNKNOWN)),
        (
            "/account/phone",
            ("/api/account/phone/password", &[("password", "wrong")]),
            ("/account/phone", "not your current password"),
        ),
        (
            "/account/phone",
            ("/api/account/phone/number", &[("phone", "x")]),
            ("/account/phone", "confirm that it is you"),
        ),
        (
            "/account/phone",
            ("/api/codes/resend", &[("purpose", "step_up")]),
            ("/account/phone", "no code"),
        ),
        (
            "/account/phone",
            ("/api/codes/sms", &[("purpose", "step_up")]),
            ("/account/phone", "no code"),
        ),
    ] {
        check(&mut browser, from, form, to).await;
    }
}

#[tokio::test]
async fn forms_of_the_merchant_come_back_without_a_referer() {
    let (app, _) = stocked().await;
    let mut browser = app.sign_in_merchant().await;
    let goods = "/merchant/products";
    let page = browser.get(goods).await;
    assert!(named_pages(&page).len() > 8 && named_pages(&page).iter().all(|path| *path == goods));
    let variant = between(&page.html, "name=\"variant\" value=\"", "\"").to_owned();
    let product = between(&page.html, "name=\"product\" value=\"", "\"").to_owned();
    let known = ("variant", variant.as_str());
    let price = form_of(&page, "/api/merchant/products/price");
    let price = ("shown", between(price, "name=\"shown\" value=\"", "\""));
    let stock = form_of(&page, "/api/merchant/products/stock");
    let stock = ("shown", between(stock, "name=\"shown\" value=\"", "\""));
    let messaging = "/merchant/messaging?check=yes";
    for (from, form, to) in [
        (
            goods,
            ("/api/merchant/products/price", &[known, price, ("price", "9.50")][..]),
            (goods, "Saved"),
        ),
        (
            goods,
            ("/api/merchant/products/price", &[known, price, ("price", "free")]),
            (goods, "Enter a price"),
        ),
        (
            goods,
            ("/api/merchant/products/stock", &[known, stock, ("stock", "many")]),
            (goods, "Enter a whole number"),
        ),
        (
            goods,
            ("/api/merchant/products/listed", &[("product", &*product), ("shown", "yes")]),
            (goods, "Saved"),
        ),
        (goods, ("/api/merchant/products/listed", &[("product", "x")]), (goods, UNKNOWN)),
        (
            "/merchant/accounts?q=nobody",
            ("/api/merchant/accounts/recover", &[("account", "x")]),
            ("/merchant/accounts?q=nobody", UNKNOWN),
        ),
        (messaging, ("/api/merchant/messaging/sync", &[("provider", "x")]), (messaging, UNKNOWN)),
    ] {
        check(&mut browser, from, form, to).await;
    }
}
