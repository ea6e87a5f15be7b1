//! The configurations of docs/DEPLOYMENT.md, each with its reverse proxy in front of the shop. A
//! proxy that is not installed is skipped, and the test says so.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::program::{Place, Result, Running};

/// How often a proxy is tried until it listens; a try that is refused takes microseconds.
const MAX_CONNECT_ATTEMPTS: usize = 1_000_000;
/// How long a response may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long an event stream may be silent.
const MAX_SILENCE: Duration = Duration::from_secs(15);

/// A proxy that runs; killed when dropped.
pub struct Proxy {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The block of the documentation in this language.
pub fn snippet(language: &str) -> Result<String> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/DEPLOYMENT.md"))?;
    let block =
        text.split(&format!("```{language}\n")).nth(1).and_then(|it| it.split("```").next());
    Ok(block.ok_or_else(|| format!("no block of {language}"))?.to_owned())
}

/// Replaces a part of a snippet, which must be there.
pub fn with(snippet: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(snippet.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` is not in {text}");
        text.replace(from, to)
    })
}

/// A port that nothing listens on at the moment.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Three ports that nothing listens on at the moment.
pub fn free_addresses() -> Result<[SocketAddr; 3]> {
    let listen = || TcpListener::bind("127.0.0.1:0");
    let held = [listen()?, listen()?, listen()?];
    let [first, second, third] = &held;
    Ok([first.local_addr()?, second.local_addr()?, third.local_addr()?])
}

pub fn is_installed(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    let is_found = found.is_ok_and(|output| output.status.success());
    if !is_found {
        writeln!(io::stderr(), "skipped: {program} is not installed").ok();
    }
    is_found
}

/// Starts a proxy and waits until it listens.
pub fn start(mut command: Command, address: SocketAddr) -> Result<Proxy> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut proxy = Proxy { child, address };
    for _ in 0..MAX_CONNECT_ATTEMPTS {
        if TcpStream::connect(address).is_ok() {
            return Ok(proxy);
        }
        if let Some(status) = proxy.child.try_wait()? {
            return Err(format!("{command:?} ended: {status}").into());
        }
        std::thread::yield_now();
    }
    Err(format!("{command:?} does not listen").into())
}

/// A shop that people see at this address, behind a proxy on this machine.
fn shop_behind(address: SocketAddr) -> Result<(Place, Running)> {
    let place = Place::new()?
        .on_free_ports()
        .with("MARIGOLD_PUBLIC_URL", format!("http://{address}"))
        .with("MARIGOLD_TRUSTED_PROXIES", "127.0.0.1");
    let running = place.start()?;
    Ok((place, running))
}

/// The addresses of the shop and of its health behind the proxy.
fn addresses(running: &Running) -> Result<[SocketAddr; 2]> {
    let log = running.log()?;
    let find = |field: &str| -> Result<SocketAddr> {
        let rest = log.split(field).nth(1).ok_or("no address in the log")?;
        Ok(rest.split_whitespace().next().ok_or("no address in the log")?.parse()?)
    };
    Ok([find(" address=")?, find(" operations_address=")?])
}

/// Sends a request and returns the whole response.
pub fn request(address: SocketAddr, head: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(RESPONSE_TIMEOUT))?;
    write!(
        stream,
        "{head} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Origin: http://{address}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Opens the event stream of a simulated phone, and waits for its first event and its first
/// comment.
fn follow_events(address: SocketAddr) -> Result {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(MAX_SILENCE))?;
    write!(stream, "GET /simulator/%2B447700900111/events HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
    let mut lines = BufReader::new(stream).lines();
    for wanted in ["data:", ":"] {
        let found = lines.by_ref().find(|line| match line {
            Ok(line) if wanted == ":" => line.trim_end() == ":",
            Ok(line) => line.starts_with(wanted),
            Err(_) => true,
        });
        found.ok_or("the stream ended")?.map_err(|error| format!("no `{wanted}`: {error}"))?;
    }
    Ok(())
}

/// What must work through every proxy.
fn check(proxy: &Proxy) -> Result {
    let address = proxy.address;
    let page = request(address, "GET /login", "")?;
    assert!(page.starts_with("HTTP/1.1 200"), "{page:.300}");
    // Many requests use the connections that the proxy keeps.
    for _ in 0..20 {
        let refused = request(address, "POST /api/login/verify", "code=123456&page=/login/verify")?;
        assert!(refused.starts_with("HTTP/1.1 303"), "{refused:.300}");
        assert!(refused.to_lowercase().contains("location: /login/verify"), "{refused:.500}");
    }
    follow_events(address)
}

/// Replaces the addresses of a snippet, lets the proxy run, and checks it.
fn run(
    program: &str,
    language: &str,
    changes: impl Fn(SocketAddr, [SocketAddr; 2]) -> Vec<(&'static str, String)>,
    command: impl Fn(&Path, &str) -> Result<Command>,
) -> Result {
    if !is_installed(program) {
        return Ok(());
    }
    let [address, ..] = free_addresses()?;
    let (_place, running) = shop_behind(address)?;
    let changes = changes(address, addresses(&running)?);
    let changes: Vec<_> = changes.iter().map(|(from, to)| (*from, to.as_str())).collect();
    let folder = tempfile::tempdir()?;
    let command = command(folder.path(), &with(&snippet(language)?, &changes))?;
    check(&start(command, address)?)
}

#[test]
fn the_shop_works_behind_nginx() -> Result {
    run(
        "nginx",
        "nginx",
        |proxy, [shop, _]| {
            vec![
                ("127.0.0.1:3000", shop.to_string()),
                ("listen 443 ssl http2", format!("listen {proxy}")),
                ("ssl_certificate     /etc/ssl/shop.example.pem;", String::new()),
                ("ssl_certificate_key /etc/ssl/shop.example.key;", String::new()),
                ("server_name shop.example", "server_name _".to_owned()),
                ("Host $host", "Host $http_host".to_owned()),
            ]
        },
        nginx,
    )
}

/// nginx with these servers, in one process, which ends when the test kills it.
pub fn nginx(folder: &Path, snippet: &str) -> Result<Command> {
    let file = folder.join("nginx.conf");
    let place = folder.display();
    let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {place}/{name};\n"))
        .concat();
    let config = format!(
        "daemon off;\nmaster_process off;\npid {place}/pid;\nerror_log {place}/log;\nevents {{}}\n\
         http {{\naccess_log off;\n{paths}\n{snippet}\n}}\n"
    );
    fs::write(&file, config)?;
    let mut command = Command::new("nginx");
    command.arg("-e").arg(folder.join("log")).arg("-c").arg(&file).arg("-p").arg(folder);
    Ok(command)
}

fn caddy(upstream: &'static str) -> Result {
    run(
        "caddy",
        "caddyfile",
        |proxy, [shop, _]| {
            vec![
                ("shop.example", format!("http://{proxy}")),
                ("reverse_proxy 127.0.0.1:3000", format!("reverse_proxy {upstream}{shop}")),
            ]
        },
        caddy_command,
    )
}

pub fn caddy_command(folder: &Path, snippet: &str) -> Result<Command> {
    let file = folder.join("Caddyfile");
    fs::write(&file, format!("{{\nadmin off\nauto_https off\n}}\n{snippet}"))?;
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    Ok(command)
}

#[test]
fn the_shop_works_behind_caddy() -> Result {
    caddy("")
}

#[test]
fn the_shop_works_behind_caddy_over_http_2_without_tls() -> Result {
    caddy("h2c://")
}

fn haproxy(protocol: &'static str) -> Result {
    run(
        "haproxy",
        "haproxy",
        |proxy, [shop, operations]| {
            let port = operations.port();
            vec![
                (":443 ssl crt /etc/ssl/shop.example.pem alpn h2,http/1.1", proxy.to_string()),
                (
                    "127.0.0.1:3000 check port 9090",
                    // The first check must not delay the test.
                    format!("{shop} check port {port} inter 200 {protocol}"),
                ),
            ]
        },
        haproxy_command,
    )
}

pub fn haproxy_command(folder: &Path, snippet: &str) -> Result<Command> {
    let file = folder.join("haproxy.cfg");
    fs::write(&file, snippet)?;
    let mut command = Command::new("haproxy");
    command.args(["-db", "-f"]).arg(&file);
    Ok(command)
}

#[test]
fn the_shop_works_behind_haproxy() -> Result {
    haproxy("")
}

#[test]
fn the_shop_works_behind_haproxy_over_http_2_without_tls() -> Result {
    haproxy("proto h2 check-proto h1")
}
