//! Challenges, rate limits, wrong codes, messages and the audit log.

mod challenges;
mod counters;
mod messages;
mod providers;
mod records;
mod whatsapp_users;

use std::time::Duration;

use domain::{AccountId, ChallengeId, PhoneNumber, Purpose, Timestamp};
use store::{Challenge, ChallengeMethod, Recipient};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const MINUTE: Duration = Duration::from_secs(60);

fn phone() -> PhoneNumber {
    PhoneNumber::from_e164("+447700900111").unwrap()
}

/// A login challenge of browser `b1`, ten minutes long.
pub fn challenge(number: u128) -> Challenge {
    Challenge {
        id: ChallengeId::from_bits(number),
        purpose: Purpose::Login,
        method: ChallengeMethod::Message,
        account: AccountId::from_bits(1),
        to: Recipient::Phone(phone()),
        requested_identifier: None,
        masked_phone: phone().masked(),
        is_verified_phone: true,
        browser_digest: "b1".to_owned(),
        is_known_browser: false,
        binding_digest: String::new(),
        order: None,
        key_id: "first".to_owned(),
        nonce: "0".repeat(32),
        attempts: 0,
        sends: 1,
        resend_after_at: NOW + MINUTE,
        created_at: NOW,
        expires_at: NOW + 10 * MINUTE,
        consumed_at: None,
        revoked_at: None,
    }
}
