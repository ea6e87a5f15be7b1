//! The limits of this machine, to compare the shop's figures with.

use std::{path::Path, time::Duration};

use anyhow::Result;
use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    figure::{self, Figure, PER_SECOND},
    load::{ROUND_DURATION, ROUNDS, middle, now, rounds},
};

/// Measures and prints.
pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    println!("\nlimits: what this machine can do");
    let (mut full, mut normal, mut hashed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        full.push(commits(folder, SqliteSynchronous::Full, ROUND_DURATION).await?);
        normal.push(commits(folder, SqliteSynchronous::Normal, ROUND_DURATION).await?);
        hashed.push(hashes(ROUND_DURATION));
    }
    println!("  {}", rounds());
    let figures = vec![
        Figure::new("SQLite commits, synchronous = full", middle(full), PER_SECOND),
        Figure::new("SQLite commits, synchronous = normal", middle(normal), PER_SECOND),
        Figure::new("Argon2id hashes (19 MiB, 2 passes)", middle(hashed), PER_SECOND),
    ];
    figure::print(&figures);
    Ok(figures)
}

/// Commits a second of one row each on one connection, and nothing else.
pub async fn commits(folder: &Path, synchronous: SqliteSynchronous, span: Duration) -> Result<f64> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join(format!("raw-{synchronous:?}.db")))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query("create table if not exists t (n bigint not null, words text not null)")
        .execute(&mut connection)
        .await?;
    let begun = now();
    let mut done = 0_i64;
    while begun.elapsed() < span {
        sqlx::query("insert into t values ($1, 'a row of about the size of a small challenge')")
            .bind(done)
            .execute(&mut connection)
            .await?;
        done += 1;
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

/// Argon2id hashes a second with the shop's parameters on every core.
fn hashes(span: Duration) -> f64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let begun = now();
    let threads: Vec<_> = (0..cores).map(|_| std::thread::spawn(move || hash_for(span))).collect();
    let done: u32 = threads.into_iter().filter_map(|thread| thread.join().ok()).sum();
    f64::from(done) / begun.elapsed().as_secs_f64()
}

fn hash_for(span: Duration) -> u32 {
    let Ok(parameters) = argon2::Params::new(19_456, 2, 1, None) else { return 0 };
    let hasher =
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
    let (begun, mut done, mut out) = (now(), 0, [0; 32]);
    while begun.elapsed() < span {
        if hasher
            .hash_password_into(b"a long enough password", b"sixteen bytes ok", &mut out)
            .is_ok()
        {
            done += 1;
        }
    }
    done
}
