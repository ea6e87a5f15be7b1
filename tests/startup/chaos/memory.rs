//! The memory and the connections of a running program.

use std::fs;

use crate::program::{Result, Running};

/// The resident memory in KiB.
pub fn resident(running: &Running) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", running.child.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmRSS")?;
    Ok(kibibytes.parse()?)
}

/// The value of a metric, by its name and labels.
pub fn metric(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}
