//! The keys under which codes are derived and passwords are hashed. The demo generates its
//! own at the first start; production refuses to start without them.

use std::{collections::HashSet, io, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Secret;
use shop::{
    Entropy, PasswordKeys,
    codes::{Key, KeyRing},
};

use super::{
    reader::SettingsReader,
    secret_file::{Content, SecretFileError, load_or_create},
};

const EXAMPLE: &str = "k1:$(openssl rand -base64 32)";

/// What a key ring is for.
struct Purpose {
    /// Its variable.
    name: &'static str,
    /// The file in which the demo keeps the ring that it generated.
    file: &'static str,
    /// What the file holds.
    content: Content,
}

const CODES: Purpose = Purpose {
    name: "MARIGOLD_OTP_KEYS",
    file: "data/otp_keys",
    content: Content {
        is_whole: |text| parse(text).is_ok(),
        after_deletion: "codes that were sent before do not work then.",
    },
};
const PASSWORDS: Purpose = Purpose {
    name: "MARIGOLD_PASSWORD_KEYS",
    file: "data/password_keys",
    content: Content {
        is_whole: |text| parse(text).is_ok(),
        after_deletion: "all accounts have to set new passwords then.",
    },
};

/// Reads the keys of codes. None of them may be one of the passwords' keys: who learns a key of one
/// kind must not have those of the other.
pub fn of_codes(
    reader: &mut SettingsReader,
    is_production: bool,
    entropy: &Entropy,
    of_passwords: Option<&KeyRing>,
) -> Option<KeyRing> {
    let codes = CODES.read(reader, is_production, entropy)?;
    let mut others = of_passwords.into_iter().flat_map(KeyRing::iter);
    let is_shared = |key: &Key| codes.iter().any(|code| code.bytes.expose() == key.bytes.expose());
    if others.any(is_shared) {
        let problem = format!("has a key of {}, and each purpose needs its own", PASSWORDS.name);
        reader.refuse(CODES.name, problem, EXAMPLE);
    }
    Some(codes)
}

/// Reads the keys of passwords.
pub fn of_passwords(
    reader: &mut SettingsReader,
    is_production: bool,
    entropy: &Entropy,
) -> Option<(KeyRing, PasswordKeys)> {
    let ring = PASSWORDS.read(reader, is_production, entropy)?;
    let keys = PasswordKeys::new(ring.clone());
    if keys.is_none() {
        let longest = PasswordKeys::MAX_NAME_BYTES;
        let problem = format!("has a name of more than {longest} letters, which no hash can carry");
        reader.refuse(PASSWORDS.name, problem, EXAMPLE);
    }
    Some((ring, keys?))
}

impl Purpose {
    /// Reads the ring from its variable, or in the demo from its file.
    fn read(
        &self,
        reader: &mut SettingsReader,
        is_production: bool,
        entropy: &Entropy,
    ) -> Option<KeyRing> {
        let text = match reader.raw(self.name) {
            Some(text) => Ok(text),
            None if is_production => {
                Err("is missing, and production does not make keys by itself".into())
            }
            None => demo_keys(self.file.as_ref(), &self.content, entropy)
                .inspect(|keys| reader.note_generated(self.name, keys, self.file))
                .map_err(|error| format!("is not set, and {error}")),
        };
        match text.and_then(|text| parse(&text)) {
            Ok(ring) => Some(ring),
            Err(problem) => {
                reader.refuse(self.name, problem, EXAMPLE);
                None
            }
        }
    }
}

/// Parses `id:base64,id:base64`. Errors do not repeat the keys.
fn parse(text: &str) -> Result<KeyRing, String> {
    let keys: Option<Vec<Key>> = text.split(',').map(parse_key).collect();
    let keys = keys.ok_or("is not a list of id:base64")?;
    if keys.iter().any(|key| !is_random(key.bytes.expose())) {
        return Err("has a key that is not random".into());
    }
    let is_twice = |(index, key): (usize, &Key)| {
        keys.iter().skip(index + 1).any(|other| other.bytes.expose() == key.bytes.expose())
    };
    if keys.iter().enumerate().any(is_twice) {
        return Err("has one key under two names".into());
    }
    KeyRing::new(keys)
        .ok_or_else(|| "needs names of their own and keys of at least 32 bytes".into())
}

fn parse_key(item: &str) -> Option<Key> {
    let (id, key) = item.trim().split_once(':')?;
    let bytes = Secret::new(BASE64_STANDARD.decode(key.trim()).ok()?);
    let is_name = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| Key { id: id.to_owned(), bytes })
}

/// Whether bytes may be random: those of a key that was typed or filled up are few different
/// ones. Among 32 random bytes there are never that few.
fn is_random(bytes: &[u8]) -> bool {
    const MIN_DIFFERENT_BYTES: usize = 12;
    // A short key is refused for its length.
    bytes.len() < 32 || bytes.iter().collect::<HashSet<_>>().len() >= MIN_DIFFERENT_BYTES
}

/// The demo's key, generated at the first start.
fn demo_keys(file: &Path, content: &Content, entropy: &Entropy) -> Result<String, SecretFileError> {
    load_or_create(file, content, || {
        let mut key = [0; 32];
        entropy.fill(&mut key).map_err(io::Error::other)?;
        Ok(format!("demo:{}", BASE64_STANDARD.encode(key)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generated_key_of_the_demo_is_valid() {
        let folder = tempfile::tempdir().unwrap();
        let made =
            demo_keys(&folder.path().join("keys"), &CODES.content, &Entropy::seeded(1)).unwrap();
        assert!(parse(&made).is_ok());
    }

    #[test]
    fn x27_keys_that_cannot_be_random_or_stand_twice_are_refused() {
        let key = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let good = key(b"0123456789abcdef0123456789ABCDEF");
        for (text, problem) in [
            (format!("k1:{}", key(&[0; 32])), "not random"),
            (format!("k1:{}", key(&[0xff; 64])), "not random"),
            (format!("k1:{}", key(b"changemechangemechangemechangeme")), "not random"),
            (format!("k1:{good},k2:{}", key(&[0; 32])), "not random"),
            (format!("k1:{good},k2:{good}"), "two names"),
            (format!("k1:{good},k1:{}", key(b"another key of 32 bytes, at least")), "names"),
            (format!("k1:{}", key(&[1, 2, 3])), "at least 32 bytes"),
            (format!("k1:{good},"), "not a list"),
            (",".to_owned(), "not a list"),
            (format!("k 1:{good}"), "not a list"),
        ] {
            let said = parse(&text).unwrap_err();
            assert!(said.contains(problem) && !said.contains(&good), "{text}: {said}");
        }
        assert!(parse(&format!("k1:{good}")).is_ok());
    }
}
