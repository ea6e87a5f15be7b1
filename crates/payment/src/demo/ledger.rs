//! The ledger of the demo gateway: a file of JSON lines to which entries are only appended.
//!
//! An entry is valid once it is on the disk. Every operation holds the lock of the file and first
//! reads what other processes have appended, so parallel calls, restarts and several processes
//! share one ledger. An incomplete last line is of a process that died before it responded, and is
//! removed.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::Path,
};

use domain::{Money, PaymentId, RefundId, Timestamp};
use serde::{Deserialize, Serialize};

/// One entry of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Entry {
    /// A charge, and the decision about it.
    Charge {
        id: PaymentId,
        amount: Money,
        method: String,
        decision: Decision,
        /// From when on the decision is returned.
        #[serde(alias = "told_from")]
        known_at: Timestamp,
    },
    /// A charge that was voided before it was received.
    Void { id: PaymentId, at: Timestamp },
    /// Money of a charge was refunded. Older versions refunded the whole amount, and wrote neither
    /// the id of the refund nor the amount.
    Refund { id: PaymentId, refund: Option<RefundId>, amount: Option<Money>, at: Timestamp },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Decision {
    Captured,
    Refused,
    InsufficientFunds,
    Voided,
}

/// The state of one charge.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    /// The amount and the means of payment; `None` for a charge that was voided before it was
    /// received.
    pub asked: Option<(Money, String)>,
    pub decision: Decision,
    pub known_at: Timestamp,
    /// Each refund with its amount.
    pub refunds: Vec<(RefundId, Money)>,
}

impl Charge {
    /// How much was taken.
    pub fn captured(&self) -> Option<Money> {
        let (amount, _) = self.asked.as_ref()?;
        (self.decision == Decision::Captured).then_some(*amount)
    }

    /// How much was given back, in minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.refunds.iter().map(|(_, amount)| amount.minor()).sum()
    }
}

/// A captured charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The id of the charge.
    pub id: PaymentId,
    /// The amount that was charged.
    pub amount: Money,
    /// How much of it was refunded.
    pub refunded: Money,
    /// Whether all of it was refunded.
    pub is_refunded: bool,
}

pub(super) struct Ledger {
    file: File,
    /// How many bytes of the file were read.
    read_to: u64,
    pub charges: HashMap<PaymentId, Charge>,
    /// The ids in the order of their first entries.
    order: Vec<PaymentId>,
}

impl Ledger {
    /// Opens the ledger of that path, which is created if it is missing.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut ledger = Self { file, read_to: 0, charges: HashMap::new(), order: Vec::new() };
        ledger.locked(|_| Ok(()))?;
        Ok(ledger)
    }

    /// Reads all entries, then runs `work` before another process can append one.
    pub fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        self.file.lock()?;
        let result = self.read_appended().and_then(|()| work(self));
        self.file.unlock()?;
        result
    }

    /// Reads the entries that were appended since the last time, and removes an incomplete one.
    fn read_appended(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.read_to))?;
        let mut reader = BufReader::new(self.file.try_clone()?);
        let mut line = String::new();
        loop {
            line.clear();
            let length = reader.read_line(&mut line)?;
            if !line.ends_with('\n') {
                break;
            }
            self.apply(serde_json::from_str(&line)?);
            self.read_to += length as u64;
        }
        if !line.is_empty() {
            self.file.set_len(self.read_to)?;
            self.file.sync_all()?;
        }
        Ok(())
    }

    /// Appends an entry, and returns once it is on the disk.
    pub fn append(&mut self, entry: Entry) -> io::Result<()> {
        let mut line = serde_json::to_string(&entry)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_all()?;
        self.read_to += line.len() as u64;
        self.apply(entry);
        Ok(())
    }

    fn apply(&mut self, entry: Entry) {
        let (id, charge) = match entry {
            Entry::Charge { id, amount, method, decision, known_at } => {
                let asked = Some((amount, method));
                (id, Charge { asked, decision, known_at, refunds: Vec::new() })
            }
            Entry::Void { id, at } => {
                let decision = Decision::Voided;
                (id, Charge { asked: None, decision, known_at: at, refunds: Vec::new() })
            }
            Entry::Refund { id, refund, amount, .. } => {
                self.apply_refund(&id, refund, amount);
                return;
            }
        };
        self.order.push(id.clone());
        self.charges.insert(id, charge);
    }

    fn apply_refund(&mut self, id: &PaymentId, refund: Option<RefundId>, amount: Option<Money>) {
        let Some(charge) = self.charges.get_mut(id) else { return };
        let Some(amount) = amount.or_else(|| charge.captured()) else { return };
        // A refund without an id was the only one of its charge; the shop calls it by the id of
        // the payment since.
        if let Some(refund) = refund.or_else(|| RefundId::parse(id.as_str())) {
            charge.refunds.push((refund, amount));
        }
    }

    /// Every captured charge, in order.
    pub fn statements(&self) -> Vec<Statement> {
        let captured = |id: &PaymentId| {
            let charge = self.charges.get(id)?;
            let amount = charge.captured()?;
            let refunded = Money::new(charge.refunded_minor(), amount.currency());
            let is_refunded = refunded == amount;
            Some(Statement { id: id.clone(), amount, refunded, is_refunded })
        };
        self.order.iter().filter_map(captured).collect()
    }
}
