//! What `make chaos` runs with the real program: minutes of attack and load, whose figures are
//! printed. `make test` leaves these tests out; shorter forms of what they prove are elsewhere.

mod backups;
mod builds;
mod client;
mod load;
mod memory;
mod peers;

use std::time::Duration;

/// A number that `scripts/chaos` passes on.
#[expect(clippy::disallowed_methods, reason = "the script tells its tests")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// How long the load lasts.
fn duration() -> Duration {
    Duration::from_secs(number("MARIGOLD_CHAOS_SECONDS", 60))
}

/// Prints figures.
fn print(scenario: &str, figures: &str) {
    crate::say(&format!("chaos {scenario}: {figures}"));
}
