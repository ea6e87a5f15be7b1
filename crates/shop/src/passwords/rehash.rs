//! Hashes that are outdated, made anew once somebody signs in: then, and only then,
//! is the password at hand.
//!
//! Not on the way to the answer. An answer that takes two hashes instead of one would
//! say that the password was right, which the shop tells nobody (S-R03), and after a
//! new key was put in it would say so of every account. So the password waits, for
//! seconds and in memory alone, until the next beat of the work behind the scenes,
//! which keeps its own time, whatever was asked and answered. The hash is computed in
//! the same bounded pool; the busy pool, the full queue and the process that ends
//! drop it, and the next sign-in tries again.

use std::sync::{Mutex, PoisonError};

use domain::{AccountId, Password, Refusal, Secret};
use store::Account;

use crate::{Error, Result, Shop};

/// More than a beat brings: whoever is left out comes again.
const MOST_WAITING: usize = 64;

/// Passwords that wait for a new hash.
#[derive(Default)]
pub struct RehashQueue(Mutex<Vec<Rehash>>);

struct Rehash {
    account: AccountId,
    old: Secret<String>,
    password: Password,
}

impl RehashQueue {
    /// Keeps the right password of this account until the next beat.
    pub fn add(&self, account: &Account, password: Password) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            let (account, old) = (account.id.clone(), account.password_hash.clone());
            waiting.push(Rehash { account, old, password });
        }
    }

    fn take(&self) -> Vec<Rehash> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shop {
    /// Makes the hashes anew that were found outdated since the last call.
    pub async fn rehash_passwords(&self) -> Result<()> {
        for renewal in self.renewals().take() {
            match self.renew(renewal).await {
                Err(Error::Refused(Refusal::Busy { .. })) => return Ok(()),
                done => done?,
            }
        }
        Ok(())
    }

    async fn renew(&self, renewal: Rehash) -> Result<()> {
        let Rehash { account, old, password } = renewal;
        let new = self.passwords().hash(password, self.entropy()).await?;
        self.db()
            .write(move |tx| {
                Box::pin(async move {
                    tx.accounts().replace_hash(&account, &old, &new).await?;
                    Ok(())
                })
            })
            .await
    }
}
