//! The WhatsApp Cloud API: messages, replies, webhook events and templates. Meta serves
//! it, and 360dialog passes it through; what only one of the two does is in the folder
//! of that provider.

pub mod client;
pub mod errors;
pub mod events;
pub mod message;
mod names;
pub mod response;
pub mod templates;
pub mod users;

use std::{num::NonZeroU32, time::Duration};

use crate::{RateLimits, SettingsSource};

/// WhatsApp allows one message to one person in six seconds (its pair rate limit), behind
/// every provider; the platform refuses more with error 131056.
pub const PAIR_RATE_INTERVAL: Duration = Duration::from_secs(6);

/// The settings that error texts tell the merchant to change. Each provider names them
/// differently.
#[derive(Clone, Copy, Debug)]
pub struct ConfigHint {
    /// The setting with the credentials.
    pub token: &'static str,
    /// The setting with the number or account that a request is about.
    pub object: &'static str,
    /// The setting with the address of the service.
    pub address: &'static str,
}

/// Reads the rate limit of a number. A number starts with 80 messages a second, and the
/// platform raises that to 1,000 by itself; the setting has to follow.
pub fn rate_limits(settings: &mut dyn SettingsSource, name: &'static str) -> Option<RateLimits> {
    let per_second = settings.defaulted(name, "80", |text| {
        let number: NonZeroU32 =
            text.parse().map_err(|_| "must be a whole number from 1 to 1000".to_owned())?;
        if number.get() > 1000 { Err("must be at most 1000".to_owned()) } else { Ok(number) }
    })?;
    Some(RateLimits { per_second: Some(per_second), per_person: PAIR_RATE_INTERVAL })
}
