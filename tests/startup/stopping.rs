//! How the program stops.

use std::net::{SocketAddr, TcpStream};

use crate::{
    get,
    program::{Place, Result},
};

/// How often the server is asked until it says that it stops.
const MAX_QUESTIONS: usize = 10_000;

/// Asks until the server says that it is stopping.
fn wait_until_draining(operations: SocketAddr) -> Result {
    for _ in 0..MAX_QUESTIONS {
        let said = get(operations, "/readyz")?;
        if said.starts_with("HTTP/1.1 503") {
            assert!(said.contains("the server is stopping"), "{said}");
            return Ok(());
        }
    }
    Err("it never drains".into())
}

#[test]
fn x174_a_stopping_server_says_so_first_and_answers_until_it_is_drained() -> Result {
    let place = Place::new()?.on_free_ports().with("MARIGOLD_DRAIN_SECONDS", 3);
    let mut running = place.start()?;
    let [shop, operations] = running.addresses()?;
    running.terminate()?;
    wait_until_draining(operations)?;
    let page = get(shop, "/products/sunday-mug")?;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("connection: close"), "{page:.300}");
    assert!(get(operations, "/healthz")?.starts_with("HTTP/1.1 200"), "it is alive");
    assert!(running.child.wait()?.success());
    let log = running.log()?;
    let at = |event: &str| log.find(event).ok_or_else(|| format!("no {event} in {log}"));
    assert!(at("server.draining")? < at("server.stopping")?);
    assert!(at("server.stopping")? < at("server.stopped")?);
    assert!(!log.contains("ERROR") && !log.contains("job."), "{log}");
    Ok(())
}

#[test]
fn a_second_signal_ends_the_drain() -> Result {
    let place = Place::new()?.on_free_ports().with("MARIGOLD_DRAIN_SECONDS", 300);
    let mut running = place.start()?;
    let [shop, operations] = running.addresses()?;
    running.terminate()?;
    wait_until_draining(operations)?;
    running.terminate()?;
    assert!(running.child.wait()?.success());
    assert!(TcpStream::connect(shop).is_err() && TcpStream::connect(operations).is_err());
    Ok(())
}
