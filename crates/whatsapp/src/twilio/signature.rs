//! How Twilio authenticates: `X-Twilio-Signature` is the base64 of an HMAC over the address and
//! the form (Twilio, "Webhooks security"). Which secret and which hash sign a call is decided in
//! [`super::webhook_keys`].

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Secret;
use hmac::{Hmac, Mac, digest::KeyInit};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

/// A decoded form in its original order.
pub(super) type Form = Vec<(String, String)>;

/// The query parameter with the digest of a body that is not a form.
const BODY_DIGEST: &str = "bodySHA256";

/// The hash function of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// HMAC with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
}

impl Algorithm {
    /// Reads Twilio's name of an algorithm, in any case, as its libraries do.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "HMAC_SHA1" => Some(Self::HmacSha1),
            "HMAC_SHA256" => Some(Self::HmacSha256),
            _ => None,
        }
    }
}

/// Decodes a form.
pub(super) fn form(body: &[u8]) -> Form {
    form_urlencoded::parse(body).into_owned().collect()
}

/// Whether one of the keys signed this address and form.
pub(super) fn is_valid(
    keys: &[Secret<String>],
    algorithm: Algorithm,
    url: &str,
    form: &[(String, String)],
    signature: &str,
) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else { return false };
    let fields = fields(form);
    let addresses = addresses(url);
    keys.iter().any(|key| {
        addresses.iter().any(|address| match algorithm {
            Algorithm::HmacSha1 => is_mac::<Hmac<Sha1>>(key, address, &fields, &signature),
            Algorithm::HmacSha256 => is_mac::<Hmac<Sha256>>(key, address, &fields, &signature),
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
pub(super) fn sign(
    key: &Secret<String>,
    algorithm: Algorithm,
    url: &str,
    form: &[(String, String)],
) -> Option<String> {
    let fields = fields(form);
    Some(match algorithm {
        Algorithm::HmacSha1 => encode_mac(mac::<Hmac<Sha1>>(key, url, &fields)?),
        Algorithm::HmacSha256 => encode_mac(mac::<Hmac<Sha256>>(key, url, &fields)?),
    })
}

fn is_mac<M: Mac + KeyInit>(
    key: &Secret<String>,
    address: &str,
    fields: &str,
    signature: &[u8],
) -> bool {
    mac::<M>(key, address, fields).is_some_and(|mac| mac.verify_slice(signature).is_ok())
}

fn encode_mac<M: Mac>(mac: M) -> String {
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// Always `Some`, because HMAC accepts keys of every length.
fn mac<M: Mac + KeyInit>(key: &Secret<String>, address: &str, fields: &str) -> Option<M> {
    let mac = <M as Mac>::new_from_slice(key.expose().as_bytes()).ok()?;
    Some(mac.chain_update(address).chain_update(fields))
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
            is_valid(&tokens, Algorithm::HmacSha1, &self.url, &self.form, &self.signature)
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

    /// Whether a call to `url` is valid if Twilio signed the address as `written`.
    fn is_taken(token: &Secret<String>, url: &str, written: &str) -> bool {
        [Algorithm::HmacSha1, Algorithm::HmacSha256].into_iter().all(|algorithm| {
            let signature = sign(token, algorithm, written, &[]).unwrap();
            is_valid(std::slice::from_ref(token), algorithm, url, &[], &signature)
        })
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
            assert!(is_taken(&token, url, written), "{written}");
        }
        assert!(!is_taken(&token, url, "https://shop.test/hook?name=its"));
    }

    #[test]
    fn a_custom_port_may_be_missing_in_the_signed_address() {
        let token = Secret::new("12345".to_owned());
        let url = "https://shop.test:8443/hook";
        for written in [url, "https://shop.test/hook"] {
            assert!(is_taken(&token, url, written), "{written}");
        }
    }
}
