//! `marigold check-config`: every setting in force, with its value and where it came from, and
//! what would keep the shop from starting, or is likely to be a mistake.

use std::io::{self, Write};

use marigold::config::Config;

/// Prints the settings, which were checked when they were read, and then what else is wrong.
/// Returns whether the shop could start with them.
pub fn run(config: &Config) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    out.write_all(config.listing.to_string().as_bytes())?;
    let files = config.site.check_files();
    if files.is_ok() && config.suspicious.is_empty() {
        return Ok(true);
    }
    writeln!(out, "\nTo change")?;
    for suspicious in &config.suspicious {
        writeln!(out, "  {suspicious}")?;
    }
    if let Err(problem) = &files {
        writeln!(out, "  {problem}")?;
    }
    Ok(files.is_ok())
}
