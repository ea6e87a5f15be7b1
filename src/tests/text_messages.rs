//! The same code by text message, if WhatsApp does not deliver it.

use std::{sync::Arc, time::Duration};

use domain::Channel;
use shop::SimulatedFault;

use super::support::{Caller, TestApp};

const BUTTON: &str = ">Send by text message</button>";

/// Whether the page shows the button, which may also be hidden.
fn is_offered(html: &str) -> bool {
    // The renderer marks the ends of texts with empty comments.
    let html = html.replace("<!>", "");
    let Some((before, after)) = html.split_once("class=\"another-way\"") else { return false };
    let (before, after) = (before.rsplit('<').next(), after.split('>').next());
    let is_hidden = [before, after].into_iter().flatten().any(|part| part.contains("hidden"));
    html.contains(BUTTON) && !is_hidden
}

#[tokio::test]
async fn x62_an_undelivered_code_is_sent_by_text_message_when_asked_for() {
    let app = TestApp::new().await;
    let (mut browser, person) = (app.browser(), app.person());
    app.phones.set_fault(Some(person.phone.clone()), SimulatedFault::Lost);
    browser.get("/register").await;
    let page = browser.submit("/api/register", &person.form()).await;
    assert!(!is_offered(&page.html), "not before there was time to arrive");
    app.deliver().await;
    app.clock.advance(Duration::from_secs(31));
    let page = browser.get("/register/verify").await;
    assert!(is_offered(&page.html), "{}", page.html);
    app.deliver().await;
    assert!(app.phones.messages(&person.phone).is_empty(), "nothing is sent unasked");
    app.phones.set_fault(Some(person.phone.clone()), SimulatedFault::None);
    let page = browser.submit("/api/codes/sms", &[("purpose", "phone")]).await;
    assert!(page.text().contains("We sent the same code by text message."), "{}", page.text());
    let code = app.code(&person.phone).await;
    let messages = app.phones.messages(&person.phone);
    assert!(matches!(messages.as_slice(), [one] if one.channel == Channel::Sms));
    let page = browser.get("/register/verify").await;
    assert!(page.text().contains("by text message to"), "{}", page.text());
    assert!(page.text().contains("Your text message is on your phone."), "{}", page.text());
    assert!(!is_offered(&page.html), "there is no third way");
    let page = browser.submit("/api/register/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/account", "{}", page.text());
}

#[tokio::test]
async fn a_message_that_failed_says_why_and_offers_the_other_way_at_once() {
    let app = TestApp::new().await;
    let (mut browser, person) = (app.browser(), app.person());
    app.phones.set_fault(Some(person.phone.clone()), SimulatedFault::Undeliverable);
    browser.get("/register").await;
    browser.submit("/api/register", &person.form()).await;
    app.deliver().await;
    let page = browser.get("/register/verify").await;
    assert!(page.text().contains("WhatsApp cannot reach this number"), "{}", page.text());
    assert!(is_offered(&page.html));
}

#[tokio::test]
async fn x45_a_reset_offers_the_text_message_with_and_without_an_account() {
    let app = TestApp::new().await;
    let person = app.join(&mut app.browser()).await;
    let mut pages = Vec::new();
    for email in [&*person.email, "nobody@example.com"] {
        let mut browser = app.browser();
        app.phones.set_fault(Some(person.phone.clone()), SimulatedFault::Lost);
        browser.get("/reset").await;
        browser.submit("/api/reset", &[("email", email)]).await;
        app.deliver().await;
        app.clock.advance(Duration::from_secs(31));
        pages.push((browser.get("/reset/verify").await, browser));
    }
    let (known, unknown) = (&pages[0].0, &pages[1].0);
    assert_eq!(is_offered(&known.html), is_offered(&unknown.html));
    assert!(is_offered(&known.html), "{}", known.html);
    let words = "We sent the same code by text message.";
    for (_, browser) in &mut pages {
        let page = browser.submit("/api/codes/sms", &[("purpose", "reset")]).await;
        assert!(page.text().contains(words), "{}", page.text());
    }
}

#[tokio::test]
async fn a_shop_without_text_messages_offers_none() {
    let app = TestApp::with_providers(vec![Arc::new(Caller::without_sms())]).await;
    let mut browser = app.browser();
    browser.get("/register").await;
    browser.submit("/api/register", &app.person().form()).await;
    app.deliver().await;
    app.clock.advance(Duration::from_secs(60));
    let page = browser.get("/register/verify").await;
    assert!(!is_offered(&page.html));
    let page = browser.submit("/api/codes/sms", &[("purpose", "phone")]).await;
    assert!(page.text().contains("not possible"), "{}", page.text());
}
