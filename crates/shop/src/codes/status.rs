//! What the page of a code shows. A decoy shows the same as a real challenge.

use domain::{
    AccountId, ChallengeId, ChallengeState, Channel, DeliveryProblem, DeliveryStatus, OrderId,
    Purpose,
};

use store::{Challenge, ChallengeMethod};

use super::{
    Codes,
    enumeration::{VisibleStatus, hides_delivery},
};
use crate::{error::Result, visitor::Visitor};

/// A challenge as its own browser may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeView {
    /// Which challenge it is. The server compares it; no page shows it.
    pub challenge: ChallengeId,
    /// What the code is for.
    pub purpose: Purpose,
    /// The number that it was sent to. Only the last two digits are legible.
    pub masked_phone: String,
    /// Attempts left.
    pub attempts_left: u32,
    /// Seconds until it may be sent again, by the server's clock.
    pub resend_in_seconds: u32,
    /// How many resends are left.
    pub resends_left: u32,
    /// Seconds until it expires, by the server's clock.
    pub expires_in_seconds: u32,
    /// The validity of the code in minutes, as its message states it.
    pub minutes: u64,
    /// The channel of its newest message.
    pub channel: Channel,
    /// The status of its newest message.
    pub delivery: DeliveryStatus,
    /// Why it failed, if it did.
    pub problem: Option<DeliveryProblem>,
    /// Whether both follow the clock alone, because the truth would tell an anonymous
    /// visitor whether an account exists.
    pub hides_delivery: bool,
    /// Seconds until it may be sent by text message instead, unless it is
    /// delivered before; `None` if that is not offered at all.
    pub sms_in_seconds: Option<u32>,
    /// Whether its code would be accepted, or why not.
    pub state: ChallengeState,
    /// The order it confirms.
    pub order: Option<OrderId>,
}

impl CodeView {
    /// Whether its code would be accepted.
    pub fn is_live(&self) -> bool {
        self.state == ChallengeState::Live
    }
}

impl Codes {
    /// Whether this browser's newest challenge of a purpose is live and of this account.
    pub(crate) async fn awaits(
        &self,
        visitor: &Visitor,
        account: &AccountId,
        purpose: Purpose,
    ) -> Result<bool> {
        let (browser, now) = (visitor.browser.digest(), self.clock.now());
        let attempts = self.policy.attempts;
        let mut connection = self.db.read().await?;
        let newest = connection.challenges().find_newest(&browser, purpose).await?;
        Ok(newest.is_some_and(|challenge| {
            challenge.account == *account && challenge.state(attempts, now) == ChallengeState::Live
        }))
    }

    /// This browser's newest code of a purpose; `None` if it asked for none.
    pub async fn status(&self, visitor: &Visitor, purpose: Purpose) -> Result<Option<CodeView>> {
        let now = self.clock.now();
        let policy = &self.policy;
        let mut connection = self.db.read().await?;
        let browser = visitor.browser.digest();
        let newest = connection.challenges().find_newest(&browser, purpose).await?;
        let is_message = |one: &Challenge| one.method == ChallengeMethod::Message;
        let Some(challenge) = newest.filter(is_message) else { return Ok(None) };
        let message = connection.messages().find_of_challenge(&challenge.id).await?;
        let visible = message.map(|message| VisibleStatus::of(&challenge, &message, now));
        Ok(Some(CodeView {
            challenge: challenge.id.clone(),
            purpose,
            attempts_left: policy.attempts.saturating_sub(challenge.attempts),
            resend_in_seconds: policy.cooldown_left(challenge.resend_after_at, now),
            resends_left: policy.resends.saturating_add(1).saturating_sub(challenge.sends),
            expires_in_seconds: now.seconds_until(challenge.expires_at),
            minutes: policy.code_minutes_for(purpose),
            sms_in_seconds: self.sms_in_seconds(&challenge, visible.as_ref(), now),
            channel: visible.as_ref().map_or(Channel::WhatsApp, |visible| visible.channel),
            delivery: visible.as_ref().map_or(DeliveryStatus::Queued, |visible| visible.status),
            problem: visible
                .filter(|visible| visible.status == DeliveryStatus::Failed)
                .and_then(|visible| visible.problem),
            hides_delivery: hides_delivery(&challenge),
            state: challenge.state(policy.attempts, now),
            masked_phone: challenge.masked_phone,
            order: challenge.order,
        }))
    }
}
