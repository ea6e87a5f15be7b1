//! The program in a folder of its own, as an operator starts it.

use std::{
    error::Error,
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};

use tempfile::TempDir;

pub type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// A folder to start the program in. It has a copy of the program without `hash.txt` beside it,
/// and the files for the browser. The environment of the tests is not passed on.
pub struct Place {
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
}

/// How the program ended.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// The program while it answers requests; killed when dropped.
pub struct Running {
    pub child: Child,
    /// What it printed when it was ready.
    pub banner: String,
    log: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Place {
    pub fn new() -> Result<Self> {
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

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.settings.push((name, value.to_string()));
        self
    }

    /// Uses ports that the system chooses.
    pub fn on_free_ports(self) -> Self {
        self.with("MARIGOLD_ADDR", "127.0.0.1:0").with("MARIGOLD_OPS_ADDR", "127.0.0.1:0")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("marigold"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Result<Ended> {
        let output = self.command(arguments).output()?;
        Ok(Ended {
            status: output.status,
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }

    /// Starts the server, which must refuse, and returns the one message that it prints.
    pub fn refusal(&self) -> Result<String> {
        let ended = self.run(&["serve"])?;
        assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.starts_with("Error: "), "{}", ended.stderr);
        assert_eq!(ended.stderr.matches("Error: ").count(), 1, "{}", ended.stderr);
        assert!(!ended.stderr.contains("backtrace"), "{}", ended.stderr);
        Ok(ended.stderr)
    }

    /// Starts the server and waits until it says that it is ready.
    pub fn start(&self) -> Result<Running> {
        self.start_by(self.command(&["serve"]))
    }

    /// The same by another command, which becomes the server.
    pub fn start_by(&self, mut command: Command) -> Result<Running> {
        let log = self.path("log");
        let mut child = command.stdout(Stdio::piped()).stderr(File::create(&log)?).spawn()?;
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
    /// Sends the signal by which a supervisor stops the server.
    pub fn terminate(&self) -> Result {
        let told = Command::new("kill").arg(self.child.id().to_string()).status()?;
        assert!(told.success());
        Ok(())
    }

    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// The words after these in a line of the banner.
    pub fn printed(&self, words: &str) -> Result<&str> {
        let line = self.banner.lines().find_map(|line| line.trim().strip_prefix(words));
        Ok(line.ok_or_else(|| format!("no `{words}` in {}", self.banner))?.trim())
    }

    /// The printed addresses of the shop and of health and metrics.
    pub fn addresses(&self) -> Result<[SocketAddr; 2]> {
        let parse = |words| -> Result<SocketAddr> {
            Ok(self.printed(words)?.trim_start_matches("http://").parse()?)
        };
        Ok([parse("Marigold is open at")?, parse("health and metrics at")?])
    }
}
