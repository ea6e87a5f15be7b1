//! SQLite: the template is a file in the system's folder for temporary files.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use store::Db;

/// Makes the new SQLite file `file` with every table, and returns its address.
pub async fn new_sqlite_database(file: &Path) -> String {
    fs::copy(template().await, file).unwrap();
    address(file)
}

/// The path of the template file, which is made if it is missing.
async fn template() -> PathBuf {
    let name = format!("marigold-template-{}.db", store::migrations_digest());
    let template = env::temp_dir().join(name);
    if !template.exists() {
        make(&template).await;
    }
    template
}

/// Makes the template under another name and renames it, so that tests in other
/// processes see all of it or nothing. If several processes do so at the same time, the
/// last one replaces the file by an equal one.
async fn make(template: &Path) {
    let folder = tempfile::tempdir_in(env::temp_dir()).unwrap();
    let file = folder.path().join("template.db");
    let db = Db::open(&address(&file)).await.unwrap();
    db.migrate().await.unwrap();
    // The last connection that is closed moves the write-ahead log into the file.
    db.close().await;
    assert!(!folder.path().join("template.db-wal").exists(), "the template is one file");
    fs::rename(&file, template).unwrap();
}

fn address(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, SqliteConnection};

    use super::*;

    /// Every table and index, and the migrations that made them.
    async fn contents(address: &str) -> Vec<String> {
        let mut connection = SqliteConnection::connect(address).await.unwrap();
        let sql = "select coalesce(sql, name) from sqlite_schema \
                   union all select hex(checksum) from _sqlx_migrations order by 1";
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }

    #[tokio::test]
    async fn a_new_sqlite_database_equals_a_migrated_one() {
        let folder = tempfile::tempdir().unwrap();
        let copied = new_sqlite_database(&folder.path().join("copied.db")).await;
        let migrated = address(&folder.path().join("migrated.db"));
        let db = Db::open(&migrated).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        let contents_of_copy = contents(&copied).await;
        assert!(contents_of_copy.len() > 30, "{contents_of_copy:?}");
        assert_eq!(contents_of_copy, contents(&migrated).await);
    }

    #[tokio::test]
    async fn a_change_of_one_copy_is_in_no_other_copy() {
        let folder = tempfile::tempdir().unwrap();
        let one = new_sqlite_database(&folder.path().join("one.db")).await;
        let mut connection = SqliteConnection::connect(&one).await.unwrap();
        sqlx::raw_sql("drop table products").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let two = new_sqlite_database(&folder.path().join("two.db")).await;
        assert_ne!(contents(&one).await, contents(&two).await);
    }
}
