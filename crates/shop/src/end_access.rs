//! Ends every live code, session and permission. A database that was restored from a backup has
//! those of that time, and does not know which of them were used or ended since. Orders, accounts
//! and limits stay as they are.

use store::{Db, EndedAccess, transaction};

use crate::{
    audit::{Audit, AuditBuffer, Event},
    clock::Clock,
    entropy::Entropy,
    error::{Error, Result},
};

/// Ends all of it in one transaction, and records that in the audit log.
pub async fn end_access(db: &Db, clock: &Clock, entropy: &Entropy) -> Result<EndedAccess> {
    let audit = Audit {
        db: db.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        buffer: AuditBuffer::default(),
    };
    let now = clock.now();
    transaction!(db, |tx| {
        let ended = tx.live_access().end_all(now).await?;
        audit.record(tx, Event::AllAccessEnded, None, "database restored", now).await?;
        Ok::<_, Error>(ended)
    })
    .await
}
