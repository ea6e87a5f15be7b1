//! The public pages of the catalogue, and the cart through plain forms.

use axum::http::StatusCode;

use super::support::{Browser, TestApp};

/// An app with the seeded catalogue, and a browser without cookies.
pub async fn stocked() -> (TestApp, Browser) {
    let app = TestApp::new().await;
    app.shop.seed().seed_catalogue().await.unwrap();
    let browser = app.browser();
    (app, browser)
}

/// The text between two marks.
pub fn between<'h>(html: &'h str, before: &str, after: &str) -> &'h str {
    let rest = html.split_once(before).unwrap_or_else(|| panic!("no {before}")).1;
    rest.split_once(after).unwrap().0
}

#[tokio::test]
async fn style_sheet_and_pictures_are_cacheable_unknown_files_not_found() {
    let (_app, mut browser) = stocked().await;
    let sheet = browser.get(crate::style::address()).await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert!(sheet.header("cache-control").ends_with("immutable"));
    let picture = browser.get("/art/mug-stripes-sage.svg").await;
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.header("cache-control").starts_with("public"));
    for name in ["mug.svg", "mug-stripes-octarine.svg", "..%2fmug-plain-sage.svg"] {
        assert_eq!(browser.get(&format!("/art/{name}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_product_page_has_structured_data() {
    let (_app, mut browser) = stocked().await;
    let page = browser.get("/products/sunday-mug?colour=sage").await;
    let canonical = r#"<link href="http://127.0.0.1:3000/products/sunday-mug" rel="canonical">"#;
    assert!(page.html.contains(canonical));
    assert!(page.html.contains("/art/mug-speckled-sage.svg"));
    let script = between(&page.html, "application/ld+json", "</script>");
    let data = script.split_once('>').unwrap().1;
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["offers"][0]["priceCurrency"], "EUR");
    assert!(!data.to_string().contains("</"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_pages_each_have_their_own_head() {
    let (app, mut browser) = stocked().await;
    let list = browser.get("/products?sort=name").await.html;
    let slugs: Vec<String> = list
        .split("href=\"/products/")
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0.to_owned())
        .collect();
    assert!(slugs.len() >= 8);
    let mut visits = tokio::task::JoinSet::new();
    for number in 0..96 {
        let mut browser = app.browser();
        let slug = slugs[number % slugs.len()].clone();
        visits.spawn(async move {
            let page = browser.get(&format!("/products/{slug}")).await;
            (slug, page.html)
        });
    }
    for (slug, html) in visits.join_all().await {
        let head = between(&html, "<head>", "</head>");
        let canonical = format!("href=\"http://127.0.0.1:3000/products/{slug}\" rel=\"canonical\"");
        assert_eq!(head.matches(&canonical).count(), 1, "{head}");
        assert_eq!(head.matches("rel=\"canonical\"").count(), 1, "{head}");
        assert_eq!(head.matches("name=\"description\"").count(), 1, "{head}");
        assert_eq!(head.matches("property=\"og:title\"").count(), 1, "{head}");
    }
}

#[tokio::test]
async fn an_unknown_product_is_not_found() {
    let (_app, mut browser) = stocked().await;
    assert_eq!(browser.get("/products/anvil").await.status, StatusCode::NOT_FOUND);
    for path in [
        "/merchant",
        "/merchant/orders",
        "/merchant/products",
        "/merchant/messages",
        "/merchant/messaging",
        "/merchant/accounts",
    ] {
        let status = browser.get(path).await.status;
        assert!(status == StatusCode::NOT_FOUND, "{path}: {status}");
    }
}

#[tokio::test]
async fn x110_a_search_is_shown_as_text_and_never_as_markup() {
    let (_app, mut browser) = stocked().await;
    for (typed, markup) in [
        ("%22%3E%3Cscript%3E", "\"><script>"),
        ("%3C%2Ftitle%3E%3Cimg%3E", "</title><img>"),
        ("%3Cimg%20src%3Dx%3E", "<img src=x>"),
    ] {
        let address = format!("/products?q={typed}&category={typed}&sort={typed}&after={typed}");
        let page = browser.get(&address).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.html.contains(markup), "{markup}");
        assert!(page.html.contains("Nothing matches that."));
    }
}

#[tokio::test]
async fn a_cart_is_filled_changed_and_emptied_by_plain_forms() {
    let (_app, mut browser) = stocked().await;
    let product = browser.get("/products/sunday-mug").await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    let added = [("variant", &*variant), ("quantity", "2")];
    let cart = browser.submit("/api/cart/add", &added).await;
    assert!(cart.text().contains("Sunday mug"), "{}", cart.text());
    assert!(cart.html.contains("Cart (items: 2)"));
    let fewer = [("variant", &*variant), ("quantity", "1")];
    let cart = browser.submit("/api/cart/quantity", &fewer).await;
    assert!(cart.html.contains("Cart (items: 1)"));
    let cart = browser.submit("/api/cart/remove", &[("variant", &*variant)]).await;
    assert!(cart.text().contains("Your cart is empty."));
}

#[tokio::test]
async fn x84_a_cart_accepts_only_whole_quantities_in_stock() {
    let (_app, mut browser) = stocked().await;
    let product = browser.get("/products/sunday-mug").await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    for quantity in ["0", "-1", "1e3", "21", ""] {
        let form = [("variant", &*variant), ("quantity", quantity)];
        let answer = browser.submit("/api/cart/add", &form).await;
        assert!(answer.html.contains("Cart (items: 0)"), "{quantity}");
    }
    for variant in ["", "nonsense", "00000000000000000000000000000000"] {
        let form = [("variant", variant), ("quantity", "1")];
        let answer = browser.submit("/api/cart/add", &form).await;
        assert!(answer.html.contains("role=\"alert\""), "{variant}");
    }
}

#[tokio::test]
async fn checkout_asks_a_guest_to_sign_in_and_shows_the_cart() {
    let (_app, mut browser) = stocked().await;
    let product = browser.get("/products/sunday-mug").await;
    let variant = between(&product.html, "name=\"variant\" value=\"", "\"").to_owned();
    browser.submit("/api/cart/add", &[("variant", &variant), ("quantity", "1")]).await;
    let page = browser.get("/checkout").await;
    assert!(page.html.contains("/login?next=/checkout"));
    assert!(page.html.contains("aria-label=\"Order summary\""));
}
