//! One-time passwords: cycles of requesting a code, sending, reading and verifying it.
//! Each commits to the database, so the commit limit of the machine is printed beside them.

use std::{net::SocketAddr, path::Path};

use anyhow::{Result, ensure};
use sqlx::sqlite::SqliteSynchronous;

use crate::{
    app::{MAX_CLIENTS, TestApp, phone, visitor},
    client::Client,
    figure::{self, Figure, PER_SECOND},
    limits,
    load::{ROUND_DURATION, ROUNDS, Sample, load, median, middle, rounds},
    pages::serve,
};

/// The numbers of clients that send requests at once.
const CLIENT_COUNTS: [usize; 3] = [1, 8, MAX_CLIENTS];

/// The suite `engine`: cycles without HTTP.
pub async fn in_process(folder: &Path) -> Result<Vec<Figure>> {
    println!("\nengine: one-time passwords asked for, sent, read and answered, without HTTP");
    let app = TestApp::build(folder).await?;
    app.dispatch();
    measure(folder, &app, async |clients| direct(&app, clients).await).await
}

/// The suite `http`: the same cycles as requests of kept-alive connections.
pub async fn over_http(folder: &Path) -> Result<Vec<Figure>> {
    println!("\nhttp: one-time passwords asked for, sent, read and answered, through HTTP");
    let app = TestApp::build(folder).await?;
    app.dispatch();
    let address = serve(&app).await?;
    measure(folder, &app, async |clients| requests(&app, address, clients).await).await
}

/// Measures cycles in turns with the machine's commits, and prints both.
async fn measure(
    folder: &Path,
    app: &TestApp,
    cycles: impl AsyncFn(usize) -> Result<Sample>,
) -> Result<Vec<Figure>> {
    let commits = commits_of_a_cycle(app).await?;
    let mut raw = Vec::new();
    let mut samples: [Vec<Sample>; CLIENT_COUNTS.len()] = Default::default();
    for _ in 0..ROUNDS {
        raw.push(limits::commits(folder, SqliteSynchronous::Full, ROUND_DURATION).await?);
        for (clients, samples) in CLIENT_COUNTS.into_iter().zip(&mut samples) {
            samples.push(cycles(clients).await?);
        }
    }
    println!("  {}, SQLite with synchronous = full", rounds());
    let raw = middle(raw);
    let limit = raw / commits;
    let mut figures = vec![
        Figure::new("commits of this machine", raw, PER_SECOND),
        Figure::new("commits of a cycle, sending included", commits, "commits"),
        Figure::new("commit limit / commits of a cycle", limit, PER_SECOND),
    ];
    figure::print(&figures);
    for (clients, samples) in CLIENT_COUNTS.into_iter().zip(samples) {
        let sample = median(samples);
        let share = 100.0 * sample.per_second / limit;
        sample.print("cycles", clients, &format!("{share:.0} % of that limit"));
        figures.extend(sample.figures("cycles", clients));
    }
    Ok(figures)
}

/// Commits that one cycle takes when no other runs, the dispatcher's included, as counted by
/// the writer.
async fn commits_of_a_cycle(app: &TestApp) -> Result<f64> {
    const CYCLES: u32 = 50;
    let visitor = visitor(0);
    let before = app.db.commits().unwrap_or_default();
    for _ in 0..CYCLES {
        let cycle = app.cycle(0, &visitor).await;
        ensure!(cycle.is_ok(), "a cycle was refused: {cycle:?}");
    }
    let all = app.db.commits().unwrap_or_default() - before;
    Ok(all as f64 / f64::from(CYCLES))
}

async fn direct(app: &TestApp, clients: usize) -> Result<Sample> {
    let app = app.clone();
    load(
        clients,
        ROUND_DURATION,
        async |number| Ok(number),
        move |number| {
            let app = app.clone();
            async move {
                let cycle = app.cycle(number, &visitor(number)).await;
                ensure!(cycle.is_ok(), "a cycle was refused: {cycle:?}");
                Ok(number)
            }
        },
    )
    .await
}

async fn requests(app: &TestApp, address: SocketAddr, clients: usize) -> Result<Sample> {
    let recorded = app.recorded.clone();
    let connect = async |number| {
        let mut client = Client::connect(address).await?;
        // The page of the form gives the browser its secret.
        client.get("/reset", "identity").await?;
        Ok((number, client))
    };
    load(clients, ROUND_DURATION, connect, move |(number, mut client)| {
        let recorded = recorded.clone();
        async move {
            let identifier = format!("email=%2B{}", phone(number).trim_start_matches('+'));
            let asked = client.post("/api/reset", identifier).await?;
            ensure!(asked.status.is_redirection(), "no code was sent: {}", asked.status);
            let code = recorded.take(&phone(number)).await;
            let answered = client.post("/api/reset/verify", format!("code={code}")).await?;
            ensure!(answered.location == "/reset/password", "the code was refused");
            Ok((number, client))
        }
    })
    .await
}
