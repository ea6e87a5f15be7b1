//! How long statements and transactions take.

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use tokio::time::Instant;

const STATEMENT_DURATION: &str = "marigold_store_statement_duration_seconds";
const TRANSACTION_DURATION: &str = "marigold_store_transaction_duration_seconds";
const BUSY: &str = "marigold_store_busy_total";

/// Explains the metrics of this crate to the recorder.
pub fn describe() {
    describe_histogram!(STATEMENT_DURATION, Unit::Seconds, "Duration of SQL statements");
    describe_histogram!(
        TRANSACTION_DURATION,
        Unit::Seconds,
        "Duration of writing transactions, from the request to the commit"
    );
    describe_counter!(
        BUSY,
        Unit::Count,
        "Requests that ended because the database was busy, by reason"
    );
}

/// Measures one statement, until it is dropped.
pub(crate) struct StatementTimer {
    engine: &'static str,
    started: Instant,
}

impl StatementTimer {
    pub(crate) fn start(engine: &'static str) -> Self {
        Self { engine, started: Instant::now() }
    }
}

impl Drop for StatementTimer {
    fn drop(&mut self) {
        histogram!(STATEMENT_DURATION, "engine" => self.engine).record(self.started.elapsed());
    }
}

/// Records a transaction that began at `started`.
pub(crate) fn record_transaction(started: Instant, is_committed: bool) {
    let outcome = if is_committed { "committed" } else { "rolled_back" };
    histogram!(TRANSACTION_DURATION, "outcome" => outcome).record(started.elapsed());
}

/// Counts a request that ended because the database was busy.
pub(crate) fn count_busy(reason: &'static str) {
    counter!(BUSY, "reason" => reason).increment(1);
}
