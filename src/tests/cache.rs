//! Ready-made pages: what is kept, for whom, and for how long.

use axum::http::{Method, StatusCode, header};
use domain::{AccountId, EmailAddress, Language, Role, SignInId, VariantId};
use shop::{BrowserSecret, ClientAddress, SignedIn, Visitor};

use super::{
    catalogue_pages::{between, stocked},
    support::{Browser, TestApp},
};

const MUG: &str = "/products/sunday-mug";

/// The merchant, at the shop's own desk.
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

async fn encoded(browser: &mut Browser, path: &str, encoding: &str) -> super::support::Page {
    let request = browser.request(Method::GET, path).header(header::ACCEPT_ENCODING, encoding);
    browser.send(request, "").await
}

#[tokio::test]
async fn a_page_for_nobody_in_particular_is_made_once() {
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
    let desk = merchant();
    app.shop.merchant(&desk).unwrap().set_price(&variant, "77.31").await.unwrap();
    assert!(browser.get(MUG).await.html.contains("77.31"));
    app.shop.merchant(&desk).unwrap().set_stock(&variant, "3").await.unwrap();
    assert!(browser.get(MUG).await.html.contains("Only 3 left"));
    let products = app.shop.merchant(&desk).unwrap().products().await.unwrap();
    let mug = products.iter().find(|product| product.slug == "sunday-mug").unwrap();
    app.shop.merchant(&desk).unwrap().set_listed(&mug.id, false).await.unwrap();
    assert_eq!(browser.get(MUG).await.status, StatusCode::NOT_FOUND);
    let list = browser.get("/products?category=kitchen&sort=name").await;
    assert!(!list.html.contains("Sunday mug"));
    app.shop.merchant(&desk).unwrap().set_listed(&mug.id, true).await.unwrap();
    assert_eq!(browser.get(MUG).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_another_process_changed_shows_within_a_second() {
    let (app, mut browser) = stocked().await;
    let variant = variant(&browser.get(MUG).await.html);
    let other = app.neighbour().await;
    other.merchant(&merchant()).unwrap().set_price(&variant, "77.31").await.unwrap();
    app.clock.advance(std::time::Duration::from_secs(1));
    assert!(browser.get(MUG).await.html.contains("77.31"));
}

#[tokio::test]
async fn somebody_with_a_basket_gets_and_leaves_no_kept_page() {
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
async fn what_somebody_is_to_be_told_is_told_to_nobody_else() {
    let (app, mut browser) = stocked().await;
    browser.get(MUG).await;
    let refused = [("variant", "nonsense"), ("quantity", "1")];
    let told = browser.submit("/api/cart/add", &refused).await;
    assert_eq!(told.path, MUG);
    assert!(told.html.contains("role=\"alert\""));
    assert!(!app.browser().get(MUG).await.html.contains("role=\"alert\""));
}

#[tokio::test]
async fn somebody_signed_in_sees_their_account_and_strangers_do_not() {
    let (app, mut browser) = stocked().await;
    app.join(&mut browser).await;
    for path in ["/", "/products", MUG] {
        assert!(browser.get(path).await.html.contains("href=\"/account\""), "{path}");
        let strangers = app.browser().get(path).await;
        assert!(strangers.html.contains("href=\"/login\""), "{path}");
        assert!(strangers.headers.get("set-cookie").is_none(), "{path}");
    }
}

#[tokio::test]
async fn no_crowd_of_addresses_makes_the_cache_grow_for_ever() {
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
async fn a_kept_page_goes_out_in_the_encoding_of_each_browser() {
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
async fn every_answer_has_an_id_of_its_own_whether_kept_or_made() {
    let (_house, mut browser) = stocked().await;
    let first = browser.get(MUG).await.header("x-request-id").to_owned();
    assert_ne!(browser.get(MUG).await.header("x-request-id"), first);
}

#[tokio::test]
async fn a_basket_is_filled_from_a_kept_page_on_the_first_visit() {
    let (app, _) = stocked().await;
    app.browser().get(MUG).await;
    let mut newcomer = app.browser();
    let variant = variant(&newcomer.get(MUG).await.html);
    let form = [("variant", variant.as_str()), ("quantity", "1")];
    let cart = newcomer.submit("/api/cart/add", &form).await;
    assert!(cart.html.contains("Cart (items: 1)"));
}

#[tokio::test]
async fn codes_are_bound_to_a_browser_that_only_looked_before() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.get("/register").await;
    assert!(browser.cookies.is_empty());
    app.join(&mut browser).await;
    assert!(browser.cookies.contains_key("marigold-browser"));
}
