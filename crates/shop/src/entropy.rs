//! Random bits. No other module uses the random number generator of the operating system.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{RngCore, SeedableRng, TryRngCore, rngs::OsRng, rngs::StdRng};

use crate::error::Result;

/// A source of unpredictable bits, or of repeatable ones in tests.
#[derive(Clone, Debug, Default)]
pub struct Entropy(Option<Arc<Mutex<StdRng>>>);

impl Entropy {
    /// The generator of the operating system, which is called for every value (S-A03).
    pub fn system() -> Self {
        Self(None)
    }

    /// A generator that returns the same bits in every run, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// Fills `bytes` with random bits. Fails only if the generator of the operating system does.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        match &self.0 {
            None => Ok(OsRng.try_fill_bytes(bytes)?),
            Some(seeded) => {
                seeded.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
                Ok(())
            }
        }
    }

    /// 128 random bits, enough for an id, a nonce or a token.
    pub fn bits(&self) -> Result<u128> {
        let mut bytes = [0; 16];
        self.fill(&mut bytes)?;
        Ok(u128::from_be_bytes(bytes))
    }
}
