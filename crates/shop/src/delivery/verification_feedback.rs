//! Telling the providers that keep codes themselves how each came to its end, as
//! they ask of those who bring codes of their own. Behind the scenes and best effort:
//! no visitor waits for it, nothing depends on it, and where no courier keeps codes
//! it costs no statement.

use futures::{StreamExt, stream};
use store::{EndedVerification, ProviderVerifications};
use whatsapp::VerificationOutcome;

use super::Delivery;
use crate::Result;

/// As many as are looked up, and told, in one go.
const MOST: u32 = 100;
/// As many as are told at the same time.
const AT_ONCE: usize = 8;

impl Delivery<'_> {
    /// Tells whoever keeps a code that has ended by now: used, or dropped because it
    /// was revoked, replaced or not used in its time. Each is told once, by one node.
    pub async fn tell_ends(&self) -> Result<()> {
        if !self
            .0
            .provider_states()
            .iter()
            .any(|provider_state| provider_state.provider.tracks_verifications())
        {
            return Ok(());
        }
        loop {
            let now = self.0.clock().now();
            let ended = self.0.db().read().await?.provider_verifications().ended(MOST, now).await?;
            if ended.is_empty() {
                return Ok(());
            }
            let ours = self
                .0
                .db()
                .write(move |tx| {
                    Box::pin(async move { forget(tx.provider_verifications(), ended).await })
                })
                .await?;
            stream::iter(ours).for_each_concurrent(AT_ONCE, |code| self.tell(code)).await;
        }
    }

    async fn tell(&self, code: EndedVerification) {
        let end = if code.is_used {
            VerificationOutcome::Approved
        } else {
            VerificationOutcome::Canceled
        };
        if let Some(provider) = self.provider(&code.provider) {
            provider.report_outcome(&code.verification_id, end).await;
        }
    }
}

/// Forgets these codes, and answers those that nobody else forgot before.
async fn forget(
    mut kept: ProviderVerifications<'_>,
    ended: Vec<EndedVerification>,
) -> Result<Vec<EndedVerification>> {
    let mut ours = Vec::new();
    for code in ended {
        if kept.forget(&code).await? {
            ours.push(code);
        }
    }
    Ok(ours)
}
