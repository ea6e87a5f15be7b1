//! A lock for each key, striped over a fixed number of mutexes.
//!
//! Parallel confirmations of one payment wait for each other here, so that a double click and
//! several tabs get the same answer. Each answer to a code uses one of its few attempts, and
//! without the lock parallel right answers would use them up before the first is evaluated. It
//! works within one process only and nothing depends on it for safety: that a payment is made
//! once is guarded by the rows.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};

/// More mutexes than there are parallel requests that matter.
const STRIPES: usize = 64;

/// Mutexes, chosen by the hash of a key.
#[derive(Clone, Debug)]
pub struct StripedLock(Arc<[Mutex<()>; STRIPES]>);

impl Default for StripedLock {
    fn default() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Mutex::default())))
    }
}

impl StripedLock {
    /// Waits until no other task holds the lock of this key. Two keys may share a mutex; then
    /// their tasks wait for each other, which is harmless.
    pub async fn wait(&self, key: &str) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let stripe = usize::try_from(hasher.finish() % STRIPES as u64).ok()?;
        Some(self.0.get(stripe)?.lock().await)
    }
}
