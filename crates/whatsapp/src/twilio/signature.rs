//! How Twilio authenticates: `X-Twilio-Signature` is the base64 of an HMAC-SHA1 with the
//! token of the account over the address and the form (Twilio, "Webhooks security").

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Secret;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

/// A decoded form in its original order.
pub(super) type Form = Vec<(String, String)>;

/// The query parameter with the digest of a body that is not a form.
const BODY_DIGEST: &str = "bodySHA256";

/// Decodes a form.
pub(super) fn form(body: &[u8]) -> Form {
    form_urlencoded::parse(body).into_owned().collect()
}

/// Whether one of the tokens signed this address and form.
pub(super) fn is_valid(
    tokens: &[Secret<String>],
    url: &str,
    form: &[(String, String)],
    signature: &str,
) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else { return false };
    let fields = fields(form);
    let addresses = addresses(url);
    tokens.iter().any(|token| {
        addresses.iter().any(|address| {
            mac(token, address, &fields).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
        })
    })
}

/// Whether the digest in the (signed) address is that of the body.
pub(super) fn is_body_valid(url: &str, body: &[u8]) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut stated = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == BODY_DIGEST)
        .map(|(_, value)| value);
    let digest = hex::encode(Sha256::digest(body));
    match (stated.next(), stated.next()) {
        (Some(stated), None) => digest.as_bytes().ct_eq(stated.as_bytes()).into(),
        _ => false,
    }
}

/// Signs as Twilio does.
pub(super) fn sign(token: &Secret<String>, url: &str, form: &[(String, String)]) -> Option<String> {
    let mac = mac(token, url, &fields(form))?;
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// Always `Some`, because HMAC accepts keys of every length.
fn mac(token: &Secret<String>, address: &str, fields: &str) -> Option<Hmac<Sha1>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes()).ok()?;
    mac.update(address.as_bytes());
    mac.update(fields.as_bytes());
    Some(mac)
}

/// Joins the fields: names sorted by bytes, each with its distinct values, also sorted.
fn fields(form: &[(String, String)]) -> String {
    let mut sorted = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (name, value) in form {
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = String::new();
    for (name, values) in sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

/// The ways in which Twilio may have written the address: with and without its port, and
/// with its query as given, as a browser writes it, or encoded again.
fn addresses(url: &str) -> Vec<String> {
    let mut addresses = vec![url.to_owned()];
    let Ok(parsed) = Url::parse(url) else { return addresses };
    let origin = Origin::of(&parsed);
    let path = parsed.path();
    let raw = url.split_once('?').map(|(_, query)| query.to_owned());
    let queries = [raw, parsed.query().map(str::to_owned), parsed.query().map(reencoded)];
    for authority in origin.authorities() {
        for query in &queries {
            let question = if query.is_some() { "?" } else { "" };
            let query = query.as_deref().unwrap_or_default();
            addresses.push(format!("{authority}{path}{question}{query}"));
        }
    }
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// Scheme, credentials, host and port of an address.
struct Origin {
    before_port: String,
    port: Option<u16>,
    default: u16,
}

impl Origin {
    fn of(url: &Url) -> Self {
        let credentials = match (url.username(), url.password()) {
            ("", None) => String::new(),
            (user, None) => format!("{user}@"),
            (user, Some(password)) => format!("{user}:{password}@"),
        };
        let host = url.host_str().unwrap_or_default();
        Self {
            before_port: format!("{}://{credentials}{host}", url.scheme()),
            port: url.port(),
            default: if url.scheme() == "https" { 443 } else { 80 },
        }
    }

    fn authorities(&self) -> [String; 2] {
        let port = self.port.unwrap_or(self.default);
        [self.before_port.clone(), format!("{}:{port}", self.before_port)]
    }
}

/// Decodes a query and encodes it as JavaScript's `encodeURIComponent` does.
fn reencoded(query: &str) -> String {
    let mut text = String::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if !text.is_empty() {
            text.push('&');
        }
        encode(&name, &mut text);
        text.push('=');
        encode(&value, &mut text);
    }
    text
}

fn encode(part: &str, text: &mut String) {
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        token: String,
        url: String,
        #[serde(default)]
        form: Form,
        body: Option<String>,
        signature: String,
    }

    /// The name of a change, and the change.
    type Change = (&'static str, fn(&mut Vector));

    impl Vector {
        fn all() -> Vec<Self> {
            let text = include_str!("../../tests/data/twilio/signatures.json");
            serde_json::from_str(text).unwrap()
        }

        fn is_valid(&self) -> bool {
            let tokens = [Secret::new(self.token.clone())];
            is_valid(&tokens, &self.url, &self.form, &self.signature)
                && self.body.as_ref().is_none_or(|body| is_body_valid(&self.url, body.as_bytes()))
        }
    }

    #[test]
    fn x66_every_published_signature_is_valid() {
        let vectors = Vector::all();
        assert!(vectors.len() >= 10);
        for vector in vectors {
            assert!(vector.is_valid(), "{}", vector.name);
        }
    }

    #[test]
    fn x66_a_changed_call_does_not_match_its_published_signature() {
        let changes: [Change; 8] = [
            ("another token", |vector| vector.token.push('6')),
            ("no token", |vector| vector.token.clear()),
            ("another path", |vector| vector.url = vector.url.replacen(".com/", ".com/x", 1)),
            ("another host", |vector| vector.url = vector.url.replacen(".com", ".org", 1)),
            ("one field more", |vector| vector.form.push(("Extra".into(), "1".into()))),
            ("a flipped bit", |vector| {
                let mut bytes = BASE64_STANDARD.decode(&vector.signature).unwrap();
                bytes[3] ^= 1;
                vector.signature = BASE64_STANDARD.encode(bytes);
            }),
            ("a cut signature", |vector| {
                let bytes = BASE64_STANDARD.decode(&vector.signature).unwrap();
                vector.signature = BASE64_STANDARD.encode(&bytes[..10]);
            }),
            ("no signature", |vector| vector.signature.clear()),
        ];
        for (change, apply) in changes {
            for mut vector in Vector::all() {
                apply(&mut vector);
                assert!(!vector.is_valid(), "{}, {change}", vector.name);
            }
        }
    }

    #[test]
    fn x66_the_digest_of_another_body_is_invalid() {
        for mut vector in Vector::all().into_iter().filter(|vector| vector.body.is_some()) {
            vector.body.as_mut().unwrap().push(' ');
            assert!(!vector.is_valid(), "{}", vector.name);
        }
        let digest = hex::encode(Sha256::digest(b"{}"));
        assert!(is_body_valid(&format!("https://a.test/?bodySHA256={digest}"), b"{}"));
        assert!(!is_body_valid("https://a.test/?bodySHA256=", b"{}"));
        assert!(!is_body_valid("https://a.test/", b"{}"));
        let twice = format!("https://a.test/?bodySHA256={digest}&bodySHA256=00");
        assert!(!is_body_valid(&twice, b"{}"), "two digests are ambiguous");
    }

    #[test]
    fn a_query_may_be_signed_raw_as_browsers_write_it_or_reencoded() {
        let token = Secret::new("12345".to_owned());
        let url = "https://shop.test/hook?name=it's (a) b";
        for written in [
            "https://shop.test/hook?name=it's (a) b",
            "https://shop.test/hook?name=it%27s%20(a)%20b",
            "https://shop.test:443/hook?name=it%27s%20(a)%20b",
            "https://shop.test/hook?name=it's%20(a)%20b",
        ] {
            let signature = sign(&token, written, &[]).unwrap();
            assert!(is_valid(std::slice::from_ref(&token), url, &[], &signature), "{written}");
        }
        let other = sign(&token, "https://shop.test/hook?name=its", &[]).unwrap();
        assert!(!is_valid(&[token], url, &[], &other));
    }

    #[test]
    fn a_custom_port_may_be_missing_in_the_signed_address() {
        let token = Secret::new("12345".to_owned());
        let url = "https://shop.test:8443/hook";
        for written in [url, "https://shop.test/hook"] {
            let signature = sign(&token, written, &[]).unwrap();
            assert!(is_valid(std::slice::from_ref(&token), url, &[], &signature), "{written}");
        }
    }
}
