//! The time from the start of the server to its first response, and its memory.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::{
    app::MAX_CLIENTS,
    client::Client,
    figure::{self, Figure, MEBIBYTES, MILLISECONDS},
    load::{ROUND_DURATION, ROUNDS, load, middle, milliseconds},
    program::Program,
};

/// Measures and prints.
pub async fn measure(folder: &Path) -> Result<Vec<Figure>> {
    println!("\nstart: the server with an existing database");
    // The first start creates and fills the database; it is not measured.
    Program::start(folder).await?.stop().await?;

    let (mut starts, mut idle, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let program = Program::start(folder).await?;
        starts.push(milliseconds(program.took));
        idle.push(program.resident_mebibytes()?);
        read_catalogue(&program).await?;
        busy.push(program.resident_mebibytes()?);
        program.stop().await?;
    }
    println!("  median of {ROUNDS} starts");
    let figures = vec![
        Figure::new("cold start to the first page", middle(starts), MILLISECONDS),
        Figure::new("resident memory, idle", middle(idle), MEBIBYTES),
        Figure::new(format!("resident memory, {MAX_CLIENTS} readers"), middle(busy), MEBIBYTES),
    ];
    figure::print(&figures);
    Ok(figures)
}

/// Lets clients read the catalogue for a while.
async fn read_catalogue(program: &Program) -> Result<()> {
    let connect = async |_| Client::connect(program.address).await;
    let read = |mut client: Client| async move {
        let status = client.get("/products", "br").await?.status;
        ensure!(status.is_success(), "the catalogue answered {status}");
        Ok(client)
    };
    load(MAX_CLIENTS, ROUND_DURATION, connect, read).await?;
    Ok(())
}
