//! What server functions need on the server: the visitor, the session, cookies, and how an
//! outcome becomes a response.

mod flash;
mod respond;
mod session;
mod trace;

pub use flash::{Flash, take_flash};
pub use respond::{ALERT, PAGE_FIELD, PageOfForm, Redirect, respond, run_action, save, save_order};
pub use session::{
    device_token, log_in, log_out, remember_next, rotate, run_and_log_in, run_and_rotate,
    trust_device,
};
pub use trace::{RequestTrace, reference};

use crate::routes;
use domain::CartId;
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use shop::{BrowserSecret, Error, Fault, Shop, Visitor, codes::KNOWN_BROWSER_TTL};
use text::Text;
use tower_sessions::Session;

/// The key of the sign-in in the session.
pub const SIGN_IN: &str = "sign_in";
/// The key of a guest's cart in the session.
const CART: &str = "cart";

/// The names of the shop's cookies. The prefix `__Host-` binds a cookie to this host, but
/// browsers accept it over https only, so plain http uses another name.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    /// The public address is https.
    pub is_secure: bool,
}

impl Cookies {
    /// The name of the session's cookie.
    pub const fn session(self) -> &'static str {
        if self.is_secure { "__Host-marigold" } else { "marigold" }
    }

    /// The name of the cookie with the browser's secret.
    pub const fn browser(self) -> &'static str {
        if self.is_secure { "__Host-marigold-browser" } else { "marigold-browser" }
    }

    /// The name of the cookie with what the next page shows once.
    pub const fn flash(self) -> &'static str {
        if self.is_secure { "__Host-marigold-flash" } else { "marigold-flash" }
    }

    /// The name of the cookie of a trusted device.
    pub const fn device(self) -> &'static str {
        if self.is_secure { "__Host-marigold-device" } else { "marigold-device" }
    }

    /// The value of the `Set-Cookie` header with a browser's secret. The browser keeps it for as
    /// long as it is known after a sign-in, which is longer than any code is valid.
    pub fn set_browser(self, secret: &BrowserSecret) -> String {
        self.set(self.browser(), secret.expose(), KNOWN_BROWSER_TTL.as_secs())
    }

    /// The value of a `Set-Cookie` header; zero seconds delete the cookie.
    pub fn set(self, name: &str, value: &str, seconds: u64) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }
}

/// The value of a cookie in a request.
pub fn cookie<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    cookie_of(&parts.headers, name)
}

/// The value of a cookie in the headers of a request.
pub fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The shop, from the context.
pub fn shop() -> shop::Result<Shop> {
    use_context().ok_or_else(|| Fault::Broken("no shop in context").into())
}

/// The request without its body, from the context.
pub fn request() -> shop::Result<Parts> {
    use_context().ok_or_else(|| Fault::Broken("no request in context").into())
}

/// The names of the cookies, from the context.
pub fn cookies() -> shop::Result<Cookies> {
    use_context().ok_or_else(|| Fault::Broken("no cookie names in context").into())
}

/// The texts in the language of the page; English outside of a page.
pub fn text() -> Text {
    use_context().unwrap_or_default()
}

/// The visitor, whom the authentication layer added to the request.
pub fn visitor() -> shop::Result<Visitor> {
    let visitor = request()?.extensions.get::<Visitor>().cloned();
    visitor.ok_or_else(|| Fault::Broken("no visitor in the request").into())
}

/// The session of the request.
pub fn session() -> shop::Result<Session> {
    let session = request()?.extensions.get::<Session>().cloned();
    session.ok_or_else(|| Fault::Broken("no session in the request").into())
}

/// The cart that this browser filled before signing in.
pub async fn guest_cart() -> shop::Result<Option<CartId>> {
    let session = session()?;
    if session.id().is_none() {
        return Ok(None);
    }
    session.get(CART).await.map_err(session_fault)
}

/// Stores the cart of this browser in its session.
pub async fn store_guest_cart(cart: &CartId) -> shop::Result<()> {
    session()?.insert(CART, cart).await.map_err(session_fault)
}

/// The fault of a session that could not be read or stored, with its cause.
pub fn session_fault(error: tower_sessions::session::Error) -> Error {
    Fault::Outside { what: "the session could not be read or stored", source: error.into() }.into()
}

/// Adds a header to the response.
pub fn add_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(value))
    {
        response.append_header(name, value);
    }
}

/// The path if it leads to a page of this shop: it is one of the list of pages, and has no
/// character by which it could become another host, a scheme or a header.
pub fn local(path: &str) -> Option<&str> {
    const MAX_LOCAL_PATH_BYTES: usize = 512;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_?=&.+%".contains(&byte);
    let (page, query) = path.split_once('?').unwrap_or((path, ""));
    let is_safe = path.len() <= MAX_LOCAL_PATH_BYTES
        && path.bytes().all(is_plain)
        && !page.contains("..")
        && (!page.contains('%') || page.starts_with(routes::SIMULATED_PHONE_PREFIX))
        && !query.contains('?');
    (is_safe && routes::is_page(page)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x102_only_paths_of_this_shop_are_followed() {
        for path in [
            "/",
            "/checkout",
            "/account/security",
            "/products?q=mug&sort=price",
            "/products/sunday-mug",
            "/orders/0123456789abcdef",
            "/merchant/orders?after=12",
            "/simulator/%2B447700900001",
        ] {
            assert_eq!(local(path), Some(path));
        }
        for path in [
            "",
            "//evil",
            "https:evil",
            "https://evil",
            "/\\evil",
            "/%09/evil",
            "javascript:alert(1)",
            "@evil",
            "/@evil",
            "/checkout\r\nSet-Cookie: a=b",
            "/checkoutevil",
            "/account//evil",
            "/account/../api",
            "/account%2f..",
            "/api/login",
            "/evil",
            "checkout",
            "/cart/evil",
            "/cart/",
            "/products/",
            "/products/a/b",
            "/orders/",
            "/logout",
            "/events/login",
            "/pkg/marigold.js",
        ] {
            assert_eq!(local(path), None, "{path:?}");
        }
    }

    #[test]
    fn sc01_cookies_are_bound_to_this_host_over_https_only() {
        let cookies = Cookies { is_secure: true };
        assert!(cookies.set(cookies.browser(), "x", 1).ends_with("; Secure"));
        assert!(cookies.session().starts_with("__Host-"));
        assert!(!Cookies { is_secure: false }.session().contains("__Host-"));
    }
}
