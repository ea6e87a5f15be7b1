//! Recovery codes of an account: making, showing and saving them. How one is used is in
//! `lost_phone` and `codes::method::recovery_code`.
//!
//! The codes are derived from a random nonce under the key of one-time codes. Rows keep the
//! nonce only while the codes are shown: to the one sign-in that made them, for ten minutes,
//! or until the owner says that they are saved. So the page can be loaded again, printed and
//! downloaded without a script, and no row ever holds a code. Afterwards only the digests are
//! left, from which nobody can derive the codes again.

use std::time::Duration;

use domain::{ChallengeState, Purpose, RecoveryCode, Refusal, Timestamp};
use store::{Connection, Db, RecoveryCodeSet, transaction};

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    codes::recovery_code,
    entropy::Entropy,
    error::{Fault, Result},
    keys::{KeyRing, mac},
    step_up::{STEP_UP_TTL, is_stepped_up, spend_step_up},
    visitor::{SignedIn, Visitor},
};

/// How many codes a set has.
pub const RECOVERY_CODES: usize = 10;
/// With this many codes left, new ones are offered again.
const FEW_CODES: u64 = 2;
/// How long the codes are shown.
const SHOWN_FOR: Duration = Duration::from_secs(10 * 60);

/// The recovery codes of the visitor's account.
pub struct RecoveryCodes<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) audit: &'s Audit,
    pub(crate) keys: &'s KeyRing,
    /// How many attempts a challenge allows.
    pub(crate) attempts: u32,
}

/// What the page of recovery codes shows.
#[derive(Clone, Debug)]
pub struct RecoveryCodesView {
    /// How many codes are left.
    pub unused: u64,
    /// When the codes were made; `None` if there are none.
    pub made_at: Option<Timestamp>,
    /// The step that is due.
    pub stage: RecoveryCodesStage,
}

/// The step to new recovery codes that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecoveryCodesStage {
    /// The password, again.
    Password,
    /// The code sent to the phone.
    StepUpCode,
    /// The codes can be made.
    Ready,
    /// The codes were made in this sign-in, and are shown until they are saved.
    Shown(Vec<RecoveryCode>),
}

impl RecoveryCodes<'_> {
    /// What the page shows.
    pub async fn view(&self, visitor: &Visitor) -> Result<RecoveryCodesView> {
        let signed_in = visitor.require_signed_in()?;
        let mut rows = self.db.read().await?;
        let set = rows.recovery_codes().find_set(&signed_in.account).await?;
        Ok(RecoveryCodesView {
            unused: rows.recovery_codes().count_unused(&signed_in.account).await?,
            made_at: set.as_ref().map(|set| set.created_at),
            stage: self.stage(&mut rows, visitor, signed_in, set).await?,
        })
    }

    /// The codes, while they are shown to this sign-in.
    pub async fn shown(&self, visitor: &Visitor) -> Result<Vec<RecoveryCode>> {
        match self.view(visitor).await?.stage {
            RecoveryCodesStage::Shown(codes) => Ok(codes),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    /// Whether the visitor should make codes: there are none that were saved, or few are left.
    pub async fn are_offered(&self, visitor: &Visitor) -> Result<bool> {
        let account = &visitor.require_signed_in()?.account;
        let mut rows = self.db.read().await?;
        let set = rows.recovery_codes().find_set(account).await?;
        let is_saved = set.is_some_and(|set| set.saved_at.is_some());
        Ok(!is_saved || rows.recovery_codes().count_unused(account).await? <= FEW_CODES)
    }

    /// Makes a set of codes, which replaces the one before. It needs a step-up; for the first
    /// codes, a sign-in with password and code a few minutes ago is as good. Asking for it
    /// twice at once makes one set.
    pub async fn make(&self, visitor: &Visitor) -> Result<()> {
        let signed_in = visitor.require_signed_in()?.clone();
        let now = self.clock.now();
        let set = RecoveryCodeSet {
            account: signed_in.account.clone(),
            key_id: self.keys.signing().ok_or(Fault::Broken("keys"))?.id.clone(),
            nonce: Some(format!("{:032x}", self.entropy.bits()?)),
            sign_in: signed_in.id.clone(),
            shown_until: now + SHOWN_FOR,
            created_at: now,
            saved_at: None,
        };
        let digests = derive(self.keys, &set)?.iter().map(recovery_code::digest).collect();
        let replacement = Replacement { set, digests, signed_in, audit: self.audit.clone() };
        transaction!(self.db, |tx| replacement.apply(tx, now).await).await
    }

    /// The owner has saved the codes; they are not shown again.
    pub async fn mark_saved(&self, visitor: &Visitor) -> Result<()> {
        let SignedIn { id, account, .. } = visitor.require_signed_in()?.clone();
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if tx.recovery_codes().mark_saved(&account, &id, now).await? {
                return Ok(());
            }
            let set = tx.recovery_codes().find_set(&account).await?;
            // Saying it twice is no failure.
            match set.is_some_and(|set| set.sign_in == id && set.saved_at.is_some()) {
                true => Ok(()),
                false => Err(Refusal::NotPossible.into()),
            }
        })
        .await
    }

    async fn stage(
        &self,
        rows: &mut Connection,
        visitor: &Visitor,
        signed_in: &SignedIn,
        set: Option<RecoveryCodeSet>,
    ) -> Result<RecoveryCodesStage> {
        let now = self.clock.now();
        if let Some(set) = set.as_ref().filter(|set| is_shown_to(set, signed_in, now)) {
            return Ok(RecoveryCodesStage::Shown(derive(self.keys, set)?));
        }
        let needs_no_step_up = is_first(set.as_ref()) && is_fresh(rows, signed_in, now).await?;
        if needs_no_step_up || is_stepped_up(signed_in, self.clock) {
            return Ok(RecoveryCodesStage::Ready);
        }
        let browser = visitor.browser.digest();
        let newest = rows.challenges().find_newest(&browser, Purpose::StepUp).await?;
        let awaits_code = newest.is_some_and(|challenge| {
            challenge.account == signed_in.account
                && challenge.state(self.attempts, now) == ChallengeState::Live
        });
        Ok(match awaits_code {
            true => RecoveryCodesStage::StepUpCode,
            false => RecoveryCodesStage::Password,
        })
    }
}

/// A set of codes, which is put in the place of the one before.
struct Replacement {
    set: RecoveryCodeSet,
    digests: Vec<String>,
    signed_in: SignedIn,
    audit: Audit,
}

impl Replacement {
    async fn apply(self, tx: &mut Connection, now: Timestamp) -> Result<()> {
        let Self { set, digests, signed_in, audit } = self;
        let before = tx.recovery_codes().find_set(&set.account).await?;
        if before.as_ref().is_some_and(|before| is_shown_to(before, &signed_in, now)) {
            return Ok(());
        }
        if !(is_first(before.as_ref()) && is_fresh(tx, &signed_in, now).await?) {
            spend_step_up(tx, &signed_in, now).await?;
        }
        tx.recovery_codes().replace(&set, &digests).await?;
        audit.record(tx, Event::RecoveryCodesMade, Some(&set.account), "", now).await
    }
}

/// Whether no codes were saved before.
fn is_first(set: Option<&RecoveryCodeSet>) -> bool {
    set.is_none_or(|set| set.saved_at.is_none())
}

/// Whether password and code of this sign-in were given as short a time ago as those of a
/// step-up.
async fn is_fresh(rows: &mut Connection, signed_in: &SignedIn, now: Timestamp) -> Result<bool> {
    let SignedIn { id, account, .. } = signed_in;
    Ok(rows.sign_ins().was_code_given(id, account, now - STEP_UP_TTL).await?)
}

fn is_shown_to(set: &RecoveryCodeSet, signed_in: &SignedIn, now: Timestamp) -> bool {
    set.nonce.is_some() && set.sign_in == signed_in.id && now < set.shown_until
}

/// The codes of a set, from its nonce.
fn derive(keys: &KeyRing, set: &RecoveryCodeSet) -> Result<Vec<RecoveryCode>> {
    let key = keys.find(&set.key_id).ok_or(Fault::Broken("recovery_code_sets.key_id"))?;
    let nonce = set.nonce.as_deref().ok_or(Fault::Broken("recovery_code_sets.nonce"))?;
    (0..RECOVERY_CODES)
        .map(|index| {
            let parts = [
                b"marigold/recovery/1",
                set.account.as_str().as_bytes(),
                nonce.as_bytes(),
                &index.to_be_bytes(),
            ];
            let [bits @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = mac(key, &parts)?;
            Ok(RecoveryCode::from_bits(u128::from_be_bytes(bits)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::{AccountId, SignInId};

    use super::*;
    use crate::keys::tests::ring;

    fn set(account: u128, nonce: u128, key_id: &str) -> RecoveryCodeSet {
        let at = Timestamp::from_millis(0);
        RecoveryCodeSet {
            account: AccountId::from_bits(account),
            key_id: key_id.to_owned(),
            nonce: Some(format!("{nonce:032x}")),
            sign_in: SignInId::from_bits(1),
            shown_until: at,
            created_at: at,
            saved_at: None,
        }
    }

    #[test]
    fn s_a02_recovery_codes_of_account_nonce_and_key_all_differ() {
        let keys = ring(&[("a", 1), ("b", 2)]);
        let sets = [set(1, 1, "a"), set(2, 1, "a"), set(1, 2, "a"), set(1, 1, "b")];
        let codes = sets.iter().flat_map(|set| derive(&keys, set).unwrap());
        let codes: HashSet<String> = codes.map(|code| code.expose_text()).collect();
        assert_eq!(codes.len(), sets.len() * RECOVERY_CODES);
    }

    #[test]
    fn recovery_codes_cannot_be_derived_without_nonce_or_key() {
        let forgotten = RecoveryCodeSet { nonce: None, ..set(1, 1, "a") };
        assert!(derive(&ring(&[("a", 1)]), &forgotten).is_err());
        assert!(derive(&ring(&[("b", 2)]), &set(1, 1, "a")).is_err());
    }
}
