//! Telling the other nodes of a PostgreSQL server which challenges changed. One task for each node
//! does that, so that neither a burst of delivery reports nor a slow database makes more.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use domain::ChallengeId;
use store::Location;
use tokio::sync::Notify;

use super::Delivery;
use crate::error::Result;

/// How many challenges may wait to be announced. Of the others, the pages on other nodes learn at
/// their next poll.
const MAX_PENDING: usize = 4096;

/// The challenges that changed on this node and that other nodes were not told of yet. One that
/// changes several times waits once.
#[derive(Default)]
pub(super) struct ChangedChallenges {
    pending: Mutex<BTreeSet<ChallengeId>>,
    added: Notify,
}

impl ChangedChallenges {
    pub(super) fn add(&self, challenge: &ChallengeId) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() < MAX_PENDING {
            pending.insert(challenge.clone());
        }
        drop(pending);
        self.added.notify_one();
    }

    /// Removes all challenges, and waits for the first if there is none.
    async fn take(&self) -> BTreeSet<ChallengeId> {
        loop {
            let pending =
                std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
            if !pending.is_empty() {
                return pending;
            }
            self.added.notified().await;
        }
    }
}

impl Delivery {
    /// Tells the other nodes which challenges changed here, until the database fails or is closed.
    /// SQLite has one node, so there this returns at once. The challenges that an error interrupts
    /// are not announced again, because pages read their challenge from time to time as well.
    pub async fn notify_nodes(&self) -> Result<()> {
        if matches!(self.db.location(), Location::File(_)) {
            return Ok(());
        }
        loop {
            let changed = self.state.changed_challenges.take().await;
            self.db.notify_challenges(&changed).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_challenge_that_changes_often_is_announced_once() {
        let changed = ChangedChallenges::default();
        for number in [1, 2, 1, 1, 2] {
            changed.add(&ChallengeId::from_bits(number));
        }
        let both = [1, 2].map(ChallengeId::from_bits);
        assert_eq!(changed.take().await, BTreeSet::from(both));
        assert!(futures::poll!(std::pin::pin!(changed.take())).is_pending());
    }

    #[tokio::test]
    async fn changes_that_nobody_announces_are_bounded() {
        let changed = ChangedChallenges::default();
        for number in 0..10_000 {
            changed.add(&ChallengeId::from_bits(number));
        }
        assert_eq!(changed.take().await.len(), MAX_PENDING);
    }
}
