//! The program as a process: how soon it answers, how much memory it holds.

use std::{
    net::{SocketAddr, TcpListener},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::process::{Child, Command};

use crate::{
    client::Client,
    load::{ROUNDS, load, middle, now},
    pages::weigh,
};

/// Measures and prints.
pub async fn measure(product: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = env!("CARGO_BIN_EXE_marigold");
    // The first start migrates and seeds; it is not the one that is measured.
    let first = Started::start(program, folder.path()).await?;
    weigh(first.address, product).await?;
    drop(first);

    let (mut starts, mut idle, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Started::start(program, folder.path()).await?;
        starts.push(started.took.as_secs_f64() * 1000.0);
        idle.push(started.resident_mebibytes()?);
        let address = started.address;
        let connect = async |_| Client::connect(address).await.ok();
        load(64, Duration::from_secs(2), connect, |client| async move {
            let mut client = client?;
            client.get("/products", "br").await.is_ok().then_some(client)
        })
        .await;
        busy.push(started.resident_mebibytes()?);
    }
    println!("\nthe program");
    println!("  cold start to the first page   {:>7.0} ms", middle(starts));
    println!("  resident memory, idle          {:>7.1} MiB", middle(idle));
    println!("  resident memory, 64 readers    {:>7.1} MiB", middle(busy));
    Ok(())
}

/// A running server, stopped when dropped.
struct Started {
    child: Child,
    address: SocketAddr,
    took: Duration,
}

impl Started {
    async fn start(program: &str, folder: &std::path::Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begun = now();
        let child = Command::new(program)
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
            anyhow::ensure!(
                begun.elapsed() < Duration::from_secs(60),
                "the program does not answer"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn resident_mebibytes(&self) -> Result<f64> {
        let id = self.child.id().context("the program has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kibibytes: f64 = line.split_whitespace().nth(1).context("no VmRSS")?.parse()?;
        Ok(kibibytes / 1024.0)
    }
}
