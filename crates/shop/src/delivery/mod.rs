//! Messages on their way: sending what waits in the outbox, taking the
//! providers' news, forgetting what is old.

mod dispatch;
mod receipts;
mod signals;
mod sweep;

pub use receipts::{Receipts, receipts};
pub(crate) use signals::Signals;

use domain::ChallengeId;
use tokio::sync::broadcast;

use crate::Shop;

/// Messages on their way.
pub struct Delivery<'s>(&'s Shop);

impl Shop {
    /// Messages on their way.
    pub fn delivery(&self) -> Delivery<'_> {
        Delivery(self)
    }
}

impl Delivery<'_> {
    /// Says that the outbox has something new. Call it after the commit.
    pub fn wake(&self) {
        self.0.signals().wake();
    }

    /// The challenges whose messages move, as they move.
    pub fn changes(&self) -> broadcast::Receiver<ChallengeId> {
        self.0.signals().changes()
    }
}
