//! Randomness: the one place that asks the operating system for it.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{RngCore, SeedableRng, TryRngCore, rngs::OsRng, rngs::StdRng};

use crate::error::Result;

/// Unpredictable bits, or repeatable ones in tests.
#[derive(Clone, Debug, Default)]
pub struct Entropy(Option<Arc<Mutex<StdRng>>>);

impl Entropy {
    /// The operating system's generator, asked anew each time (S-A03).
    pub fn system() -> Self {
        Self(None)
    }

    /// The same bits in every run; for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// Fills `bytes`. Fails only if the operating system has no randomness.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        match &self.0 {
            None => Ok(OsRng.try_fill_bytes(bytes)?),
            Some(seeded) => {
                seeded.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
                Ok(())
            }
        }
    }

    /// 128 bits: an id, a nonce, a token.
    pub fn bits(&self) -> Result<u128> {
        let mut bytes = [0; 16];
        self.fill(&mut bytes)?;
        Ok(u128::from_be_bytes(bytes))
    }
}
