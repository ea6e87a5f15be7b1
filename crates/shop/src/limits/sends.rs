//! The limits of messages: for each phone, typed identifier, network address, dial code, block of
//! numbers, country and day.

use std::time::Duration;

use domain::{MessageKind, PhoneNumber, Timestamp};
use store::{Challenge, Connection, Limit, Recipient};

use super::{BUCKETS, DAY, HOUR, Limits, limit, refuse, window};
use crate::{error::Result, phones, policy::Policy, visitor::ClientAddress};

const FORTNIGHT: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// The number of leading digits that phone numbers of one block share.
const PREFIX_DIGITS: usize = 8;

/// How much of the messages of a phone may be used. The less was proved, the more is left for
/// the owner of the phone, so that no other browser uses all of them up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// All: for the right password, a sign-in, a browser that signed in before, and a number
    /// that has no account.
    All,
    /// Three fifths, and at least one message: for a password reset in an unknown browser.
    UnknownBrowser,
}

impl Share {
    fn of(self, max: u32) -> u32 {
        match self {
            Self::All => max,
            Self::UnknownBrowser => (max.saturating_mul(3) / 5).max(1),
        }
    }
}

/// A message that is about to be sent, as the limits see it.
pub(crate) struct Send<'s> {
    pub(crate) to: &'s Recipient,
    /// The keyed name of the identifier that an anonymous visitor typed; `None` for a
    /// visitor who has proved who they are, and for a browser that signed in before.
    pub(crate) requested_identifier: Option<&'s str>,
    pub(crate) share: Share,
    pub(crate) address: &'s ClientAddress,
    pub(crate) browser_digest: &'s str,
    pub(crate) is_verified_phone: bool,
}

impl Limits {
    /// Counts one send against everything it counts against. Returns false if the phone has
    /// reached its limit and an anonymous visitor, who must not learn of it, is asking: then
    /// nothing may be sent, and nothing is counted for the phone.
    pub(crate) async fn count_send(
        &self,
        tx: &mut Connection,
        send: &Send<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut limits = vec![self.phone(send.to, send.share)?];
        limits.extend(send.requested_identifier.map(|name| self.requests(name, send.share)));
        limits.push(self.address(send.address));
        limits.push(self.browser(send.browser_digest));
        let unproved = if send.is_verified_phone { None } else { send.to.phone() };
        if let Some(phone) = unproved {
            limits.push(self.dial_code(tx, phone, now).await?);
            limits.push(prefix(phone, self.policy.prefix_sends_per_hour));
        }
        limits.push(self.day(send.to, send.is_verified_phone));
        let mut answers = tx.counters().count_each(&limits, now).await?.into_iter();
        let phone_free_at = answers.next().flatten();
        let free_at = answers.max().flatten();
        let is_anonymous = send.requested_identifier.is_some();
        let visible = if is_anonymous { free_at } else { free_at.max(phone_free_at) };
        refuse("sends", visible, now)?;
        if let Some(phone) = unproved {
            self.count_country(tx, send.address, phone, now).await?;
        }
        if phone_free_at.is_some() {
            tx.counters().refund(&self.phone(send.to, send.share)?, now, 1).await?;
        }
        Ok(phone_free_at.is_none())
    }

    /// Counts a notice against its phone. Returns false, and counts nothing, if the phone has
    /// reached its limit.
    ///
    /// Everybody can cause notices about a registration, as often as a number may be typed
    /// there. They have a budget of their own, so that they take no code away from the owner,
    /// and the page of a taken number follows real messages as long as that of a free one.
    pub(crate) async fn may_notify(
        &self,
        tx: &mut Connection,
        to: &Recipient,
        kind: MessageKind,
        now: Timestamp,
    ) -> Result<bool> {
        let phone = match kind {
            MessageKind::AccountExists => {
                self.as_one_phone(format!("notices/{}", self.subject(to)?), Share::All)
            }
            _ => self.phone(to, Share::All)?,
        };
        let is_allowed = tx.counters().count(std::slice::from_ref(&phone), now).await?.is_none();
        if !is_allowed {
            tx.counters().refund(&phone, now, 1).await?;
        }
        Ok(is_allowed)
    }

    /// The right code of a phone that was not verified before gives back what its sends took
    /// from the budget of the dial code, and counts towards a larger budget.
    pub(crate) async fn refund(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        let (Recipient::Phone(phone), false) = (&challenge.to, challenge.is_verified_phone) else {
            return Ok(());
        };
        let limit = self.dial_code(tx, phone, now).await?;
        tx.counters().refund(&limit, challenge.created_at, challenge.sends).await?;
        let windows = vec![window(FORTNIGHT, u32::MAX)];
        let verified = Limit { key: verified(phone), width: DAY, windows };
        tx.counters().count(&[verified], now).await?;
        Ok(())
    }

    fn phone(&self, to: &Recipient, share: Share) -> Result<Limit> {
        Ok(self.as_one_phone(format!("sends/{}", self.subject(to)?), share))
    }

    /// How often a code may be asked for by typing the same identifier: as often as one
    /// phone may be sent one, so that the visitor is told.
    fn requests(&self, requested_identifier: &str, share: Share) -> Limit {
        self.as_one_phone(format!("requests/{requested_identifier}"), share)
    }

    /// As much as this share of what one phone may be sent.
    fn as_one_phone(&self, key: String, share: Share) -> Limit {
        let Policy { phone_sends_per_hour, phone_sends_per_day, .. } = self.policy;
        let windows = [(HOUR, phone_sends_per_hour), (DAY, phone_sends_per_day)];
        let width = limit(String::new(), &windows.map(|(span, max)| window(span, max))).width;
        let windows = windows.map(|(span, max)| window(span, share.of(max)));
        Limit { key, width, windows: windows.to_vec() }
    }

    fn address(&self, address: &ClientAddress) -> Limit {
        let max = self.policy.address_sends_per_hour;
        limit(format!("sends/address/{}", address.as_str()), &[window(HOUR, max)])
    }

    /// As much as an address: a browser that changes its address asks no more often.
    fn browser(&self, digest: &str) -> Limit {
        let max = self.policy.address_sends_per_hour;
        limit(format!("sends/browser/{digest}"), &[window(HOUR, max)])
    }

    /// What a dial code may cost: the minimum of the policy, or a share of the best day of
    /// verified phones in a fortnight, whichever is more.
    async fn dial_code(
        &self,
        tx: &mut Connection,
        phone: &PhoneNumber,
        now: Timestamp,
    ) -> Result<Limit> {
        let best = tx.counters().max_bucket(&verified(phone), now - FORTNIGHT).await?;
        let best = u32::try_from(best).unwrap_or(u32::MAX);
        let windows = [
            window(HOUR, self.policy.dial_code_sends_per_hour.max(best / 6 / 5)),
            window(DAY, self.policy.dial_code_sends_per_day.max(best.saturating_mul(3) / 10)),
        ];
        let width = DAY / BUCKETS / 3;
        Ok(Limit { key: format!("sends/dial/{}", dial(phone)), width, windows: windows.to_vec() })
    }

    /// The whole shop's day. It counts every send and stops only sends to phones that were
    /// not verified before. A decoy without a phone sends nothing, so it is counted apart:
    /// otherwise resets and look-ups of invented names would use up the day of everybody else.
    fn day(&self, to: &Recipient, is_verified_phone: bool) -> Limit {
        let max = if is_verified_phone { u32::MAX } else { self.policy.sends_per_day };
        let key = if matches!(to, Recipient::Decoy { .. }) { "decoys/day" } else { "sends/day" };
        Limit { key: key.to_owned(), width: DAY / BUCKETS, windows: vec![window(DAY, max)] }
    }

    async fn count_country(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        phone: &PhoneNumber,
        now: Timestamp,
    ) -> Result<()> {
        let key = format!("countries/{}", address.as_str());
        let what = i64::from(dial(phone));
        let window = window(DAY, self.policy.address_countries_per_day);
        let free_at = tx.counters().count_distinct(&key, what, window, now).await?;
        refuse("countries_by_address", free_at, now)
    }
}

fn prefix(phone: &PhoneNumber, max: u32) -> Limit {
    let digits: String = phone.expose().chars().skip(1).take(PREFIX_DIGITS).collect();
    limit(format!("sends/prefix/{digits}"), &[window(HOUR, max)])
}

fn verified(phone: &PhoneNumber) -> String {
    format!("proved/dial/{}", dial(phone))
}

fn dial(phone: &PhoneNumber) -> u16 {
    phones::dial_code(phone).unwrap_or(0)
}
