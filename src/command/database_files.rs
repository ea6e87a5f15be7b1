//! The files of an SQLite database: its write-ahead log and shared memory beside it, and older
//! copies.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use domain::Timestamp;
use time::{OffsetDateTime, macros::format_description};

/// The path with something after its name.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// The path with a word, the date and the time after its name.
pub fn dated(path: &Path, word: &str, now: Timestamp) -> io::Result<PathBuf> {
    let format = format_description!("[year][month][day]-[hour][minute][second]");
    let date = OffsetDateTime::from_unix_timestamp(now.as_millis().div_euclid(1000))
        .map_err(io::Error::other)?
        .format(format)
        .map_err(io::Error::other)?;
    Ok(with_suffix(path, &format!(".{word}-{date}")))
}

/// The folder of a file.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes sure that a file and its name are on the disk.
pub fn sync(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()?;
    File::open(folder_of(file))?.sync_all()
}

/// A database under a temporary name. It is deleted when this is dropped, unless it was renamed.
pub struct TemporaryDatabase(PathBuf);

impl TemporaryDatabase {
    /// Makes an empty file, for its own user alone, beside the file that it will replace. What a
    /// process left behind that was killed is replaced.
    pub fn beside(target: &Path) -> io::Result<Self> {
        let temporary = Self(with_suffix(target, &format!(".partial-{}", std::process::id())));
        temporary.remove();
        File::create_new(&temporary.0)?;
        Ok(temporary)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            fs::remove_file(with_suffix(&self.0, suffix)).ok();
        }
    }
}

impl Drop for TemporaryDatabase {
    fn drop(&mut self) {
        self.remove();
    }
}
