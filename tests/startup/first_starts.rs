//! Several processes that start at the same time on a database without tables.

use std::thread;

use crate::{
    get,
    program::{Place, Result, Running},
};

/// How many start at once.
const NODES: usize = 5;

/// Runs the same in so many threads at once.
fn at_once<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..NODES).map(|node| scope.spawn(move || work(node))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

/// A node in a folder of its own.
fn start_node(database: &str) -> std::result::Result<(Place, Running), String> {
    let started = || -> Result<_> {
        let place = Place::new()?.on_free_ports().with("DATABASE_URL", database);
        let running = place.start()?;
        Ok((place, running))
    };
    started().map_err(|error| error.to_string())
}

fn check_nodes(database: &str) -> Result {
    let started = at_once(|_| start_node(database));
    assert_eq!(started.len(), NODES);
    let mut nodes = Vec::new();
    for node in started {
        nodes.push(node?);
    }
    for (_place, running) in &nodes {
        let [shop, operations] = running.addresses()?;
        assert!(get(operations, "/readyz")?.contains("ready"));
        assert!(get(shop, "/products/sunday-mug")?.starts_with("HTTP/1.1 200"));
        let log = running.log()?;
        assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn x175_five_nodes_on_a_fresh_database_all_start_without_an_error() {
    test_support::with_empty_postgres_database(async |address| {
        check_nodes(&address).unwrap();
    })
    .await;
}

#[test]
fn x175_five_commands_at_once_fill_one_fresh_sqlite_file() -> Result {
    let place = Place::new()?;
    let ended = at_once(|_| place.run(&["seed"]).map_err(|error| error.to_string()));
    assert_eq!(ended.len(), NODES);
    for ended in ended {
        let ended = ended?;
        assert!(ended.status.success() && !ended.stderr.contains("ERROR"), "{}", ended.stderr);
    }
    let running = place.on_free_ports().start()?;
    let [shop, _] = running.addresses()?;
    assert!(get(shop, "/products/sunday-mug")?.starts_with("HTTP/1.1 200"));
    Ok(())
}
