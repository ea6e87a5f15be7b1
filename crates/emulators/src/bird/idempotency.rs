//! `Idempotency-Key`: a repeated key gets the first response again, and nothing is done twice.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::problem::Problem;
use crate::http::{ApiRequest, ApiResponse};

const KEY_TTL_SECONDS: i64 = 3 * 3600;

/// The first responses, by key.
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
    /// The response to the first request with this key.
    ///
    /// # Errors
    /// `idempotency_key_reuse` when that request had another path or body.
    pub fn find(&self, request: &ApiRequest, now: i64) -> Result<Option<ApiResponse>, Problem> {
        let Some(key) = request.header("idempotency-key") else { return Ok(None) };
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|_, each| now < each.at + KEY_TTL_SECONDS);
        let Some(earlier) = given.get(key) else { return Ok(None) };
        if earlier.request != fingerprint(request) {
            let name = "idempotency_key_reuse";
            return Err(Problem::new(409, "conflict_error", "E01005", name));
        }
        let mut answer =
            ApiResponse::empty(earlier.status).with_header("idempotency-replayed", "true");
        answer.body.clone_from(&earlier.body);
        Ok(Some(answer))
    }

    /// Stores the response to an accepted request.
    pub fn remember(&self, request: &ApiRequest, answer: &ApiResponse, now: i64) {
        let Some(key) = request.header("idempotency-key") else { return };
        let given = Given {
            request: fingerprint(request),
            at: now,
            status: answer.status,
            body: answer.body.clone(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(String::from(key), given);
    }
}

fn fingerprint(request: &ApiRequest) -> [u8; 32] {
    Sha256::new()
        .chain_update(&request.path)
        .chain_update([0])
        .chain_update(&request.body)
        .finalize()
        .into()
}
