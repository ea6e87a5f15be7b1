//! Faults of the webhooks that are on or off, unlike [`crate::faults`], which are drawn.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Each toggle makes every webhook misbehave in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultToggles {
    /// Signatures are wrong.
    pub has_bad_signatures: bool,
    /// Each webhook is sent twice.
    pub has_duplicates: bool,
    /// The status webhooks of a message are sent in reverse order.
    pub is_reversed: bool,
    /// Meta's webhooks lack `recipient_id` and `wa_id`, as for people with a user name.
    pub lacks_recipient: bool,
    /// No webhook is sent.
    pub is_silent: bool,
}

/// The current toggles.
#[derive(Debug)]
pub(crate) struct SharedFaultToggles(Mutex<FaultToggles>);

impl SharedFaultToggles {
    pub fn new(toggles: FaultToggles) -> Self {
        Self(Mutex::new(toggles))
    }

    pub fn get(&self) -> FaultToggles {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, toggles: FaultToggles) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = toggles;
    }
}
