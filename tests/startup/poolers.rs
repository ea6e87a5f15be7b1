//! The program behind PgBouncer. These tests do nothing without `TEST_DATABASE_URL`, and say so
//! where PgBouncer is missing.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, postgres::PgConnectOptions};
use test_support::{PgBouncer, PgBouncerVersion};

use crate::program::{Place, Result};

/// The address of the same database behind a pooler.
fn behind(pooler: &PgBouncer, address: &str) -> Result<String> {
    let options: PgConnectOptions = address.parse()?;
    Ok(pooler.address(options.get_database().ok_or("no database")?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_mixes_up_statements_refuses_the_start() {
    test_support::with_postgres_database(async |address| {
        let pooler = PgBouncer::start(PgBouncerVersion::V1_18, &address, "pool_mode = transaction");
        let Some(pooler) = pooler else { return };
        let url = behind(&pooler, &address).unwrap();
        let place = Place::new().unwrap().on_free_ports().with("DATABASE_URL", url);
        let said = place.refusal().unwrap();
        assert!(said.contains("cannot use DATABASE_URL"), "{said}");
        assert!(said.contains("Let the pooler work in session mode"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_starts_behind_a_pooler_that_keeps_statements_apart() {
    test_support::with_postgres_database(async |address| {
        let settings = "pool_mode = transaction\nmax_prepared_statements = 100";
        let pooler = PgBouncer::start(PgBouncerVersion::V1_24, &address, settings);
        let Some(pooler) = pooler else { return };
        let url = behind(&pooler, &address).unwrap();
        let place = Place::new().unwrap().on_free_ports().with("DATABASE_URL", url);
        let said = place.refusal().unwrap();
        assert!(said.contains("set DATABASE_DIRECT_URL"), "{said}");
        let place = place.with("DATABASE_DIRECT_URL", &address).with("MARIGOLD_DATABASE_POOL", 5);
        let running = place.start().unwrap();
        assert!(!running.banner.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_limit_that_a_pooler_drops_is_missed_until_the_database_has_one() {
    test_support::with_postgres_database(async |address| {
        let options: PgConnectOptions = address.parse().unwrap();
        let name = options.get_database().unwrap();
        let limit = format!("alter database {name} set statement_timeout = '10s'");
        let unlimit = format!("alter database {name} reset statement_timeout");
        let refusing = "pool_mode = session";
        let ignoring = "pool_mode = session\nignore_startup_parameters = options";
        for (sql, settings, is_missed) in [
            (&unlimit, refusing, true),
            (&limit, refusing, false),
            (&unlimit, ignoring, true),
            (&limit, ignoring, false),
        ] {
            let mut connection = PgConnection::connect(&address).await.unwrap();
            let sql = sqlx::raw_sql(AssertSqlSafe(sql.clone()));
            sql.execute(&mut connection).await.unwrap();
            let pooler = PgBouncer::start(PgBouncerVersion::V1_18, &address, settings);
            let Some(pooler) = pooler else { return };
            let url = behind(&pooler, &address).unwrap();
            let place = Place::new().unwrap().on_free_ports().with("DATABASE_URL", url);
            let place = place.with("MARIGOLD_DATABASE_POOL", 5);
            let running = place.start().unwrap();
            let log = running.log().unwrap();
            let missed = log.contains("database.time_limit_missing");
            assert_eq!(missed, is_missed, "{settings}: {log}");
        }
    })
    .await;
}
