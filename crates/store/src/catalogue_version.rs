//! How often this process changed what shoppers look at. Whoever keeps something
//! made of the catalogue compares the number to learn that it is out of date.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::Connection;

/// The number, shared by everybody who has the database open.
#[derive(Clone, Default)]
pub(crate) struct CatalogueVersion(Arc<AtomicU64>);

impl CatalogueVersion {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Counts a transaction that just ended, if it changed the catalogue. One
    /// that was undone counts too: once too often does no harm.
    pub(crate) fn count(&self, connection: &mut Connection) {
        if std::mem::take(&mut connection.has_changed_catalogue) {
            self.0.fetch_add(1, Ordering::Release);
        }
    }
}
