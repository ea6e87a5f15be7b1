//! Bird, the name of MessageBird since 2024, with both generations of its API: the
//! developer platform of 2026 ([`v1`]) if its key is set, otherwise the Channels of a
//! workspace ([`channels`]). While a shop migrates from one to the other, webhook calls of
//! both are accepted if their secrets are set.

mod channels;
mod event;
mod signature;
mod v1;
mod webhook;

use std::sync::Arc;

use crate::{
    MessageProvider, ProviderContext, RateLimits, SettingsSource, cloud::PAIR_RATE_INTERVAL,
};

/// The name of the provider.
pub(crate) const NAME: &str = "bird";

/// The place to look at when WhatsApp refuses Bird itself.
const ACCOUNT: &str = "WhatsApp in Bird's dashboard";

/// WhatsApp's own limit, which applies behind every provider.
const RATE_LIMITS: RateLimits = RateLimits { per_second: None, per_person: PAIR_RATE_INTERVAL };

/// Creates the provider of the generation whose key is set.
pub(crate) fn open(
    settings: &mut dyn SettingsSource,
    context: &ProviderContext,
) -> Option<Arc<dyn MessageProvider>> {
    if settings.optional(v1::API_KEY).is_some() {
        v1::open(settings, context)
    } else {
        channels::open(settings, context)
    }
}
