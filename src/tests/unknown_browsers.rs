//! Attackers on networks of their own against the code of an owner, through plain forms, on both
//! databases.

use super::support::{Browser, HOUR, PASSWORD, TestApp, on_both_engines, wrong};

/// Asks for a reset and enters five wrong codes, without caring what is answered.
async fn attack(app: &TestApp, mut attacker: Browser, identifier: &str, not_this: &str) {
    attacker.get("/reset").await;
    attacker.submit("/api/reset", &[("email", identifier)]).await;
    app.deliver().await;
    for _ in 0..5 {
        attacker.submit("/api/reset/verify", &[("code", &wrong(not_this))]).await;
    }
}

on_both_engines!(x09_attackers_on_five_networks_end_no_code_of_the_owner, async |app: TestApp| {
    let person = app.join(&mut app.browser()).await;
    app.clock.advance(HOUR);
    let mut owner = app.browser();
    owner.get("/reset").await;
    owner.submit("/api/reset", &[("email", &*person.email)]).await;
    let code = app.code(&person.phone).await;
    for network in 1..=5 {
        let identifier = if network % 2 == 0 { person.phone.expose() } else { &person.email };
        attack(&app, app.browser().on_network(network), identifier, &code).await;
    }
    let page = owner.submit("/api/reset/verify", &[("code", &wrong(&code))]).await;
    assert!(page.text().contains("4 more times"), "{}", page.text());
    let page = owner.submit("/api/reset/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/reset/password", "{}", page.text());
});

on_both_engines!(
    x09_attackers_on_five_networks_leave_a_known_browser_a_code,
    async |app: TestApp| {
        let mut owner = app.browser();
        let person = app.join(&mut owner).await;
        owner.submit("/api/logout", &[]).await;
        app.clock.advance(HOUR);
        for network in 1..=5 {
            attack(&app, app.browser().on_network(network), &person.email, "000000").await;
        }
        let mut unknown = app.browser().on_network(6);
        unknown.get("/reset").await;
        let page = unknown.submit("/api/reset", &[("email", &*person.email)]).await;
        assert!(page.text().contains("tried too often"), "{}", page.text());
        owner.get("/reset").await;
        let page = owner.submit("/api/reset", &[("email", &*person.email)]).await;
        assert_eq!(page.path, "/reset/verify", "{}", page.text());
        let code = app.code(&person.phone).await;
        let page = owner.submit("/api/reset/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/reset/password", "{}", page.text());
    }
);

on_both_engines!(
    x09_resets_at_once_from_five_networks_leave_a_sign_in_its_code,
    async |app: TestApp| {
        let person = app.join(&mut app.browser()).await;
        app.clock.advance(HOUR);
        let attacks = (1..=5).map(|network| {
            attack(&app, app.browser().on_network(network), &person.email, "000000")
        });
        futures::future::join_all(attacks).await;
        assert!(app.phones.messages(&person.phone).len() <= 4, "with the one of the registration");
        let mut owner = app.browser();
        owner.get("/login").await;
        owner.submit("/api/login", &[("email", &*person.email), ("password", PASSWORD)]).await;
        let code = app.code(&person.phone).await;
        let page = owner.submit("/api/login/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/account", "{}", page.text());
    }
);
