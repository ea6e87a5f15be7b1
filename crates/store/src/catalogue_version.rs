//! How often this process changed the catalogue. A cache of pages compares the number to
//! learn that its pages are out of date.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::Connection;

/// The number, shared by all clones of a [`crate::Db`].
#[derive(Clone, Default)]
pub(crate) struct CatalogueVersion(Arc<AtomicU64>);

impl CatalogueVersion {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Counts a transaction that just ended, if it changed the catalogue. One that was
    /// undone counts too, which only makes a cache render its pages again.
    pub(crate) fn count(&self, connection: &mut Connection) {
        if std::mem::take(&mut connection.has_changed_catalogue) {
            self.0.fetch_add(1, Ordering::Release);
        }
    }
}
