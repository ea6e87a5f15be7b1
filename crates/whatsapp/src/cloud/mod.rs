//! The language of the WhatsApp Cloud API: what is sent, answered, called back
//! with and asked of templates. Meta speaks it, and 360dialog passes it through;
//! their own affairs, such as addresses and signatures, are in their own rooms.

pub mod errors;
pub mod events;
pub mod message;
pub mod response;
pub mod templates;

use std::{num::NonZeroU32, time::Duration};

use domain::Channel;

use crate::{RateLimits, Variables};

/// The least time between two messages to one person (pair rate limit; over it
/// the platform answers 131056).
const PER_PERSON: Duration = Duration::from_secs(6);

/// The merchant's settings that errors are blamed on: each provider has its own
/// names for them.
#[derive(Clone, Copy, Debug)]
pub struct Blame {
    /// The credentials.
    pub token: &'static str,
    /// The number or account that a call is about.
    pub object: &'static str,
    /// The address of the service.
    pub address: &'static str,
}

/// The platform carries WhatsApp, and every kind has a template there.
pub fn carries(channel: Channel) -> bool {
    channel == Channel::WhatsApp
}

/// The pace of a number: its throughput is 80 messages a second, which the platform
/// raises to 1,000 by itself; the setting follows it.
pub fn rate_limits(variables: &mut dyn Variables, name: &'static str) -> Option<RateLimits> {
    let per_second = variables.defaulted(name, "80", |text| {
        let number: NonZeroU32 =
            text.parse().map_err(|_| "must be a whole number from 1 to 1000".to_owned())?;
        if number.get() > 1000 { Err("must be at most 1000".to_owned()) } else { Ok(number) }
    })?;
    Some(RateLimits { per_second: Some(per_second), per_person: PER_PERSON })
}
