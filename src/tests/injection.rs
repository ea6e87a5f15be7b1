//! Typed text cannot inject markup into pages or lines into the log.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use axum::http::Method;

use super::support::{PASSWORD, TestApp};

#[tokio::test]
async fn x110_typed_text_is_never_markup() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let person = app.person();
    let name = r#"<img src=x onerror=alert(1)>"></script><svg onload=alert(2)>"#;
    browser.get("/register").await;
    let mut form = person.form();
    form[0] = ("name", name);
    form[2] = ("phone", r#"'"><b>12"#);
    let page = browser.submit("/api/register", &form).await;
    assert_eq!(page.path, "/register");
    assert!(!page.html.contains("<img src=x") && !page.html.contains("<svg onload"));
    assert!(!page.html.contains("<b>12"));
    form[2] = ("phone", person.phone.expose());
    browser.submit("/api/register", &form).await;
    let code = app.code(&person.phone).await;
    let page = browser.submit("/api/register/verify", &[("code", &code)]).await;
    assert!(page.html.contains("&lt;img src=x"), "{}", page.html);
    assert!(!page.html.contains("<img src=x") && !page.html.contains("</script><svg"));
    let page = browser.get("/login?next=%22%3E%3Cscript%3Ealert(3)%3C/script%3E").await;
    assert!(!page.html.contains("<script>alert"));
}

#[tokio::test]
async fn x110_a_search_does_not_break_out_of_the_title() {
    let app = TestApp::new().await;
    let page = app.browser().get("/products?q=%3C/title%3E%3Cimg%20src=x%3E%26amp;").await;
    assert!(!page.html.contains("<img src=x"), "{}", page.html);
    assert_eq!(page.html.matches("</title>").count(), 1);
    assert!(page.html.contains("&lt;/title&gt;"));
}

/// The log of a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn x113_input_adds_no_lines_to_the_log() {
    let app = TestApp::new().await;
    for is_json in [false, true] {
        let log = Log::default();
        let writer = log.clone();
        let builder = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone());
        let _guard = match is_json {
            true => tracing::subscriber::set_default(builder.json().finish()),
            false => tracing::subscriber::set_default(builder.with_ansi(false).finish()),
        };
        let mut browser = app.browser();
        let request = browser
            .request(Method::GET, "/nothing%0d%0alevel=error%1b[31m")
            .header("user-agent", "a\tlevel=error")
            .header("x-request-id", "forged");
        browser.send(request, "").await;
        let form = [("email", "a\r\nERROR forged line@example.com"), ("password", PASSWORD)];
        browser.get("/login").await;
        browser.post("/api/login", &form).await;
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("answered"), "something was logged");
        assert!(!text.contains('\u{1b}') && !text.contains('\r'));
        assert!(!text.lines().any(|line| line.starts_with("ERROR forged")), "{text}");
        assert!(!text.contains("forged\"") && !text.contains(PASSWORD));
    }
}

#[tokio::test]
async fn an_internal_error_shows_only_its_reference() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    app.join(&mut browser).await;
    let page = browser.get("/account").await;
    assert_eq!(page.header("x-request-id").len(), 16);
}
