//! One hash: Argon2id of the configured cost (`cost`), under a salt of its own and, if
//! the shop has keys for it, under a secret that is not in the database (a pepper:
//! ASVS 4.0.3 §2.4.5, S-V07). Stolen rows alone allow no attempts at passwords.
//!
//! The hash says in its `keyid` (PHC string format, Argon2) which key it was made
//! under. A hash under an older key, under none, or of other parameters is still
//! compared, and known to be outdated.

use argon2::{
    Algorithm, Argon2, Params, ParamsBuilder, PasswordHash, PasswordHasher, PasswordVerifier,
    Version,
    password_hash::{self, SaltString},
};
use domain::{Password, Secret};

use super::HashingCost;
use crate::keys::{Key, KeyRing};

/// Bytes of random salt.
pub const SALT_BYTES: usize = 16;
/// Bytes of the hash itself.
const HASH_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;

/// The keys passwords are hashed under: the first makes new hashes, the others
/// still read older ones.
#[derive(Clone, Debug)]
pub struct PasswordKeys(KeyRing);

impl PasswordKeys {
    /// The longest name of a key that a hash can carry, in bytes (PHC string format).
    pub const MAX_NAME_BYTES: usize = Params::MAX_KEYID_LEN;

    /// These keys; `None` if one's name is too long for a hash to carry.
    pub fn new(ring: KeyRing) -> Option<Self> {
        let fit = ring.iter().all(|key| key.id.len() <= Self::MAX_NAME_BYTES);
        fit.then_some(Self(ring))
    }
}

/// What comparing a password with a hash showed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PasswordCheck {
    /// The password is the one that was hashed.
    pub is_right: bool,
    /// The hash was made with another key or other parameters than new ones are.
    pub is_outdated: bool,
}

/// Why a password could not be compared with a hash.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The key it was made under is not among the keys.
    #[error("a password was hashed under the key {0:?}, which is not among the keys of passwords")]
    UnknownKey(String),
    /// It is no hash that this program makes.
    #[error("a password hash is broken: {0}")]
    Broken(password_hash::Error),
}

impl From<password_hash::Error> for Unreadable {
    fn from(error: password_hash::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<argon2::Error> for Unreadable {
    fn from(error: argon2::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// Makes hashes and compares passwords with them.
#[derive(Debug, Default)]
pub struct Hasher {
    cost: HashingCost,
    keys: Option<PasswordKeys>,
}

impl Hasher {
    /// A hasher whose new hashes have this cost and are made under the first of these
    /// keys, or under none.
    pub const fn new(cost: HashingCost, keys: Option<PasswordKeys>) -> Self {
        Self { cost, keys }
    }

    /// Hashes a password.
    pub fn hash(&self, password: &Password, salt: &[u8]) -> Result<Secret<String>, Unreadable> {
        let (salt, key) = (SaltString::encode_b64(salt)?, self.newest());
        let hash = argon(key, self.parameters(key)?)?
            .hash_password(password.expose().as_bytes(), &salt)?;
        Ok(Secret::new(hash.to_string()))
    }

    /// Compares a password with a hash.
    pub fn verify(&self, password: &Password, hash: &str) -> Result<PasswordCheck, Unreadable> {
        let hash = PasswordHash::new(hash)?;
        let params = Params::try_from(&hash)?;
        let key = self.find(params.keyid())?;
        let is_right = match argon(key, params.clone())?
            .verify_password(password.expose().as_bytes(), &hash)
        {
            Ok(()) => true,
            Err(password_hash::Error::Password) => false,
            Err(error) => return Err(error.into()),
        };
        let is_current =
            hash.algorithm == argon2::ARGON2ID_IDENT && params == self.parameters(self.newest())?;
        Ok(PasswordCheck { is_right, is_outdated: !is_current })
    }

    fn newest(&self) -> Option<&Key> {
        self.keys.as_ref().and_then(|keys| keys.0.signing())
    }

    /// What a hash made now states of itself.
    fn parameters(&self, key: Option<&Key>) -> Result<Params, argon2::Error> {
        let HashingCost { memory_kib, passes, lanes } = self.cost;
        let mut params = ParamsBuilder::new();
        params.m_cost(memory_kib).t_cost(passes).p_cost(lanes).output_len(HASH_BYTES);
        if let Some(key) = key {
            params.keyid(argon2::KeyId::new(key.id.as_bytes())?);
        }
        params.build()
    }

    /// The key of this name; `None` stands for a hash that was made without.
    fn find(&self, name: &[u8]) -> Result<Option<&Key>, Unreadable> {
        if name.is_empty() {
            return Ok(None);
        }
        let name = String::from_utf8_lossy(name);
        let key = self.keys.as_ref().and_then(|keys| keys.0.find(&name));
        key.map(Some).ok_or_else(|| Unreadable::UnknownKey(name.into_owned()))
    }
}

fn argon(key: Option<&Key>, params: Params) -> Result<Argon2<'_>, argon2::Error> {
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    match key {
        Some(key) => Argon2::new_with_secret(key.bytes.expose(), algorithm, version, params),
        None => Ok(Argon2::new(algorithm, version, params)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST_SALT: [u8; SALT_BYTES] = [7; SALT_BYTES];

    fn key(id: &str, byte: u8) -> Key {
        Key { id: id.to_owned(), bytes: Secret::new(vec![byte; 32]) }
    }

    /// A cheap hasher under no key.
    fn cheap() -> Hasher {
        Hasher::new(HashingCost::CHEAP_FOR_TESTS, None)
    }

    /// A cheap hasher under these keys.
    fn under(keys: Vec<Key>) -> Hasher {
        let keys = PasswordKeys::new(KeyRing::new(keys).unwrap()).unwrap();
        Hasher::new(HashingCost::CHEAP_FOR_TESTS, Some(keys))
    }

    fn password(text: &str) -> Password {
        Password::claim(text.into()).unwrap()
    }

    fn hashed(hasher: &Hasher) -> String {
        hasher.hash(&password("correct horse battery"), &TEST_SALT).unwrap().expose().clone()
    }

    fn check(hasher: &Hasher, hash: &str) -> PasswordCheck {
        hasher.verify(&password("correct horse battery"), hash).unwrap()
    }

    #[test]
    fn sp05_the_stored_hash_states_the_parameters_of_the_standard() {
        let hash = hashed(&Hasher::default());
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[test]
    fn sv07_the_stored_hash_names_its_key_and_holds_nothing_of_it() {
        let hash = hashed(&under(vec![key("2026a", b'k')]));
        // MjAyNmE is 2026a in base64, as the PHC string format wants it.
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1,keyid=MjAyNmE$"), "{hash}");
        assert!(!hash.contains("kkkk") && !hash.contains("a2tra2"), "{hash}");
    }

    #[test]
    fn sv07_without_its_key_a_hash_verifies_no_password() {
        let hash = hashed(&under(vec![key("one", 1)]));
        let verify =
            |hasher: &Hasher, hash| hasher.verify(&password("correct horse battery"), hash);
        assert!(verify(&under(vec![key("one", 1)]), &hash).unwrap().is_right);
        assert!(!verify(&under(vec![key("one", 2)]), &hash).unwrap().is_right, "another key");
        for hasher in [cheap(), under(vec![key("two", 1)])] {
            let error = verify(&hasher, &hash).unwrap_err();
            assert!(matches!(&error, Unreadable::UnknownKey(name) if name == "one"), "{error}");
        }
        let stripped = hash.replace(",keyid=b25l", "");
        assert_ne!(stripped, hash);
        assert!(!verify(&cheap(), &stripped).unwrap().is_right, "the name alone is gone");
    }

    #[test]
    fn sv07_after_a_rotation_older_hashes_are_right_and_known_to_be_outdated() {
        let right = |is_outdated| PasswordCheck { is_right: true, is_outdated };
        let without = hashed(&cheap());
        let older = hashed(&under(vec![key("one", 1)]));
        let rotated = under(vec![key("two", 2), key("one", 1)]);
        assert_eq!(check(&rotated, &without), right(true));
        assert_eq!(check(&rotated, &older), right(true));
        assert_eq!(check(&rotated, &hashed(&rotated)), right(false));
        assert_eq!(check(&cheap(), &without), right(false));
    }

    #[test]
    fn sp05_a_hash_of_older_parameters_is_still_right_and_known_to_be_outdated() {
        let older = HashingCost { memory_kib: 8_192, passes: 1, lanes: 1 };
        let hash = hashed(&Hasher::new(older, None));
        let expected = PasswordCheck { is_right: true, is_outdated: true };
        assert_eq!(check(&Hasher::default(), &hash), expected);
        assert_eq!(check(&under(vec![key("one", 1)]), &hash), expected);
    }

    #[test]
    fn a_key_whose_name_no_hash_could_carry_is_refused() {
        for (name, fits) in [("12345678", true), ("123456789", false)] {
            let ring = KeyRing::new(vec![key(name, 1)]).unwrap();
            assert_eq!(PasswordKeys::new(ring).is_some(), fits, "{name}");
        }
    }
}
