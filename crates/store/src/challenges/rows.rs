//! Challenges as rows.

use domain::{
    AccountId, ChallengeId, ChallengeState, OrderId, Purpose, Timestamp, challenge::Facts,
};

use crate::{Error, Recipient, Result};

#[derive(Clone, Debug)]
pub struct Challenge {
    pub id: ChallengeId,
    pub purpose: Purpose,
    pub method: ChallengeMethod,
    pub account: AccountId,
    pub to: Recipient,
    /// The keyed hash of the address or number that an unauthenticated visitor typed;
    /// `None` if the visitor was signed in.
    pub requested_identifier: Option<String>,
    /// The number as the code page shows it.
    pub masked_phone: String,
    /// Whether the phone was verified before this challenge.
    pub is_verified_phone: bool,
    /// The digest of the secret of the only browser that may answer.
    pub browser_digest: String,
    /// Whether that browser had signed in to the account before. Only known of password resets.
    pub is_known_browser: bool,
    /// The digest of what the code confirms; empty if that is nothing but the purpose.
    pub binding_digest: String,
    /// The order whose payment the code confirms.
    pub order: Option<OrderId>,
    /// The key of the key ring that the code is derived with.
    pub key_id: String,
    /// 128 random bits in hexadecimal.
    pub nonce: String,
    /// How many codes were entered so far.
    pub attempts: u32,
    /// How often the code was sent.
    pub sends: u32,
    /// The code is not sent again before this time.
    pub resend_after_at: Timestamp,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When the code was accepted.
    pub consumed_at: Option<Timestamp>,
    /// When another challenge of its browser replaced it, or what it confirms changed.
    pub revoked_at: Option<Timestamp>,
}

/// How a challenge is answered. Other methods will follow, such as an authenticator app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeMethod {
    /// With a code that is sent to a phone in a message.
    Message,
    /// With a recovery code. Nothing is sent.
    RecoveryCode,
}

impl ChallengeMethod {
    /// The word in the column `method`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// Reads the word in the column `method`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Message, Self::RecoveryCode].into_iter().find(|method| method.as_str() == text)
    }
}

impl Challenge {
    /// The state of the challenge, if it allows `max_attempts` attempts.
    pub fn state(&self, max_attempts: u32, now: Timestamp) -> ChallengeState {
        let facts = Facts {
            attempts: self.attempts,
            max_attempts,
            expires_at: self.expires_at,
            consumed_at: self.consumed_at,
            revoked_at: self.revoked_at,
        };
        ChallengeState::of(facts, now)
    }
}

row! {
    pub(super) struct Row {
        id: String,
        purpose: String,
        method: String,
        account_id: String,
        phone: Option<String>,
        requested_identifier: Option<String>,
        masked_phone: Option<String>,
        is_decoy: bool,
        is_verified_phone: bool,
        browser_digest: String,
        is_known_browser: bool,
        binding_digest: String,
        order_id: Option<String>,
        key_id: String,
        nonce: String,
        attempts: i64,
        sends: i64,
        resend_after_at: i64,
        created_at: i64,
        expires_at: i64,
        consumed_at: Option<i64>,
        revoked_at: Option<i64>,
    }
}

impl Row {
    pub(super) fn into_domain(self) -> Result<Challenge> {
        let corrupt = |column| move || Error::corrupt("challenges", column);
        let order = match self.order_id {
            Some(id) => Some(OrderId::parse(&id).ok_or_else(corrupt("order_id"))?),
            None => None,
        };
        let to = self.phone.and_then(|phone| Recipient::from_row(phone, self.is_decoy));
        Ok(Challenge {
            id: ChallengeId::parse(&self.id).ok_or_else(corrupt("id"))?,
            purpose: Purpose::parse(&self.purpose).ok_or_else(corrupt("purpose"))?,
            method: ChallengeMethod::parse(&self.method).ok_or_else(corrupt("method"))?,
            account: AccountId::parse(&self.account_id).ok_or_else(corrupt("account_id"))?,
            to: to.ok_or_else(corrupt("phone"))?,
            requested_identifier: self.requested_identifier,
            masked_phone: self.masked_phone.ok_or_else(corrupt("masked_phone"))?,
            is_verified_phone: self.is_verified_phone,
            browser_digest: self.browser_digest,
            is_known_browser: self.is_known_browser,
            binding_digest: self.binding_digest,
            order,
            key_id: self.key_id,
            nonce: self.nonce,
            attempts: u32::try_from(self.attempts).map_err(|_| corrupt("attempts")())?,
            sends: u32::try_from(self.sends).map_err(|_| corrupt("sends")())?,
            resend_after_at: Timestamp::from_millis(self.resend_after_at),
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            consumed_at: self.consumed_at.map(Timestamp::from_millis),
            revoked_at: self.revoked_at.map(Timestamp::from_millis),
        })
    }
}
