//! The program as a process: what it prints when a setting is wrong, and how it starts and
//! stops.

use std::{
    error::Error,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};

use tempfile::TempDir;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// A folder to start the program in. It has a copy of the program without `hash.txt` beside it,
/// and the files for the browser. The environment of the tests is not passed on.
struct Place {
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
}

/// How the program ended.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// The program while it answers requests; killed when dropped.
struct Running {
    child: Child,
    /// What it printed when it was ready.
    banner: String,
    log: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Place {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let at = |name: &str| folder.path().join(name);
        fs::hard_link(env!("CARGO_BIN_EXE_marigold"), at("marigold"))?;
        fs::create_dir_all(at("target/site/pkg"))?;
        fs::write(at("target/site/pkg/marigold.js"), "export {}")?;
        fs::write(at("target/site/pkg/marigold.wasm"), "")?;
        // With an empty file, no file of a folder above is read.
        fs::write(at(".env"), "")?;
        Ok(Self { folder, settings: Vec::new() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.settings.push((name, value.to_string()));
        self
    }

    /// Uses ports that the system chooses.
    fn on_free_ports(self) -> Self {
        self.with("MARIGOLD_ADDR", "127.0.0.1:0").with("MARIGOLD_OPS_ADDR", "127.0.0.1:0")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("marigold"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    fn run(&self, arguments: &[&str]) -> Result<Ended> {
        let output = self.command(arguments).output()?;
        Ok(Ended {
            status: output.status,
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// Starts the server, which must refuse, and returns the one message that it prints.
    fn refusal(&self) -> Result<String> {
        let ended = self.run(&["serve"])?;
        assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.starts_with("Error: "), "{}", ended.stderr);
        assert_eq!(ended.stderr.matches("Error: ").count(), 1, "{}", ended.stderr);
        assert!(!ended.stderr.contains("backtrace"), "{}", ended.stderr);
        Ok(ended.stderr)
    }

    /// Starts the server and waits until it says that it is ready.
    fn start(&self) -> Result<Running> {
        let log = self.path("log");
        let mut child =
            self.command(&["serve"]).stdout(Stdio::piped()).stderr(File::create(&log)?).spawn()?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let mut running = Running { child, banner: String::new(), log };
        let mut lines = BufReader::new(stdout);
        while !running.banner.contains("health and metrics at") {
            if lines.read_line(&mut running.banner)? == 0 {
                return Err(format!("it ended: {}", running.log()?).into());
            }
        }
        Ok(running)
    }
}

impl Running {
    fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// The words after these in a line of the banner.
    fn printed(&self, words: &str) -> Result<&str> {
        let line = self.banner.lines().find_map(|line| line.trim().strip_prefix(words));
        Ok(line.ok_or_else(|| format!("no `{words}` in {}", self.banner))?.trim())
    }

    /// The printed addresses of the shop and of health and metrics.
    fn addresses(&self) -> Result<[SocketAddr; 2]> {
        let parse = |words| -> Result<SocketAddr> {
            Ok(self.printed(words)?.trim_start_matches("http://").parse()?)
        };
        Ok([parse("Marigold is open at")?, parse("health and metrics at")?])
    }
}

/// The response of a server to a request for this path.
fn get(address: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
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
fn a_line_of_the_env_file_that_cannot_be_read_is_refused() -> Result {
    let place = Place::new()?;
    fs::write(place.path(".env"), "MARIGOLD_SHOP_NAME=Ada & Sons\nMARIGOLD_ENV=production\n")?;
    let said = place.refusal()?;
    assert!(said.contains("the file .env cannot be read at MARIGOLD_SHOP_NAME"), "{said}");
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
    assert_eq!(count, 8, "{help}");
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
        "gateway=\"demo\"".to_owned(),
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

/// The lines of a listing, with one space between words.
fn lines(listing: &str) -> impl Iterator<Item = String> {
    listing.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}
