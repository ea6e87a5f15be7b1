//! The responses to an anonymous visitor at each entry point, from the first form to the last
//! refusal. Whether there is such an account must not show in a single byte (S-A22).
//!
//! Each sequence of requests runs in two applications that differ only in their accounts, so that
//! limits and clocks are the same for both.

use std::time::Duration;

use axum::http::Method;

use super::{
    enumeration::normal,
    support::{Browser, PASSWORD, TestApp, wrong},
};

/// The fields of a form.
type Form<'f> = &'f [(&'f str, &'f str)];

/// A form that requests a code, and the addresses that follow.
#[derive(Clone, Copy)]
struct EntryPoint {
    page: &'static str,
    form: &'static str,
    answer: &'static str,
    purpose: &'static str,
}

const RESET: EntryPoint = EntryPoint {
    page: "/reset",
    form: "/api/reset",
    answer: "/api/reset/verify",
    purpose: "reset",
};
const REGISTER: EntryPoint = EntryPoint {
    page: "/register",
    form: "/api/register",
    answer: "/api/register/verify",
    purpose: "phone",
};
const PHONE_CHANGE: EntryPoint = EntryPoint {
    page: "/account/phone",
    form: "/api/account/phone/number",
    answer: "/api/account/phone/verify",
    purpose: "phone",
};

/// All responses to an anonymous visitor.
#[derive(Default)]
struct Responses(Vec<(String, String)>);

impl Responses {
    /// Sends a form and follows its redirect. Records both responses.
    async fn submit(&mut self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) {
        let answer = browser.post(path, fields).await;
        self.0.push((format!("POST {path}"), normal(&answer)));
        if let Some(next) = answer.location() {
            let page = browser.get(&next).await;
            self.0.push((format!("GET {next}"), normal(&page)));
        }
    }

    async fn fetch(&mut self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) {
        let answer = browser.fetch(path, fields).await;
        self.0.push((format!("fetch {path}"), normal(&answer)));
    }

    /// Records the first event about the message of a page.
    async fn listen(&mut self, browser: &mut Browser, purpose: &str) {
        let path = format!("/events/{purpose}");
        let request = browser.request(Method::GET, &path);
        let event = browser.first_chunk(request).await;
        self.0.push((path, event));
    }
}

#[track_caller]
fn assert_same(known: &Responses, unknown: &Responses) {
    assert_eq!(known.0.len(), unknown.0.len());
    for ((step, known), (_, unknown)) in known.0.iter().zip(&unknown.0) {
        assert_eq!(known, unknown, "{step}");
    }
}

/// Requests a code, reads its events, resends it too early and in time, and guesses until the
/// attempts are used up and beyond.
async fn guess(
    app: &TestApp,
    mut browser: Browser,
    entry_point: EntryPoint,
    form: Form<'_>,
) -> Responses {
    let mut told = Responses::default();
    browser.get(entry_point.page).await;
    told.submit(&mut browser, entry_point.form, form).await;
    told.listen(&mut browser, entry_point.purpose).await;
    let again = [("purpose", entry_point.purpose)];
    told.submit(&mut browser, "/api/codes/resend", &again).await;
    told.fetch(&mut browser, "/api/codes/resend", &again).await;
    told.fetch(&mut browser, "/api/codes/sms", &again).await;
    // A decoy has the same timing as a real message, so both have arrived by now.
    for _ in 0..4 {
        app.deliver().await;
        app.clock.advance(Duration::from_secs(16));
    }
    told.listen(&mut browser, entry_point.purpose).await;
    told.submit(&mut browser, "/api/codes/resend", &again).await;
    told.fetch(&mut browser, entry_point.answer, &[("code", "12345")]).await;
    let guess = unused_code(app);
    for _ in 0..3 {
        told.submit(&mut browser, entry_point.answer, &[("code", &guess)]).await;
    }
    for _ in 0..3 {
        told.fetch(&mut browser, entry_point.answer, &[("code", &guess)]).await;
    }
    told.fetch(&mut browser, "/api/codes/resend", &again).await;
    told.listen(&mut browser, entry_point.purpose).await;
    told
}

/// A code that was sent to no phone.
fn unused_code(app: &TestApp) -> String {
    let phones = app.phones.chats().into_iter();
    let codes: Vec<_> = phones
        .flat_map(|phone| app.phones.messages(&phone))
        .filter_map(|message| message.code)
        .collect();
    let mut guess = "000000".to_owned();
    while codes.contains(&guess) {
        guess = wrong(&guess);
    }
    guess
}

/// Requests codes until the limit is reached, and once more.
async fn exhaust(
    app: &TestApp,
    mut browser: Browser,
    entry_point: EntryPoint,
    form: Form<'_>,
) -> Responses {
    let mut told = Responses::default();
    for _ in 0..7 {
        browser.get(entry_point.page).await;
        told.fetch(&mut browser, entry_point.form, form).await;
        app.clock.advance(Duration::from_secs(61));
    }
    let last = &told.0.last().unwrap().1;
    assert!(last.starts_with("429") && last.contains("retry-after"), "{last}");
    told
}

/// Runs the same requests with a known and an unknown identifier, and compares every byte.
async fn compare(
    entry_point: EntryPoint,
    known: Form<'_>,
    unknown: Form<'_>,
    story: impl AsyncFn(&TestApp, Browser, EntryPoint, Form<'_>) -> Responses,
) {
    let mut told = Vec::new();
    for typed in [known, unknown] {
        let app = TestApp::new().await;
        app.join(&mut app.browser()).await;
        app.clock.advance(Duration::from_secs(24 * 60 * 60));
        told.push(story(&app, app.browser(), entry_point, typed).await);
    }
    assert_same(&told[0], &told[1]);
}

/// The address and the phone of the first account of an application.
const EMAIL: &str = "robin0@example.com";
const PHONE: &str = "+447700900000";

const WRONG: Form = &[("email", EMAIL), ("password", "not the violet kettle")];
const UNKNOWN: Form = &[("email", "nobody@example.com"), ("password", PASSWORD)];

/// A known and an unknown identifier of a password reset, by address and by phone.
const RESETS: [(Form, Form); 2] = [
    (&[("email", EMAIL)], &[("email", "nobody@example.com")]),
    (&[("email", PHONE)], &[("email", "+447700900999")]),
];

/// The registration form with this address and phone.
fn newcomer<'f>(email: &'f str, phone: &'f str) -> [(&'f str, &'f str); 4] {
    [("name", "A"), ("email", email), ("phone", phone), ("password", PASSWORD)]
}

/// Gives wrong credentials until the address has to wait, and beyond, by plain form and island in
/// turns. The forms show the typed address again, which is removed here.
async fn lock_out(app: &TestApp, form: Form<'_>) -> Responses {
    let (mut told, mut browser) = (Responses::default(), app.browser());
    browser.get("/login").await;
    for _ in 0..6 {
        told.submit(&mut browser, "/api/login", form).await;
        told.fetch(&mut browser, "/api/login", form).await;
    }
    let [.., before, last] = &*told.0 else { panic!("nothing was told") };
    assert!(last.1.starts_with("429") && last.1.contains("retry-after: 900"), "{}", last.1);
    assert!(before.1.contains("try again in 15 minutes"), "{}", before.1);
    app.clock.advance(Duration::from_secs(15 * 60));
    told.submit(&mut browser, "/api/login", form).await;
    let email = form[0].1;
    told.0.iter_mut().for_each(|(_, answer)| *answer = answer.replace(email, "E-MAIL"));
    let first = &told.0[1].1;
    assert!(first.contains("That e-mail address and password do not match."), "{first}");
    told
}

#[tokio::test]
async fn x45_x48_a_refused_sign_in_tells_nothing_of_the_account_up_to_the_wait() {
    let mut told = Vec::new();
    for form in [WRONG, UNKNOWN] {
        let app = TestApp::new().await;
        app.join(&mut app.browser()).await;
        app.clock.advance(Duration::from_secs(24 * 60 * 60));
        told.push(lock_out(&app, form).await);
    }
    assert_same(&told[0], &told[1]);
}

#[tokio::test]
async fn x45_a_whole_reset_tells_nothing_of_the_account() {
    for (known, unknown) in RESETS {
        compare(RESET, known, unknown, guess).await;
    }
}

#[tokio::test]
async fn x49_a_whole_registration_tells_nothing_of_the_account() {
    let free = newcomer("new@example.com", "+447700900999");
    compare(REGISTER, &newcomer("new@example.com", PHONE), &free, guess).await;
    compare(REGISTER, &newcomer(EMAIL, "+447700900999"), &free, guess).await;
}

#[tokio::test]
async fn x49_a_whole_change_of_phone_tells_nothing_of_the_number() {
    let mut told = Vec::new();
    for phone in [PHONE, "+447700900999"] {
        let app = TestApp::new().await;
        app.join(&mut app.browser()).await;
        app.clock.advance(Duration::from_secs(24 * 60 * 60));
        let mut browser = app.browser();
        let person = app.join(&mut browser).await;
        browser.submit("/api/account/phone/password", &[("password", PASSWORD)]).await;
        let code = app.code(&person.phone).await;
        browser.submit("/api/account/phone/step-up", &[("code", &code)]).await;
        told.push(guess(&app, browser, PHONE_CHANGE, &[("phone", phone)]).await);
    }
    assert!(told[0].0[0].1.contains("/account/phone"), "{:?}", told[0].0[0]);
    assert_same(&told[0], &told[1]);
}

#[tokio::test]
async fn x48_the_limit_is_reached_at_the_same_try_with_the_same_words() {
    for (known, unknown) in RESETS {
        compare(RESET, known, unknown, exhaust).await;
    }
    let free = newcomer("new@example.com", "+447700900999");
    compare(REGISTER, &newcomer("new@example.com", PHONE), &free, exhaust).await;
}
