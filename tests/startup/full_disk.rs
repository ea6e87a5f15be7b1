//! The disk of the database is full: a small file system in memory, which only the program under
//! test sees. Where the system does not allow that, the test says so and is skipped.

use std::{
    fs::{self, File},
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    get,
    program::{Place, Result, Running},
};

/// The size of the file system.
const SIZE: &str = "size=24m";
/// How often the shop is asked until it notices. Each question writes to the log of the database,
/// which has some room left.
const MAX_QUESTIONS: usize = 3_000;

/// Starts the shop in namespaces of its own, with a small file system at `data/`.
fn start(place: &Place) -> Result<Option<Running>> {
    let namespaces = ["--user", "--map-root-user", "--mount"];
    let script = format!(
        "mount -t tmpfs -o {SIZE} tmpfs data || exit 42; test \"$1\" = try && exit 0; exec ./marigold serve"
    );
    let command = |argument: &str| {
        // The settings of the program, and the path for the shell.
        let mut command = Command::new("unshare");
        let program = place.command(&[]);
        let settings = program.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.args(namespaces).args(["sh", "-c", &script, "sh", argument]);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(settings);
        command.current_dir(place.path("."));
        command
    };
    fs::create_dir(place.path("data"))?;
    if !command("try").output().is_ok_and(|output| output.status.success()) {
        writeln!(io::stderr(), "skipped: the system allows no file system of a test's own")?;
        return Ok(None);
    }
    place.start_by(command("serve")).map(Some)
}

/// The folder `data/` as the program sees it.
fn data_of(running: &Running, place: &Path) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{}/root", running.child.id()));
    let inside = place.strip_prefix("/").unwrap_or(place);
    root.join(inside).join("data")
}

/// Writes until there is no room left.
fn fill(file: &Path) -> Result {
    let mut file = File::create(file)?;
    for size in [1 << 20, 4096, 512, 1] {
        while file.write_all(&vec![b'x'; size]).is_ok() {}
    }
    Ok(())
}

/// Asks until the readiness has this status.
fn readiness_until(operations: SocketAddr, status: &str) -> Result<String> {
    let mut answer = String::new();
    for _ in 0..MAX_QUESTIONS {
        answer = get(operations, "/readyz")?;
        if answer.starts_with(status) {
            return Ok(answer);
        }
    }
    Err(format!("never {status}: {answer}").into())
}

fn post(address: SocketAddr, path: &str, body: &str) -> Result<String> {
    use std::{io::Read, net::TcpStream};
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Connection: close\r\nCookie: marigold-browser=0123456789abcdef0123456789abcdef\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// A form that needs rows: its answer is a page, or leads to one that tells.
fn sign_in(shop: SocketAddr) -> Result<String> {
    post(shop, "/api/login", "email=nobody%40example.com&password=violet+kettle&page=%2Flogin")
}

#[test]
fn x173_a_full_disk_is_told_to_visitors_and_proxies_and_passes() -> Result {
    let place = Place::new()?.on_free_ports();
    let Some(running) = start(&place)? else { return Ok(()) };
    let [shop, operations] = running.addresses()?;
    assert!(get(operations, "/readyz")?.starts_with("HTTP/1.1 200"));
    let filler = data_of(&running, &fs::canonicalize(place.path("."))?).join("filler");
    fill(&filler)?;
    let said = readiness_until(operations, "HTTP/1.1 503")?;
    assert!(said.contains("the disk of the database is full"), "{said}");
    assert!(get(shop, "/products/sunday-mug")?.starts_with("HTTP/1.1 200"), "it can be read");
    for _ in 0..20 {
        let answer = sign_in(shop)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no body")?;
        let is_led = head.starts_with("HTTP/1.1 303") && head.contains("marigold-flash=");
        assert!(is_led || (head.starts_with("HTTP/1.1 5") && !body.is_empty()), "{answer}");
    }
    let log = running.log()?;
    assert!(log.contains("request.failed") && log.contains("the disk of the database is full"));
    fs::remove_file(&filler)?;
    readiness_until(operations, "HTTP/1.1 200")?;
    assert!(sign_in(shop)?.starts_with("HTTP/1.1 303"));
    Ok(())
}
