//! Cancels a challenge when the number was mistyped or no message arrives, so that the page leads
//! back to the request of a code.

use domain::{ChallengeState, Purpose};
use store::transaction;

use super::Codes;
use crate::{error::Result, visitor::Visitor};

impl Codes {
    /// Revokes this browser's challenge of a purpose, if one is live. What was counted stays
    /// counted, so cancelling buys neither attempts nor messages.
    pub(crate) async fn cancel(&self, visitor: &Visitor, purpose: Purpose) -> Result<()> {
        let issuer = self.issuer(visitor);
        transaction!(self.db, |tx| {
            let now = issuer.clock.now();
            let newest = issuer.newest(tx, purpose).await?;
            if let Some(challenge) = newest
                && challenge.state(issuer.policy.attempts, now) == ChallengeState::Live
            {
                tx.challenges().revoke(&challenge.id, now).await?;
            }
            Ok(())
        })
        .await
    }
}
