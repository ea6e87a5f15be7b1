//! Load: a number of clients, each of which sends the next request when it has the response.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::figure::{Figure, MILLISECONDS, PER_SECOND};

/// How often each figure is measured; the median is reported.
pub const ROUNDS: usize = 5;

/// How long one round of load lasts.
pub const ROUND_DURATION: Duration = Duration::from_secs(2);

/// How a figure of load is measured, in words.
pub fn rounds() -> String {
    format!("median of {ROUNDS} rounds of {ROUND_DURATION:?}")
}

/// The result of one round of load.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    /// Responses per second of all clients.
    pub per_second: f64,
    /// The median response time.
    pub p50: Duration,
    /// The 99th percentile of the response time.
    pub p99: Duration,
}

impl Sample {
    /// Prints it on one line, with a note at its end.
    pub fn print(&self, name: &str, clients: usize, note: &str) {
        let Self { per_second, p50, p99 } = self;
        println!(
            "  {name:<27} {clients:>2} clients {per_second:>8.0} per second  p50 {p50:>9.2?}  \
             p99 {p99:>9.2?}  {note}"
        );
    }

    /// The same as figures.
    pub fn figures(&self, name: &str, clients: usize) -> [Figure; 3] {
        let name = format!("{name}, {clients} clients");
        let (p50, p99) = (format!("{name}, p50"), format!("{name}, p99"));
        [
            Figure::new(name, self.per_second, PER_SECOND),
            Figure::new(p50, milliseconds(self.p50), MILLISECONDS),
            Figure::new(p99, milliseconds(self.p99), MILLISECONDS),
        ]
    }
}

/// Runs `clients` tasks for `span`. `client(number)` makes what one client keeps, `ask` does
/// one thing with it.
///
/// # Errors
///
/// The first error of `client` or `ask`.
pub async fn load<C, M, A, F>(clients: usize, span: Duration, client: M, ask: A) -> Result<Sample>
where
    C: Send + 'static,
    M: AsyncFn(usize) -> Result<C>,
    A: Fn(C) -> F + Clone + Send + 'static,
    F: Future<Output = Result<C>> + Send,
{
    let mut ready = Vec::with_capacity(clients);
    for number in 0..clients {
        ready.push(client(number).await?);
    }
    let begun = now();
    let tasks: Vec<_> = ready
        .into_iter()
        .map(|mut kept| {
            let ask = ask.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < span {
                    let asked = now();
                    kept = ask(kept).await?;
                    times.push(asked.elapsed());
                }
                anyhow::Ok(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let took = begun.elapsed();
    times.sort_unstable();
    Ok(Sample {
        per_second: times.len() as f64 / took.as_secs_f64(),
        p50: quantile(&times, 50),
        p99: quantile(&times, 99),
    })
}

/// The median sample, by responses per second.
pub fn median(mut samples: Vec<Sample>) -> Sample {
    samples.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

/// The median.
pub fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// A span in milliseconds.
pub fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// The present moment of real time, which benchmarks measure.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub fn now() -> Instant {
    Instant::now()
}
