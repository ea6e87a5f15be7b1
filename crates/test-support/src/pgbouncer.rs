//! PgBouncer between a test and the server that `TEST_DATABASE_URL` names.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

/// A release of PgBouncer that may be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PgBouncerVersion {
    /// Debian 12. It does not know prepared statements.
    V1_18,
    /// Debian 13, unpacked by `scripts/pgbouncer`. It keeps prepared statements apart.
    V1_24,
}

impl PgBouncerVersion {
    /// The program, if it is installed in this version.
    fn program(self) -> Option<PathBuf> {
        let (path, version) = match self {
            Self::V1_18 => (PathBuf::from("/usr/sbin/pgbouncer"), "PgBouncer 1.18"),
            Self::V1_24 => (tools()?.join("pgbouncer-1.24/pgbouncer"), "PgBouncer 1.24"),
        };
        let said = Command::new(&path).arg("--version").output().ok()?;
        String::from_utf8_lossy(&said.stdout).contains(version).then_some(path)
    }
}

/// The folder of the scripts' tools, as in `scripts/lib`.
fn tools() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    set("MARIGOLD_TOOLS").or_else(|| Some(cache()?.join("marigold/tools")))
}

/// A PgBouncer that runs until this is dropped. It listens on a socket in a folder of its own.
pub struct PgBouncer {
    process: Child,
    folder: TempDir,
}

impl PgBouncer {
    /// Starts PgBouncer before the server of `address`, with these settings. `None`, and a line
    /// that says so, if it is not installed in this version.
    pub fn start(version: PgBouncerVersion, address: &str, settings: &str) -> Option<Self> {
        let Some(program) = version.program() else {
            eprintln!("skipped: PgBouncer {version:?} is not installed");
            return None;
        };
        let server: PgConnectOptions = address.parse().unwrap();
        let folder = TempDir::new().unwrap();
        // PgBouncer changes to another user when root starts it, and makes its socket there.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, configuration(&server, folder.path(), settings)).unwrap();
        let mut process = Command::new(program)
            .arg(file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let is_up = log.any(|line| line.unwrap().contains("process up"));
        assert!(is_up, "PgBouncer ended");
        // Somebody has to read the rest, or PgBouncer waits for its log.
        std::thread::spawn(move || log.for_each(drop));
        Some(Self { process, folder })
    }

    /// The address of a database behind this PgBouncer.
    pub fn address(&self, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://marigold@{folder}:6432/{database}")
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(server: &PgConnectOptions, folder: &Path, settings: &str) -> String {
    let socket = server.get_socket();
    let host = socket.map_or(server.get_host().to_owned(), |path| path.display().to_string());
    let (port, user) = (server.get_port(), server.get_username());
    let as_owner = socket.and_then(|path| other_owner(path));
    let as_owner = as_owner.map(|owner| format!("user = {owner}\n")).unwrap_or_default();
    let folder = folder.display();
    format!(
        "[databases]\n* = host={host} port={port} user={user}\n[pgbouncer]\n\
         unix_socket_dir = {folder}\nlisten_port = 6432\nauth_type = any\n\
         max_client_conn = 200\n{as_owner}{settings}\n"
    )
}

/// The owner of the server's folder, if root runs the tests.
fn other_owner(socket: &Path) -> Option<String> {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let owner = || said("stat", &["-c", "%U", &socket.display().to_string()]);
    (said("id", &["-u"]) == "0").then(owner)
}
