//! Telling the providers that keep codes themselves how each came to its end, as
//! they ask of those who bring codes of their own. Behind the scenes and best effort:
//! no visitor waits for it, nothing depends on it, and where no courier keeps codes
//! it costs no statement.

use futures::{StreamExt, stream};
use store::{EndedCode, KeptCodes};
use whatsapp::CodeEnd;

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
        if !self.0.carriers().iter().any(|carrier| carrier.courier.keeps_codes()) {
            return Ok(());
        }
        loop {
            let now = self.0.clock().now();
            let ended = self.0.db().read().await?.kept_codes().ended(MOST, now).await?;
            if ended.is_empty() {
                return Ok(());
            }
            let ours = self
                .0
                .db()
                .write(move |tx| Box::pin(async move { forget(tx.kept_codes(), ended).await }))
                .await?;
            stream::iter(ours).for_each_concurrent(AT_ONCE, |code| self.tell(code)).await;
        }
    }

    async fn tell(&self, code: EndedCode) {
        let end = if code.is_used { CodeEnd::Used } else { CodeEnd::Dropped };
        if let Some(courier) = self.courier(&code.provider) {
            courier.code_ended(&code.name, end).await;
        }
    }
}

/// Forgets these codes, and answers those that nobody else forgot before.
async fn forget(mut kept: KeptCodes<'_>, ended: Vec<EndedCode>) -> Result<Vec<EndedCode>> {
    let mut ours = Vec::new();
    for code in ended {
        if kept.forget(&code).await? {
            ours.push(code);
        }
    }
    Ok(ours)
}
