//! What this machine can do at best: the limits the shop's figures stand beside.

use std::{path::Path, time::Duration};

use anyhow::Result;
use axum::{Router, http::header, routing::get};
use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::load::now;

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
pub fn hashes(span: Duration) -> f64 {
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

/// An axum server that answers the same bytes to everybody; gives its address.
pub async fn same_bytes(body: &'static [u8]) -> Result<std::net::SocketAddr> {
    let answer =
        move || async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
