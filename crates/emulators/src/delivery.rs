//! The delivery of an accepted message: its statuses, and the webhooks that report them.

use std::sync::Arc;
use std::time::Duration;

use crate::delivery_plan::{self, DeliveryStatus};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::protocol::Protocol;
use crate::state::{State, pause};
use crate::webhook;

/// Stores an accepted message and starts its delivery in the background.
pub(crate) fn start(
    state: &Arc<State>,
    protocol: &Arc<dyn Protocol>,
    message: Message,
    outcome: Outcome,
) {
    state.messages.accept(&message);
    state.count("accepted");
    state.changes.notify();
    let (delivering, protocol) = (Arc::clone(state), Arc::clone(protocol));
    state.spawn(async move { deliver(&delivering, &*protocol, message, outcome).await });
}

async fn deliver(state: &Arc<State>, protocol: &dyn Protocol, message: Message, outcome: Outcome) {
    let is_reversed = state.fault_toggles.get().is_reversed;
    let ttl = message.time_to_live.and_then(|seconds| u64::try_from(seconds).ok());
    let mut plan = delivery_plan::plan(outcome, state.config.delays, is_reversed);
    delivery_plan::truncate_at(&mut plan, ttl.map(Duration::from_secs));
    for (wait, status) in plan {
        if status == DeliveryStatus::Read && message.channel == Channel::Sms {
            continue;
        }
        pause(wait).await;
        if status == DeliveryStatus::Failed {
            let failure = protocol.failure(state, &message, outcome);
            state.messages.set_failure(&message.id, failure);
        }
        state.messages.set_status(&message.id, status.as_str());
        state.count(status.as_str());
        state.changes.notify();
        if let Some(webhook) = protocol.status_webhook(state, &message, status, outcome) {
            webhook::send(state, webhook).await;
        }
    }
}
