//! Backups that are made while the program runs and rows are written, and what a restored
//! database opens: nothing of before. The tests of PostgreSQL do nothing without
//! `TEST_DATABASE_URL`, and say so where its tools are missing.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{PgPool, SqlitePool};
use tokio::task::JoinHandle;

use crate::{
    browser::Browser,
    program::{Place, Result, Running},
};

/// Two rows in one transaction: a copy that has one of them is no state of the database.
const TWO_ROWS: &str = "insert into audit_events (id, name, account_id, detail, occurred_at)
    values ($1, 'test_pair', null, '', 0), ($2, 'test_pair', null, '', 0)";
const COUNT_ROWS: &str = "select count(*) from audit_events where name = 'test_pair'";

/// Writes pairs of rows until it is told to stop, and returns how many.
macro_rules! write_pairs {
    ($pool:expr, $stop:expr) => {{
        let (pool, stop) = ($pool, Arc::clone(&$stop));
        tokio::spawn(async move {
            let mut count = 0_u64;
            while !stop.load(Ordering::SeqCst) {
                let ids = [format!("a{count}"), format!("b{count}")];
                let [one, other] = ids;
                sqlx::query(TWO_ROWS).bind(one).bind(other).execute(&pool).await.unwrap();
                count += 1;
            }
            pool.close().await;
            count
        })
    }};
}

/// What a restore must not bring back.
struct Before {
    /// A browser that was signed in when the backup was made.
    signed_in: Browser,
    /// A browser that had asked for a code, and the code, which was used after the backup.
    asked: Browser,
    code: String,
}

const PHONE_OF_SHOPPER: &str = "+447700900111";
const PHONE_OF_MERCHANT: &str = "+447700900222";

/// Signs one browser in, and has another ask for a code.
fn prepare(running: &Running) -> Result<Before> {
    let [shop, _] = running.addresses()?;
    let (mut signed_in, mut asked) = (Browser::default(), Browser::default());
    let account = running.printed("shopper")?;
    let code = signed_in.ask_for_code(shop, account, PHONE_OF_SHOPPER)?;
    assert!(signed_in.give_code(shop, &code)? && signed_in.is_signed_in(shop)?);
    let code = asked.ask_for_code(shop, running.printed("merchant")?, PHONE_OF_MERCHANT)?;
    Ok(Before { signed_in, asked, code })
}

/// After the backup, the code is used.
fn use_code(running: &Running, before: &Before) -> Result {
    let [shop, _] = running.addresses()?;
    assert!(before.asked.clone().give_code(shop, &before.code)?, "the code works once");
    Ok(())
}

/// After the restore, nothing of before opens anything, and people can sign in.
fn check(running: &Running, before: Before) -> Result {
    let [shop, operations] = running.addresses()?;
    let Before { mut signed_in, mut asked, code } = before;
    assert!(!asked.give_code(shop, &code)?, "the code was used after the backup");
    assert!(!asked.is_signed_in(shop)? && !signed_in.is_signed_in(shop)?);
    assert_eq!(Browser::default().get(operations, "/readyz")?.status, 200);
    let mut again = Browser::default();
    let code = again.ask_for_code(shop, running.printed("shopper")?, PHONE_OF_SHOPPER)?;
    assert!(again.give_code(shop, &code)?);
    Ok(())
}

async fn sqlite(file: &Path) -> sqlx::Result<SqlitePool> {
    SqlitePool::connect(&format!("sqlite:{}", file.display())).await
}

/// Runs a command that succeeds, and returns what it prints.
fn run(place: &Place, arguments: &[&str]) -> Result<String> {
    let ended = place.run(arguments)?;
    assert!(ended.status.success(), "{arguments:?}: {}", ended.stderr);
    Ok(ended.stdout)
}

/// Runs a command that fails, and returns what it says.
fn refused(place: &Place, arguments: &[&str]) -> Result<String> {
    let ended = place.run(arguments)?;
    assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {}", ended.stdout);
    assert!(ended.stderr.starts_with("Error: "), "{}", ended.stderr);
    Ok(ended.stderr)
}

/// The files of a folder whose name contains this.
fn files_with(folder: &Path, word: &str) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let paths = paths.collect::<std::io::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.display().to_string().contains(word)).collect())
}

async fn stop(stop: &AtomicBool, writer: JoinHandle<u64>) -> Result<u64> {
    stop.store(true, Ordering::SeqCst);
    Ok(writer.await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x136_a_backup_of_a_running_shop_opens_nothing_of_before() -> Result {
    let place = Place::new()?.on_free_ports();
    let running = place.start()?;
    let database = place.path("data/marigold.db");
    let before = prepare(&running)?;
    let stopping = Arc::new(AtomicBool::new(false));
    let writer = write_pairs!(sqlite(&database).await?, stopping);
    for number in 0..5 {
        run(&place, &["backup", &format!("backup-{number}.db")])?;
    }
    use_code(&running, &before)?;
    let said = refused(&place, &["restore", "backup-0.db"])?;
    assert!(said.contains("cannot restore: another `marigold serve` uses"), "{said}");
    let written = stop(&stopping, writer).await?;
    assert!(written > 0);
    // It is killed, so its write-ahead log stays.
    drop(running);
    assert!(place.path("data/marigold.db-wal").exists());
    fs::set_permissions(place.path("backup-4.db"), fs::Permissions::from_mode(0o644))?;
    let printed = run(&place, &["restore", "backup-4.db"])?;
    assert!(printed.contains("data/marigold.db is restored"), "{printed}");
    assert!(!place.path("data/marigold.db-wal").exists());
    let mode = fs::metadata(&database)?.permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let restored: i64 = sqlx::query_scalar(COUNT_ROWS).fetch_one(&sqlite(&database).await?).await?;
    assert_eq!(restored % 2, 0, "no transaction is torn");
    let kept = files_with(&place.path("data"), "before-restore")?;
    let [kept] = &kept[..] else { return Err(format!("{kept:?}").into()) };
    let all: i64 = sqlx::query_scalar(COUNT_ROWS).fetch_one(&sqlite(kept).await?).await?;
    assert_eq!(u64::try_from(all)?, 2 * written, "the replaced database is complete");
    check(&place.start()?, before)
}

#[tokio::test]
async fn a_backup_is_complete_for_its_own_user_and_replaces_no_file() -> Result {
    let place = Place::new()?.on_free_ports();
    let said = refused(&place, &["backup", "backup.db"])?;
    assert!(said.contains("there is no database data/marigold.db"), "{said}");
    run(&place, &["migrate"])?;
    fs::write(place.path("letter.txt"), "Dear Robin")?;
    for (file, problem) in [
        ("letter.txt", "letter.txt exists already"),
        ("data/marigold.db", "exists already"),
        ("data", "exists already"),
        ("missing/backup.db", "cannot write the backup missing/backup.db"),
    ] {
        let said = refused(&place, &["backup", file])?;
        assert!(said.contains(problem), "{said}");
    }
    assert_eq!(fs::read_to_string(place.path("letter.txt"))?, "Dear Robin");
    run(&place, &["backup", "backup.db"])?;
    let mode = fs::metadata(place.path("backup.db"))?.permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(files_with(&place.path("."), "partial")?.is_empty());
    let pool = sqlite(&place.path("backup.db")).await?;
    let found: String = sqlx::query_scalar("pragma integrity_check").fetch_one(&pool).await?;
    assert_eq!(found, "ok");
    Ok(())
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_the_database_stays() -> Result {
    let place = Place::new()?.on_free_ports();
    run(&place, &["migrate"])?;
    run(&place, &["backup", "backup.db"])?;
    let good = fs::read(place.path("backup.db"))?;
    let half = good.get(..good.len() / 2).ok_or("too short")?;
    fs::write(place.path("half.db"), half)?;
    fs::write(place.path("letter.txt"), "Dear Robin, ".repeat(1000))?;
    fs::write(place.path("empty.db"), "")?;
    fs::copy(place.path("backup.db"), place.path("open.db"))?;
    fs::write(place.path("open.db-wal"), "a log")?;
    fs::copy(place.path("backup.db"), place.path("newer.db"))?;
    let newer = sqlite(&place.path("newer.db")).await?;
    sqlx::query("update _sqlx_migrations set version = 9000 + version").execute(&newer).await?;
    newer.close().await;
    let foreign =
        SqlitePool::connect(&format!("sqlite:{}?mode=rwc", place.path("foreign.db").display()))
            .await?;
    sqlx::query("create table letters (text text)").execute(&foreign).await?;
    foreign.close().await;
    let before = fs::read(place.path("data/marigold.db"))?;
    for (file, problem) in [
        ("missing.db", "cannot read the backup missing.db"),
        ("data/marigold.db", "is the database itself"),
        ("open.db", "has a log beside it"),
        ("half.db", "half.db was not restored"),
        ("letter.txt", "not an SQLite database"),
        ("empty.db", "it is not a database of Marigold"),
        ("foreign.db", "it is not a database of Marigold"),
        ("newer.db", "do not fit this version"),
    ] {
        let said = refused(&place, &["restore", file])?;
        assert!(said.contains(problem), "{file}: {said}");
        assert_eq!(fs::read(place.path("data/marigold.db"))?, before, "{file}");
    }
    assert!(files_with(&place.path("data"), "partial")?.is_empty());
    assert!(files_with(&place.path("data"), "before-restore")?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_damaged_database_and_its_old_log_are_replaced_and_kept() -> Result {
    let place = Place::new()?.on_free_ports();
    run(&place, &["migrate"])?;
    run(&place, &["backup", "backup.db"])?;
    fs::write(place.path("data/marigold.db"), "damaged".repeat(1000))?;
    fs::write(place.path("data/marigold.db-wal"), "an old log")?;
    fs::write(place.path("data/marigold.db-shm"), "")?;
    run(&place, &["restore", "backup.db"])?;
    assert!(!place.path("data/marigold.db-wal").exists());
    assert_eq!(files_with(&place.path("data"), "before-restore")?.len(), 2);
    place.start()?;
    Ok(())
}

#[tokio::test]
async fn a_database_that_another_process_has_open_is_not_replaced() -> Result {
    let place = Place::new()?.on_free_ports();
    run(&place, &["migrate"])?;
    run(&place, &["backup", "backup.db"])?;
    let other = sqlite(&place.path("data/marigold.db")).await?;
    let _reading = other.begin().await?;
    sqlx::query("delete from counters").execute(&other).await?;
    let said = refused(&place, &["restore", "backup.db"])?;
    assert!(said.contains("another process has data/marigold.db open"), "{said}");
    Ok(())
}

/// Runs a tool of PostgreSQL; `None`, and a line that says so, if it is not installed.
fn tool(program: &str, arguments: &[&str]) -> Option<()> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{program}: {said}");
            Some(())
        }
        Err(error) => {
            crate::say(&format!("skipped: {program} is not installed: {error}"));
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x136_a_restored_postgresql_database_opens_nothing_of_before() {
    test_support::with_postgres_database(async |address| {
        // The tools do not know the parameters of sqlx.
        let url = address.split('?').next().unwrap().to_owned();
        let place = Place::new().unwrap().on_free_ports().with("DATABASE_URL", &url);
        let said = refused(&place, &["backup", "backup.db"]).unwrap();
        assert!(said.contains("pg_dump --format=custom"), "{said}");
        let running = place.start().unwrap();
        let before = prepare(&running).unwrap();
        let pool = PgPool::connect(&address).await.unwrap();
        let stopping = Arc::new(AtomicBool::new(false));
        let writer = write_pairs!(pool.clone(), stopping);
        let dump = place.path("backup.dump").display().to_string();
        let dumped = tool("pg_dump", &["--format=custom", "--file", &dump, &url]);
        use_code(&running, &before).unwrap();
        assert!(stop(&stopping, writer).await.unwrap() > 0);
        drop(running);
        pool.close().await;
        if dumped.is_none() {
            return;
        }
        tool("pg_restore", &["--clean", "--if-exists", "--dbname", &url, &dump]);
        let said = refused(&place, &["restore", "backup.db"]).unwrap();
        assert!(said.contains("marigold end-access"), "{said}");
        let printed = run(&place, &["end-access"]).unwrap();
        assert!(printed.starts_with("ended: 1 codes, "), "{printed}");
        let pool = PgPool::connect(&address).await.unwrap();
        let restored: i64 = sqlx::query_scalar(COUNT_ROWS).fetch_one(&pool).await.unwrap();
        assert_eq!(restored % 2, 0, "no transaction is torn");
        pool.close().await;
        check(&place.start().unwrap(), before).unwrap();
    })
    .await;
}
