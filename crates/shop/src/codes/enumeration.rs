//! What a stranger may be told, and what a stranger may not.
//!
//! Somebody who is signed in asks for codes to a phone of their own, and is told the
//! truth. Everybody else is a stranger, also the owner, until the code is right; and
//! what a stranger sees must not depend on which accounts exist, whether a password
//! was right, or what happens at other doors (S-A22, S-R03, X-45 to X-52). So every
//! answer is made of what was typed, of what was done at this door by typing the
//! same, and of how the shop as a whole is:
//!
//! - *Refusals.* Asking and guessing is counted under the name of what was typed, and
//!   only that refuses (`asked`, `guessed`). At reset and registration the name is the
//!   address or the number. At login it is address, password and browser together:
//!   counted for all browsers, it would tell which password the owner typed lately;
//!   counted for the address alone, it would let anybody keep the owner out.
//! - *The phone's own limits* hold all the same, over all doors: five messages an hour,
//!   ten a day, the wait after five wrong codes, the end after a hundred. When one of
//!   them says no, nobody is refused: the code becomes a decoy, or its next message
//!   does, and a guess is charged and not judged.
//! - *Ends.* A code that a newer one in another browser replaces, or a new password,
//!   lives on as a decoy there. Were it seen to end, trying a password in two browsers
//!   would tell whether it is right.
//! - *Delivery.* At login and reset nothing is ever sent to an account that does not
//!   exist, and no imitation of phones that are off, answer late or are looked at would
//!   bear a second look. So there the page goes by the clock alone ([`VisibleStatus`]): the
//!   message is on its way, and after half a minute a text message is offered.
//!   At registration and a change of phone a real message goes out either way: to a
//!   phone that is taken, the note to its owner (`delivery::owners`).
//!
//! The price is paid by an owner whose phone has had enough because of somebody else,
//! or waits, or is switched off: the page is the usual one, and no code comes. The
//! page says to everybody that this happens and what helps. A browser that is trusted
//! needs no code, whoever is signed in is told, and the owner was warned by message
//! before codes were switched off. To say more would tell the same to whoever typed
//! the owner's name.

use std::time::Duration;

use domain::{Channel, DeliveryProblem, DeliveryStatus, Purpose, Timestamp};
use store::{Challenge, Message};

/// How long a message seems to wait for its turn.
const HAND_OVER: Duration = Duration::from_secs(2);

/// How far the newest message of a challenge has come, as its page may know.
pub(super) struct VisibleStatus {
    pub(super) channel: Channel,
    pub(super) status: DeliveryStatus,
    pub(super) problem: Option<DeliveryProblem>,
    /// When it was handed over, or caused.
    pub(super) since: Timestamp,
}

/// Whether the page of a challenge must not know how far its message has come.
pub(super) fn hides_delivery(challenge: &Challenge) -> bool {
    challenge.requested_identifier.is_some()
        && matches!(challenge.purpose, Purpose::Login | Purpose::Reset)
}

impl VisibleStatus {
    /// How far a message of a challenge has come, as its page may know: what is true,
    /// or what the clock alone says.
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
        let is_waiting = now.since(created_at) < HAND_OVER;
        let status = if is_waiting { DeliveryStatus::Queued } else { DeliveryStatus::Accepted };
        Self { channel, status, problem: None, since: created_at }
    }
}
