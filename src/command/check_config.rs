//! `marigold check-config`: every setting in force, with its value and where it came from.

use std::io::{self, Write};

use marigold::config::Config;

/// Prints the settings, which were checked when they were read.
pub fn run(config: &Config) -> io::Result<()> {
    io::stdout().write_all(config.listing.to_string().as_bytes())
}
