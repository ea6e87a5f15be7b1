//! Feedback to providers that track verifications: they ask to be told the outcome of every
//! code that a client generates itself. This runs in the background and is best effort: no
//! visitor waits for it and nothing depends on it. Without such a provider it runs no
//! statement.

use futures::{StreamExt, stream};
use store::{EndedVerification, ProviderVerifications, transaction};
use whatsapp::VerificationOutcome;

use super::Delivery;
use crate::error::Result;

/// How many verifications one round reads and reports.
const BATCH_SIZE: u32 = 100;
/// How many outcomes are reported at the same time.
const MAX_CONCURRENT_REPORTS: usize = 8;

impl Delivery {
    /// Reports every verification that has ended: approved if its code was used, canceled if
    /// it was revoked, replaced or expired. Each is reported once, by one node.
    pub async fn report_outcomes(&self) -> Result<()> {
        if !self
            .state
            .provider_states
            .iter()
            .any(|provider_state| provider_state.provider.tracks_verifications())
        {
            return Ok(());
        }
        loop {
            let now = self.clock.now();
            let ended =
                self.db.read().await?.provider_verifications().ended(BATCH_SIZE, now).await?;
            if ended.is_empty() {
                return Ok(());
            }
            let ours = transaction!(self.db, |tx| forget(tx.provider_verifications(), ended).await)
                .await?;
            stream::iter(ours)
                .for_each_concurrent(MAX_CONCURRENT_REPORTS, |code| self.report_outcome(code))
                .await;
        }
    }

    async fn report_outcome(&self, code: EndedVerification) {
        let outcome = if code.is_used {
            VerificationOutcome::Approved
        } else {
            VerificationOutcome::Canceled
        };
        if let Some(provider) = self.provider(&code.provider) {
            provider.report_outcome(&code.verification_id, outcome).await;
        }
    }
}

/// Deletes these verifications, and returns those that no other node has deleted before.
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
