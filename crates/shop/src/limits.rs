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
//! transactions cannot deadlock: phone, identifier, network address, dial code, prefix, day,
//! countries.

use std::time::Duration;

use domain::{AccountId, EmailAddress, MessageKind, PhoneNumber, Refusal, Timestamp};
use store::{Challenge, Connection, Limit, Recipient, Window};
use strum::IntoStaticStr;

use crate::{
    codes::Policy,
    error::Result,
    keys::{KeyRing, keyed_name},
    phones,
    visitor::ClientAddress,
    warnings,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const FORTNIGHT: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Links an hour that confirm the e-mail address of one account.
const CONFIRMATION_EMAILS_PER_HOUR: u32 = 3;

/// The window in which wrong passwords of one e-mail address are counted.
const PASSWORD_WINDOW: Duration = Duration::from_secs(15 * 60);

/// Limits up to this many hits keep each hit; larger ones count in buckets.
const MAX_EXACT_HITS: u32 = 100;
/// The number of buckets in the longest window of a larger limit.
const BUCKETS: u32 = 96;
/// The number of leading digits that phone numbers of one block share.
const PREFIX_DIGITS: usize = 8;

/// Where a password attempt comes from. Each source counts by itself, so that an attacker
/// who fails on purpose locks an owner out of neither a trusted browser nor an open session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum AttemptSource {
    Anonymous,
    #[strum(serialize = "device")]
    TrustedDevice,
    SignedIn,
}

impl AttemptSource {
    /// The word in the keys of counters.
    fn as_str(self) -> &'static str {
        self.into()
    }
}

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
    pub(crate) is_verified_phone: bool,
}

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

    /// The limits that a password attempt counts against: the e-mail address that was typed,
    /// and the network address.
    ///
    /// An anonymous network address fails no more often in an hour than it may ask for
    /// codes. A trusted device and an open session are exempt from that, because they are
    /// shared with no attacker behind the same network address.
    pub(crate) fn password_attempts(
        &self,
        email: &EmailAddress,
        address: &ClientAddress,
        source: AttemptSource,
    ) -> Result<Vec<Limit>> {
        let name = keyed_name(&self.keys, "email", email.as_str().as_bytes())?;
        let by_email = Limit::exact(
            format!("password/{}/{name}", source.as_str()),
            &[window(PASSWORD_WINDOW, self.policy.password_failures)],
        );
        let mut limits = vec![by_email, self.failures(address)];
        if source == AttemptSource::Anonymous {
            let key = format!("password/address/{}", address.as_str());
            limits.push(limit(key, &[window(HOUR, self.policy.address_sends_per_hour)]));
        }
        Ok(limits)
    }

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
        let unproved = if send.is_verified_phone { None } else { send.to.phone() };
        if let Some(phone) = unproved {
            limits.push(self.dial_code(tx, phone, now).await?);
            limits.push(prefix(phone, self.policy.prefix_sends_per_hour));
        }
        limits.push(self.day(send.is_verified_phone));
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

    /// How many links that confirm an e-mail address are sent to one account.
    pub(crate) fn confirmation_emails(&self, account: &AccountId) -> Limit {
        limit(format!("emails/{account}"), &[window(HOUR, CONFIRMATION_EMAILS_PER_HOUR)])
    }

    /// Counts one failure of a network address, unless that is one too many.
    pub async fn fail(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<()> {
        let free_at = tx.counters().count(&[self.failures(address)], now).await?;
        refuse("failures_by_address", free_at, now)
    }

    /// Takes back the failure that was counted at `at`, because the attempt was right.
    pub(crate) async fn take_back_failure(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        at: Timestamp,
    ) -> Result<()> {
        Ok(tx.counters().refund(&self.failures(address), at, 1).await?)
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

    fn failures(&self, address: &ClientAddress) -> Limit {
        let max = self.policy.address_failures_per_minute;
        limit(format!("failures/address/{}", address.as_str()), &[window(MINUTE, max)])
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
    /// not verified before.
    fn day(&self, is_verified_phone: bool) -> Limit {
        let max = if is_verified_phone { u32::MAX } else { self.policy.sends_per_day };
        Limit { key: "sends/day".to_owned(), width: DAY / BUCKETS, windows: vec![window(DAY, max)] }
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

#[cfg(test)]
mod tests {
    use domain::Secret;
    use store::transaction;

    use super::*;
    use crate::keys::Key;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    #[tokio::test]
    async fn x48_a_typed_address_reaches_its_limit_without_an_account() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let db = test_support::open(&test_support::new_sqlite_database(&file).await).await;
        let key = Key { id: "first".to_owned(), bytes: Secret::new(vec![1; 32]) };
        let policy = Policy { password_failures: 2, ..Policy::default() };
        let limits = Limits::new(policy, KeyRing::new(vec![key]).unwrap());
        let (email, address) = (
            EmailAddress::parse("nobody@example.com").unwrap(),
            ClientAddress::of("192.0.2.1".parse().unwrap()),
        );
        for is_over in [false, false, true] {
            let counted =
                limits.password_attempts(&email, &address, AttemptSource::Anonymous).unwrap();
            let free_at = transaction!(db, |tx| tx.counters().count(&counted, NOW).await);
            assert_eq!(free_at.await.unwrap().is_some(), is_over);
        }
    }
}
