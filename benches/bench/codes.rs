//! One-time passwords: cycles of asking for a code, reading it and answering it.

use std::{net::SocketAddr, path::Path};

use anyhow::{Result, ensure};
use sqlx::sqlite::SqliteSynchronous;

use crate::{
    SPAN,
    client::Client,
    house::{CLIENTS, House, phone, visitor},
    load::{ROUNDS, Sample, load, median, middle},
    pages::serve,
    raw,
};

const CROWDS: [usize; 3] = [1, 8, CLIENTS];

/// Everything measured in one round.
#[derive(Default)]
struct Rounds {
    full: Vec<f64>,
    normal: Vec<f64>,
    hashes: Vec<f64>,
    engine: [Vec<Sample>; 3],
    http: [Vec<Sample>; 3],
}

/// Measures and prints.
pub async fn measure(folder: &Path) -> Result<()> {
    let house = House::build(folder).await?;
    house.dispatch();
    let address = serve(&house).await?;
    let commits = commits_of_a_cycle(&house).await?;

    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        rounds.full.push(raw::commits(folder, SqliteSynchronous::Full, SPAN).await?);
        rounds.normal.push(raw::commits(folder, SqliteSynchronous::Normal, SPAN).await?);
        rounds.hashes.push(raw::hashes(SPAN));
        for (index, crowd) in CROWDS.into_iter().enumerate() {
            if let Some(samples) = rounds.engine.get_mut(index) {
                samples.push(engine(&house, crowd).await);
            }
            if let Some(samples) = rounds.http.get_mut(index) {
                samples.push(http(&house, address, crowd).await);
            }
        }
    }
    print(rounds, commits);
    Ok(())
}

/// Commits that one cycle alone takes, the dispatcher's included, as counted by
/// the writer.
async fn commits_of_a_cycle(house: &House) -> Result<f64> {
    const CYCLES: u32 = 50;
    let visitor = visitor(0);
    let before = house.db.commits().unwrap_or_default();
    for _ in 0..CYCLES {
        let cycle = house.cycle(0, &visitor).await;
        ensure!(cycle.is_ok(), "a cycle was refused: {cycle:?}");
    }
    let all = house.db.commits().unwrap_or_default() - before;
    Ok(all as f64 / f64::from(CYCLES))
}

async fn engine(house: &House, crowd: usize) -> Sample {
    let asking = house.clone();
    load(
        crowd,
        SPAN,
        async |number| number,
        move |number| {
            let house = asking.clone();
            async move {
                let cycle = house.cycle(number, &visitor(number)).await;
                assert!(cycle.is_ok(), "a cycle was refused: {cycle:?}");
                number
            }
        },
    )
    .await
}

async fn http(house: &House, address: SocketAddr, crowd: usize) -> Sample {
    let letters = house.letters.clone();
    let connect = async |number| (number, Client::connect(address).await.ok());
    load(crowd, SPAN, connect, move |(number, client)| {
        let letters = letters.clone();
        async move {
            let Some(mut client) = client else { return (number, None) };
            let identifier = format!("email=%2B{}", phone(number).trim_start_matches('+'));
            let asked = client.post("/api/reset", identifier).await;
            assert!(asked.is_ok_and(|answer| answer.status.is_redirection()), "no code");
            let code = letters.take(&phone(number)).await;
            let answered = client.post("/api/reset/verify", format!("code={code}")).await;
            let right = answered.is_ok_and(|answer| answer.location == "/reset/password");
            assert!(right, "the code was refused");
            (number, Some(client))
        }
    })
    .await
}

fn print(rounds: Rounds, commits: f64) {
    let full = middle(rounds.full);
    let limit = full / commits;
    println!("\nthis machine");
    println!("  SQLite commits a second, synchronous = full    {full:>9.0}");
    println!("  SQLite commits a second, synchronous = normal  {:>9.0}", middle(rounds.normal));
    println!("  Argon2id hashes a second (19 MiB, 2 passes)    {:>9.1}", middle(rounds.hashes));
    println!("\none-time passwords: asked for, sent, read, answered (synchronous = full)");
    println!("  commits of a lonely cycle, sending included    {commits:>9.1}");
    println!("  commit limit / commits of a cycle              {limit:>9.0} cycles a second");
    for (name, samples) in [("engine alone", rounds.engine), ("through HTTP", rounds.http)] {
        for (crowd, samples) in CROWDS.into_iter().zip(samples) {
            let Sample { per_second, p50, p99 } = median(samples);
            let share = 100.0 * per_second / limit;
            println!(
                "  {name}, {crowd:>2} clients  {per_second:>7.0} a second ({share:>4.0} % of that)  \
                 p50 {p50:>9.2?}  p99 {p99:>9.2?}"
            );
        }
    }
}
