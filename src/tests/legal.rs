//! The legal pages: their addresses, their links, and their language.

use axum::http::StatusCode;
use text::PageLanguage;

use super::support::TestApp;

const PAGES: [(&str, &str); 5] = [
    ("/terms", "Terms of sale"),
    ("/privacy", "Privacy"),
    ("/imprint", "Imprint"),
    ("/returns", "Returns and withdrawal"),
    ("/contact", "Contact"),
];

#[tokio::test]
async fn every_page_links_to_the_legal_pages() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for path in ["/", "/products", "/cart", "/login", "/there/is/nothing"] {
        let page = browser.get(path).await;
        let html = page.html.replace("<!>", "");
        let (_, footer) = html.split_once("<footer").unwrap();
        for (address, name) in PAGES {
            let link = format!("<a href=\"{address}\">{name}</a>");
            assert!(footer.contains(&link), "{path} has no {link}: {footer}");
        }
    }
}

#[tokio::test]
async fn a_legal_page_shows_the_merchants_text_without_script() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    for (address, name) in PAGES {
        let page = browser.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        let html = page.html.replace("<!>", "");
        assert!(html.contains(&format!("<h1>{name}</h1>")), "{address}: {html}");
        assert!(page.html.contains("This page is a sample."), "{address}: {}", page.html);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("script-src 'none'"), "{address}: {policy}");
    }
    let contact = browser.get("/contact").await.html;
    let link = "<a href=\"mailto:help@marigold.example\">help@marigold.example</a>";
    assert!(contact.contains(link), "{contact}");
}

#[tokio::test]
async fn a_legal_page_in_another_language_than_its_frame_says_so() {
    let app = TestApp::in_language(|_| PageLanguage::PseudoRightToLeft).await;
    let page = app.browser().get("/terms").await;
    assert!(page.html.contains("lang=\"qps-plocm\" dir=\"rtl\""), "{}", page.html);
    assert!(page.html.contains("lang=\"en\" dir=\"auto\""), "{}", page.html);
}
