//! Bird, as MessageBird is called since 2024, in both its generations: the
//! developer platform of 2026 ([`v1`]) if its key is set, else the Channels of a
//! workspace ([`channels`]). While a shop moves from one to the other, calls back
//! of both are believed, as far as their secrets are set.

mod channels;
mod signature;
mod v1;
mod webhook;

use std::{sync::Arc, time::Duration};

use crate::{Common, MessageProvider, RateLimits, Variables};

/// The provider's name.
pub(crate) const NAME: &str = "bird";

/// What to see to when WhatsApp refuses Bird itself.
const ACCOUNT: &str = "WhatsApp in Bird's dashboard";

/// WhatsApp's own rule, which holds behind every provider: one message to one
/// person in six seconds.
const RATE_LIMITS: RateLimits = RateLimits { per_second: None, per_person: Duration::from_secs(6) };

/// Reads the settings of the generation whose key is set.
pub(crate) fn open(
    variables: &mut dyn Variables,
    common: &Common,
) -> Option<Arc<dyn MessageProvider>> {
    if variables.optional(v1::API_KEY).is_some() {
        v1::open(variables, common)
    } else {
        channels::open(variables, common)
    }
}
