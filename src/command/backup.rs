//! `marigold backup FILE`: a copy of the SQLite database at one moment, while the shop runs.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, bail};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use store::{backup, sqlite_file};

use super::database_files::{TemporaryDatabase, folder_of, sync};

/// Writes the copy. The file appears complete and checked, or not at all, and replaces none.
pub async fn run(database_url: &str, file: &Path) -> anyhow::Result<()> {
    let Some(database) = sqlite_file(database_url) else {
        bail!(
            "DATABASE_URL is a PostgreSQL server. Back it up with its own tools: pg_dump \
             --format=custom --file=FILE"
        );
    };
    if !database.is_file() {
        bail!("there is no database {}", database.display());
    }
    if fs::symlink_metadata(file).is_ok() {
        bail!("{} exists already. Give the backup another name", file.display());
    }
    let failed = || format!("cannot write the backup {}", file.display());
    let copy = TemporaryDatabase::beside(file).with_context(failed)?;
    backup::copy_sqlite(&database, copy.path()).await.with_context(failed)?;
    backup::check_sqlite(copy.path()).await.with_context(failed)?;
    sync(copy.path()).with_context(failed)?;
    rename_to_new(copy.path(), file).with_context(failed)?;
    fs::File::open(folder_of(file)).and_then(|folder| folder.sync_all()).with_context(failed)?;
    let bytes = fs::metadata(file).with_context(failed)?.len();
    writeln!(io::stdout(), "{} is a backup of {} bytes", file.display(), bytes)?;
    Ok(())
}

/// Renames a file, and fails if there is one of that name.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The file system cannot do both at once.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if !to.exists() => {
            fs::rename(from, to)
        }
        renamed => Ok(renamed?),
    }
}
