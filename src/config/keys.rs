//! The keys codes are derived under. The demo makes its own at first start;
//! production is given them and refuses to start without.

use std::{io, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Secret;
use shop::{
    Entropy,
    codes::{Key, KeyRing},
};

use super::{kept::read_or_make, reader::Reader};

const NAME: &str = "MARIGOLD_OTP_KEYS";
const EXAMPLE: &str = "k1:$(openssl rand -base64 32)";

/// Reads the ring from its variable, or in the demo from its file.
pub fn read(
    reader: &mut Reader,
    is_production: bool,
    file: &Path,
    entropy: &Entropy,
) -> Option<KeyRing> {
    let text = match reader.raw(NAME) {
        Some(text) => Ok(text),
        None if is_production => {
            Err("is missing, and production does not make keys by itself".into())
        }
        None => demo_keys(file, entropy)
            .map_err(|error| format!("is missing, and {} failed: {error}", file.display())),
    };
    match text.and_then(|text| parse(&text)) {
        Ok(ring) => Some(ring),
        Err(problem) => {
            reader.refuse(NAME, problem, EXAMPLE);
            None
        }
    }
}

/// Reads `id:base64,id:base64`. What is wrong is said without the keys.
fn parse(text: &str) -> Result<KeyRing, String> {
    let keys: Option<Vec<Key>> = text
        .split(',')
        .map(|item| {
            let (id, key) = item.trim().split_once(':')?;
            let bytes = Secret::new(BASE64_STANDARD.decode(key.trim()).ok()?);
            let is_name = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_name.then(|| Key { id: id.to_owned(), bytes })
        })
        .collect();
    keys.and_then(KeyRing::new).ok_or_else(|| {
        "is not a list of id:base64 with names of their own and keys of at least 32 bytes".into()
    })
}

/// The demo's key, made at first start.
fn demo_keys(file: &Path, entropy: &Entropy) -> io::Result<String> {
    read_or_make(file, || {
        let mut key = [0; 32];
        entropy.fill(&mut key).map_err(io::Error::other)?;
        Ok(format!("demo:{}", BASE64_STANDARD.encode(key)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_key_is_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let made = demo_keys(&folder.path().join("keys"), &Entropy::seeded(1)).unwrap();
        assert!(parse(&made).is_ok());
    }
}
