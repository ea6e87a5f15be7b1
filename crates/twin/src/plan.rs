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
