//! The signature of a webhook, in the header `Stripe-Signature`: `t=1767225600,v1=…`.
//!
//! The signature is an HMAC-SHA-256 of the timestamp, a full stop and the raw body, in lower-case
//! hexadecimal digits. While a secret is replaced, the header has a `v1` for each, and other
//! schemes are ignored. Source: <https://docs.stripe.com/webhooks#verify-manually>.
//!
//! Two rules are ours, and `scripts/judges` shows that nothing else differs from Stripe's own
//! libraries: space around a part of the header is ignored, and a timestamp in the future is
//! refused, so that a call cannot be prepared whose age is never checked.

use std::time::Duration;

use domain::Timestamp;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::settings::WebhookSecrets;
use crate::{CallbackError, RawCallback};

/// The name of the header.
pub(super) const HEADER: &str = "stripe-signature";

/// How old a call may be: the default tolerance of Stripe's libraries.
const MAX_AGE: Duration = Duration::from_secs(300);
/// How far Stripe's clock may be ahead of ours.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(60);
/// How many signatures of one call are compared. Stripe sends one for each active secret.
const MAX_SIGNATURES: usize = 16;
/// The scheme that Stripe uses; `v0` is for its tests of an endpoint.
const SCHEME: &str = "v1";

/// The parts of the header.
#[derive(Debug, PartialEq, Eq)]
struct Header<'h> {
    /// The time as it is written, which is what is signed.
    timestamp: &'h str,
    signatures: Vec<&'h str>,
}

impl<'h> Header<'h> {
    fn parse(text: &'h str) -> Option<Self> {
        let mut timestamp = None;
        let mut signatures = Vec::new();
        for part in text.split(',') {
            let (key, value) = part.split_once('=')?;
            match key.trim() {
                // Stripe sends one time. Of several, the first counts.
                "t" if timestamp.is_none() => timestamp = Some(value.trim()),
                SCHEME => signatures.push(value.trim()),
                _ => {}
            }
        }
        Some(Self { timestamp: timestamp?, signatures })
    }

    fn signed_at(&self) -> Option<Timestamp> {
        let is_number = self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let seconds: i64 = self.timestamp.parse().ok().filter(|_| is_number)?;
        Some(Timestamp::from_millis(seconds.checked_mul(1000)?))
    }
}

/// Verifies a call. Without a secret, no call is accepted.
pub(super) fn verify(
    request: &RawCallback<'_>,
    secrets: &WebhookSecrets,
) -> Result<(), CallbackError> {
    if secrets.is_off() {
        return Err(CallbackError::NotOffered);
    }
    let text = request.header(HEADER).next().ok_or(CallbackError::NoSignature)?;
    let text = std::str::from_utf8(text).map_err(|_| CallbackError::BadSignature)?;
    let header = Header::parse(text).ok_or(CallbackError::BadSignature)?;
    let signed_at = header.signed_at().ok_or(CallbackError::BadSignature)?;
    if !is_signed(&header, request.body, secrets) {
        return Err(CallbackError::BadSignature);
    }
    if request.now.since(signed_at) > MAX_AGE || signed_at.since(request.now) > MAX_CLOCK_SKEW {
        return Err(CallbackError::Stale);
    }
    Ok(())
}

/// Whether one of the signatures was made with one of the secrets. Each is compared in constant
/// time.
fn is_signed(header: &Header<'_>, body: &[u8], secrets: &WebhookSecrets) -> bool {
    let expected =
        secrets.expose().iter().filter_map(|secret| sign_bytes(secret, header.timestamp, body));
    let expected: Vec<String> = expected.collect();
    header.signatures.iter().take(MAX_SIGNATURES).any(|signature| {
        expected.iter().any(|right| right.as_bytes().ct_eq(signature.as_bytes()).into())
    })
}

/// The value of the header for a body, as Stripe signs it. The shop's call to itself needs it.
pub(super) fn sign(secrets: &WebhookSecrets, body: &[u8], now: Timestamp) -> Option<String> {
    let timestamp = (now.as_millis() / 1000).to_string();
    let signature = sign_bytes(secrets.expose().first()?, &timestamp, body)?;
    Some(format!("t={timestamp},{SCHEME}={signature}"))
}

fn sign_bytes(secret: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    let mac = mac.chain_update(timestamp).chain_update(b".").chain_update(body);
    Some(hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600;
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;

    fn secrets(text: &str) -> WebhookSecrets {
        WebhookSecrets::parse(text).unwrap()
    }

    fn outcome(header: &str, body: &[u8], secret: &str) -> Result<(), CallbackError> {
        let headers = [(HEADER, header.as_bytes())];
        let now = Timestamp::from_millis(NOW * 1000);
        verify(&RawCallback { headers: &headers, body, now }, &secrets(secret))
    }

    fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
        sign_bytes(secret, &timestamp.to_string(), body).unwrap()
    }

    #[test]
    fn x164_only_a_signature_of_a_known_secret_over_these_bytes_is_accepted() {
        let (old, new) = ("whsec_old-secret", "whsec_new-secret");
        let good = signature(new, NOW, BODY);
        let other = signature(old, NOW, BODY);
        let without_prefix = signature("new-secret", NOW, BODY);
        let empty = signature("", NOW, BODY);
        let bad = Err(CallbackError::BadSignature);
        for (header, expected) in [
            (format!("t={NOW},v1={good}"), Ok(())),
            (format!("v1={good},t={NOW}"), Ok(())),
            (format!("t={NOW},v1={other},v1={good}"), Ok(())),
            (format!("t={NOW},v0=00,v1={good},v2=11"), Ok(())),
            (format!("t={NOW}, v1={good}"), Ok(())),
            (format!(" t = {NOW} , v1 = {good} "), Ok(())),
            (format!("t={NOW},v1={other}"), bad),
            (format!("t={NOW},v1={without_prefix}"), bad),
            (format!("t={NOW},v1={empty}"), bad),
            (format!("t={NOW},v0={good}"), bad),
            (format!("t={NOW},v1={}", good.to_uppercase()), bad),
            (format!("t={NOW},v1={}", &good[..63]), bad),
            (format!("t={NOW},v1="), bad),
            (format!("t={NOW}"), bad),
            (format!("v1={good}"), bad),
            (format!("t={},v1={good}", NOW - 1), bad),
            (format!("t=+{NOW},v1={good}"), bad),
            (format!("t=,v1={good}"), bad),
            (format!("t=99999999999999999999,v1={good}"), bad),
            (format!("t={NOW},v1={good},nonsense"), bad),
            (String::new(), bad),
        ] {
            assert_eq!(outcome(&header, BODY, new), expected, "{header}");
        }
        assert_eq!(outcome(&format!("t={NOW},v1={good}"), b"{}", new), bad);
        let both = "whsec_new-secret,whsec_old-secret";
        assert_eq!(outcome(&format!("t={NOW},v1={other}"), BODY, both), Ok(()));
    }

    #[test]
    fn x164_a_call_is_refused_when_it_is_old_or_from_the_future() {
        let secret = "whsec_some-secret";
        for (seconds, expected) in [
            (0, Ok(())),
            (-300, Ok(())),
            (-301, Err(CallbackError::Stale)),
            (60, Ok(())),
            (61, Err(CallbackError::Stale)),
            (86_400, Err(CallbackError::Stale)),
            (-NOW, Err(CallbackError::Stale)),
        ] {
            let at = NOW + seconds;
            let header = format!("t={at},v1={}", signature(secret, at, BODY));
            assert_eq!(outcome(&header, BODY, secret), expected, "{seconds}");
        }
    }

    #[test]
    fn x163_without_a_secret_no_call_is_accepted() {
        let header = format!("t={NOW},v1={}", signature("", NOW, BODY));
        assert_eq!(outcome(&header, BODY, "off"), Err(CallbackError::NotOffered));
    }

    #[test]
    fn a_call_without_the_header_has_no_signature() {
        let now = Timestamp::from_millis(NOW * 1000);
        let call = RawCallback { headers: &[], body: BODY, now };
        assert_eq!(verify(&call, &secrets("whsec_12345678")), Err(CallbackError::NoSignature));
    }

    #[test]
    fn the_shop_signs_its_own_call_as_stripe_does() {
        let now = Timestamp::from_millis(NOW * 1000);
        let header = sign(&secrets("whsec_12345678,whsec_other-one"), BODY, now).unwrap();
        assert_eq!(outcome(&header, BODY, "whsec_12345678"), Ok(()));
        assert_eq!(sign(&secrets("off"), BODY, now), None);
    }
}
