//! The program as a process: what it prints when a setting is wrong, and how it starts and
//! stops.

mod backups;
mod browser;
mod builds;
mod chaos;
mod env_file;
mod first_starts;
mod full_disk;
mod poolers;
mod program;
mod proxies;
mod restarts;
mod stopping;

use std::{
    fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::Command,
};

use program::{Place, Result};

/// The response of a server to a request for this path.
fn get(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    send(&mut stream, &format!("GET {path} HTTP/1.1\r\nHost: {address}"))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The status line of the response to a request, of which this is the head.
fn status_of(address: SocketAddr, head: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    send(&mut stream, &format!("{head}\r\nHost: {address}"))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

/// Sends the head of a request in one piece: a server may refuse a wrong first line, and close the
/// connection, before a second piece is written.
fn send(stream: &mut TcpStream, head: &str) -> io::Result<()> {
    stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Writes a line beside the results of the tests.
fn say(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}

/// A port of this machine that is in use for as long as the listener lives.
fn port_in_use() -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

#[test]
fn a_port_in_use_is_named_before_the_database_is_made() -> Result {
    let (_held, address) = port_in_use()?;
    for (name, other) in
        [("MARIGOLD_ADDR", "MARIGOLD_OPS_ADDR"), ("MARIGOLD_OPS_ADDR", "MARIGOLD_ADDR")]
    {
        let place = Place::new()?.with(name, address).with(other, "127.0.0.1:0");
        let said = place.refusal()?;
        assert!(said.contains(&format!("{name}={address} cannot be used: the port is")), "{said}");
        assert!(said.contains(&format!("for example {name}=127.0.0.1:")), "{said}");
        assert!(!said.contains(other), "{said}");
        assert!(!place.path("data/marigold.db").exists());
    }
    Ok(())
}

#[test]
fn two_ports_in_use_are_named_at_once() -> Result {
    let (_held, shop) = port_in_use()?;
    let (_held_too, operations) = port_in_use()?;
    let place = Place::new()?.with("MARIGOLD_ADDR", shop).with("MARIGOLD_OPS_ADDR", operations);
    let said = place.refusal()?;
    assert!(said.contains(&format!("MARIGOLD_ADDR={shop} ")), "{said}");
    assert!(said.contains(&format!("MARIGOLD_OPS_ADDR={operations} ")), "{said}");
    Ok(())
}

#[test]
fn a_site_folder_without_the_files_is_named_with_what_to_do() -> Result {
    let place = Place::new()?.on_free_ports();
    fs::remove_file(place.path("target/site/pkg/marigold.wasm"))?;
    let said = place.refusal()?;
    assert!(said.contains("LEPTOS_SITE_ROOT=target/site cannot be used"), "{said}");
    assert!(said.contains("it has no file pkg/marigold.wasm"), "{said}");
    assert!(said.contains("make run"), "{said}");
    fs::remove_dir_all(place.path("target"))?;
    let said = place.refusal()?;
    assert!(said.contains("there is no such folder"), "{said}");
    assert!(!place.path("data/marigold.db").exists());
    Ok(())
}

#[test]
fn a_postgresql_server_that_refuses_is_named_without_the_password() -> Result {
    // Port 1 is for the superuser, and no server listens on it.
    let url = "postgres://ada:hunter2@127.0.0.1:1/orders";
    let said = Place::new()?.on_free_ports().with("DATABASE_URL", url).refusal()?;
    assert!(said.contains("cannot connect to DATABASE_URL: PostgreSQL at 127.0.0.1:1"), "{said}");
    assert!(said.contains("database orders refused the connection"), "{said}");
    assert!(!said.contains("hunter2") && !said.contains("ada"), "{said}");
    Ok(())
}

#[test]
fn an_sqlite_file_that_is_no_database_is_named() -> Result {
    let place = Place::new()?.on_free_ports().with("DATABASE_URL", "sqlite:letter.txt");
    fs::write(place.path("letter.txt"), "Dear Robin, ".repeat(100))?;
    let said = place.refusal()?;
    assert!(said.contains("letter.txt cannot be opened: it is not an SQLite database"), "{said}");
    Ok(())
}

#[test]
fn a_refused_setting_prints_no_backtrace() -> Result {
    let place = Place::new()?.with("MARIGOLD_OTP_ATTEMPTS", "6").with("RUST_BACKTRACE", "1");
    let said = place.refusal()?;
    assert!(said.contains("MARIGOLD_OTP_ATTEMPTS is not a whole number from 1 to 5"), "{said}");
    // The count of problems, and the problem.
    assert_eq!(said.lines().count(), 2, "{said}");
    Ok(())
}

#[test]
fn a_refused_database_prints_no_backtrace() -> Result {
    let place = Place::new()?.on_free_ports().with("RUST_BACKTRACE", "full");
    let said = place.with("DATABASE_URL", "postgres://127.0.0.1:1/orders").refusal()?;
    assert_eq!(said.lines().count(), 1, "{said}");
    Ok(())
}

#[test]
fn check_config_prints_values_and_sources_but_no_secret() -> Result {
    let place = Place::new()?
        .with("DATABASE_URL", "postgres://ada:hunter2@127.0.0.1:1/orders?password=hunter3")
        .with("MARIGOLD_PROVIDERS", "meta")
        .with("META_ACCESS_TOKEN", "hunter4")
        .with("META_APP_SECRET", "hunter5")
        .with("META_VERIFY_TOKEN", "hunter6")
        .with("META_PHONE_NUMBER_ID", "106540352242922");
    fs::write(
        place.path(".env"),
        "META_WABA_ID=102290129340398\nMETA_PHONE_NUMBER_ID=1\nMARIGOLD_SHOP_NAME='Ada & Sons'\n",
    )?;
    let ended = place.run(&["check-config"])?;
    assert!(ended.status.success(), "{}", ended.stderr);
    for line in [
        "MARIGOLD_ENV demo default",
        "MARIGOLD_SHOP_NAME Ada & Sons the file .env",
        "DATABASE_URL postgres://ada:(hidden)@127.0.0.1:1/orders?(hidden) environment",
        "META_ACCESS_TOKEN set (hidden) environment",
        "META_PHONE_NUMBER_ID 106540352242922 environment",
        "META_WABA_ID 102290129340398 the file .env",
        "META_BASE_URL https://graph.facebook.com default",
        "MARIGOLD_OTP_ATTEMPTS 5 default",
        "MARIGOLD_OTP_KEYS set (hidden) generated, kept in data/otp_keys",
        "meta by whatsapp: the code alone",
    ] {
        assert!(lines(&ended.stdout).any(|printed| printed == line), "{line}: {}", ended.stdout);
    }
    let key = fs::read_to_string(place.path("data/otp_keys"))?;
    assert!(!ended.stdout.contains("hunter") && !ended.stdout.contains(key.trim()));
    assert!(!place.path("data/marigold.db").exists());
    Ok(())
}

#[test]
fn check_config_prints_every_problem_at_once() -> Result {
    let place = Place::new()?.with("MARIGOLD_ADDR", "here").with("MARIGOLD_OTP_ATTEMPTS", "6");
    let ended = place.run(&["check-config"])?;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.starts_with("Error: 2 of the settings"), "{}", ended.stderr);
    assert!(ended.stderr.contains("MARIGOLD_ADDR is not"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    Ok(())
}

#[test]
fn the_start_line_says_the_mode_and_where_it_came_from() -> Result {
    for (file, source) in [("", "default"), ("MARIGOLD_ENV=demo\n", "the file .env")] {
        let place = Place::new()?.on_free_ports();
        fs::write(place.path(".env"), file)?;
        let log = place.start()?.log()?;
        assert!(log.contains(&format!("mode=\"demo\" mode_source={source} env_file=/")), "{log}");
    }
    let place = Place::new()?.on_free_ports().with("MARIGOLD_ENV", "demo");
    let log = place.start()?.log()?;
    assert!(log.contains("mode=\"demo\" mode_source=environment"), "{log}");
    Ok(())
}

#[test]
fn a_misspelt_foreign_name_is_logged_and_listed() -> Result {
    let place = Place::new()?.on_free_ports().with("DATABASE_URI", "sqlite:other.db");
    let log = place.start()?.log()?;
    assert!(log.contains("config.suspicious") && log.contains("nearest is DATABASE_URL"), "{log}");
    let ended = place.run(&["check-config"])?;
    assert!(
        ended.status.success() && ended.stdout.contains("DATABASE_URI is not"),
        "{}",
        ended.stdout
    );
    Ok(())
}

#[test]
fn check_config_finds_that_the_files_for_the_browser_are_missing() -> Result {
    let place = Place::new()?;
    fs::remove_dir_all(place.path("target"))?;
    let ended = place.run(&["check-config"])?;
    assert!(!ended.status.success());
    assert!(
        ended.stdout.contains("LEPTOS_SITE_ROOT=target/site cannot be used"),
        "{}",
        ended.stdout
    );
    Ok(())
}

#[test]
fn a_second_server_on_one_sqlite_file_is_refused() -> Result {
    let place = Place::new()?.on_free_ports();
    let running = place.start()?;
    let said = place.refusal()?;
    assert!(
        said.contains("another `marigold serve` uses the SQLite file data/marigold.db"),
        "{said}"
    );
    assert!(place.run(&["seed"])?.status.success(), "other commands may run beside it");
    drop(running);
    place.start()?;
    Ok(())
}

#[test]
fn all_files_of_the_program_are_for_its_own_user_alone() -> Result {
    let place = Place::new()?.on_free_ports();
    let _running = place.start()?;
    let mut names = Vec::new();
    for entry in fs::read_dir(place.path("data"))? {
        let entry = entry?;
        let mode = entry.metadata()?.permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        names.push(entry.file_name().into_string().unwrap_or_default());
    }
    for name in ["marigold.db", "marigold.db-wal", "otp_keys", "password_keys", "demo_passwords"] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
    Ok(())
}

#[test]
fn an_empty_key_file_is_named_with_what_to_do() -> Result {
    for (file, text) in [
        ("data/otp_keys", ""),
        ("data/otp_keys", "demo:\n"),
        ("data/otp_keys", "demo:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
        ("data/password_keys", ""),
        ("data/password_keys", "demo:c2hvcnQ=\n"),
    ] {
        let place = Place::new()?.on_free_ports();
        fs::create_dir(place.path("data"))?;
        fs::write(place.path(file), text)?;
        let said = place.refusal()?;
        assert!(said.contains(&format!("the file {file} is ")), "{text:?}: {said}");
        assert!(said.contains("Restore it from a backup, or delete it"), "{said}");
        assert_eq!(fs::read_to_string(place.path(file))?, text, "it is left as it is");
    }
    Ok(())
}

#[test]
fn the_defaults_in_the_help_are_those_in_force() -> Result {
    let place = Place::new()?;
    let help = place.run(&["--help"])?.stdout;
    let listed = place.run(&["check-config"])?.stdout;
    let settings = help.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut count = 0;
    for words in settings {
        let [name, default, ..] = words[..] else { continue };
        if !["MARIGOLD_", "DATABASE_", "LEPTOS_", "RUST_"].iter().any(|it| name.starts_with(it))
            || name.contains('=')
        {
            continue;
        }
        count += 1;
        let line = format!("{name} {default} default");
        assert!(lines(&listed).any(|printed| printed == line), "{line}: {listed}");
    }
    assert_eq!(count, 10, "{help}");
    Ok(())
}

#[test]
fn port_0_takes_free_ports_and_prints_the_real_ones() -> Result {
    let place = Place::new()?.on_free_ports();
    let running = place.start()?;
    let [shop, operations] = running.addresses()?;
    assert!(shop.port() != 0 && operations.port() != 0, "{}", running.banner);
    assert!(get(shop, "/")?.starts_with("HTTP/1.1 200"));
    assert!(get(operations, "/readyz")?.starts_with("HTTP/1.1 200"));
    let log = running.log()?;
    for field in [
        "event=\"server.started\"".to_owned(),
        format!("address={shop}"),
        format!("operations_address={operations}"),
        format!("public_url=\"http://{shop}\""),
        "database=SQLite file data/marigold.db".to_owned(),
        "providers=simulator".to_owned(),
        "gateways=demo".to_owned(),
        "code_ttl_seconds=600".to_owned(),
        "payment_code_ttl_seconds=300".to_owned(),
        "attempts=5 resends=3".to_owned(),
    ] {
        assert!(log.contains(&field), "{field}: {log}");
    }
    Ok(())
}

#[test]
fn a_public_url_that_is_set_stays_as_it_is_beside_port_0() -> Result {
    let place = Place::new()?.on_free_ports().with("MARIGOLD_PUBLIC_URL", "http://shop.example");
    let running = place.start()?;
    assert_eq!(running.printed("Marigold is open at")?, "http://shop.example");
    Ok(())
}

#[test]
fn a_log_that_goes_to_a_file_has_no_colours() -> Result {
    let place = Place::new()?.on_free_ports();
    let running = place.start()?;
    let log = running.log()?;
    assert!(log.contains("server.started") && !log.contains('\x1b'), "{log}");
    Ok(())
}

#[tokio::test]
async fn the_banner_names_the_accounts_and_phones_that_there_are() -> Result {
    let place = Place::new()?.on_free_ports();
    let running = place.start()?;
    let origin = running.printed("Marigold is open at")?;
    let database = format!("sqlite:{}", place.path("data/marigold.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await?;
    let accounts: Vec<(String, String, String)> =
        sqlx::query_as("select role, email, phone from accounts").fetch_all(&pool).await?;
    assert_eq!(accounts.len(), 2);
    for (role, email, phone) in accounts {
        assert!(running.printed(&role)?.starts_with(&email), "{}", running.banner);
        let address = format!("phone  {origin}/simulator/{}", phone.replace('+', "%2B"));
        assert!(running.banner.contains(&address), "{address}: {}", running.banner);
    }
    Ok(())
}

#[test]
fn a_server_stops_at_a_signal_and_exits_with_success() -> Result {
    let place = Place::new()?.on_free_ports();
    let mut running = place.start()?;
    let told = Command::new("sh").args(["-c", &format!("kill {}", running.child.id())]).status()?;
    assert!(told.success());
    assert!(running.child.wait()?.success());
    let log = running.log()?;
    assert!(log.contains("event=\"server.stopping\""), "{log}");
    // It is the last line, so no job failed because the database was closed before it.
    assert!(log.lines().last().is_some_and(|line| line.contains("server.stopped")), "{log}");
    assert!(!log.contains("ERROR") && !log.contains("job.failed"), "{log}");
    Ok(())
}

#[test]
fn check_provider_says_which_calls_the_running_shop_has_refused() -> Result {
    let twilio = |place: Place| {
        place
            .with("MARIGOLD_PROVIDERS", "twilio")
            .with("TWILIO_ACCOUNT_SID", "AC22222222222222222222222222222222")
            .with("TWILIO_AUTH_TOKEN", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
            .with("TWILIO_FROM", "whatsapp:+447700900001")
            .with("TWILIO_BASE_URL", "http://127.0.0.1:1")
            .with("TWILIO_VERIFY_BASE_URL", "http://127.0.0.1:1")
            .with("TWILIO_CONTENT_BASE_URL", "http://127.0.0.1:1")
            .with("TWILIO_MESSAGING_BASE_URL", "http://127.0.0.1:1")
    };
    let place = twilio(Place::new()?.on_free_ports());
    let running = place.start()?;
    let [shop, operations] = running.addresses()?;
    let rule = "X-Twilio-Webhooks-Signature-Settings: key=a,algorithm=HMAC_SHA256";
    let signature = "X-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let call = format!("POST /webhooks/twilio HTTP/1.1\r\n{signature}\r\nContent-Length: 0");
    for _ in 0..3 {
        let status = status_of(shop, &format!("{call}\r\n{rule}"))?;
        assert!(status.contains("403"), "{status}");
    }
    let place = place.with("MARIGOLD_OPS_ADDR", operations);
    let ended = place.run(&["check-provider"])?;
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    let line = ended.stdout.lines().find(|line| line.contains("refused webhook calls"));
    let line = line.ok_or(ended.stdout.clone())?;
    assert!(line.starts_with("change twilio") && line.contains("3 (the call is signed"), "{line}");
    assert!(line.contains("set TWILIO_WEBHOOK_SHARED_KEY"), "{line}");
    drop(running);
    let ended = place.run(&["check-provider"])?;
    let silent = format!(
        "ok     twilio refused webhook calls: not known, because no shop answers at {operations}"
    );
    assert!(ended.stdout.contains(&silent), "{}", ended.stdout);
    Ok(())
}

#[test]
fn requests_of_anonymous_clients_write_no_warning_but_are_counted() -> Result {
    let place = Place::new()?.on_free_ports();
    let mut running = place.start()?;
    let [shop, operations] = running.addresses()?;
    for head in [
        "GET /account HTTP/1.1\r\nCookie: marigold=AAAAAAAAAAAAAAAAAAAAAA",
        "GET /account HTTP/1.1\r\nCookie: marigold=not an id",
        "GET /account HTTP/1.1\r\nCookie: marigold=; marigold-browser=zz",
        "GET /account HTTP/1.1\r\nCookie: marigold=AAAAAAAAAAAAAAAAAAAAAA; marigold=b",
        "HEAD /images/%00 HTTP/1.1",
        "HEAD /pkg/%ff%00 HTTP/1.1",
        "POST /api/login HTTP/1.1\r\nOrigin: https://evil.example\r\nContent-Length: 0",
        "POST /api/login HTTP/1.1\r\nSec-Fetch-Site: none\r\nContent-Length: 99999999",
        "POST /webhooks/meta HTTP/1.1\r\nContent-Length: 0",
        "BREW /coffee HTTP/1.1",
        "GET /events/login HTTP/1.1",
        "nonsense",
    ] {
        for _ in 0..3 {
            let status = status_of(shop, head)?;
            assert!(!status.contains(" 500"), "{head}: {status}");
        }
    }
    let is_loud = |line: &&str| line.contains(" WARN ") || line.contains(" ERROR ");
    let log = running.log()?;
    assert_eq!(log.lines().find(is_loud), None, "{log}");
    let metrics = get(operations, "/metrics")?;
    assert!(metrics.contains("marigold_warnings_total{event=\"session.unknown\""), "{metrics}");
    Command::new("sh").args(["-c", &format!("kill {}", running.child.id())]).status()?;
    running.child.wait()?;
    let log = running.log()?;
    let unknown = log.lines().filter(|line| line.contains("session.unknown"));
    assert_eq!(unknown.count(), 1, "one line for all of them: {log}");
    assert!(log.contains("cookie.refused"), "{log}");
    Ok(())
}

/// The lines of a listing, with one space between words.
fn lines(listing: &str) -> impl Iterator<Item = String> {
    listing.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}
