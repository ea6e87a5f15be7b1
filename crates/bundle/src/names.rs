//! File names with a hash of their content, so that browsers may cache a file for ever and a new
//! build has new addresses.

use std::{fs, io, path::Path};

use sha2::{Digest as _, Sha256};

use crate::OUTPUT_NAME;

/// The number of hexadecimal digits of the SHA-256 in a name.
const HASH_DIGITS: usize = 16;

/// Renames the two files of the folder, `marigold.js` to `marigold.0123456789abcdef.js`, and
/// returns the hashes in the format of cargo-leptos: one line `kind: hash` per file.
pub fn add_hashes(folder: &Path) -> io::Result<String> {
    let mut hashes = String::new();
    for kind in ["js", "wasm"] {
        let plain = folder.join(format!("{OUTPUT_NAME}.{kind}"));
        let hash = hash(&fs::read(&plain)?);
        fs::rename(plain, folder.join(format!("{OUTPUT_NAME}.{hash}.{kind}")))?;
        hashes.push_str(&format!("{kind}: {hash}\n"));
    }
    Ok(hashes)
}

fn hash(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    digits.chars().take(HASH_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_has_the_hash_of_its_content() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("marigold.js"), "").unwrap();
        fs::write(folder.path().join("marigold.wasm"), "abc").unwrap();
        let hashes = add_hashes(folder.path()).unwrap();
        // SHA-256 of the empty text and of `abc`: FIPS 180-4, example B.1.
        assert_eq!(hashes, "js: e3b0c44298fc1c14\nwasm: ba7816bf8f01cfea\n");
        let renamed = folder.path().join("marigold.ba7816bf8f01cfea.wasm");
        assert_eq!(fs::read_to_string(renamed).unwrap(), "abc");
        assert!(!folder.path().join("marigold.wasm").exists());
    }
}
