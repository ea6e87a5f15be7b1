//! What an anonymous visitor may learn from a code page.
//!
//! A visitor who signed in or gave the right password has proved something, asks for codes
//! to a phone of their own, and is told the truth. At password reset, at registration and
//! for a new phone number the visitor has not proved that the identifier is theirs, and every
//! response depends on three things only: the identifier that was typed, earlier requests
//! with that identifier at the same entry point, and the state of the shop as a whole (S-A22,
//!
//!
//! - *Refusals.* Requests are counted under the typed identifier, and only that limit refuses
//!   (`Limits::requests`).
//! - *The phone's own limits* hold all the same, over all entry points: its messages, its live
//!   resets, and the end after a hundred wrong codes (`resets`). When one of them is reached,
//!   no visitor is refused: the challenge becomes a decoy, or its next message does. A browser
//!   that signed in to the account before knows that it exists, and is refused instead.
//! - *Ends.* A reset challenge that a new password ends lives on as a decoy. If the page showed
//!   its end, that would tell whether the account exists.
//! - *Order look-up.* A number and a contact that belong to no order take the same steps.
//! - *Delivery.* At password reset and order look-up nothing is ever sent to an account or a buyer that does not exist,
//!   and a decoy cannot imitate phones that are off, answer late or are read. So the page
//!   goes by the clock alone ([`VisibleStatus`]): the message is on its way, and after half a
//!   minute a text message is offered. At registration and for a new phone number a real
//!   message goes out either way: a taken number gets a note to its owner
//!   (`delivery::existing_account`).
//!
//! The price: an owner who resets the password in a browser that never signed in, after
//! unknown browsers have used up what they may, sees the usual page, and no code comes. The page tells
//! all visitors that this happens and what helps.

use std::time::Duration;

use domain::{Channel, DeliveryProblem, DeliveryStatus, Purpose, Timestamp};
use store::{Challenge, Message};

/// How long the page of a hidden delivery says that the message is being sent.
const SHOWN_AS_QUEUED_FOR: Duration = Duration::from_secs(2);

/// How far the newest message of a challenge has come, as its page may know.
pub(super) struct VisibleStatus {
    pub(super) channel: Channel,
    pub(super) status: DeliveryStatus,
    pub(super) problem: Option<DeliveryProblem>,
    /// When the message was handed to its provider, or else when it was created.
    pub(super) since: Timestamp,
}

/// Whether the page of a challenge must not know how far its message has come.
pub(super) fn hides_delivery(challenge: &Challenge) -> bool {
    let may_be_decoy = matches!(challenge.purpose, Purpose::Reset | Purpose::OrderLookup);
    challenge.requested_identifier.is_some() && may_be_decoy
}

impl VisibleStatus {
    /// The true status of a message, or the one that follows from the clock alone.
    pub(super) fn of(challenge: &Challenge, message: &Message, now: Timestamp) -> Self {
        let (channel, created_at) = (message.new.channel, message.new.created_at);
        if !hides_delivery(challenge) {
            return Self {
                channel,
                status: message.status,
                problem: message.problem,
                since: message.sent_at.unwrap_or(created_at),
            };
        }
        let is_queued = now.since(created_at) < SHOWN_AS_QUEUED_FOR;
        let status = if is_queued { DeliveryStatus::Queued } else { DeliveryStatus::Accepted };
        Self { channel, status, problem: None, since: created_at }
    }
}
