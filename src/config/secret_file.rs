//! Secrets that the demo generates at the first start, in files that only their owner may
//! read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Reads the file, or generates its text and writes it if there is none yet.
pub fn load_or_create(
    file: &Path,
    make: impl FnOnce() -> io::Result<String>,
) -> io::Result<String> {
    if let Ok(text) = fs::read_to_string(file) {
        return Ok(text.trim().to_owned());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = make()?;
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut opened) => {
            writeln!(opened, "{text}")?;
            Ok(text)
        }
        // Another process created the file first, so its secret is used.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(fs::read_to_string(file)?.trim().to_owned())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_generated_secret_is_kept_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/secret");
        assert_eq!(load_or_create(&file, || Ok("one".into())).unwrap(), "one");
        assert_eq!(load_or_create(&file, || Ok("two".into())).unwrap(), "one");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
