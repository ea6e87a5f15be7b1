//! Rate limits: sends for each phone, network address, country and day, and failed attempts
//! for each identifier and network address.
//!
//! Limits are counted under the identifier that was typed, whether or not it has an account
//! and an anonymous visitor is refused by those alone. What a phone was really sent,
//! through all entry points, is counted beside them; where an anonymous visitor must not
//! learn of that count, it takes effect without a refusal (see `codes::enumeration`). A
//! visitor who has proved less gets a smaller [`Share`] of that budget.
//!
//! A transaction that counts several limits counts them in one order, so that PostgreSQL
//! transactions cannot deadlock: phone, identifier, network address, browser, dial code, prefix,
//! day, countries.
//!
//! `sends` has the limits of messages, `attempts` those of passwords and codes, and `holds` those of
//! orders that hold stock.

mod attempts;
mod holds;
mod sends;

pub(crate) use attempts::AttemptSource;
pub(crate) use holds::{may_hold, may_pay_later};
pub(crate) use sends::{Send, Share};

use std::time::Duration;

use domain::{AccountId, OrderId, PhoneNumber, Refusal, Timestamp};
use store::{Limit, Recipient, Window};

use crate::{
    error::Result,
    keys::{KeyRing, keyed_name},
    policy::Policy,
    visitor::ClientAddress,
    warnings,
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Links an hour that confirm the e-mail address of one account.
const CONFIRMATION_EMAILS_PER_HOUR: u32 = 3;
/// How many notices of withdrawal come from one network address.
const WITHDRAWALS_PER_HOUR: u32 = 10;
/// How many receipts of withdrawals one buyer is sent.
const RECEIPTS_PER_DAY: u32 = 3;

/// Limits up to this many hits keep each hit; larger ones count in buckets.
const MAX_EXACT_HITS: u32 = 100;
/// The number of buckets in the longest window of a larger limit.
const BUCKETS: u32 = 96;

/// Counts hits, and refuses when a limit is reached.
#[derive(Clone, Debug)]
pub struct Limits {
    policy: Policy,
    keys: KeyRing,
}

impl Limits {
    /// The limits of a policy. The keys name what is counted.
    pub const fn new(policy: Policy, keys: KeyRing) -> Self {
        Self { policy, keys }
    }

    /// The numbers behind the limits.
    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The stable name under which a recipient's sends and failures are counted.
    pub(crate) fn subject(&self, to: &Recipient) -> Result<String> {
        let (what, value) = match to {
            Recipient::Phone(phone) => ("phone", phone.expose()),
            Recipient::DecoyPhone(phone) => ("decoy", phone.expose()),
            Recipient::Decoy { subject } => ("decoy", subject.as_str()),
        };
        Ok(format!("{what}/{}", keyed_name(&self.keys, what, value.as_bytes())?))
    }

    /// The name under which a number is counted that was typed as a new one, at the
    /// registration or for a change of the phone, whether or not it has an account.
    pub(crate) fn requested_phone(&self, phone: &PhoneNumber) -> Result<String> {
        let value = phone.expose().as_bytes();
        Ok(format!("phone/{}", keyed_name(&self.keys, "requested_identifier", value)?))
    }

    /// The name under which an e-mail address or a number is counted that was typed at the
    /// password reset, whether or not it has an account.
    pub(crate) fn requested_reset(&self, identifier: &str) -> Result<String> {
        Ok(format!("reset/{}", keyed_name(&self.keys, "reset", identifier.as_bytes())?))
    }

    /// How many links that confirm an e-mail address are sent to one account.
    pub(crate) fn confirmation_emails(&self, account: &AccountId) -> Limit {
        limit(format!("emails/{account}"), &[window(HOUR, CONFIRMATION_EMAILS_PER_HOUR)])
    }

    /// The name under which an order number and a contact are counted that were typed to find an
    /// order, whether or not they belong to one.
    pub(crate) fn requested_lookup(&self, number: &str, contact: &str) -> Result<String> {
        let typed = format!("{number}\n{contact}");
        Ok(format!("order-lookup/{}", keyed_name(&self.keys, "order-lookup", typed.as_bytes())?))
    }

    /// How many notices of withdrawal one network address may give.
    pub(crate) fn withdrawals(&self, address: &ClientAddress) -> Limit {
        let key = format!("withdrawals/address/{}", address.as_str());
        limit(key, &[window(HOUR, WITHDRAWALS_PER_HOUR)])
    }

    /// How many receipts of withdrawals the buyer of one order is sent.
    pub(crate) fn withdrawal_receipts(&self, order: &OrderId) -> Limit {
        limit(format!("withdrawals/receipts/{order}"), &[window(DAY, RECEIPTS_PER_DAY)])
    }
}

/// Refuses until `free_at`, and counts it for the log by the name of the limit. The log never
/// says whose it is.
pub(crate) fn refuse(
    limit: &'static str,
    free_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<()> {
    match free_at {
        None => Ok(()),
        Some(free_at) => {
            let seconds = now.seconds_until(free_at).max(1);
            warnings::count("limit.exceeded", limit, "too_many");
            Err(Refusal::TooMany { seconds }.into())
        }
    }
}

fn window(span: Duration, max: u32) -> Window {
    Window { span, max }
}

/// Small limits keep each hit, larger ones count in buckets.
fn limit(key: String, windows: &[Window]) -> Limit {
    let longest = windows.iter().map(|window| window.span).max().unwrap_or_default();
    let is_small = windows.iter().all(|window| window.max <= MAX_EXACT_HITS);
    let width = if is_small { Duration::from_millis(1) } else { longest / BUCKETS };
    Limit { key, width, windows: windows.to_vec() }
}
