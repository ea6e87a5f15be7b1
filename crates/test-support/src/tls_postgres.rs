//! A PostgreSQL server with TLS, and certificates that the program `openssl` makes for it. The
//! server that `scripts/postgres` starts listens on a Unix socket only, where there is no TLS.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A server on a port of this machine, which knows the user `marigold` without a password. It
/// stops when this is dropped.
pub struct TlsPostgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

/// Who signed the certificate of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// The authority of [`TlsPostgres::authority`].
    Authority,
    /// The server itself, with the certificate of an authority, as `openssl req -x509` makes it.
    Itself,
}

impl TlsPostgres {
    /// Starts a server whose certificate is for `localhost`. `None`, and a line that says so, if
    /// PostgreSQL or `openssl` is not installed.
    pub fn start() -> Option<Self> {
        let programs = programs().filter(|_| is_installed("openssl"));
        let Some(programs) = programs else {
            eprintln!("skipped: PostgreSQL or openssl is not installed");
            return None;
        };
        let folder = TempDir::new().unwrap();
        make_certificates(folder.path());
        give_to_owner(folder.path());
        let server = Self { folder, programs, port: free_port() };
        server.run("initdb", &["-D", "cluster", "-U", "marigold", "-A", "trust", "--no-sync"]);
        server.use_certificate(Issuer::Authority);
        let settings = format!(
            "-c port={} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c ssl=on \
             -c ssl_cert_file=server.pem -c ssl_key_file=server.key -c fsync=off",
            server.port
        );
        server.run("pg_ctl", &["start", "-w", "-D", "cluster", "-l", "log", "-o", &settings]);
        Some(server)
    }

    /// The address of its database under one of the names of this machine.
    pub fn address(&self, host: &str, parameters: &str) -> String {
        format!("postgres://marigold@{host}:{}/postgres?{parameters}", self.port)
    }

    /// The file with the certificate of the authority that issued that of the server.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// The file with the certificate of another authority.
    pub fn other_authority(&self) -> PathBuf {
        self.folder.path().join("other.pem")
    }

    /// Gives the server another certificate, for new connections.
    pub fn change_certificate(&self, issuer: Issuer) {
        self.use_certificate(issuer);
        self.run("pg_ctl", &["restart", "-w", "-D", "cluster", "-l", "log", "-m", "fast"]);
    }

    /// Starts the server again without TLS.
    pub fn switch_tls_off(&self) {
        let settings = format!("-c port={} -c listen_addresses=127.0.0.1 -c fsync=off", self.port);
        let settings = format!("{settings} -c unix_socket_directories= -c ssl=off");
        self.run("pg_ctl", &["stop", "-w", "-D", "cluster", "-m", "fast"]);
        self.run("pg_ctl", &["start", "-w", "-D", "cluster", "-l", "log", "-o", &settings]);
    }

    fn use_certificate(&self, issuer: Issuer) {
        let (certificate, key) = match issuer {
            Issuer::Authority => ("issued.pem", "issued.key"),
            Issuer::Itself => ("authority.pem", "authority.key"),
        };
        for (from, to) in [(certificate, "server.pem"), (key, "server.key")] {
            let to = self.folder.path().join("cluster").join(to);
            fs::copy(self.folder.path().join(from), &to).unwrap();
            run(Command::new("chmod").arg("600").arg(&to));
        }
        give_to_owner(self.folder.path());
    }

    /// Runs a program of PostgreSQL, which refuses to run as root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = as_owner(&self.programs.join(program));
        run(command.args(arguments).current_dir(self.folder.path()));
    }
}

impl Drop for TlsPostgres {
    fn drop(&mut self) {
        let mut command = as_owner(&self.programs.join("pg_ctl"));
        command.args(["stop", "-D", "cluster", "-m", "immediate"]);
        let _ = command.current_dir(self.folder.path()).stdout(Stdio::null()).status();
    }
}

/// Makes two authorities, and a certificate of the first for `localhost`.
fn make_certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        run(command.args(arguments.split_whitespace()).current_dir(folder));
    };
    const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for name in ["authority", "other"] {
        openssl(&format!(
            "req -x509 {NEW_KEY} -days 2 -subj /CN={name} -addext subjectAltName=DNS:localhost \
             -keyout {name}.key -out {name}.pem"
        ));
    }
    openssl(&format!("req {NEW_KEY} -subj /CN=server -keyout issued.key -out issued.csr"));
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl(
        "x509 -req -in issued.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
         -extfile names -out issued.pem",
    );
}

/// The folder with the programs of PostgreSQL, which Debian does not add to `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    folders.filter(|folder| folder.join("initdb").is_file()).max()
}

fn is_installed(program: &str) -> bool {
    let found = Command::new(program).arg("version").stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    let said = Command::new("id").arg("-u").output().unwrap();
    said.stdout.trim_ascii() == b"0"
}

/// A command that runs as the user `nobody` if root runs the tests.
fn as_owner(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]).arg(program);
    command
}

fn give_to_owner(folder: &Path) {
    if is_root() {
        run(Command::new("chown").args(["-R", "nobody"]).arg(folder));
    }
}

/// A port that nothing uses at the moment. PostgreSQL cannot choose one itself.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[track_caller]
fn run(command: &mut Command) {
    // The server would inherit a pipe and keep it open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.unwrap().success(), "{command:?} failed");
}
