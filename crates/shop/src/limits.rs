//! How often things may be done: sends per phone, address, country and day, and
//! failed checks per address.
//!
//! Counters exist for whatever was typed, not for what exists, and a
//! stranger is refused by those only. What a phone has had in truth, by whatever
//! door, is counted beside them and in silence (see `codes::strangers`). Where a
//! transaction counts several things it does so in one order: phone, what was
//! typed, address, dial code, prefix, day, countries; so on PostgreSQL nobody
//! waits in a ring.

use std::time::Duration;

use domain::{PhoneNumber, Refusal, Timestamp};
use store::{Challenge, Connection, Limit, Recipient, Window};

use crate::{ClientAddress, Result, Shop, codes::keyed_name, phones};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const FORTNIGHT: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Up to this many hits are kept one by one.
const EXACT: u32 = 100;
/// How many buckets the longest window of larger numbers has.
const BUCKETS: u32 = 96;
/// How many digits numbers of one block share.
const PREFIX: usize = 8;

/// Counts, and refuses when a limit is reached.
#[derive(Clone)]
pub struct Limits(Shop);

impl Shop {
    /// How often things may be done.
    pub fn limits(&self) -> Limits {
        Limits(self.clone())
    }
}

/// A message that costs money and may annoy somebody.
pub(crate) struct Send<'s> {
    pub(crate) to: &'s Recipient,
    /// What a stranger typed; `None` for somebody signed in.
    pub(crate) requested_identifier: Option<&'s str>,
    pub(crate) address: &'s ClientAddress,
    pub(crate) is_verified_phone: bool,
}

impl Limits {
    /// The stable name under which a recipient's sends and failures are counted.
    pub(crate) fn subject(&self, to: &Recipient) -> Result<String> {
        let keys = &self.0.settings().keys;
        let (what, value) = match to {
            Recipient::Phone(phone) => ("phone", phone.expose()),
            Recipient::DecoyPhone(phone) => ("decoy", phone.expose()),
            Recipient::Decoy { subject } => ("decoy", subject.as_str()),
        };
        Ok(format!("{what}/{}", keyed_name(keys, what, value.as_bytes())?))
    }

    /// The name under which a number that strangers typed is counted, at whatever
    /// door; a number that is free has the same.
    pub(crate) fn requested_phone(&self, phone: &PhoneNumber) -> Result<String> {
        let name =
            keyed_name(&self.0.settings().keys, "requested_identifier", phone.expose().as_bytes())?;
        Ok(format!("phone/{name}"))
    }

    /// Counts one send against everything it counts against. False if the phone has
    /// had enough and a stranger, who must not know, is asking: then nothing may be
    /// sent, and nothing is counted for the phone.
    pub(crate) async fn count_send(
        &self,
        tx: &mut Connection,
        send: &Send<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let policy = &self.0.settings().policy;
        let mut limits = vec![self.phone(send.to)?];
        limits.extend(
            send.requested_identifier.map(|requested_identifier| self.asked(requested_identifier)),
        );
        limits.push(self.address(send.address));
        let unproved = if send.is_verified_phone { None } else { send.to.phone() };
        if let Some(phone) = unproved {
            limits.push(self.dial_code(tx, phone, now).await?);
            limits.push(prefix(phone, policy.prefix_sends_per_hour));
        }
        limits.push(self.day(send.is_verified_phone));
        let watched: Vec<_> = send
            .requested_identifier
            .map(|requested_identifier| self.guessed(requested_identifier))
            .into_iter()
            .collect();
        let mut answers = tx.counters().count_each(&limits, &watched, now).await?.into_iter();
        let phone_free_at = answers.next().flatten();
        let free_at = answers.max().flatten();
        let is_stranger = send.requested_identifier.is_some();
        refuse(if is_stranger { free_at } else { free_at.max(phone_free_at) }, now)?;
        if let Some(phone) = unproved {
            self.count_country(tx, send.address, phone, now).await?;
        }
        if phone_free_at.is_some() {
            tx.counters().give_back(&self.phone(send.to)?, now, 1).await?;
        }
        Ok(phone_free_at.is_none())
    }

    /// Counts a notice against its phone; false, and nothing counted, if the phone
    /// has had enough.
    pub(crate) async fn may_notify(
        &self,
        tx: &mut Connection,
        to: &Recipient,
        now: Timestamp,
    ) -> Result<bool> {
        let phone = self.phone(to)?;
        let has_room = tx.counters().count(std::slice::from_ref(&phone), now).await?.is_none();
        if !has_room {
            tx.counters().give_back(&phone, now, 1).await?;
        }
        Ok(has_room)
    }

    /// The right code of a stranger's phone gives back what its sends took from
    /// the dial code's budget, and counts towards a larger one.
    pub(crate) async fn give_back(
        &self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<()> {
        let (Recipient::Phone(phone), false) = (&challenge.to, challenge.is_verified_phone) else {
            return Ok(());
        };
        let limit = self.dial_code(tx, phone, now).await?;
        tx.counters().give_back(&limit, challenge.created_at, challenge.sends).await?;
        let proved =
            Limit { key: proved(phone), width: DAY, windows: vec![window(FORTNIGHT, u32::MAX)] };
        tx.counters().count(&[proved], now).await?;
        Ok(())
    }

    /// Counts one failure of an address, unless that is one too many.
    pub async fn fail(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        now: Timestamp,
    ) -> Result<()> {
        refuse(tx.counters().count(&[self.failures(address)], now).await?, now)
    }

    /// Takes back the failure that was counted at `at`, which was none.
    pub(crate) async fn take_back_failure(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        at: Timestamp,
    ) -> Result<()> {
        Ok(tx.counters().give_back(&self.failures(address), at, 1).await?)
    }

    /// Counts one guess by a stranger who typed this, unless that is one too many.
    pub(crate) async fn count_guess(
        &self,
        tx: &mut Connection,
        requested_identifier: &str,
        now: Timestamp,
    ) -> Result<()> {
        refuse(tx.counters().count(&[self.guessed(requested_identifier)], now).await?, now)
    }

    fn phone(&self, to: &Recipient) -> Result<Limit> {
        Ok(self.as_one_phone(format!("sends/{}", self.subject(to)?)))
    }

    /// How often a code may be asked for by typing the same: as often as one phone
    /// may be sent one, so that whoever asks too often is told.
    fn asked(&self, requested_identifier: &str) -> Limit {
        self.as_one_phone(format!("asked/{requested_identifier}"))
    }

    /// As much as one phone may be sent.
    fn as_one_phone(&self, key: String) -> Limit {
        let policy = &self.0.settings().policy;
        let windows =
            [window(HOUR, policy.phone_sends_per_hour), window(DAY, policy.phone_sends_per_day)];
        limit(key, &windows)
    }

    /// How often codes may be guessed at by typing the same: as often as it takes to
    /// make a phone wait, so that whoever guesses too often is told. Right guesses
    /// count too: were they forgiven, somebody's success would show.
    fn guessed(&self, requested_identifier: &str) -> Limit {
        let policy = &self.0.settings().policy;
        limit(
            format!("guessed/{requested_identifier}"),
            &[window(policy.first_wait, policy.failures_before_wait)],
        )
    }

    fn address(&self, address: &ClientAddress) -> Limit {
        let most = self.0.settings().policy.address_sends_per_hour;
        limit(format!("sends/address/{}", address.as_str()), &[window(HOUR, most)])
    }

    pub(crate) fn failures(&self, address: &ClientAddress) -> Limit {
        let most = self.0.settings().policy.address_failures_per_minute;
        limit(format!("failures/address/{}", address.as_str()), &[window(MINUTE, most)])
    }

    /// What a dial code may cost: the policy's floor, or a share of the best day
    /// of proved phones in a fortnight, whichever is more.
    async fn dial_code(
        &self,
        tx: &mut Connection,
        phone: &PhoneNumber,
        now: Timestamp,
    ) -> Result<Limit> {
        let policy = &self.0.settings().policy;
        let best = tx.counters().max_bucket(&proved(phone), now - FORTNIGHT).await?;
        let best = u32::try_from(best).unwrap_or(u32::MAX);
        let windows = [
            window(HOUR, policy.dial_code_sends_per_hour.max(best / 6 / 5)),
            window(DAY, policy.dial_code_sends_per_day.max(best.saturating_mul(3) / 10)),
        ];
        let width = DAY / BUCKETS / 3;
        Ok(Limit { key: format!("sends/dial/{}", dial(phone)), width, windows: windows.to_vec() })
    }

    /// The whole shop's day. It counts every send and stops strangers only.
    fn day(&self, is_verified_phone: bool) -> Limit {
        let most = self.0.settings().policy.sends_per_day;
        let most = if is_verified_phone { u32::MAX } else { most };
        Limit {
            key: "sends/day".to_owned(),
            width: DAY / BUCKETS,
            windows: vec![window(DAY, most)],
        }
    }

    async fn count_country(
        &self,
        tx: &mut Connection,
        address: &ClientAddress,
        phone: &PhoneNumber,
        now: Timestamp,
    ) -> Result<()> {
        let key = format!("countries/{}", address.as_str());
        let most = self.0.settings().policy.address_countries_per_day;
        let what = i64::from(dial(phone));
        refuse(tx.counters().count_distinct(&key, what, window(DAY, most), now).await?, now)
    }
}

fn window(span: Duration, most: u32) -> Window {
    Window { span, most }
}

/// Small numbers are kept one by one, larger ones in buckets.
fn limit(key: String, windows: &[Window]) -> Limit {
    let longest = windows.iter().map(|window| window.span).max().unwrap_or_default();
    let is_small = windows.iter().all(|window| window.most <= EXACT);
    let width = if is_small { Duration::from_millis(1) } else { longest / BUCKETS };
    Limit { key, width, windows: windows.to_vec() }
}

fn prefix(phone: &PhoneNumber, most: u32) -> Limit {
    let digits: String = phone.expose().chars().skip(1).take(PREFIX).collect();
    limit(format!("sends/prefix/{digits}"), &[window(HOUR, most)])
}

fn proved(phone: &PhoneNumber) -> String {
    format!("proved/dial/{}", dial(phone))
}

fn dial(phone: &PhoneNumber) -> u16 {
    phones::dial_code(phone).unwrap_or(0)
}

fn refuse(free_at: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match free_at {
        None => Ok(()),
        Some(free_at) => {
            tracing::warn!("a limit was reached");
            Err(Refusal::TooMany { seconds: now.seconds_until(free_at).max(1) }.into())
        }
    }
}
