//! Locks of objects: one that a request writes cannot be written by another one
//! (<https://docs.stripe.com/rate-limits#object-lock-timeouts>).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::problem::Problem;

/// The objects that are written, and whether the response has not left yet.
#[derive(Debug, Default)]
pub(super) struct Locks(Mutex<HashMap<String, Arc<AtomicBool>>>);

impl Locks {
    /// Locks an object until the response has left.
    ///
    /// # Errors
    /// When another request has locked it.
    pub fn lock(&self, id: &str, is_pending: &Arc<AtomicBool>) -> Result<(), Problem> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|_, is_pending| is_pending.load(Ordering::SeqCst));
        if locks.contains_key(id) {
            let message = "This object cannot be accessed right now because another API request or \
                           Stripe process is currently accessing it. If you see this error \
                           intermittently, retry the request. If you see this error frequently and \
                           are making multiple concurrent requests to a single object, make your \
                           requests serially or at a lower rate.";
            return Err(Problem::refused(429, message).with_code("lock_timeout"));
        }
        locks.insert(String::from(id), Arc::clone(is_pending));
        Ok(())
    }
}
