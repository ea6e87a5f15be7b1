//! Warnings that anybody can cause as often as they like, such as a forged webhook call, a
//! cookie that no session has, or a limit that was reached. The request itself writes no line,
//! because such lines would fill the log and hide the others. It is counted, and a background
//! job writes one line a minute for each kind.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use metrics::counter;

/// The metric of all counted warnings.
pub(crate) const WARNINGS: &str = "marigold_warnings_total";

/// What happened, to what, and why. All three are constants of the program, so that clients
/// cannot make new kinds, and no line holds what they sent.
type Kind = (&'static str, &'static str, &'static str);

/// How often each kind happened since its last line. A process has one log, and so one of these.
static COUNTS: Mutex<BTreeMap<Kind, u64>> = Mutex::new(BTreeMap::new());

/// Counts a warning. `event` is the field `event` of its line, such as `webhook.refused`;
/// `subject` is what it is about, such as the name of a provider; `reason` is a word for the
/// cause.
pub fn count(event: &'static str, subject: &'static str, reason: &'static str) {
    counter!(WARNINGS, "event" => event, "subject" => subject, "reason" => reason).increment(1);
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let times = counts.entry((event, subject, reason)).or_default();
    *times = times.saturating_add(1);
}

/// Writes a line for each kind that was counted since the last call.
pub fn log_counted() {
    let counts = std::mem::take(&mut *COUNTS.lock().unwrap_or_else(PoisonError::into_inner));
    for ((event, subject, reason), times) in counts {
        tracing::warn!(
            event,
            subject,
            reason,
            times,
            "requests were refused or answered without effect"
        );
    }
}

#[cfg(test)]
mod tests {
    use test_support::secret_scan::{SecretScan, lines_since, log_len};

    use super::*;

    #[test]
    fn a_thousand_equal_warnings_are_one_line_with_their_number() {
        let _log = SecretScan::start(Vec::new);
        let mark = log_len();
        for _ in 0..1000 {
            count("webhook.refused", "pigeon", "no_signature");
        }
        count("webhook.refused", "pigeon", "stale");
        let of_pigeon = || {
            let lines = lines_since(mark).into_iter();
            lines.filter(|line| line.contains("pigeon")).collect::<Vec<_>>()
        };
        assert!(of_pigeon().is_empty(), "{:?}", of_pigeon());
        log_counted();
        let lines = of_pigeon();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains("times=1000") && lines[1].contains("times=1"), "{lines:?}");
        log_counted();
        assert_eq!(of_pigeon().len(), 2, "what was logged is not logged again");
    }
}
