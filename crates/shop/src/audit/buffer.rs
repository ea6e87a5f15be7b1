//! What is written down of refusals: they have no transaction, or undo theirs. So they
//! are noted in memory, and the work loop writes them; equal ones become one row that
//! says how many they were. Nobody can fill the disk by being refused, nor the memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::AccountId;
use store::AuditEvent;

use super::{Audit, Event};
use crate::Result;

/// The most different notes kept at a time; of the others only the event is kept.
const MOST: usize = 1000;

/// What was noted and not yet written, and how often.
#[derive(Default)]
pub(crate) struct AuditBuffer(Mutex<HashMap<Note, u32>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Note {
    event: Event,
    account: Option<AccountId>,
    detail: String,
}

impl AuditBuffer {
    fn add(&self, note: Note, times: u32) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_room = notes.len() < MOST || notes.contains_key(&note);
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
    /// AuditBuffer a refusal, to be written by [`Audit::flush_audit`]. `detail` holds nothing
    /// secret, and nothing that whoever was refused could choose at will.
    pub fn note(&self, event: Event, account: Option<&AccountId>, detail: &str) {
        tracing::debug!(event = event.as_str(), detail, "a refusal");
        let note = Note { event, account: account.cloned(), detail: detail.to_owned() };
        self.0.notes().add(note, 1);
    }

    /// Writes what was noted since the last time. What cannot be written now is kept
    /// for the next time.
    pub async fn flush_audit(&self) -> Result<()> {
        let notes = self.0.notes().take();
        if notes.is_empty() {
            return Ok(());
        }
        let now = self.0.clock().now();
        let mut rows = Vec::new();
        for (note, times) in &notes {
            rows.push((self.0.entropy().bits()?, note.clone().row(*times, now)));
        }
        let written = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    for (id, row) in &rows {
                        tx.audit().insert(*id, row).await?;
                    }
                    Ok(())
                })
            })
            .await;
        if written.is_err() {
            notes.into_iter().for_each(|(note, times)| self.0.notes().add(note, times));
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
    fn x11_no_crowd_of_refusals_makes_the_notes_grow_for_ever() {
        let notes = AuditBuffer::default();
        for number in 0..5000 {
            notes.add(note(&number.to_string()), 1);
        }
        let taken = notes.take();
        assert_eq!(taken.len(), MOST + 1);
        assert_eq!(taken.values().sum::<u32>(), 5000, "each is counted");
        assert!(notes.take().is_empty());
    }
}
