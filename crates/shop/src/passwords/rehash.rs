//! Hashes outdated password hashes again after a sign-in: then, and only then, is the
//! password at hand.
//!
//! It does not happen while the visitor waits: a sign-in with two hashes instead of one would
//! take twice as long. The password waits, for seconds and in memory alone, until the next
//! run of a background job. The hash is computed in the same bounded pool; if the pool is
//! busy, the queue is full or the process ends, the password is dropped, and the next sign-in
//! tries again.

use std::sync::{Mutex, PoisonError};

use domain::{AccountId, Password, Refusal, Secret};
use store::{Account, Db, transaction};

use super::Passwords;
use crate::{
    entropy::Entropy,
    error::{Error, Result},
};

/// The number of passwords that wait; the next sign-in brings those that are left out.
const MAX_WAITING: usize = 64;

/// Passwords that wait for a new hash.
#[derive(Default)]
pub struct RehashQueue(Mutex<Vec<Rehash>>);

struct Rehash {
    account: AccountId,
    old: Secret<String>,
    password: Password,
}

impl RehashQueue {
    /// Keeps the right password of this account until the next run of the job.
    pub fn add(&self, account: &Account, password: Password) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MAX_WAITING {
            let (account, old) = (account.id.clone(), account.password_hash.clone());
            waiting.push(Rehash { account, old, password });
        }
    }

    /// Replaces the hashes of the passwords that were added since the last call.
    pub async fn rehash(&self, db: &Db, passwords: &Passwords, entropy: &Entropy) -> Result<()> {
        for rehash in self.take() {
            match replace_hash(rehash, db, passwords, entropy).await {
                Err(Error::Refused(Refusal::Busy { .. })) => return Ok(()),
                done => done?,
            }
        }
        Ok(())
    }

    fn take(&self) -> Vec<Rehash> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn replace_hash(
    Rehash { account, old, password }: Rehash,
    db: &Db,
    passwords: &Passwords,
    entropy: &Entropy,
) -> Result<()> {
    let new = passwords.hash(password, entropy).await?;
    transaction!(db, |tx| {
        tx.accounts().replace_hash(&account, &old, &new).await?;
        Ok(())
    })
    .await
}
