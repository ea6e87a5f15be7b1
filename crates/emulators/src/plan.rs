//! In which order and how soon a message's reports follow.

use std::time::Duration;

use crate::config::Delays;
use crate::outcome::Outcome;

/// What a report says of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Handed to the network.
    Sent,
    /// On the recipient's phone.
    Delivered,
    /// Seen by the recipient.
    Read,
    /// It will not arrive.
    Failed,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// The reports of a message: how long to wait before each, and what it says.
pub(crate) fn reports(
    outcome: Outcome,
    delays: Delays,
    is_reversed: bool,
) -> Vec<(Duration, Status)> {
    let mut plan = vec![(delays.sent, Status::Sent)];
    match outcome {
        Outcome::Silence => return Vec::new(),
        Outcome::ReadOnly => {
            plan.push((delays.delivered + delays.read.unwrap_or_default(), Status::Read));
        }
        Outcome::Reversed => {
            return [Status::Read, Status::Delivered, Status::Sent]
                .into_iter()
                .flat_map(|status| [(delays.sent, status), (Duration::ZERO, status)])
                .collect();
        }
        failure if failure.is_failure() => plan = vec![(delays.sent, Status::Failed)],
        _ => {
            plan.push((delays.delivered, Status::Delivered));
            plan.extend(delays.read.map(|delay| (delay, Status::Read)));
        }
    }
    if is_reversed {
        plan.reverse();
    }
    plan
}

/// Ends a plan with the message's life: what is not delivered by then is
/// dropped, and nobody is told (Meta, "Time-to-live").
pub(crate) fn end_with(plan: &mut Vec<(Duration, Status)>, life: Option<Duration>) {
    let Some(life) = life else { return };
    let mut waited = Duration::ZERO;
    let late = plan.iter().position(|(wait, status)| {
        waited += *wait;
        matches!(status, Status::Delivered | Status::Read) && waited > life
    });
    // What was delivered in time may be read at any time.
    let is_delivered =
        plan.iter().take(late.unwrap_or_default()).any(|(_, it)| *it == Status::Delivered);
    if let Some(late) = late.filter(|_| !is_delivered) {
        plan.truncate(late);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Status, end_with, reports};
    use crate::config::Delays;
    use crate::outcome::Outcome;

    fn told(delivered: u64, life: u64) -> Vec<Status> {
        let delays = Delays {
            sent: Duration::from_secs(1),
            delivered: Duration::from_secs(delivered),
            read: Some(Duration::from_secs(600)),
        };
        let mut plan = reports(Outcome::Delivered, delays, false);
        end_with(&mut plan, Some(Duration::from_secs(life)));
        plan.into_iter().map(|(_, status)| status).collect()
    }

    #[test]
    fn a_message_that_outlives_its_time_is_dropped_in_silence() {
        assert_eq!(told(300, 300), [Status::Sent]);
        assert_eq!(told(299, 300), [Status::Sent, Status::Delivered, Status::Read]);
    }
}
