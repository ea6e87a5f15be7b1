//! Load: so many clients, each asking again as soon as it was answered.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// How often each figure is measured; the median is printed.
pub const ROUNDS: usize = 5;

/// What one round of load showed.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Answers a second, all clients together.
    pub per_second: f64,
    /// Half of the answers came within this.
    pub p50: Duration,
    /// All but one in a hundred came within this.
    pub p99: Duration,
}

/// Runs `clients` tasks for `span`. `client(number)` makes what one client
/// keeps, `ask` does one thing with it.
pub async fn load<C, M, A, F>(clients: usize, span: Duration, client: M, ask: A) -> Sample
where
    C: Send + 'static,
    M: AsyncFn(usize) -> C,
    A: Fn(C) -> F + Clone + Send + 'static,
    F: Future<Output = C> + Send,
{
    let mut ready = Vec::with_capacity(clients);
    for number in 0..clients {
        ready.push(client(number).await);
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
                    kept = ask(kept).await;
                    times.push(asked.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap_or_default());
    }
    let took = begun.elapsed();
    times.sort_unstable();
    Sample {
        per_second: times.len() as f64 / took.as_secs_f64(),
        p50: quantile(&times, 50),
        p99: quantile(&times, 99),
    }
}

/// The sample in the middle, by answers a second.
pub fn median(mut samples: Vec<Sample>) -> Sample {
    samples.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    samples.get(samples.len() / 2).copied().unwrap_or(Sample {
        per_second: 0.0,
        p50: Duration::ZERO,
        p99: Duration::ZERO,
    })
}

/// The number in the middle.
pub fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// The stop-watch; benchmarks measure real time.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub fn now() -> Instant {
    Instant::now()
}
