//! Signs a call as its provider does. It follows the documentation of the providers and
//! does not use the code under test.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac};
use http::HeaderValue;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Call, NOW};

/// The key of every fictional account.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The shared key that signs Twilio's calls if a webhook rule says so.
pub const SHARED_KEY: &str = "fedcba9876543210fedcba9876543210";

/// The header of Twilio's calls that a shared key signs.
const RULE: &str = "x-twilio-webhooks-signature-settings";

/// Signs the call and replaces any signature that it has; false if the provider does not
/// sign calls of this kind.
pub fn sign(provider: &str, call: &mut Call) -> bool {
    let is_post = call.method == http::Method::POST;
    match provider {
        "meta" if is_post => {
            let digest = hex::encode(sha256_mac(&[&call.body]));
            set(call, "x-hub-signature-256", &format!("sha256={digest}"))
        }
        "twilio" if is_post => twilio(call),
        "360dialog" if is_post => set(call, "authorization", &format!("Bearer {SECRET}")),
        "messagebird" => messagebird(call),
        "bird" | "bird-channels" if is_post => bird(call),
        _ => false,
    }
}

fn set(call: &mut Call, name: &'static str, value: &str) -> bool {
    HeaderValue::from_str(value).is_ok_and(|value| {
        call.headers.insert(name, value);
        true
    })
}

fn sha256_mac(parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// Twilio signs the address, followed by every parameter of the form sorted by name; a
/// repeated name has its distinct values, sorted. The token signs with SHA-1, and the shared key
/// of a webhook rule with SHA-256.
fn twilio(call: &mut Call) -> bool {
    set(call, "content-type", "application/x-www-form-urlencoded");
    let mut fields: Vec<_> = form_urlencoded::parse(&call.body).into_owned().collect();
    fields.sort();
    fields.dedup();
    let mut data = call.url.clone();
    for (name, value) in fields {
        data.push_str(&name);
        data.push_str(&value);
    }
    let signature = if call.headers.contains_key(RULE) {
        set(call, RULE, "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256");
        let mac = Hmac::<Sha256>::new_from_slice(SHARED_KEY.as_bytes()).expect("any length");
        mac.chain_update(&data).finalize().into_bytes().to_vec()
    } else {
        let mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).expect("any length");
        mac.chain_update(&data).finalize().into_bytes().to_vec()
    };
    set(call, "x-twilio-signature", &BASE64_STANDARD.encode(signature))
}

/// MessageBird signs address and body with a token that is valid for one minute.
fn messagebird(call: &mut Call) -> bool {
    let hash = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
    let payload = match call.body.as_slice() {
        [] => String::new(),
        body => format!(",\"payload_hash\":\"{}\"", hash(body)),
    };
    let claims = format!(
        "{{\"iss\":\"MessageBird\",\"nbf\":{NOW},\"exp\":{},\"jti\":\"a-call\",\"url_hash\":\"{}\"{payload}}}",
        NOW + 60,
        hash(call.url.as_bytes()),
    );
    let head = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sha256_mac(&[signed.as_bytes()]));
    set(call, "messagebird-signature-jwt", &format!("{signed}.{signature}"))
}

/// The older generation of Bird signs time, address and the digest of the body, one line
/// each. A call with a `webhook-id` is of the newer generation, which signs id, time and
/// body, separated by dots.
fn bird(call: &mut Call) -> bool {
    let time = NOW.to_string();
    if call.headers.contains_key("webhook-id") {
        let head = format!("msg_1.{time}.");
        let signature = BASE64_STANDARD.encode(sha256_mac(&[head.as_bytes(), &call.body]));
        return set(call, "webhook-id", "msg_1")
            && set(call, "webhook-timestamp", &time)
            && set(call, "webhook-signature", &format!("v1,{signature}"));
    }
    call.headers.remove("webhook-timestamp");
    call.headers.remove("webhook-signature");
    let digest = Sha256::digest(&call.body);
    let head = format!("{time}\n{}\n", call.url);
    let signature = BASE64_STANDARD.encode(sha256_mac(&[head.as_bytes(), &digest]));
    set(call, "messagebird-request-timestamp", &time)
        && set(call, "messagebird-signature", &signature)
}
