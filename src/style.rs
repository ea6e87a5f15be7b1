//! The style sheet: the files of `style/` joined, as a part of the program.
//!
//! A browser that follows `@import` requests one file after the other. Joined here, the sheet
//! needs no build step, and its address has a hash, so that browsers may keep it for ever
//! and a new release has a new address.

use std::sync::LazyLock;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use tower_http::services::ServeFile;
use web::routes;

use crate::AppState;

/// The type of every sheet, whichever build it is of.
const CONTENT_TYPE: &str = "text/css; charset=utf-8";

/// The parts, in the order in which later rules win.
const PARTS: [&str; 13] = [
    include_str!("../style/tokens.css"),
    include_str!("../style/base.css"),
    include_str!("../style/layout.css"),
    include_str!("../style/button.css"),
    include_str!("../style/form.css"),
    include_str!("../style/notice.css"),
    include_str!("../style/card.css"),
    include_str!("../style/product.css"),
    include_str!("../style/checkout.css"),
    include_str!("../style/code.css"),
    include_str!("../style/table.css"),
    include_str!("../style/phone.css"),
    include_str!("../style/print.css"),
];

static SHEET: LazyLock<String> = LazyLock::new(|| squeeze(&PARTS.join("\n")));

/// A digest that every compiler makes alike: servers that were built by different ones
/// then know the sheet under the same address.
static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(SHEET.as_bytes());
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    routes::files::style(&hash)
});

/// The address of the sheet.
pub fn address() -> &'static str {
    &ADDRESS
}

/// The text of the sheet.
pub fn text() -> &'static str {
    &SHEET
}

/// Answers the sheet of this build at its own address. At another address it answers the sheet of
/// another build, if that is shared, and never its own one: proxies would keep it for a year.
pub async fn sheet(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if path == address() {
        let headers = [
            (header::CONTENT_TYPE, CONTENT_TYPE),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        return (headers, text()).into_response();
    }
    let Some(folder) = state.site.shared_files.as_ref().filter(|_| is_address(path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // It never fails: a file that cannot be read is a response.
    match ServeFile::new(folder.join(path.trim_start_matches('/'))).oneshot(request).await {
        Ok(mut response) => {
            // Only a sheet that was found has a type.
            if let Some(content_type) = response.headers_mut().get_mut(header::CONTENT_TYPE) {
                *content_type = HeaderValue::from_static(CONTENT_TYPE);
            }
            response.into_response()
        }
        Err(never) => match never {},
    }
}

/// Whether a path has the form of a sheet's address.
fn is_address(path: &str) -> bool {
    let hash = path.rsplit('/').next().and_then(|name| name.strip_suffix(".css"));
    hash.is_some_and(|hash| {
        let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hash && path == routes::files::style(hash)
    })
}

/// Without comments, indentation and empty lines; compression does the rest.
fn squeeze(sheet: &str) -> String {
    let mut bare = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, comment)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    bare.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minifying_removes_only_comments_and_space() {
        assert_eq!(squeeze("/* a */\nb {\n  c: d; /* e */\n}\n\n"), "b {\nc: d;\n}");
    }

    #[test]
    fn only_hashes_are_addresses_of_sheets() {
        assert!(is_address(address()) && is_address("/style/0123456789abcdef.css"));
        for path in [
            "/style/any.css",
            "/style/0123456789abcdef",
            "/style/0123456789abcdef.css.br",
            "/style/0123456789abcde.css",
            "/style/0123456789abcdeg.css",
            "/style/..%2f..%2f456789abcd.css",
            "/style/../pkg/456789abc.css",
            "/pkg/0123456789abcdef.css",
        ] {
            assert!(!is_address(path), "{path}");
        }
    }

    #[test]
    fn the_style_sheet_is_complete_and_refers_to_no_other_host() {
        assert_eq!(SHEET.matches('{').count(), SHEET.matches('}').count());
        assert!(!SHEET.contains("@import") && !SHEET.contains("url(\"http"));
    }
}
