//! A buffer for audit events of refusals. A refusal has no transaction, or undoes its own,
//! so it is noted in memory, and a background job writes it. Equal ones become one row with
//! a count, so that refused requests fill neither the disk nor the memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::AccountId;
use store::{AuditEvent, transaction};

use super::{Audit, Event};
use crate::error::Result;

/// The number of different notes that are kept; of the others only the event is kept.
const MAX_PENDING_NOTES: usize = 1000;

/// What was noted and not yet written, and how often. Clones share their notes.
#[derive(Clone, Default)]
pub(crate) struct AuditBuffer(Arc<Mutex<HashMap<Note, u32>>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Note {
    event: Event,
    account: Option<AccountId>,
    detail: String,
}

impl AuditBuffer {
    fn add(&self, note: Note, times: u32) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_room = notes.len() < MAX_PENDING_NOTES || notes.contains_key(&note);
        let event = note.event;
        let rest = || Note { event, account: None, detail: "and others".to_owned() };
        let count = notes.entry(if is_room { note } else { rest() }).or_default();
        *count = count.saturating_add(times);
    }

    fn take(&self) -> HashMap<Note, u32> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Note {
    fn row(self, times: u32, at: domain::Timestamp) -> AuditEvent {
        let Self { event, account, detail } = self;
        let detail = if times == 1 { detail } else { format!("{detail} ({times} times)") };
        AuditEvent { name: event.as_str().to_owned(), account, detail, at }
    }
}

impl Audit {
    /// Notes a refusal, which [`Audit::flush_audit`] will write. `detail` holds nothing
    /// secret, and nothing that the refused visitor could choose freely.
    pub fn note(&self, event: Event, account: Option<&AccountId>, detail: &str) {
        tracing::debug!(event = event.as_str(), detail, "a request was refused");
        let note = Note { event, account: account.cloned(), detail: detail.to_owned() };
        self.buffer.add(note, 1);
    }

    /// Writes what was noted since the last call. What cannot be written now is kept for the
    /// next call.
    pub async fn flush_audit(&self) -> Result<()> {
        let notes = self.buffer.take();
        if notes.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut rows = Vec::new();
        for (note, times) in &notes {
            rows.push((self.entropy.bits()?, note.clone().row(*times, now)));
        }
        let written = transaction!(self.db, |tx| {
            for (id, row) in &rows {
                tx.audit().insert(*id, row).await?;
            }
            Ok(())
        })
        .await;
        if written.is_err() {
            notes.into_iter().for_each(|(note, times)| self.buffer.add(note, times));
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(detail: &str) -> Note {
        Note { event: Event::LimitReached, account: None, detail: detail.to_owned() }
    }

    #[test]
    fn x11_the_audit_buffer_stays_bounded_under_many_refusals() {
        let notes = AuditBuffer::default();
        for number in 0..5000 {
            notes.add(note(&number.to_string()), 1);
        }
        let taken = notes.take();
        assert_eq!(taken.len(), MAX_PENDING_NOTES + 1);
        assert_eq!(taken.values().sum::<u32>(), 5000, "each is counted");
        assert!(notes.take().is_empty());
    }
}
