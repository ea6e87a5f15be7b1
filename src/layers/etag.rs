//! Conditional requests: strong validators, and what browsers say they have (RFC 9110, 13.1.2).

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// Bytes of the digest in a validator: enough that no two pages share one by chance.
const DIGEST_BYTES: usize = 16;

/// The strong validator of a body as it goes out, so another one for each encoding.
pub fn of(body: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(body);
    let hex: String = digest.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
    // Hexadecimal digits in quotation marks are always a header value.
    HeaderValue::from_str(&format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` names this validator, by the weak comparison that the standard
/// asks for here. What cannot be read, and all that follows it in its line, matches nothing.
pub fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter();
    lines.filter_map(|line| line.to_str().ok()).any(|line| names(line, etag.as_bytes()))
}

/// Whether one line is `*` or lists the validator. A validator may contain commas.
fn names(line: &str, etag: &[u8]) -> bool {
    if line.trim() == "*" {
        return true;
    }
    let mut rest = line;
    loop {
        let item = rest.trim_start_matches([' ', '\t', ',']);
        let opaque = item.strip_prefix("W/").unwrap_or(item);
        let Some(end) = opaque.strip_prefix('"').and_then(|inside| inside.find('"')) else {
            return false;
        };
        let (tag, after) = opaque.split_at(end + 2);
        let after = after.trim_start();
        let is_item = after.is_empty() || after.starts_with(',');
        if is_item && tag.as_bytes() == etag {
            return true;
        }
        if !is_item {
            return false;
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_is_read_as_the_standard_has_it() {
        let etag = HeaderValue::from_static("\"ab,c\"");
        for (said, expected) in [
            ("\"ab,c\"", true),
            ("W/\"ab,c\"", true),
            ("*", true),
            (" * ", true),
            ("\"x\", \"ab,c\"", true),
            ("\"x\",W/\"ab,c\" , \"y\"", true),
            (",, \"ab,c\"", true),
            ("\"x\"", false),
            ("\"x\", *", false),
            ("ab,c", false),
            ("w/\"ab,c\"", false),
            ("\"ab,c", false),
            ("\"ab,c\"d", false),
            ("\"x\" \"ab,c\"", false),
            ("", false),
        ] {
            let line = HeaderValue::from_str(said).unwrap();
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, line)]);
            assert_eq!(is_known(&headers, &etag), expected, "{said}");
        }
        assert!(!is_known(&HeaderMap::new(), &etag));
    }

    #[test]
    fn several_lines_are_one_list() {
        let etag = HeaderValue::from_static("\"b\"");
        let mut headers = HeaderMap::new();
        headers.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"a\""));
        headers.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"b\""));
        assert!(is_known(&headers, &etag));
    }

    #[test]
    fn other_bytes_have_another_validator() {
        assert_eq!(of(b"page"), of(b"page"));
        assert_ne!(of(b"page"), of(b"page "));
        assert_eq!(of(b"page").len(), 2 * DIGEST_BYTES + 2);
    }
}
