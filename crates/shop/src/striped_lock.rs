//! One at a time: requests that would step on each other's feet wait their turn.
//!
//! Only a comfort, so that a double click gets one answer twice. What must not
//! happen twice is guarded in the rows, where other processes look too.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard};

/// More than there are requests at once that matter.
const LANES: usize = 64;

/// Lanes in which requests wait, by what they are about.
#[derive(Clone, Debug)]
pub struct StripedLock(Arc<[Mutex<()>; LANES]>);

impl Default for StripedLock {
    fn default() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Mutex::default())))
    }
}

impl StripedLock {
    /// Waits until nobody else is at work on this subject. Two subjects may share
    /// a lane; then they wait for each other, which does no harm.
    pub async fn wait(&self, subject: &str) -> Option<MutexGuard<'_, ()>> {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).ok()?;
        Some(self.0.get(lane)?.lock().await)
    }
}
