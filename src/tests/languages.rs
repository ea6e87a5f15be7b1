//! Pages in another language or direction, and the names of what the rules know by id.

use axum::http::{Method, StatusCode};
use domain::{Language, Timestamp};
use payment::{DemoGateway, Gateway, Market};
use text::{PageLanguage, Text};

use super::{catalogue_pages::between, support::TestApp};

const MUG: &str = "/products/sunday-mug";

#[tokio::test]
async fn page_of_a_language_from_right_to_left_says_so() {
    let app = TestApp::in_language(|_| PageLanguage::PseudoRightToLeft).await;
    app.shop.seed().seed_catalogue().await.unwrap();
    for path in ["/", MUG, "/cart", "/login", "/there/is/nothing"] {
        let page = app.browser().get(path).await;
        assert!(
            page.html.contains("<html lang=\"qps-plocm\" dir=\"rtl\""),
            "{path}: {}",
            page.html
        );
    }
    let page = app.browser().get(MUG).await;
    let price = between(&page.html, "product-price\">", "</p>");
    assert!(price.contains("<bdi>€") && price.contains("</bdi> to <bdi>€"), "{price}");
}

#[tokio::test]
async fn pages_vary_by_accept_language_only_if_they_differ_by_it() {
    let of_two = |asked| match asked {
        Language::Arabic => PageLanguage::PseudoRightToLeft,
        _ => PageLanguage::English,
    };
    let one = TestApp::new().await;
    let two = TestApp::in_language(of_two).await;
    for app in [&one, &two] {
        app.shop.seed().seed_catalogue().await.unwrap();
    }
    for path in ["/", MUG, "/cart", "/login", "/there/is/nothing"] {
        for (app, expected) in [(&one, false), (&two, true)] {
            let page = app.browser().get(path).await;
            let mut values = page.headers.get_all("vary").iter();
            assert_eq!(values.any(|value| value == "Accept-Language"), expected, "{path}");
        }
    }
    let mut reader = two.browser();
    let request = reader.request(Method::GET, "/").header("accept-language", "ar");
    assert!(reader.send(request, "").await.html.contains("dir=\"rtl\""));
    let refused = two.browser().request(Method::POST, "/api/logout");
    let refused = refused.header("accept-language", "ar").header("origin", "https://evil.example");
    let answer = reader.send(refused, "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.html.starts_with('⟦'), "{}", answer.html);
}

#[test]
fn every_way_of_shipping_means_of_payment_and_country_has_a_name() {
    let text = Text::default();
    for way in shop::Shipping::ALL.iter().map(|way| way.as_str()) {
        assert_ne!(text.shipping(way), way);
        assert_ne!(text.shipping_time(way, None), way);
    }
    for code in shop::shipping::COUNTRIES {
        assert_ne!(text.country(code), *code);
    }
    let folder = tempfile::tempdir().unwrap();
    let now = std::sync::Arc::new(|| Timestamp::from_millis(0));
    let gateway = DemoGateway::open(&folder.path().join("ledger"), now).unwrap();
    let total = domain::Money::zero(domain::Currency::EUR);
    let market = Market { currency: total.currency(), country: None, total };
    for method in gateway.methods(&market) {
        assert_ne!(text.payment_method(method.id), method.id);
    }
}
