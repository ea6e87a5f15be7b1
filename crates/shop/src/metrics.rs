//! What sending messages measures.

use std::time::Duration;

use domain::Channel;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::warnings::WARNINGS;

const SENDS: &str = "marigold_provider_sends_total";
const REQUEST_DURATION: &str = "marigold_provider_request_duration_seconds";
const CODE_DELAY: &str = "marigold_code_to_provider_seconds";

/// Explains the metrics of this crate and of the database to the recorder.
pub fn describe() {
    store::metrics::describe();
    describe_counter!(
        WARNINGS,
        Unit::Count,
        "Warnings that anybody can cause, by event, subject and reason"
    );
    describe_counter!(SENDS, Unit::Count, "Messages sent to a provider, by outcome");
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "Duration of requests to a provider that send a message"
    );
    describe_histogram!(
        CODE_DELAY,
        Unit::Seconds,
        "Time from asking for a code to the request to a provider, in the first attempt"
    );
}

/// Counts a send to a provider, by its outcome.
pub(crate) fn record_send(provider: &'static str, outcome: &'static str, duration: Duration) {
    counter!(SENDS, "provider" => provider, "outcome" => outcome).increment(1);
    histogram!(REQUEST_DURATION, "provider" => provider, "outcome" => outcome).record(duration);
}

/// Records how long a code waited until the request to its provider was written.
pub(crate) fn record_code_delay(provider: &'static str, channel: Channel, delay: Duration) {
    histogram!(CODE_DELAY, "provider" => provider, "channel" => channel.as_str()).record(delay);
}
