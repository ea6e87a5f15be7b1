//! Account enumeration over whole flows, from the first form to the last refusal: every
//! response must be the same, byte by byte, whether or not the account exists (S-A22).
//!
//! Each flow runs in two apps that differ only in their accounts, so that limits and clocks
//! are the same for both.

use std::time::Duration;

use axum::http::Method;

use super::{
    enumeration::normal,
    support::{Browser, PASSWORD, TestApp, wrong},
};

/// The fields of a form.
type Form<'f> = &'f [(&'f str, &'f str)];

/// A flow that asks for a code.
#[derive(Clone, Copy)]
struct Flow {
    page: &'static str,
    form: &'static str,
    answer: &'static str,
    purpose: &'static str,
}

const LOGIN: Flow =
    Flow { page: "/login", form: "/api/login", answer: "/api/login/verify", purpose: "login" };
const RESET: Flow =
    Flow { page: "/reset", form: "/api/reset", answer: "/api/reset/verify", purpose: "reset" };
const REGISTER: Flow = Flow {
    page: "/register",
    form: "/api/register",
    answer: "/api/register/verify",
    purpose: "phone",
};
const PHONE_CHANGE: Flow = Flow {
    page: "/account/phone",
    form: "/api/account/phone/number",
    answer: "/api/account/phone/verify",
    purpose: "phone",
};

/// All responses to an anonymous visitor.
#[derive(Default)]
struct Transcript(Vec<(String, String)>);

impl Transcript {
    /// Sends a form and follows its redirect.
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

    /// Records the first event of the message.
    async fn listen(&mut self, browser: &mut Browser, purpose: &str) {
        let path = format!("/events/{purpose}");
        let request = browser.request(Method::GET, &path);
        let event = browser.first_chunk(request).await;
        self.0.push((path, event));
    }
}

#[track_caller]
fn assert_same(known: &Transcript, unknown: &Transcript) {
    assert_eq!(known.0.len(), unknown.0.len());
    for ((step, known), (_, unknown)) in known.0.iter().zip(&unknown.0) {
        assert_eq!(known, unknown, "{step}");
    }
}

/// Asks for a code, listens, asks again too soon and in time, and guesses until the
/// end and beyond.
async fn guess(app: &TestApp, mut browser: Browser, flow: Flow, form: Form<'_>) -> Transcript {
    let mut told = Transcript::default();
    browser.get(flow.page).await;
    told.submit(&mut browser, flow.form, form).await;
    told.listen(&mut browser, flow.purpose).await;
    let again = [("purpose", flow.purpose)];
    told.submit(&mut browser, "/api/codes/resend", &again).await;
    told.fetch(&mut browser, "/api/codes/resend", &again).await;
    told.fetch(&mut browser, "/api/codes/sms", &again).await;
    // A decoy moves at the pace of a real message: by now both have arrived.
    for _ in 0..4 {
        app.deliver().await;
        app.clock.advance(Duration::from_secs(16));
    }
    told.listen(&mut browser, flow.purpose).await;
    told.submit(&mut browser, "/api/codes/resend", &again).await;
    told.fetch(&mut browser, flow.answer, &[("code", "12345")]).await;
    let guess = surely_wrong(app);
    for _ in 0..3 {
        told.submit(&mut browser, flow.answer, &[("code", &guess)]).await;
    }
    for _ in 0..3 {
        told.fetch(&mut browser, flow.answer, &[("code", &guess)]).await;
    }
    told.fetch(&mut browser, "/api/codes/resend", &again).await;
    told.listen(&mut browser, flow.purpose).await;
    told
}

/// A code that no phone of the app has received.
fn surely_wrong(app: &TestApp) -> String {
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

/// Asks for codes until there are no more, and once more after that.
async fn exhaust(app: &TestApp, mut browser: Browser, flow: Flow, form: Form<'_>) -> Transcript {
    let mut told = Transcript::default();
    for _ in 0..7 {
        browser.get(flow.page).await;
        told.fetch(&mut browser, flow.form, form).await;
        app.clock.advance(Duration::from_secs(61));
    }
    let last = &told.0.last().unwrap().1;
    assert!(last.starts_with("429") && last.contains("retry-after"), "{last}");
    told
}

/// Runs the flow for a known and for an unknown account, and compares all responses.
async fn compare(
    flow: Flow,
    known: Form<'_>,
    unknown: Form<'_>,
    run: impl AsyncFn(&TestApp, Browser, Flow, Form<'_>) -> Transcript,
) {
    let mut told = Vec::new();
    for typed in [known, unknown] {
        let app = TestApp::new().await;
        app.join(&mut app.browser()).await;
        app.clock.advance(Duration::from_secs(24 * 60 * 60));
        told.push(run(&app, app.browser(), flow, typed).await);
    }
    assert_same(&told[0], &told[1]);
}

/// The credentials and the phone of the first account of an app.
const EMAIL: &str = "robin0@example.com";
const PHONE: &str = "+447700900000";

const RIGHT: Form = &[("email", EMAIL), ("password", PASSWORD)];
const WRONG: Form = &[("email", EMAIL), ("password", "not the violet kettle")];
const NOBODY: Form = &[("email", "nobody@example.com"), ("password", PASSWORD)];

/// The same accounts in the password reset, by address and by phone.
const RESETS: [(Form, Form); 2] = [
    (&[("email", EMAIL)], &[("email", "nobody@example.com")]),
    (&[("email", PHONE)], &[("email", "+447700900999")]),
];

/// A newcomer, whose phone is taken, whose address is taken, and who is really new.
fn newcomer<'f>(email: &'f str, phone: &'f str) -> [(&'f str, &'f str); 4] {
    [("name", "A"), ("email", email), ("phone", phone), ("password", PASSWORD)]
}

#[tokio::test]
async fn x45_a_whole_sign_in_tells_nothing_of_the_account_or_its_password() {
    compare(LOGIN, RIGHT, WRONG, guess).await;
    compare(LOGIN, RIGHT, NOBODY, guess).await;
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
    compare(LOGIN, RIGHT, WRONG, exhaust).await;
    compare(LOGIN, RIGHT, NOBODY, exhaust).await;
    for (known, unknown) in RESETS {
        compare(RESET, known, unknown, exhaust).await;
    }
    let free = newcomer("new@example.com", "+447700900999");
    compare(REGISTER, &newcomer("new@example.com", PHONE), &free, exhaust).await;
}
