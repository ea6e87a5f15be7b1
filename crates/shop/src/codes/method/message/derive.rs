//! How a code follows from a challenge. Nothing here reads a row or keeps a state.

use domain::Code;
use sha2::{Digest, Sha256};
use store::{Challenge, Recipient};
use subtle::ConstantTimeEq;

use crate::{
    error::{Fault, Result},
    keys::{KeyRing, length_prefix, mac},
    visitor::hex,
};

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
        for part in [&b"marigold/binding/2"[..]].iter().chain(parts) {
            digest.update(length_prefix(part));
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

/// The first eight bytes as a number, modulo 10^6: the bias is below 2^-44.
fn decimal6(mac: [u8; 32]) -> Code {
    Code::from_number(first_eight(mac) % 1_000_000)
}

fn first_eight(mac: [u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = mac;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, ChallengeId, PhoneNumber, Purpose, Timestamp};
    use hmac::{Hmac, Mac};

    use super::*;
    use crate::keys::tests::ring;

    fn phone(text: &str) -> Recipient {
        Recipient::Phone(PhoneNumber::from_e164(text).unwrap())
    }

    fn challenge(nonce: u128) -> Challenge {
        Challenge {
            id: ChallengeId::from_bits(1),
            purpose: Purpose::Payment,
            method: store::ChallengeMethod::Message,
            account: AccountId::from_bits(2),
            to: phone("+447700900111"),
            requested_identifier: None,
            masked_phone: String::new(),
            is_verified_phone: true,
            browser_digest: String::new(),
            is_known_browser: false,
            binding_digest: Binding::of(&[b"order", b"1000"]).as_str().to_owned(),
            order: None,
            key_id: "a".to_owned(),
            nonce: format!("{nonce:032x}"),
            attempts: 0,
            sends: 1,
            resend_after_at: Timestamp::from_millis(0),
            created_at: Timestamp::from_millis(0),
            expires_at: Timestamp::from_millis(0),
            consumed_at: None,
            revoked_at: None,
        }
    }

    /// The derivation, written a second time and without the code under test.
    #[test]
    fn a_code_is_the_documented_hmac_of_its_challenge() {
        let bound = challenge(7);
        let mut text = Vec::new();
        for part in [
            &b"marigold/otp/1"[..],
            b"00000000000000000000000000000001",
            &7_u128.to_be_bytes(),
            b"payment",
            b"00000000000000000000000000000002",
            b"+447700900111",
            bound.binding_digest.as_bytes(),
        ] {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part);
        }
        let mut hmac = Hmac::<Sha256>::new_from_slice(&[1; 32]).unwrap();
        hmac.update(&text);
        let mac = hmac.finalize().into_bytes();
        let number = u64::from_be_bytes(mac[..8].try_into().unwrap()) % 1_000_000;
        let derived = code(&ring(&[("a", 1)]), &bound).unwrap();
        assert_eq!(derived.expose_text(), format!("{number:06}"));
    }

    /// a code is of one challenge, purpose,
    /// account, phone, order and key. Of a thousand nonces hardly any may agree.
    #[test]
    fn s_r08_a_change_of_any_bound_value_changes_the_code() {
        let keys = ring(&[("a", 1), ("b", 2)]);
        let changes: [fn(&mut Challenge); 6] = [
            |c| c.id = ChallengeId::from_bits(9),
            |c| c.purpose = Purpose::Login,
            |c| c.account = AccountId::from_bits(9),
            |c| c.to = phone("+447700900112"),
            |c| c.binding_digest = Binding::of(&[b"order", b"1001"]).as_str().to_owned(),
            |c| c.key_id = "b".to_owned(),
        ];
        for change in changes {
            let agreeing = (0..1_000)
                .filter(|nonce| {
                    let mut other = challenge(*nonce);
                    change(&mut other);
                    code(&keys, &other).unwrap() == code(&keys, &challenge(*nonce)).unwrap()
                })
                .count();
            assert!(agreeing <= 2, "{agreeing}");
        }
    }

    #[test]
    fn different_lists_of_values_have_different_bindings() {
        assert_ne!(Binding::of(&[b"ab", b"c"]), Binding::of(&[b"a", b"bc"]));
        assert_ne!(Binding::of(&[b"ab"]), Binding::of(&[b"ab", b""]));
        assert_ne!(Binding::of(&[]), Binding::none());
    }

    /// 10^6 codes in 1000 bins: the statistic has mean 999 and deviation 45, so
    /// five deviations either way are a fault and not chance.
    #[test]
    fn x29_codes_are_uniform() {
        let keys = ring(&[("a", 1)]);
        let mut bins = vec![0_u32; 1_000];
        let mut leading = 0;
        for nonce in 0..1_000_000 {
            let text = code(&keys, &challenge(nonce)).unwrap().expose_text();
            assert_eq!(text.len(), 6);
            leading += u32::from(text.starts_with('0'));
            bins[text.parse::<usize>().unwrap() % 1_000] += 1;
        }
        let statistic: f64 =
            bins.iter().map(|hits| (f64::from(*hits) - 1_000.0).powi(2) / 1_000.0).sum();
        assert!((774.0..1_224.0).contains(&statistic), "{statistic}");
        assert!((98_500..101_500).contains(&leading), "{leading}");
    }

    #[test]
    fn x27_a_new_key_in_front_leaves_old_codes_unchanged() {
        let (before, after) = (ring(&[("a", 1)]), ring(&[("b", 2), ("a", 1)]));
        let old = challenge(1);
        assert_eq!(code(&before, &old).unwrap(), code(&after, &old).unwrap());
        assert!(code(&ring(&[("b", 2)]), &old).is_err(), "a key taken off the ring is gone");
    }

    #[test]
    fn codes_are_compared_digit_by_digit() {
        let (left, right) = (Code::from_number(123_456), Code::from_number(123_457));
        assert!(is_same(&left, &left));
        assert!(!is_same(&left, &right));
    }
}
