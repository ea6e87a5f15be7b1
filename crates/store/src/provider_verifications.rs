//! Codes that their provider keeps itself, until it was told how they ended. Few:
//! only some providers do, and only while the codes live.

use domain::{ChallengeId, Timestamp};

use crate::{
    Connection, Result,
    connection::{execute, with_connection},
};

/// Codes that their provider keeps.
pub struct ProviderVerifications<'c>(&'c mut Connection);

impl Connection {
    /// Codes that their provider keeps.
    pub fn provider_verifications(&mut self) -> ProviderVerifications<'_> {
        ProviderVerifications(self)
    }
}

/// A code that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedVerification {
    /// Who keeps it.
    pub provider: String,
    /// The provider's name for it.
    pub verification_id: String,
    /// Whether the right code was given; else it was revoked, or its time is over.
    pub is_used: bool,
}

const KEEP: &str =
    "insert into provider_verifications (provider, verification_id, challenge_id) values ($1, $2, $3)
    on conflict do nothing";

const ENDED: &str = "select provider_verifications.provider, provider_verifications.verification_id, challenges.consumed_at
    from provider_verifications left join challenges on challenges.id = provider_verifications.challenge_id
    where challenges.id is null or challenges.consumed_at is not null
      or challenges.revoked_at is not null or challenges.expires_at <= $1
    order by provider_verifications.provider, provider_verifications.verification_id limit $2";

const FORGET: &str =
    "delete from provider_verifications where provider = $1 and verification_id = $2";

impl ProviderVerifications<'_> {
    /// Remembers that a provider keeps the code of a challenge.
    pub async fn keep(
        &mut self,
        provider: &str,
        verification_id: &str,
        challenge: &ChallengeId,
    ) -> Result<()> {
        execute!(self.0, KEEP, provider, verification_id, challenge.as_str())?;
        Ok(())
    }

    /// Up to `most` codes that have ended.
    pub async fn ended(&mut self, most: u32, now: Timestamp) -> Result<Vec<EndedVerification>> {
        let rows: Vec<(String, String, Option<i64>)> = with_connection!(self.0, c => {
            sqlx::query_as(ENDED)
                .bind(now.as_millis())
                .bind(i64::from(most))
                .fetch_all(c)
                .await
        })?;
        let code = |(provider, verification_id, consumed_at): (String, String, Option<i64>)| {
            EndedVerification { provider, verification_id, is_used: consumed_at.is_some() }
        };
        Ok(rows.into_iter().map(code).collect())
    }

    /// Forgets a code. Of many at once, one is told `true`, and tells the provider.
    pub async fn forget(&mut self, code: &EndedVerification) -> Result<bool> {
        Ok(execute!(self.0, FORGET, code.provider.as_str(), code.verification_id.as_str())? == 1)
    }
}
