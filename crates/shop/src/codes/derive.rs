//! How a code follows from a challenge, and how names follow from what people
//! typed. Nothing here reads a row or remembers anything.

use domain::Code;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use store::{Challenge, Recipient};
use subtle::ConstantTimeEq;

use super::{Key, KeyRing};
use crate::{Fault, Result, visitor::hex};

/// What the code of a challenge is bound to, beyond account, phone and purpose:
/// a digest of every value that must not change until the code is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding(String);

impl Binding {
    /// Bound to nothing more.
    pub const fn none() -> Self {
        Self(String::new())
    }

    /// Bound to these values, in this order. Each is prefixed with its length,
    /// so that no two lists of values look alike.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in [&b"marigold/binding/1"[..]].iter().chain(parts) {
            digest.update(length(part));
            digest.update(part);
        }
        Self(hex(&digest.finalize()))
    }

    /// The digest in hex, empty for [`Binding::none`].
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The code of a challenge: HMAC-SHA-256 under the key the challenge names, over
/// everything it is bound to, reduced to six digits.
pub fn code(keys: &KeyRing, challenge: &Challenge) -> Result<Code> {
    let key = keys.find(&challenge.key_id).ok_or(Fault::Broken("challenges.key_id"))?;
    let nonce = u128::from_str_radix(&challenge.nonce, 16)
        .map_err(|_| Fault::Broken("challenges.nonce"))?
        .to_be_bytes();
    let mac = mac(
        key,
        &[
            b"marigold/otp/1",
            challenge.id.as_str().as_bytes(),
            &nonce,
            challenge.purpose.as_str().as_bytes(),
            challenge.account.as_str().as_bytes(),
            recipient(&challenge.to).as_bytes(),
            challenge.binding_digest.as_bytes(),
        ],
    )?;
    Ok(decimal6(mac))
}

fn recipient(to: &Recipient) -> &str {
    match to {
        Recipient::Decoy { subject } => subject,
        Recipient::Phone(phone) | Recipient::DecoyPhone(phone) => phone.expose(),
    }
}

/// Whether two codes are the same, in a time that does not depend on where they
/// differ.
pub fn is_same(left: &Code, right: &Code) -> bool {
    left.expose().ct_eq(right.expose()).into()
}

/// A stable name for something that should not stand in a row by itself, such
/// as a phone number in a limit's key.
///
/// It is made under the oldest key of the ring, so that adding a key keeps the
/// names. Taking the oldest off the ring forgets every count made under it.
pub fn keyed_name(keys: &KeyRing, what: &str, value: &[u8]) -> Result<String> {
    let key = keys.oldest().ok_or(Fault::Broken("keys"))?;
    Ok(hex(&mac(key, &[b"marigold/name/1", what.as_bytes(), value])?))
}

/// Two digits that stay the same for the same subject: the end of a number that
/// does not exist.
pub fn decoy_digits(keys: &KeyRing, subject: &str) -> Result<String> {
    let key = keys.oldest().ok_or(Fault::Broken("keys"))?;
    let mac = mac(key, &[b"marigold/mask/1", subject.as_bytes()])?;
    Ok(format!("{:02}", first_eight(mac) % 100))
}

/// The first eight bytes as a number, modulo 10^6: the bias is below 2^-44.
fn decimal6(mac: [u8; 32]) -> Code {
    Code::from_number(first_eight(mac) % 1_000_000)
}

fn first_eight(mac: [u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = mac;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn mac(key: &Key, parts: &[&[u8]]) -> Result<[u8; 32]> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.bytes.expose()).map_err(|_| Fault::Broken("keys"))?;
    for part in parts {
        mac.update(&length(part));
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().into())
}

fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}
