//! Only one server may use an SQLite file at a time: its limits, its messages and its page cache
//! take for granted that no other process changes the rows. Other commands may run beside it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use store::sqlite_file;

/// The lock of the database, held as long as this exists; the system releases it when the process
/// ends, however it ends.
pub struct DatabaseLock(
    #[expect(dead_code, reason = "the lock is held by the open file")] Option<File>,
);

impl DatabaseLock {
    /// Takes the lock of an SQLite file. A PostgreSQL database needs none.
    pub fn take(url: &str) -> anyhow::Result<Self> {
        let Some(database) = sqlite_file(url) else { return Ok(Self(None)) };
        let path = lock_file(&database).with_context(|| database.display().to_string())?;
        let options = &mut OpenOptions::new();
        let opened = options.write(true).create(true).truncate(false).open(&path);
        let file = opened.with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => bail!(
                "another `marigold serve` uses the SQLite file {}. Stop it first, or give this one \
                 another DATABASE_URL; several servers can share a PostgreSQL database",
                database.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }
}

/// The file of the lock, beside the database. The path is the real one, so that two names of one
/// database have one lock. The database's own file has the locks of SQLite, which this must not
/// disturb.
fn lock_file(database: &Path) -> io::Result<PathBuf> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let real = match fs::canonicalize(database) {
        Ok(real) => real,
        // There is no database yet.
        Err(_) => fs::canonicalize(folder)?.join(database.file_name().unwrap_or_default()),
    };
    let mut name = real.into_os_string();
    name.push(".lock");
    Ok(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &Path) -> String {
        format!("sqlite:{}", path.display())
    }

    #[test]
    fn one_sqlite_file_has_one_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/shop.db");
        let first = DatabaseLock::take(&url(&path)).unwrap();
        fs::write(&path, "").unwrap();
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let folder_link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("data"), &folder_link).unwrap();
        for (other, is_refused) in [
            (path.clone(), true),
            (folder.path().join("data/../data/shop.db"), true),
            (link, true),
            (folder_link.join("shop.db"), true),
            (folder.path().join("data/other.db"), false),
            (folder.path().join("shop.db"), false),
        ] {
            let taken = DatabaseLock::take(&url(&other));
            assert_eq!(taken.is_err(), is_refused, "{}", other.display());
            if let Err(error) = taken {
                assert!(error.to_string().contains("another `marigold serve`"), "{error}");
            }
        }
        drop(first);
        assert!(DatabaseLock::take(&url(&path)).is_ok(), "the next start succeeds");
    }

    #[test]
    fn a_postgresql_database_takes_no_lock() {
        for _ in 0..2 {
            assert!(DatabaseLock::take("postgres://db.example/shop").is_ok());
        }
    }
}
