//! Confirming the e-mail address of an account, without script.

use test_support::secret_scan::register_secret;

use super::support::{TestApp, on_both_engines};

/// The path and query of the link in an e-mail.
fn link(body: &str) -> String {
    let line = body.lines().find(|line| line.starts_with("http")).unwrap();
    let path = line.strip_prefix("https://shop.example").unwrap();
    register_secret(path.split_once('=').unwrap().1);
    path.to_owned()
}

on_both_engines!(a_link_leads_to_a_button_that_confirms_the_address, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    let link = link(&app.newest_email().await);
    for _ in 0..2 {
        let page = browser.get(&link).await;
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.text().contains(&person.email), "{}", page.text());
        assert!(page.text().contains("Confirm this address"), "opening it changes nothing");
    }
    let token = link.split_once('=').unwrap().1;
    let page = browser.submit("/api/account/email/confirm", &[("token", token)]).await;
    assert_eq!(page.path, "/account", "{}", page.text());
    assert!(page.text().contains("e-mail address is confirmed"), "{}", page.text());
    let page = browser.get("/account/email").await;
    assert!(page.text().contains("is confirmed"), "{}", page.text());
    let page = browser.submit("/api/account/email/confirm", &[("token", token)]).await;
    assert_eq!(page.path, "/account", "a button that is pressed twice: {}", page.text());
    assert!(page.text().contains("e-mail address is confirmed"), "{}", page.text());
});

on_both_engines!(x154_a_link_in_another_browser_leads_to_sign_in_first, async |app: TestApp| {
    app.join(&mut app.browser()).await;
    let link = link(&app.newest_email().await);
    let mut other = app.browser();
    let page = other.get(&link).await;
    assert!(page.path.starts_with("/login?next="), "{}", page.path);
    let mut thief = app.browser();
    app.join(&mut thief).await;
    let token = link.split_once('=').unwrap().1;
    let page = thief.submit("/api/account/email/confirm", &[("token", token)]).await;
    assert!(page.text().contains("not possible"), "another account: {}", page.text());
});

on_both_engines!(a_new_link_is_sent_when_asked_for, async |app: TestApp| {
    let mut browser = app.browser();
    app.join(&mut browser).await;
    let first = link(&app.newest_email().await);
    browser.get("/account/email").await;
    let page = browser.submit("/api/account/email/send", &[]).await;
    assert!(page.text().contains("sent a link"), "{}", page.text());
    assert_ne!(link(&app.newest_email().await), first);
    let page = app.browser().get("/simulator").await;
    assert!(page.html.contains("Confirm your e-mail address for Marigold"), "{}", page.text());
});
