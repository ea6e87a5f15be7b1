//! The server as a process of its own, as `make run` starts it.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::process::{Child, Command};

use crate::{client::Client, load::now};

/// The time-out of the first response.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A running server, killed when dropped.
pub struct Program {
    child: Child,
    /// Its address.
    pub address: SocketAddr,
    /// From its start to the end of its first page.
    pub took: Duration,
}

impl Program {
    /// Starts the server with its data in `folder`, and waits for its first page.
    pub async fn start(folder: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begun = now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_marigold"))
            .arg("serve")
            .current_dir(folder)
            .env("MARIGOLD_ADDR", address.to_string())
            .env("MARIGOLD_OPS_ADDR", "127.0.0.1:0")
            .env("LEPTOS_SITE_ROOT", concat!(env!("CARGO_MANIFEST_DIR"), "/target/site"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        loop {
            if let Ok(mut client) = Client::connect(address).await
                && client.get("/", "identity").await.is_ok_and(|a| a.status.is_success())
            {
                return Ok(Self { child, address, took: begun.elapsed() });
            }
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("the server ended at its start: {status}");
            }
            ensure!(begun.elapsed() < TIMEOUT, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Ends the server and waits until it has ended.
    pub async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// The memory that it holds.
    pub fn resident_mebibytes(&self) -> Result<f64> {
        let id = self.child.id().context("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kibibytes: f64 = line.split_whitespace().nth(1).context("no VmRSS")?.parse()?;
        Ok(kibibytes / 1024.0)
    }
}
