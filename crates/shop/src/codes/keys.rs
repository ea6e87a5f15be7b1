//! The keys codes are derived under, and passwords hashed. The first makes what is
//! made now; the others still verify what was made before a rotation.

use domain::Secret;

/// The fewest bytes of a key.
pub const SHORTEST_KEY: usize = 32;

/// One key and its name.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name kept in the rows made under it.
    pub id: String,
    /// The key itself, at least [`SHORTEST_KEY`] bytes.
    pub bytes: Secret<Vec<u8>>,
}

/// At least one key; the first signs.
#[derive(Clone, Debug)]
pub struct KeyRing(Vec<Key>);

impl KeyRing {
    /// A ring of these keys; `None` if there is none, one is short, or two share a name.
    pub fn new(keys: Vec<Key>) -> Option<Self> {
        let long = keys.iter().all(|key| key.bytes.expose().len() >= SHORTEST_KEY);
        let unique = keys
            .iter()
            .enumerate()
            .all(|(index, key)| keys.iter().skip(index + 1).all(|other| other.id != key.id));
        (!keys.is_empty() && long && unique).then_some(Self(keys))
    }

    /// The keys, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    /// The key for what is made now.
    pub fn signing(&self) -> Option<&Key> {
        self.0.first()
    }

    /// The key that has been on the ring longest.
    pub(crate) fn oldest(&self) -> Option<&Key> {
        self.0.last()
    }

    /// The key a row was made under, if it is still on the ring.
    pub fn find(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }
}
