//! What `make bench` prints: how fast the codes, the pages and the start are,
//! beside what this machine can do at best. Every figure is the median of at
//! least five rounds of one run; figures that belong together are measured in
//! turns, so that a busy machine is busy for both.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod client;
mod codes;
mod house;
mod load;
mod pages;
mod process;
mod raw;
mod wire;

use std::time::Duration;

use anyhow::Result;

/// As in the program, so that what is measured here is what runs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long one round of load lasts.
pub const SPAN: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<()> {
    // `cargo bench` adds its own arguments, and `cargo test --benches` runs this
    // without them, only to see that it starts.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    println!("{} cores, median of {} rounds of {SPAN:?}", cores(), load::ROUNDS);
    codes::measure(folder.path()).await?;
    wire::measure(folder.path()).await?;
    let product = pages::measure(folder.path()).await?;
    process::measure(&product).await
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
