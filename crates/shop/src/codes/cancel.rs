//! Giving a code up: its page leads back to where it was asked for, because the
//! number was mistyped or no message comes.

use domain::{ChallengeState, Purpose};

use super::Codes;
use crate::{Result, Visitor};

impl Codes<'_> {
    /// Ends this browser's code of a purpose, if one lives. What was counted stays
    /// counted, so it buys neither guesses nor messages.
    pub(crate) async fn give_up(&self, visitor: &Visitor, purpose: Purpose) -> Result<()> {
        let (browser, now) = (visitor.browser.digest(), self.0.clock().now());
        let attempts = self.0.settings().policy.attempts;
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let newest = tx.challenges().find_newest(&browser, purpose).await?;
                    if let Some(challenge) = newest
                        && challenge.state(attempts, now) == ChallengeState::Live
                    {
                        tx.challenges().revoke(&challenge.id, now).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
