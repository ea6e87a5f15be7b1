//! The keys under which codes are derived and passwords are hashed. The demo generates its
//! own at the first start; production refuses to start without them.

use std::{io, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Secret;
use shop::{
    Entropy, PasswordKeys,
    codes::{Key, KeyRing},
};

use super::{reader::SettingsReader, secret_file::load_or_create};

const EXAMPLE: &str = "k1:$(openssl rand -base64 32)";

/// The source of a key ring.
struct Source {
    /// Its variable.
    name: &'static str,
    /// The file in which the demo keeps the ring that it generated.
    file: &'static str,
}

const CODES: Source = Source { name: "MARIGOLD_OTP_KEYS", file: "data/otp_keys" };
const PASSWORDS: Source = Source { name: "MARIGOLD_PASSWORD_KEYS", file: "data/password_keys" };

/// Reads the keys of codes.
pub fn of_codes(
    reader: &mut SettingsReader,
    is_production: bool,
    entropy: &Entropy,
) -> Option<KeyRing> {
    CODES.read(reader, is_production, entropy)
}

/// Reads the keys of passwords.
pub fn of_passwords(
    reader: &mut SettingsReader,
    is_production: bool,
    entropy: &Entropy,
) -> Option<PasswordKeys> {
    let keys = PasswordKeys::new(PASSWORDS.read(reader, is_production, entropy)?);
    if keys.is_none() {
        let longest = PasswordKeys::MAX_NAME_BYTES;
        let problem = format!("has a name of more than {longest} letters, which no hash can carry");
        reader.refuse(PASSWORDS.name, problem, EXAMPLE);
    }
    keys
}

impl Source {
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
            None => demo_keys(self.file.as_ref(), entropy)
                .inspect(|keys| reader.note_generated(self.name, keys, self.file))
                .map_err(|error| format!("is missing, and {} failed: {error}", self.file)),
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

/// The demo's key, generated at the first start.
fn demo_keys(file: &Path, entropy: &Entropy) -> io::Result<String> {
    load_or_create(file, || {
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
        let made = demo_keys(&folder.path().join("keys"), &Entropy::seeded(1)).unwrap();
        assert!(parse(&made).is_ok());
    }
}
