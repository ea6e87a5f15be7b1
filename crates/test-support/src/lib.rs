//! What the tests of several crates share: databases with every table and no rows, and a scan
//! of the log for secrets ([`secret_scan`]).
//!
//! The migrations run once, into a template database; each test gets a copy of it. On
//! SQLite the template is a file that is copied; on PostgreSQL it is a template
//! database (`create database … template …`). A template is named after a digest of
//! all migrations, so a changed migration makes a new one.
//!
//! For tests only: an error here panics, which fails the test.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a database that cannot be prepared fails the test"
)]

mod pgbouncer;
mod postgres;
mod proxy;
pub mod secret_scan;
mod sqlite;
mod tls_postgres;

pub use pgbouncer::{PgBouncer, PgBouncerVersion};
pub use postgres::{with_empty_postgres_database, with_postgres_database};
pub use proxy::{Cut, Proxy, Swallowed};
pub use sqlite::new_sqlite_database;
pub use tls_postgres::{Issuer, TlsPostgres};

use store::{Db, Durability, OpenOptions};

/// Opens a test's database. On SQLite its commits do not wait for the disk, because
/// it does not outlive the test; a test about crashes opens its database with
/// [`Db::open`] instead.
pub async fn open(address: &str) -> Db {
    let options = OpenOptions { durability: Durability::Normal, ..OpenOptions::default() };
    Db::open_with(address, &options).await.unwrap()
}

/// Where these bytes begin. It is quick also in a build without optimisation.
pub fn find_bytes(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}
