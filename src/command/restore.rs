//! `marigold restore FILE`: replaces the SQLite database by a backup, while the shop does not run.
//! The backup is copied, checked and brought up to date first; then one rename replaces the
//! database, so that a process that is killed leaves the old one or the new one.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use domain::Timestamp;
use shop::{Clock, Entropy, end_access::end_access};
use store::{Db, EndedAccess, backup, sqlite_file};

use super::{
    database_files::{TemporaryDatabase, dated, folder_of, sync, with_suffix},
    database_lock::DatabaseLock,
};

/// The database is for its own user alone.
const FILE_MODE: u32 = 0o600;

/// Replaces the database. The replaced one is kept under another name.
pub async fn run(
    database_url: &str,
    file: &Path,
    entropy: &Entropy,
    clock: &Clock,
) -> anyhow::Result<()> {
    let Some(database) = sqlite_file(database_url) else {
        bail!(
            "DATABASE_URL is a PostgreSQL server. Restore it with pg_restore while no shop runs, \
             and then run `marigold end-access`"
        );
    };
    let _lock = DatabaseLock::take(database_url).context("cannot restore")?;
    check_file(file, &database)?;
    let copy = TemporaryDatabase::beside(&database).context("cannot copy the backup")?;
    fs::copy(file, copy.path())
        .with_context(|| format!("cannot copy the backup {}", file.display()))?;
    // A copy has the rights of its original.
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(FILE_MODE))?;
    let refused = || format!("{} was not restored", file.display());
    backup::check_sqlite(copy.path()).await.with_context(refused)?;
    let ended = prepare(copy.path(), entropy, clock).await.with_context(refused)?;
    let kept = set_aside(&database, clock.now()).await.with_context(refused)?;
    fs::rename(copy.path(), &database).with_context(refused)?;
    fs::File::open(folder_of(&database)).and_then(|folder| folder.sync_all())?;
    report(&database, kept.as_deref(), ended)
}

/// Refuses what is no finished backup.
fn check_file(file: &Path, database: &Path) -> anyhow::Result<()> {
    let file = fs::canonicalize(file)
        .with_context(|| format!("cannot read the backup {}", file.display()))?;
    if fs::canonicalize(database).is_ok_and(|database| database == file) {
        bail!("{} is the database itself", file.display());
    }
    for suffix in ["-wal", "-journal"] {
        let log = fs::metadata(with_suffix(&file, suffix));
        if log.is_ok_and(|log| log.len() > 0) {
            bail!(
                "{} has a log beside it ({suffix}), so it is the file of an open database. Make a \
                 backup of that with `marigold backup`",
                file.display()
            );
        }
    }
    Ok(())
}

/// Brings the tables of the copy up to date, and ends everything in it that opens something.
async fn prepare(copy: &Path, entropy: &Entropy, clock: &Clock) -> anyhow::Result<EndedAccess> {
    let db = Db::open_file(copy).await?;
    db.migrate().await?;
    let ended = end_access(&db, clock, entropy).await?;
    db.close().await;
    backup::end_sqlite_log(copy).await?;
    sync(copy)?;
    Ok(ended)
}

/// Gives the old database a second name, and removes its write-ahead log and shared memory: with
/// the log of another database, the restored one would be damaged. A log that could not be written
/// into its database is kept beside the copy of that.
async fn set_aside(database: &Path, now: Timestamp) -> anyhow::Result<Option<PathBuf>> {
    if !database.exists() {
        remove_log(database)?;
        return Ok(None);
    }
    let kept = dated(database, "before-restore", now)?;
    let kept_log = with_suffix(&kept, "-wal");
    // SQLite removes a log that it cannot read, so the log gets its second name before.
    or_missing(fs::hard_link(with_suffix(database, "-wal"), &kept_log))?;
    match backup::end_sqlite_log(database).await {
        Ok(()) => or_missing(fs::remove_file(&kept_log))?,
        Err(store::Error::Busy) => {
            or_missing(fs::remove_file(&kept_log))?;
            bail!("another process has {} open. Stop that process first", database.display());
        }
        // It is damaged, which may be why a backup is restored.
        Err(_) => {}
    }
    fs::hard_link(database, &kept)?;
    remove_log(database)?;
    Ok(Some(kept))
}

fn remove_log(database: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        or_missing(fs::remove_file(with_suffix(database, suffix)))?;
    }
    Ok(())
}

/// Accepts that the file is missing.
fn or_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn report(database: &Path, kept: Option<&Path>, ended: EndedAccess) -> anyhow::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{} is restored", database.display())?;
    if let Some(kept) = kept {
        writeln!(out, "the database of before is {}", kept.display())?;
    }
    super::end_access::report(ended)
}
