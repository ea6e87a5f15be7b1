//! Sending the code of a challenge again.

use domain::{ChallengeId, Timestamp};

use super::{Challenge, Challenges, rows::Row};
use crate::{Result, connection::fetch_optional};

/// The condition under which a code is sent again.
#[derive(Clone, Copy, Debug)]
pub struct ResendRule {
    /// How many attempts a challenge allows. Without an attempt left, no code is sent.
    pub attempts: u32,
    /// How often a code may be sent, including the first time.
    pub sends: u32,
    /// When the code may be sent once more after this.
    pub next_at: Timestamp,
}

const RESEND: &str = "update challenges set sends = sends + 1, resend_after_at = $5
    where id = $1 and consumed_at is null and revoked_at is null and expires_at > $2
    and attempts < $3 and sends < $4 and (resend_after_at <= $2 or resend_after_at > $5)
    returning *";

const RESEND_BY_OTHER_CHANNEL: &str =
    "update challenges set sends = sends + 1, resend_after_at = $5
    where id = $1 and consumed_at is null and revoked_at is null and expires_at > $2
    and attempts < $3 and sends < $4
    returning *";

impl Challenges<'_> {
    /// Counts one more send, if the rule allows it. A cooldown longer than the rule's own
    /// was stored before the clock was set back, and is ignored.
    pub async fn resend(
        &mut self,
        id: &ChallengeId,
        rule: ResendRule,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        self.count_send(RESEND, id, rule, now).await
    }

    /// Counts one more send by another channel. The cooldown of the first channel does not
    /// apply.
    pub async fn resend_by_other_channel(
        &mut self,
        id: &ChallengeId,
        rule: ResendRule,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        self.count_send(RESEND_BY_OTHER_CHANNEL, id, rule, now).await
    }

    async fn count_send(
        &mut self,
        sql: &'static str,
        id: &ChallengeId,
        rule: ResendRule,
        now: Timestamp,
    ) -> Result<Option<Challenge>> {
        let row: Option<Row> = fetch_optional!(
            self.0,
            sql,
            id.as_str(),
            now.as_millis(),
            i64::from(rule.attempts),
            i64::from(rule.sends),
            rule.next_at.as_millis()
        )?;
        row.map(Row::into_domain).transpose()
    }
}
