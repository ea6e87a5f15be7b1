//! The migrations of `migrations/`, in the program itself.
//!
//! They are listed by hand: `sqlx::migrate!` would do it, but its crate compiles sqlx and
//! both database drivers a second time, for the compiler.

use std::sync::LazyLock;

use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

/// Includes a file of `migrations/`, with its number and what it is about.
macro_rules! migration {
    ($version:literal, $name:literal, $file:literal) => {
        ($version, $name, include_str!(concat!("../../../migrations/", $file)))
    };
}

/// Number, subject and statements of each migration, in order.
const FILES: [(i64, &str, &str); 10] = [
    migration!(1, "accounts", "0001_accounts.sql"),
    migration!(2, "codes", "0002_codes.sql"),
    migration!(3, "messages", "0003_messages.sql"),
    migration!(4, "catalogue", "0004_catalogue.sql"),
    migration!(5, "orders", "0005_orders.sql"),
    migration!(6, "providers", "0006_providers.sql"),
    migration!(7, "warned at", "0007_warned_at.sql"),
    migration!(8, "purposes", "0008_purposes.sql"),
    migration!(9, "kept codes", "0009_kept_codes.sql"),
    migration!(10, "requested_identifier", "0010_typed.sql"),
];

/// Every migration; each runs once per database, in a transaction.
pub static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(FILES.map(migration).into())
});

#[cfg(test)]
mod tests {
    use super::*;

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
