//! Secret keys: the ring under which codes are derived and passwords are hashed, and the
//! keyed names that stand in rows in place of what a visitor typed.

use std::sync::Arc;

use domain::Secret;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{
    error::{Fault, Result},
    visitor::hex,
};

/// The length from which on a key is accepted, in bytes.
pub const MIN_KEY_BYTES: usize = 32;

/// One key and its name.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name, which rows keep to say under which key they were made.
    pub id: String,
    /// The key itself, at least [`MIN_KEY_BYTES`] bytes.
    pub bytes: Secret<Vec<u8>>,
}

/// At least one key, newest first. The first signs; the others still verify what was made
/// before a rotation. A clone shares the keys.
#[derive(Clone, Debug)]
pub struct KeyRing(Arc<[Key]>);

impl KeyRing {
    /// A ring of these keys; `None` if the list is empty, a key is too short, or two keys
    /// share a name.
    pub fn new(keys: Vec<Key>) -> Option<Self> {
        let long = keys.iter().all(|key| key.bytes.expose().len() >= MIN_KEY_BYTES);
        let unique = keys
            .iter()
            .enumerate()
            .all(|(index, key)| keys.iter().skip(index + 1).all(|other| other.id != key.id));
        (!keys.is_empty() && long && unique).then(|| Self(keys.into()))
    }

    /// The keys, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    /// The newest key.
    pub fn signing(&self) -> Option<&Key> {
        self.0.first()
    }

    fn oldest(&self) -> Option<&Key> {
        self.0.last()
    }

    /// The key under which a row was made, if it is still on the ring.
    pub fn find(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }
}

/// A stable name for a value that no row should contain, such as a phone number in the key of a
/// limit.
///
/// It is made under the oldest key of the ring, so that adding a key keeps the names.
/// Removing the oldest key from the ring forgets every count made under it.
pub(crate) fn keyed_name(keys: &KeyRing, what: &str, value: &[u8]) -> Result<String> {
    let key = keys.oldest().ok_or(Fault::Broken("keys"))?;
    Ok(hex(&mac(key, &[b"marigold/name/1", what.as_bytes(), value])?))
}

/// HMAC-SHA-256 over these parts. Each is prefixed with its length, so that no two lists
/// of parts give the same input.
pub(crate) fn mac(key: &Key, parts: &[&[u8]]) -> Result<[u8; 32]> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.bytes.expose()).map_err(|_| Fault::Broken("keys"))?;
    for part in parts {
        mac.update(&length_prefix(part));
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().into())
}

/// The length of a part as 64 bits, most significant byte first.
pub(crate) fn length_prefix(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A ring of keys with these names, each of one byte 32 times.
    pub(crate) fn ring(keys: &[(&str, u8)]) -> KeyRing {
        let key = |(id, byte): &(&str, u8)| Key {
            id: (*id).to_owned(),
            bytes: Secret::new(vec![*byte; 32]),
        };
        KeyRing::new(keys.iter().map(key).collect()).unwrap()
    }

    #[test]
    fn x27_a_new_key_in_front_leaves_keyed_names_unchanged() {
        let before = ring(&[("a", 1)]);
        let after = ring(&[("b", 2), ("a", 1)]);
        let name = |keys| keyed_name(keys, "phone", b"+447700900111").unwrap();
        assert_eq!(name(&before), name(&after));
    }
}
