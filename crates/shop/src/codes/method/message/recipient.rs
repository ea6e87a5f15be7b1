//! The phone that the message of a code went to. The simulator links to it; no page
//! shows the whole number.

use domain::{ChallengeState, PhoneNumber, Purpose};
use store::{ChallengeMethod, Recipient};

use crate::{codes::Codes, error::Result, visitor::Visitor};

impl Codes {
    /// The phone that was sent the message of this browser's live challenge: the code, or
    /// the notice to the owner of a number that is taken. `None` if there is no live
    /// challenge, if nothing was sent for it, or if it asks for a recovery code.
    pub async fn recipient(
        &self,
        visitor: &Visitor,
        purpose: Purpose,
    ) -> Result<Option<PhoneNumber>> {
        let (browser, now) = (visitor.browser.digest(), self.clock.now());
        let attempts = self.policy.attempts;
        let mut connection = self.db.read().await?;
        let newest = connection.challenges().find_newest(&browser, purpose).await?;
        let live = newest.filter(|one| {
            one.method == ChallengeMethod::Message
                && one.state(attempts, now) == ChallengeState::Live
        });
        let Some(challenge) = live else { return Ok(None) };
        if let Recipient::Phone(phone) = challenge.to {
            return Ok(Some(phone));
        }
        // A decoy's message may have become a notice, which has a recipient of its own.
        let message = connection.messages().find_of_challenge(&challenge.id).await?;
        Ok(message.and_then(|message| match message.new.to {
            Recipient::Phone(phone) => Some(phone),
            Recipient::DecoyPhone(_) | Recipient::Decoy { .. } => None,
        }))
    }
}
