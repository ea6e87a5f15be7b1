//! A browser without script: it keeps cookies, follows redirects, and sends `Origin` as browsers
//! do. It withholds `Referer`, as some browsers and proxies do, so that every test proves that
//! forms need none.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header, request::Builder},
};
use http_body_util::BodyExt;
use test_support::secret_scan::register_secret;
use tower::ServiceExt;
use tower_sessions::session::Id;
use web::server::PAGE_FIELD;

/// A browser without script.
pub struct Browser {
    router: Router,
    origin: String,
    /// Its cookies.
    pub cookies: BTreeMap<String, String>,
    /// Whether it keeps no cookies.
    pub refuses_cookies: bool,
    /// The network address that its requests come from.
    pub address: SocketAddr,
    here: String,
}

/// A response.
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub html: String,
    /// Its path, after redirects.
    pub path: String,
}

/// An open stream of server-sent events.
pub struct Events {
    /// The status of the response.
    pub status: StatusCode,
    body: Body,
}

impl Events {
    /// The next event as it is written; empty if the stream has ended.
    pub async fn next(&mut self) -> String {
        let frame = self.body.frame().await;
        let bytes = frame.and_then(|frame| frame.unwrap().into_data().ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Everything until the stream ends.
    pub async fn rest(self) -> String {
        String::from_utf8_lossy(&self.body.collect().await.unwrap().to_bytes()).into_owned()
    }
}

impl Browser {
    /// A browser without cookies.
    pub fn new(router: Router, origin: &str) -> Self {
        Self {
            router,
            origin: origin.into(),
            cookies: BTreeMap::new(),
            refuses_cookies: false,
            address: ([127, 0, 0, 1], 0).into(),
            here: "/".into(),
        }
    }

    /// The same browser on another network.
    pub fn on_network(mut self, number: u8) -> Self {
        self.address = ([192, 0, 2, number], 0).into();
        self
    }

    /// The same cookies in `other`, on the same page.
    pub fn another_window(&self, mut other: Self) -> Self {
        other.cookies.clone_from(&self.cookies);
        other.here.clone_from(&self.here);
        other
    }

    /// The same browser, which keeps no cookies.
    pub fn without_cookies(mut self) -> Self {
        self.refuses_cookies = true;
        self
    }

    /// Opens a page and follows its redirects.
    pub async fn get(&mut self, path: &str) -> Page {
        let mut page = self.send(self.request(Method::GET, path), "").await;
        path.split('#').next().unwrap_or_default().clone_into(&mut self.here);
        for _ in 0..5 {
            let Some(next) = page.location() else { break };
            page = self.send(self.request(Method::GET, &next), "").await;
            // A browser sends no fragment.
            let next = next.split('#').next().unwrap_or_default();
            next.clone_into(&mut self.here);
            next.clone_into(&mut page.path);
        }
        page
    }

    /// Sends a form from the page that it is on, without following the redirect.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.open_a_form().await;
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = self.encode_with_page(fields);
        self.send(request, &body).await
    }

    /// Sends a form and follows its redirect.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.html);
        self.get(&answer.location().unwrap()).await
    }

    /// Sends a form as an island does.
    pub async fn fetch(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.open_a_form().await;
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, &self.origin)
            .header(header::ACCEPT, "*/*")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = self.encode_with_page(fields);
        self.send(request, &body).await
    }

    /// The fields of a form, and the hidden one that says which page it stands on, unless they
    /// were read from a page and have it.
    fn encode_with_page(&self, fields: &[(&str, &str)]) -> String {
        match fields.iter().any(|(name, _)| *name == PAGE_FIELD) {
            true => encode(fields),
            false => encode(&[fields, &[(PAGE_FIELD, self.here.as_str())]].concat()),
        }
    }

    /// Gets the secret that the page of a form gives a browser, unless it has one, or a page was
    /// opened, which has to give it.
    async fn open_a_form(&mut self) {
        let has_secret = self.cookies.keys().any(|name| name.ends_with("-browser"));
        if self.here == "/" && !has_secret && !self.refuses_cookies {
            self.send(self.request(Method::GET, "/login"), "").await;
        }
    }

    /// A request with the cookies of this browser.
    pub fn request(&self, method: Method, path: &str) -> Builder {
        let host = self.origin.split_once("://").unwrap().1;
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let accept = "text/html,application/xhtml+xml";
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request.header(header::ACCEPT, accept)
    }

    /// Sends a request, and keeps the cookies of the response.
    pub async fn send(&mut self, request: Builder, body: &str) -> Page {
        self.send_bytes(request, body.as_bytes().to_vec()).await
    }

    /// The status and the first chunk of a response that may never end.
    pub async fn first_chunk(&mut self, request: Builder) -> String {
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let chunk = response.into_body().frame().await;
        let bytes = chunk.and_then(|frame| frame.unwrap().into_data().ok()).unwrap_or_default();
        format!("{status} {}", String::from_utf8_lossy(&bytes))
    }

    /// Opens a stream of server-sent events, as a page does, or as it does again after an event
    /// with this id.
    pub async fn events(&self, path: &str, last_event_id: Option<&str>) -> Events {
        let mut request = self.request(Method::GET, path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.unwrap();
        Events { status: response.status(), body: response.into_body() }
    }

    /// Sends a request with any bytes as body.
    pub async fn send_bytes(&mut self, mut request: Builder, body: Vec<u8>) -> Page {
        // Of two `Accept` headers the last counts, which the test has set.
        if let Some(headers) = request.headers_mut() {
            let accept = headers.get_all(header::ACCEPT).iter().next_back().cloned();
            headers.insert(header::ACCEPT, accept.unwrap());
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.address));
        let path = request.uri().path().to_owned();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if line.to_str().unwrap().contains("Max-Age=0") {
                self.cookies.remove(name);
                continue;
            }
            keep_cookie_secret(value);
            if !self.refuses_cookies {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let html = String::from_utf8_lossy(&bytes).into_owned();
        Page { status: parts.status, headers: parts.headers, html, path }
    }
}

impl Page {
    /// The value of `Location`.
    pub fn location(&self) -> Option<String> {
        Some(self.headers.get(header::LOCATION)?.to_str().unwrap().to_owned())
    }

    /// A header; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of the page without tags.
    pub fn text(&self) -> String {
        let main = self.html.split("<main").nth(1).unwrap_or(&self.html);
        let main = main.split("<footer").next().unwrap_or(main);
        let mut text = String::new();
        let mut is_tag = true;
        for character in main.chars() {
            match character {
                '<' => is_tag = true,
                '>' => is_tag = false,
                _ if !is_tag => text.push(character),
                _ => {}
            }
        }
        text
    }
}

/// Marks a cookie as secret, and the number of which a session's cookie is made.
fn keep_cookie_secret(value: &str) {
    register_secret(value);
    if let Ok(Id(number)) = value.parse() {
        register_secret(number.to_string());
    }
}

/// Encodes fields as forms do, and marks passwords and codes as secret.
fn encode(fields: &[(&str, &str)]) -> String {
    const SECRET: [&str; 3] = ["password", "current", "code"];
    let secret = fields.iter().filter(|(name, _)| SECRET.contains(name));
    secret.for_each(|(_, value)| register_secret(*value));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
