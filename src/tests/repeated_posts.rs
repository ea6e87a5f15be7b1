//! Forms that are posted twice at once, as by a double click: each has the effect of one, and no
//! transaction gets in the way of another, on both databases.

use domain::{MessageKind, PhoneNumber, Purpose};
use futures::future::join_all;
use test_support::secret_scan::{lines_since, log_len};

use super::{
    purchases::at_review,
    support::{Browser, HOUR, PASSWORD, Page, Person, TestApp, on_both_engines, wrong},
};

/// Posts one form from several windows of a browser at the same time.
async fn at_once(
    app: &TestApp,
    browser: &Browser,
    times: usize,
    path: &str,
    fields: &[(&str, &str)],
) -> Vec<Page> {
    let windows = (0..times).map(|_| browser.another_window(app.browser()));
    let fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let posts = windows.map(|mut window| {
        let (path, fields) = (path.to_owned(), fields.clone());
        tokio::spawn(async move {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            window.post(&path, &fields).await
        })
    });
    join_all(posts).await.into_iter().map(Result::unwrap).collect()
}

/// How many codes of a purpose came to a phone.
async fn codes(app: &TestApp, phone: &PhoneNumber, purpose: Purpose) -> usize {
    app.deliver().await;
    let messages = app.phones.messages(phone).into_iter();
    messages.filter(|message| message.purpose == MessageKind::Code(purpose)).count()
}

fn lead_to(pages: &[Page], path: &str) {
    for page in pages {
        assert_eq!(page.location().as_deref(), Some(path), "{} {}", page.status, page.html);
    }
}

/// Fails if a transaction was undone because another one was in the way.
fn assert_no_conflicts(mark: usize) {
    let conflicts: Vec<_> =
        lines_since(mark).into_iter().filter(|line| line.contains("database.conflict")).collect();
    assert!(conflicts.is_empty(), "{conflicts:#?}");
}

/// A shopper with an account, and a browser that has opened the sign-in page.
async fn customer(app: &TestApp) -> (Person, Browser) {
    let person = app.join(&mut app.browser()).await;
    app.clock.advance(HOUR);
    let mut browser = app.browser();
    browser.get("/login").await;
    (person, browser)
}

on_both_engines!(a_sign_in_posted_at_once_sends_one_code_that_works, async |app: TestApp| {
    for times in [2, 5] {
        let (person, mut browser) = customer(&app).await;
        let form = [("email", &*person.email), ("password", PASSWORD)];
        lead_to(&at_once(&app, &browser, times, "/api/login", &form).await, "/login/verify");
        assert_eq!(codes(&app, &person.phone, Purpose::Login).await, 1);
        let code = app.code(&person.phone).await;
        let page = browser.submit("/api/login/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/account", "{}", page.text());
    }
});

on_both_engines!(a_registration_posted_at_once_sends_one_code_that_works, async |app: TestApp| {
    for times in [2, 5] {
        let (person, mut browser) = (app.person(), app.browser());
        browser.get("/register").await;
        let answers = at_once(&app, &browser, times, "/api/register", &person.form()).await;
        lead_to(&answers, "/register/verify");
        assert_eq!(codes(&app, &person.phone, Purpose::Phone).await, 1);
        let code = app.code(&person.phone).await;
        let page = browser.submit("/api/register/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/account", "{}", page.text());
    }
});

on_both_engines!(a_reset_posted_at_once_sends_one_code_that_works, async |app: TestApp| {
    let (person, mut browser) = customer(&app).await;
    for identifier in [&*person.email, person.phone.expose(), "nobody@example.com"] {
        app.clock.advance(HOUR);
        let before = codes(&app, &person.phone, Purpose::Reset).await;
        let answers = at_once(&app, &browser, 3, "/api/reset", &[("email", identifier)]).await;
        lead_to(&answers, "/reset/verify");
        let sent = codes(&app, &person.phone, Purpose::Reset).await - before;
        assert_eq!(sent, usize::from(!identifier.starts_with("nobody")), "{identifier}");
        if sent == 1 {
            let code = app.code(&person.phone).await;
            let page = browser.submit("/api/reset/verify", &[("code", &code)]).await;
            assert_eq!(page.path, "/reset/password", "{}", page.text());
        }
    }
});

on_both_engines!(
    a_step_up_and_a_new_phone_posted_at_once_send_one_code_each,
    async |app: TestApp| {
        let mut browser = app.browser();
        let person = app.join(&mut browser).await;
        app.clock.advance(HOUR / 4);
        let path = "/api/account/phone/password";
        at_once(&app, &browser, 2, path, &[("password", PASSWORD)]).await;
        assert_eq!(codes(&app, &person.phone, Purpose::StepUp).await, 1);
        let code = app.code(&person.phone).await;
        // The session has a new id since the password was given.
        let mut browser = app.browser();
        app.clock.advance(HOUR);
        let login = [("email", &*person.email), ("password", PASSWORD)];
        browser.submit("/api/login", &login).await;
        assert_ne!(app.code(&person.phone).await, code);
        let code = app.code(&person.phone).await;
        browser.submit("/api/login/verify", &[("code", &code)]).await;
        browser.submit(path, &[("password", PASSWORD)]).await;
        let code = app.code(&person.phone).await;
        browser.submit("/api/account/phone/step-up", &[("code", &code)]).await;
        let new = app.person().phone;
        at_once(&app, &browser, 2, "/api/account/phone/number", &[("phone", new.expose())]).await;
        assert_eq!(codes(&app, &new, Purpose::Phone).await, 1);
    }
);

on_both_engines!(an_order_placed_at_once_sends_one_code_that_works, async |app: TestApp| {
    let (person, mut browser) = at_review(&app, &[]).await;
    let answers = at_once(&app, &browser, 3, "/api/checkout/place", &[]).await;
    lead_to(&answers, "/checkout/confirm");
    assert_eq!(codes(&app, &person.phone, Purpose::Payment).await, 1);
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/checkout/confirm", &[("code", &code)]).await;
    assert!(page.path.starts_with("/orders/"), "{}", page.text());
});

on_both_engines!(a_right_code_posted_twice_at_once_deadlocks_nothing, async |app: TestApp| {
    let mark = log_len();
    for round in 0..25 {
        app.clock.advance(HOUR);
        let (person, mut browser) = (app.person(), app.browser());
        browser.get("/register").await;
        browser.submit("/api/register", &person.form()).await;
        let code = app.code(&person.phone).await;
        let fields = [("code", &*code)];
        let answers = at_once(&app, &browser, 2, "/api/register/verify", &fields).await;
        let places: Vec<_> = answers.iter().map(|answer| answer.location()).collect();
        let expected = ["/account", "/account"].map(|place| Some(place.to_owned()));
        assert_eq!(places, expected, "round {round}");
    }
    assert_no_conflicts(mark);
});

on_both_engines!(codes_asked_for_and_answered_at_once_deadlock_nothing, async |app: TestApp| {
    let mark = log_len();
    for round in 0..6 {
        let (person, mut browser) = customer(&app).await;
        let mut other = app.browser();
        other.get("/login").await;
        let login = [("email", &*person.email), ("password", PASSWORD)];
        browser.submit("/api/login", &login).await;
        let code = app.code(&person.phone).await;
        app.clock.advance(HOUR / 60);
        let (reset, purpose) = ([("email", &*person.email)], [("purpose", "login")]);
        let code = [("code", &*code)];
        let all = tokio::join!(
            at_once(&app, &browser, 2, "/api/login/verify", &code),
            at_once(&app, &browser, 2, "/api/login", &login),
            at_once(&app, &browser, 2, "/api/codes/resend", &purpose),
            at_once(&app, &other, 2, "/api/login", &login),
            at_once(&app, &other, 2, "/api/reset", &reset),
            at_once(&app, &other, 2, "/api/login/verify", &code),
        );
        for page in [all.0, all.1, all.2, all.3, all.4, all.5].iter().flatten() {
            assert_eq!(page.status.as_u16(), 303, "round {round}: {}", page.html);
        }
    }
    assert_no_conflicts(mark);
});

/// Posts one form from several windows at once and once more afterwards, as a click does that a
/// slow link brings late. All lead to the same page, where every window is signed in, or may go on.
async fn repeat(app: &TestApp, browser: &Browser, path: &str, code: &str, to: &str) -> Browser {
    let mut late = browser.another_window(app.browser());
    let answers = at_once(app, browser, 3, path, &[("code", code)]).await;
    lead_to(&answers, to);
    let answer = late.post(path, &[("code", code)]).await;
    assert_eq!(answer.location().as_deref(), Some(to), "{path}: {}", answer.html);
    assert_eq!(late.get(to).await.path, to, "{path}: the late window goes on");
    late
}

on_both_engines!(a_right_code_posted_twice_leads_twice_to_the_same_page, async |app: TestApp| {
    let verify = "/api/login/verify";
    // A registration, and a sign-in.
    let (person, mut browser) = (app.person(), app.browser());
    browser.submit("/api/register", &person.form()).await;
    let code = app.code(&person.phone).await;
    repeat(&app, &browser, "/api/register/verify", &code, "/account").await;
    app.clock.advance(HOUR);
    let mut browser = app.browser();
    let login = [("email", &*person.email), ("password", PASSWORD)];
    browser.submit("/api/login", &login).await;
    let code = app.code(&person.phone).await;
    let mut signed_in = repeat(&app, &browser, verify, &code, "/account").await;
    let page = signed_in.get("/account/security").await;
    // The sign-in of the registration has ended meanwhile.
    assert_eq!(page.text().matches("Last seen").count(), 1, "one sign-in: {}", page.text());

    // A reset, of which one window sets the password.
    app.clock.advance(HOUR);
    let mut browser = app.browser();
    browser.submit("/api/reset", &[("email", &person.email)]).await;
    let code = app.code(&person.phone).await;
    let mut late = repeat(&app, &browser, "/api/reset/verify", &code, "/reset/password").await;
    late.submit("/api/reset/password", &[("password", "violet kettle drum")]).await;
    let page = browser.submit("/api/reset/verify", &[("code", &code)]).await;
    assert_eq!(page.path, "/reset/verify", "the permission is used: {}", page.text());

    let reused = codes_reused(&app, &person).await;
    assert_eq!(reused, 1, "the owner is told of the last one only");
});

/// How many notices say that a used code was given again.
async fn codes_reused(app: &TestApp, person: &Person) -> usize {
    app.deliver().await;
    let messages = app.phones.messages(&person.phone).into_iter();
    messages.filter(|message| message.purpose == MessageKind::CodeReused).count()
}

on_both_engines!(a_code_of_an_account_posted_twice_leads_on_twice, async |app: TestApp| {
    let mut browser = app.browser();
    let person = app.join(&mut browser).await;
    app.clock.advance(HOUR / 4);
    let page = browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
    assert_eq!(page.path, "/account/phone", "{}", page.text());
    let code = app.code(&person.phone).await;
    for _ in 0..2 {
        let page = browser.submit("/api/account/phone/step-up", &[("code", &code)]).await;
        assert!(page.html.contains("name=\"phone\""), "the number is asked for: {}", page.text());
    }
    let fresh = app.person().phone;
    browser.submit("/api/account/phone/number", &[("phone", fresh.expose())]).await;
    let code = app.code(&fresh).await;
    for _ in 0..2 {
        let page = browser.submit("/api/account/phone/verify", &[("code", &code)]).await;
        assert_eq!(page.path, "/account", "{}", page.text());
        assert!(page.text().contains("Your phone number is changed."), "{}", page.text());
    }
});

on_both_engines!(
    x15_a_right_code_is_repeated_only_at_once_and_only_in_its_browser,
    async |app: TestApp| {
        let path = "/api/login/verify";
        let person = app.join(&mut app.browser()).await;
        for case in
            ["wrong code", "another browser", "late", "signed out", "new code", "guessed before"]
        {
            app.clock.advance(24 * HOUR);
            let mut browser = app.browser();
            let login = [("email", &*person.email), ("password", PASSWORD)];
            browser.submit("/api/login", &login).await;
            let code = app.code(&person.phone).await;
            let mut again = browser.another_window(app.browser());
            assert_eq!(browser.submit(path, &[("code", &code)]).await.path, "/account");
            let mut given = code.clone();
            match case {
                "wrong code" => given = wrong(&code),
                "another browser" => {
                    again = app.browser();
                    again.get("/login/verify").await;
                }
                "late" => app.clock.advance(HOUR / 120),
                // A used code has no more attempts than one that waits, so it is not searched for.
                "guessed before" => {
                    let mut guess = code.clone();
                    for _ in 0..5 {
                        guess = wrong(&guess);
                        again.submit(path, &[("code", &guess)]).await;
                    }
                }
                "signed out" => drop(browser.submit("/api/logout", &[]).await),
                _ => {
                    app.clock.advance(HOUR / 240);
                    again.submit("/api/login", &login).await;
                }
            }
            let page = again.submit(path, &[("code", &given)]).await;
            assert_eq!(page.path, "/login/verify", "{case}: {}", page.text());
            assert_ne!(again.get("/account").await.path, "/account", "{case}");
        }
    }
);
