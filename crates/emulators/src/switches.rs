//! How a twin's webhooks misbehave.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Each switch makes every webhook misbehave in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Signatures are wrong.
    pub has_bad_signatures: bool,
    /// Each webhook comes twice.
    pub has_duplicates: bool,
    /// A message's reports come in reverse order.
    pub is_reversed: bool,
    /// Meta's webhooks lack `recipient_id` and `wa_id`, as for people with a user name.
    pub lacks_recipient: bool,
    /// No webhook is sent.
    pub is_silent: bool,
}

/// The switches as they are now.
#[derive(Debug)]
pub(crate) struct Board(Mutex<Switches>);

impl Board {
    pub fn new(switches: Switches) -> Self {
        Self(Mutex::new(switches))
    }

    pub fn get(&self) -> Switches {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, switches: Switches) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = switches;
    }
}
