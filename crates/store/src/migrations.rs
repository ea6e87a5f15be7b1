//! The migrations of `migrations/`, in the program itself.
//!
//! They are listed by hand: `sqlx::migrate!` would do it, but its crate compiles sqlx and
//! both database drivers a second time, for the compiler.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use sqlx::{
    SqlSafeStr as _,
    migrate::{AppliedMigration, Migrate, MigrateError, Migration, MigrationType, Migrator},
};

/// Includes a file of `migrations/`, with its number and what it is about.
macro_rules! migration {
    ($version:literal, $name:literal, $file:literal) => {
        ($version, $name, include_str!(concat!("../../../migrations/", $file)))
    };
}

/// Number, subject and statements of each migration, in order.
const FILES: [(i64, &str, &str); 21] = [
    migration!(1, "accounts", "0001_accounts.sql"),
    migration!(2, "codes", "0002_codes.sql"),
    migration!(3, "messages", "0003_messages.sql"),
    migration!(4, "catalogue", "0004_catalogue.sql"),
    migration!(5, "orders", "0005_orders.sql"),
    migration!(6, "recovery codes", "0006_recovery_codes.sql"),
    migration!(7, "art of order lines", "0007_art_of_order_lines.sql"),
    migration!(8, "known browsers", "0008_known_browsers.sql"),
    migration!(9, "displaced sign ins", "0009_displaced_sign_ins.sql"),
    migration!(10, "emails", "0010_emails.sql"),
    migration!(11, "phone change requests", "0011_phone_change_requests.sql"),
    migration!(12, "whatsapp users", "0012_whatsapp_users.sql"),
    migration!(13, "stock changes", "0013_stock_changes.sql"),
    migration!(14, "order consents", "0014_order_consents.sql"),
    migration!(15, "withdrawals", "0015_withdrawals.sql"),
    migration!(16, "order lookup", "0016_order_lookup.sql"),
    migration!(17, "invoices", "0017_invoices.sql"),
    migration!(18, "personal data", "0018_personal_data.sql"),
    migration!(19, "order origins", "0019_order_origins.sql"),
    migration!(20, "payment states", "0020_payment_states.sql"),
    migration!(21, "returned pieces", "0021_returned_pieces.sql"),
];

/// Every migration; each runs once per database, in a transaction.
pub static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(FILES.map(migration).into())
});

/// A digest of all migrations, in hexadecimal. Two programs with the same digest make
/// the same tables.
pub fn migrations_digest() -> String {
    let mut digest = Sha256::new();
    for migration in MIGRATIONS.iter() {
        digest.update(&migration.checksum);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the tables were made by migrations of the same numbers with other contents.
/// Migrations are only ever added, so such a database is from before the first release.
/// A database without tables gets the table that lists the applied migrations, as it
/// would from [`Migrator::run`]; nothing else is changed.
pub async fn is_old(connection: &mut impl Migrate) -> Result<bool, MigrateError> {
    connection.lock().await?;
    let applied = applied(connection).await;
    connection.unlock().await?;
    let is_other = |applied: &AppliedMigration| {
        MIGRATIONS.iter().any(|migration| {
            migration.version == applied.version && migration.checksum != applied.checksum
        })
    };
    Ok(applied?.iter().any(is_other))
}

async fn applied(connection: &mut impl Migrate) -> Result<Vec<AppliedMigration>, MigrateError> {
    connection.ensure_migrations_table(&MIGRATIONS.table_name).await?;
    connection.list_applied_migrations(&MIGRATIONS.table_name).await
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

    use super::*;
    use crate::{Db, Error};

    /// The list of applied migrations and one table, as an older version left them.
    const OLD_TABLES: &str = "create table _sqlx_migrations (
            version bigint primary key, description text not null,
            installed_on timestamp not null default current_timestamp,
            success boolean not null, checksum blob not null, execution_time bigint not null);
        insert into _sqlx_migrations (version, description, success, checksum, execution_time)
            values (1, 'accounts', true, x'0123', 1);
        create table accounts (id text not null primary key)";

    #[tokio::test]
    async fn a_database_of_older_migrations_is_refused_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(OLD_TABLES).execute(&mut connection).await.unwrap();
        let db = Db::open(&format!("sqlite:{}", file.display())).await.unwrap();
        let error = db.migrate().await.unwrap_err();
        assert!(matches!(error, Error::OldDatabase { .. }), "{error}");
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
        let tables: i64 =
            sqlx::query_scalar("select count(*) from sqlite_schema where type = 'table'")
                .fetch_one(&mut connection)
                .await
                .unwrap();
        assert_eq!(tables, 2);
    }

    #[tokio::test]
    async fn migrating_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("shop.db").display());
        let db = Db::open(&url).await.unwrap();
        db.migrate().await.unwrap();
        db.migrate().await.unwrap();
    }

    #[test]
    fn every_file_of_the_folder_is_listed_under_its_number_and_subject() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
            .map(|(name, path)| (name, std::fs::read_to_string(path).unwrap()))
            .collect();
        files.sort();
        let listed: Vec<(String, String)> = FILES
            .iter()
            .map(|(version, name, sql)| {
                (format!("{version:04}_{}.sql", name.replace(' ', "_")), (*sql).to_owned())
            })
            .collect();
        assert_eq!(listed, files);
    }
}
