//! Several processes that set one database up at the same time.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::join_all;
use store::Db;

/// How many processes start at once.
const PROCESSES: u32 = 5;

/// Opens and migrates the database as so many processes, and lets one after the other set it up.
async fn set_up_at_once(address: String) {
    let inside = AtomicU32::new(0);
    let processes = (0..PROCESSES).map(|_| async {
        let db = Db::open(&address).await?;
        db.migrate().await?;
        let lock = db.lock_setup().await?;
        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside at once");
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        inside.fetch_sub(1, Ordering::SeqCst);
        lock.release().await;
        db.close().await;
        Ok::<_, store::Error>(())
    });
    for ended in join_all(processes).await {
        ended.unwrap();
    }
}

mod x175_of_five_processes_that_set_up_at_once_one_does_and_all_succeed {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/shop.db");
        set_up_at_once(format!("sqlite:{}", file.display())).await;
        let names = std::fs::read_dir(folder.path().join("new")).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["shop.db"], "the lock leaves no file behind");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        test_support::with_empty_postgres_database(set_up_at_once).await;
    }
}

#[tokio::test]
async fn a_lock_that_is_dropped_lets_the_next_process_continue() {
    let folder = tempfile::tempdir().unwrap();
    let db =
        Db::open(&format!("sqlite:{}", folder.path().join("shop.db").display())).await.unwrap();
    for _ in 0..3 {
        drop(db.lock_setup().await.unwrap());
    }
}
