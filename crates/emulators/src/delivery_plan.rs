//! The delivery plan of a message: which statuses it gets, in which order and when.

use std::time::Duration;

use crate::config::Delays;
use crate::outcome::Outcome;

/// A status that a webhook reports of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryStatus {
    /// Handed to the network.
    Sent,
    /// On the recipient's phone.
    Delivered,
    /// Seen by the recipient.
    Read,
    /// It will not arrive.
    Failed,
}

impl DeliveryStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// The statuses of a message, each with the wait before it.
pub(crate) fn plan(
    outcome: Outcome,
    delays: Delays,
    is_reversed: bool,
) -> Vec<(Duration, DeliveryStatus)> {
    let mut plan = vec![(delays.sent, DeliveryStatus::Sent)];
    match outcome {
        Outcome::Silence => return Vec::new(),
        Outcome::ReadOnly => {
            plan.push((delays.delivered + delays.read.unwrap_or_default(), DeliveryStatus::Read));
        }
        Outcome::Reversed => {
            return [DeliveryStatus::Read, DeliveryStatus::Delivered, DeliveryStatus::Sent]
                .into_iter()
                .flat_map(|status| [(delays.sent, status), (Duration::ZERO, status)])
                .collect();
        }
        failure if failure.is_failure() => plan = vec![(delays.sent, DeliveryStatus::Failed)],
        _ => {
            plan.push((delays.delivered, DeliveryStatus::Delivered));
            plan.extend(delays.read.map(|delay| (delay, DeliveryStatus::Read)));
        }
    }
    if is_reversed {
        plan.reverse();
    }
    plan
}

/// Ends a plan at the message's time to live: a message that is not delivered by then is
/// dropped, and no webhook reports it (Meta, "Time-to-live").
pub(crate) fn truncate_at(plan: &mut Vec<(Duration, DeliveryStatus)>, ttl: Option<Duration>) {
    let Some(ttl) = ttl else { return };
    let mut waited = Duration::ZERO;
    let late = plan.iter().position(|(wait, status)| {
        waited += *wait;
        matches!(status, DeliveryStatus::Delivered | DeliveryStatus::Read) && waited > ttl
    });
    // A message that was delivered in time may be read at any later time.
    let is_delivered =
        plan.iter().take(late.unwrap_or_default()).any(|(_, it)| *it == DeliveryStatus::Delivered);
    if let Some(late) = late.filter(|_| !is_delivered) {
        plan.truncate(late);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{DeliveryStatus, plan, truncate_at};
    use crate::config::Delays;
    use crate::outcome::Outcome;

    fn statuses(delivered_after: u64, ttl: u64) -> Vec<DeliveryStatus> {
        let delays = Delays {
            sent: Duration::from_secs(1),
            delivered: Duration::from_secs(delivered_after),
            read: Some(Duration::from_secs(600)),
        };
        let mut plan = plan(Outcome::Delivered, delays, false);
        truncate_at(&mut plan, Some(Duration::from_secs(ttl)));
        plan.into_iter().map(|(_, status)| status).collect()
    }

    #[test]
    fn a_message_past_its_time_to_live_is_dropped_without_a_report() {
        let (sent, delivered) = (DeliveryStatus::Sent, DeliveryStatus::Delivered);
        assert_eq!(statuses(300, 300), [sent]);
        assert_eq!(statuses(299, 300), [sent, delivered, DeliveryStatus::Read]);
    }
}
