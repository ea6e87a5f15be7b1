//! `Idempotency-Key`: the same key gets the same answer, and nothing is done twice.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::problem::Problem;
use crate::call::{Answer, Call};

/// How long a key is remembered, in seconds.
const REMEMBERED: i64 = 3 * 3600;

/// The answers that were given, by key.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<HashMap<String, Given>>);

#[derive(Debug)]
struct Given {
    request: [u8; 32],
    at: i64,
    status: u16,
    body: String,
}

impl Answers {
    /// The answer of an earlier call with the same key, if there was one.
    ///
    /// # Errors
    /// `idempotency_key_reuse` when that call was another.
    pub fn find(&self, call: &Call, now: i64) -> Result<Option<Answer>, Problem> {
        let Some(key) = call.header("idempotency-key") else { return Ok(None) };
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|_, each| now < each.at + REMEMBERED);
        let Some(earlier) = given.get(key) else { return Ok(None) };
        if earlier.request != fingerprint(call) {
            let name = "idempotency_key_reuse";
            return Err(Problem::new(409, "conflict_error", "E01005", name));
        }
        let mut answer = Answer::empty(earlier.status).with("idempotency-replayed", "true");
        answer.body.clone_from(&earlier.body);
        Ok(Some(answer))
    }

    /// Remembers the answer to a call that was accepted.
    pub fn remember(&self, call: &Call, answer: &Answer, now: i64) {
        let Some(key) = call.header("idempotency-key") else { return };
        let given = Given {
            request: fingerprint(call),
            at: now,
            status: answer.status,
            body: answer.body.clone(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(String::from(key), given);
    }
}

fn fingerprint(call: &Call) -> [u8; 32] {
    Sha256::new()
        .chain_update(&call.path)
        .chain_update([0])
        .chain_update(&call.body)
        .finalize()
        .into()
}
