//! The program of `make bench`. It measures codes, pages and the start of the server, beside the
//! limits of this machine. Every timed figure is the median of at least five rounds. Figures
//! that are compared with each other are measured in turns, so that other work on the machine
//! slows them alike.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its figures")]

mod app;
mod bytes;
mod client;
mod codes;
mod delivery;
mod figure;
mod limits;
mod load;
mod pages;
mod program;
mod start;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use clap::{Parser, ValueEnum};
use figure::Figure;

/// The allocator of the server, so that the figures are those of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    /// Appends every figure to this file, one tab-separated line each.
    #[arg(long)]
    figures: Option<PathBuf>,
    /// The suites to run: all of them when none is named. `list` prints their names.
    suites: Vec<String>,
}

/// The parts of the benchmark. The first line of each comment is what `list` prints.
#[derive(Clone, Copy, ValueEnum)]
enum Suite {
    /// what this machine can do: SQLite commits and Argon2id hashes
    Limits,
    /// one-time passwords through the shop's own functions, beside the commit limit
    Engine,
    /// one-time passwords through HTTP, beside the commit limit
    Http,
    /// the time from a code's issue to the arrival of its request at the provider
    Delivery,
    /// reading a product page, beside an axum handler that answers the same bytes
    Pages,
    /// the start of the server, and the memory that it holds
    Start,
    /// the size of a first visit to each page
    Bytes,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    // `cargo bench` adds `--bench`. `cargo test --benches` does not: it only looks whether
    // this starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let arguments = Arguments::parse_from(std::env::args().filter(|word| word != "--bench"));
    if arguments.suites == ["list"] {
        println!("{}", list());
        return Ok(ExitCode::SUCCESS);
    }
    let Ok(suites) = chosen(&arguments.suites) else {
        eprintln!("Unknown suite in '{}'. The suites are:", arguments.suites.join(" "));
        eprintln!("{}", list());
        return Ok(ExitCode::from(2));
    };
    println!("{} cores", std::thread::available_parallelism().map_or(1, usize::from));
    for suite in suites {
        let folder = tempfile::tempdir()?;
        let figures = run(suite, folder.path()).await?;
        if let Some(file) = &arguments.figures {
            figure::append(file, &name(suite), &figures)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The named suites, or all of them; an error when a name is unknown.
fn chosen(names: &[String]) -> Result<Vec<Suite>, String> {
    if names.is_empty() {
        return Ok(Suite::value_variants().to_vec());
    }
    names.iter().map(|name| Suite::from_str(name, false)).collect()
}

/// One line for each suite: its name and what it measures.
fn list() -> String {
    let lines = Suite::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let lines = lines.map(|suite| {
        let about = suite.get_help().map(ToString::to_string).unwrap_or_default();
        format!("  {:<9} {about}", suite.get_name())
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn name(suite: Suite) -> String {
    suite.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Measures and prints one suite. It may write to the folder.
async fn run(suite: Suite, folder: &Path) -> Result<Vec<Figure>> {
    match suite {
        Suite::Limits => limits::measure(folder).await,
        Suite::Engine => codes::in_process(folder).await,
        Suite::Http => codes::over_http(folder).await,
        Suite::Delivery => delivery::measure(folder).await,
        Suite::Pages => pages::measure(folder).await,
        Suite::Start => start::measure(folder).await,
        Suite::Bytes => bytes::measure(folder).await,
    }
}
