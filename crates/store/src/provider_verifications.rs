//! Verifications that a provider keeps itself (for example Twilio Verify), until the
//! provider was told how they ended.

use domain::{ChallengeId, Timestamp};

use crate::{
    Result,
    connection::{execute, fetch_all},
};

repository! {
    /// Verifications that a provider keeps itself.
    provider_verifications: ProviderVerifications
}

/// A verification whose challenge has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedVerification {
    pub provider: String,
    /// The provider's id of the verification.
    pub verification_id: String,
    /// Whether the right code was entered. Otherwise it was revoked, or it expired.
    pub is_used: bool,
}

const INSERT: &str = "insert into provider_verifications (provider, verification_id, challenge_id)
    values ($1, $2, $3) on conflict do nothing";

const LIST_ENDED: &str = "select v.provider, v.verification_id, c.consumed_at
    from provider_verifications v left join challenges c on c.id = v.challenge_id
    where c.id is null or c.consumed_at is not null or c.revoked_at is not null
      or c.expires_at <= $1
    order by v.provider, v.verification_id limit $2";

const DELETE: &str =
    "delete from provider_verifications where provider = $1 and verification_id = $2";

impl ProviderVerifications<'_> {
    /// Records that a provider keeps a verification for a challenge.
    pub async fn keep(
        &mut self,
        provider: &str,
        verification_id: &str,
        challenge: &ChallengeId,
    ) -> Result<()> {
        execute!(self.0, INSERT, provider, verification_id, challenge.as_str())?;
        Ok(())
    }

    /// Up to `limit` verifications that have ended.
    pub async fn ended(&mut self, limit: u32, now: Timestamp) -> Result<Vec<EndedVerification>> {
        let rows: Vec<(String, String, Option<i64>)> =
            fetch_all!(self.0, LIST_ENDED, now.as_millis(), i64::from(limit))?;
        let code = |(provider, verification_id, consumed_at): (String, String, Option<i64>)| {
            EndedVerification { provider, verification_id, is_used: consumed_at.is_some() }
        };
        Ok(rows.into_iter().map(code).collect())
    }

    /// Deletes a verification. Of concurrent calls one gets `true`, and tells the provider.
    pub async fn forget(&mut self, code: &EndedVerification) -> Result<bool> {
        Ok(execute!(self.0, DELETE, code.provider.as_str(), code.verification_id.as_str())? == 1)
    }
}
