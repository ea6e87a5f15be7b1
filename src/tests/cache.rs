//! The page cache: what is cached, for whom, for how long, and conditional requests.

use axum::http::{Method, StatusCode, header};
use domain::{AccountId, EmailAddress, Language, Role, SignInId, VariantId};
use shop::{BrowserSecret, ClientAddress, Shop, SignedIn, Visitor, merchant::MerchantVariant};

use super::{
    catalogue_pages::{between, stocked},
    support::{Browser, TestApp},
};

const MUG: &str = "/products/sunday-mug";

/// The merchant, for calls of the shop without HTTP.
fn merchant() -> Visitor {
    Visitor {
        browser: BrowserSecret::from_bits(1),
        address: ClientAddress::of(std::net::Ipv4Addr::LOCALHOST.into()),
        user_agent: String::new(),
        language: Language::English,
        signed_in: Some(SignedIn {
            id: SignInId::from_bits(1),
            account: AccountId::from_bits(1),
            role: Role::Merchant,
            name: "The merchant".into(),
            email: EmailAddress::parse("merchant@example.com").unwrap(),
            stepped_up_at: None,
        }),
    }
}

fn variant(html: &str) -> VariantId {
    VariantId::parse(between(html, "name=\"variant\" value=\"", "\"")).unwrap()
}

/// Sets a price, and returns the variant as it was before.
async fn set_price(shop: &Shop, id: &VariantId, price: &str) -> MerchantVariant {
    let visitor = merchant();
    let merchant = shop.merchant(&visitor).unwrap();
    let products = merchant.products().await.unwrap();
    let mut variants = products.into_iter().flat_map(|product| product.variants);
    let shown = variants.find(|variant| variant.id == *id).unwrap();
    merchant.set_price(id, shown.price.minor(), price).await.unwrap();
    shown
}

async fn encoded(browser: &mut Browser, path: &str, encoding: &str) -> super::support::Page {
    let request = browser.request(Method::GET, path).header(header::ACCEPT_ENCODING, encoding);
    browser.send(request, "").await
}

#[tokio::test]
async fn a_public_page_is_rendered_once() {
    let (app, mut browser) = stocked().await;
    assert_eq!(app.cache.len(), 0);
    let first = browser.get(MUG).await;
    assert_eq!(app.cache.len(), 1);
    let again = app.browser().get(&format!("{MUG}?utm_source=letter")).await;
    assert_eq!(app.cache.len(), 1);
    assert_eq!(first.html, again.html);
    assert!(browser.cookies.is_empty(), "looking around needs no cookie");
}

#[tokio::test]
async fn a_change_of_price_stock_or_listing_shows_on_the_very_next_page() {
    let (app, mut browser) = stocked().await;
    let page = browser.get(MUG).await;
    let variant = variant(&page.html);
    for path in ["/", "/products", MUG] {
        browser.get(path).await;
    }
    let merchant_visitor = merchant();
    let shown = set_price(&app.shop, &variant, "77.31").await;
    assert!(browser.get(MUG).await.html.contains("77.31"));
    app.shop
        .merchant(&merchant_visitor)
        .unwrap()
        .set_stock(&variant, shown.stock, "3")
        .await
        .unwrap();
    assert!(browser.get(MUG).await.html.contains("Only 3 left"));
    let products = app.shop.merchant(&merchant_visitor).unwrap().products().await.unwrap();
    let mug = products.iter().find(|product| product.slug == "sunday-mug").unwrap();
    app.shop.merchant(&merchant_visitor).unwrap().set_listed(&mug.id, false).await.unwrap();
    assert_eq!(browser.get(MUG).await.status, StatusCode::NOT_FOUND);
    let list = browser.get("/products?category=kitchen&sort=name").await;
    assert!(!list.html.contains("Sunday mug"));
    app.shop.merchant(&merchant_visitor).unwrap().set_listed(&mug.id, true).await.unwrap();
    assert_eq!(browser.get(MUG).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_another_process_changed_shows_within_a_second() {
    let (app, mut browser) = stocked().await;
    let variant = variant(&browser.get(MUG).await.html);
    let other = app.shop.another_process().await;
    set_price(&other, &variant, "77.31").await;
    app.clock.advance(std::time::Duration::from_secs(1));
    assert!(browser.get(MUG).await.html.contains("77.31"));
}

#[tokio::test]
async fn a_visitor_with_a_cart_neither_gets_nor_fills_the_cache() {
    let (app, mut browser) = stocked().await;
    let page = browser.get(MUG).await;
    let variant = variant(&page.html);
    let form = [("variant", variant.as_str()), ("quantity", "2")];
    browser.submit("/api/cart/add", &form).await;
    let kept = app.cache.len();
    for path in ["/", "/products", MUG, "/products/sunday-mug?colour=sage"] {
        let page = browser.get(path).await;
        assert!(page.html.contains("Cart (items: 2)"), "{path}");
        assert_eq!(app.cache.len(), kept, "{path}");
        assert!(app.browser().get(path).await.html.contains("Cart (items: 0)"), "{path}");
        app.clock.advance(std::time::Duration::from_secs(1));
        app.browser().get("/").await;
    }
}

#[tokio::test]
async fn a_flash_message_is_shown_to_its_visitor_only() {
    let (app, mut browser) = stocked().await;
    browser.get(MUG).await;
    let refused = [("variant", "nonsense"), ("quantity", "1")];
    let told = browser.submit("/api/cart/add", &refused).await;
    assert_eq!(told.path, MUG);
    assert!(told.html.contains("role=\"alert\""));
    assert!(!app.browser().get(MUG).await.html.contains("role=\"alert\""));
}

#[tokio::test]
async fn a_signed_in_visitor_sees_the_account_link_and_others_do_not() {
    let (app, mut browser) = stocked().await;
    app.join(&mut browser).await;
    for path in ["/", "/products", MUG] {
        assert!(browser.get(path).await.html.contains("href=\"/account\""), "{path}");
        let anonymous = app.browser().get(path).await;
        assert!(anonymous.html.contains("href=\"/login"), "{path}");
        assert!(anonymous.headers.get("set-cookie").is_none(), "{path}");
    }
}

#[tokio::test]
async fn the_cache_is_bounded_for_any_number_of_addresses() {
    let (app, mut browser) = stocked().await;
    for number in 0..300 {
        let page = browser.get(&format!("/products?category=made-up-{number}")).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    assert_eq!(app.cache.len(), 256);
    for path in ["/products?q=mug", "/products/anvil", "/products/%2e%2e", "/cart", "/login"] {
        browser.get(path).await;
        app.clock.advance(std::time::Duration::from_secs(1));
        browser.get("/").await;
        browser.get(path).await;
        assert!(app.cache.len() <= 2, "{path}");
    }
    assert!(browser.get("/products?q=mug").await.html.contains("“mug” in All products"));
}

#[tokio::test]
async fn a_cached_page_has_the_encoding_that_the_browser_accepts() {
    let (app, mut browser) = stocked().await;
    let plain = encoded(&mut browser, MUG, "identity").await;
    for (accepted, sent) in [("gzip, br", "br"), ("gzip", "gzip"), ("zstd", ""), ("br;q=0", "")] {
        for _ in 0..2 {
            let page = encoded(&mut browser, MUG, accepted).await;
            assert_eq!(page.header("content-encoding"), sent, "{accepted}");
            assert_eq!(page.html == plain.html, sent.is_empty(), "{accepted}");
            let varies: Vec<_> = page.headers.get_all("vary").iter().collect();
            assert!(varies.iter().any(|value| value.as_bytes() == b"Cookie"), "{varies:?}");
            let says = |value: &str| value.to_ascii_lowercase().contains("accept-encoding");
            assert!(varies.iter().any(|value| says(value.to_str().unwrap())), "{varies:?}");
            assert_eq!(page.header("cache-control"), "private, no-cache");
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        }
    }
    assert_eq!(app.cache.len(), 3);
}

#[tokio::test]
async fn every_response_has_its_own_id_cached_or_not() {
    let (_app, mut browser) = stocked().await;
    let first = browser.get(MUG).await.header("x-request-id").to_owned();
    assert_ne!(browser.get(MUG).await.header("x-request-id"), first);
}

#[tokio::test]
async fn a_cart_can_be_filled_from_a_cached_page() {
    let (app, _) = stocked().await;
    app.browser().get(MUG).await;
    let mut newcomer = app.browser();
    let variant = variant(&newcomer.get(MUG).await.html);
    let form = [("variant", variant.as_str()), ("quantity", "1")];
    let cart = newcomer.submit("/api/cart/add", &form).await;
    assert!(cart.html.contains("Cart (items: 1)"));
}

#[tokio::test]
async fn a_browser_that_only_looked_around_can_ask_for_a_code() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get("/").await;
    assert!(browser.cookies.is_empty());
    app.join(&mut browser).await;
    assert!(browser.cookies.contains_key("marigold-browser"));
}

/// Asks for a page that the browser has under these validators.
async fn conditional(browser: &mut Browser, path: &str, etag: &str) -> super::support::Page {
    let request = browser.request(Method::GET, path).header(header::IF_NONE_MATCH, etag);
    browser.send(request, "").await
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_answered_304() {
    let (app, mut browser) = stocked().await;
    for path in ["/", "/products", MUG] {
        let page = browser.get(path).await;
        let etag = page.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "{path}: {etag}");
        for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".into()] {
            let answer = conditional(&mut browser, path, &known).await;
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{path}: {known}");
            assert_eq!((answer.html.as_str(), answer.header("etag")), ("", &*etag), "{path}");
            assert_eq!(answer.header("cache-control"), "private, no-cache", "{path}");
            assert_eq!(answer.header("content-type"), "", "{path}");
            assert!(answer.headers.contains_key("content-security-policy"), "{path}");
            let vary = |page: &super::support::Page| -> Vec<_> {
                page.headers.get_all("vary").iter().cloned().collect()
            };
            assert_eq!(vary(&answer), vary(&page), "{path}");
        }
        let answer = conditional(&mut browser, path, "\"x\"").await;
        assert_eq!((answer.status, answer.html), (StatusCode::OK, page.html), "{path}");
    }
    assert_eq!(app.cache.len(), 3);
}

#[tokio::test]
async fn a_changed_page_has_another_etag_and_so_has_each_encoding() {
    let (app, mut browser) = stocked().await;
    let page = browser.get(MUG).await;
    let etag = page.header("etag").to_owned();
    let brotli = encoded(&mut browser, MUG, "br").await.header("etag").to_owned();
    assert_ne!(etag, brotli);
    set_price(&app.shop, &variant(&page.html), "77.31").await;
    let changed = conditional(&mut browser, MUG, &etag).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), etag);
    assert!(changed.html.contains("77.31"));
}

#[tokio::test]
async fn head_of_a_cached_page_has_the_headers_of_get_and_no_body() {
    let (app, mut browser) = stocked().await;
    for _ in 0..2 {
        let head = browser.send(browser.request(Method::HEAD, MUG), "").await;
        let page = browser.get(MUG).await;
        assert_eq!((head.status, head.html.as_str()), (StatusCode::OK, ""));
        assert!(!page.html.is_empty());
        for name in ["etag", "content-type", "content-length", "cache-control"] {
            assert_eq!(head.header(name), page.header(name), "{name}");
        }
        assert_eq!(app.cache.len(), 1);
    }
}

#[tokio::test]
async fn a_page_of_a_signed_in_visitor_is_never_answered_304() {
    let (app, mut browser) = stocked().await;
    let etag = app.browser().get(MUG).await.header("etag").to_owned();
    app.join(&mut browser).await;
    for known in [&*etag, "*"] {
        let answer = conditional(&mut browser, MUG, known).await;
        assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, ""), "{known}");
    }
}
