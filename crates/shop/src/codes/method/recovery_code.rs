//! The method of a recovery code: for a visitor who has given the right password, and no
//! longer has the phone.
//!
//! A challenge of this method takes the place of the browser's challenge with a message, so
//! that a browser never has two challenges of one purpose. Nothing is sent. Its wrong answers
//! are counted by account and not by phone: guessing at one method locks nobody out of the
//! other.

use domain::{ChallengeState, Purpose, RecoveryCode, Refusal, Timestamp};
use sha2::{Digest, Sha256};
use store::{Account, Challenge, ChallengeMethod, Connection};

use crate::{
    codes::{CodeRequest, Codes, Issuer},
    error::Result,
    visitor::{Visitor, hex},
};

/// What a row keeps of a recovery code. A plain digest is enough for 120 random bits (ASVS 5.0
/// §6.5.2).
pub fn digest(code: &RecoveryCode) -> String {
    hex(&Sha256::digest(code.expose()))
}

/// Whether this is a code of the challenge's account that was not used yet. The grant uses it.
pub async fn is_right(
    tx: &mut Connection,
    challenge: &Challenge,
    answer: &RecoveryCode,
) -> Result<bool> {
    Ok(tx.recovery_codes().is_unused(&challenge.account, &digest(answer)).await?)
}

/// Whether an answer is the code of the account that was used at this time.
pub(super) async fn was_right(
    tx: &mut Connection,
    challenge: &Challenge,
    answer: &RecoveryCode,
    used_at: Timestamp,
) -> Result<bool> {
    let digest = digest(answer);
    Ok(tx.recovery_codes().was_spent(&challenge.account, &digest, used_at).await?)
}

impl Codes {
    /// Whether this browser's sign-in waits for a recovery code.
    pub(crate) async fn awaits_recovery_code(&self, visitor: &Visitor) -> Result<bool> {
        let mut rows = self.db.read().await?;
        Ok(self.recovery_challenge(&mut rows, visitor).await?.is_some())
    }

    /// This browser's live challenge of a sign-in that waits for a recovery code.
    pub(crate) async fn recovery_challenge(
        &self,
        rows: &mut Connection,
        visitor: &Visitor,
    ) -> Result<Option<Challenge>> {
        let (browser, now) = (visitor.browser.digest(), self.clock.now());
        let attempts = self.policy.attempts;
        let newest = rows.challenges().find_newest(&browser, Purpose::Login).await?;
        Ok(newest.filter(|challenge| {
            challenge.method == ChallengeMethod::RecoveryCode
                && challenge.state(attempts, now) == ChallengeState::Live
        }))
    }
}

impl Issuer {
    /// Lets this browser answer with a recovery code in place of the code that was sent. Only
    /// the right password leads to a challenge of a sign-in, so the visitor has proved it.
    pub(crate) async fn switch_to_recovery_code(&self, tx: &mut Connection) -> Result<()> {
        let now = self.clock.now();
        let newest = self.newest(tx, Purpose::Login).await?;
        let live =
            newest.filter(|one| one.state(self.policy.attempts, now) == ChallengeState::Live);
        let challenge = live.ok_or(Refusal::NoChallenge)?;
        if challenge.method == ChallengeMethod::RecoveryCode {
            return Ok(());
        }
        let account = tx.accounts().find_enabled(&challenge.account).await?;
        let account = account.ok_or(Refusal::NoChallenge)?;
        tx.challenges().revoke(&challenge.id, now).await?;
        self.await_recovery_code(tx, account).await
    }

    /// The same where no code can be sent, because the phone's codes wait or are disabled. A
    /// challenge that this browser may still answer is kept.
    pub(crate) async fn offer_recovery_code(
        &self,
        tx: &mut Connection,
        account: Account,
    ) -> Result<()> {
        let now = self.clock.now();
        let newest = self.newest(tx, Purpose::Login).await?;
        let is_live = |one: Challenge| one.state(self.policy.attempts, now) == ChallengeState::Live;
        if newest.is_some_and(is_live) {
            return Ok(());
        }
        self.await_recovery_code(tx, account).await
    }

    async fn await_recovery_code(&self, tx: &mut Connection, account: Account) -> Result<()> {
        let now = self.clock.now();
        let request = CodeRequest::to_account(Purpose::Login, account);
        let mut challenge = self.challenge(&request, now)?;
        challenge.method = ChallengeMethod::RecoveryCode;
        self.ensure_open(tx, &challenge, now).await?;
        Ok(tx.challenges().insert(&challenge).await?)
    }
}
