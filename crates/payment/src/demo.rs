//! A bank for demonstrations. It behaves like one on the other side of a wire:
//! it keeps a ledger of its own, which no crash of the shop can undo, and may
//! take money while its answer gets lost.
//!
//! The ledger is a file of JSON lines that is only ever appended to. Each line is
//! on the disk before it counts. Every operation holds the file's lock and first
//! reads what others appended, so parallel calls, restarts and several processes
//! all see one ledger, and an id is charged once whoever asks. A half-written
//! last line is a writer that died before it answered: it is cut off.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{Money, PaymentId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{BoxFuture, Charge, ChargeOutcome, DeclineReason, Gateway, GatewayError, Method};

/// What time it is, as the bank sees it.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long after a lost answer the charge is made.
const LATE: Duration = Duration::from_secs(3);

const APPROVE: Method = Method { id: "demo_approve", label: "Test card ending 4242 (approved)" };
const DECLINE: Method = Method { id: "demo_decline", label: "Test card ending 0002 (declined)" };
const INSUFFICIENT_FUNDS: Method =
    Method { id: "demo_insufficient_funds", label: "Test card ending 9995 (insufficient funds)" };
const TIMEOUT: Method =
    Method { id: "demo_timeout", label: "Test card ending 0341 (answers late, then approved)" };
const METHODS: &[Method] = &[APPROVE, DECLINE, INSUFFICIENT_FUNDS, TIMEOUT];

/// The demonstration bank.
pub struct DemoGateway {
    ledger: Arc<Mutex<Ledger>>,
    now: Now,
}

/// One line of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Entry {
    /// A charge was decided.
    Charge {
        id: PaymentId,
        amount: Money,
        method: String,
        decision: Decision,
        /// From when on the bank tells the decision.
        told_from: Timestamp,
    },
    /// A charge that never came was closed.
    Void { id: PaymentId, at: Timestamp },
    /// A charge was given back.
    Refund { id: PaymentId, at: Timestamp },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Captured,
    Refused,
    InsufficientFunds,
    Voided,
}

/// What the ledger says of one id.
#[derive(Clone, Copy, Debug)]
struct Account {
    amount: Option<Money>,
    decision: Decision,
    told_from: Timestamp,
    is_refunded: bool,
}

/// What the bank holds of one charge; its account statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The charge.
    pub id: PaymentId,
    /// How much was taken.
    pub amount: Money,
    /// Whether it was given back.
    pub is_refunded: bool,
}

struct Ledger {
    file: File,
    read_to: u64,
    accounts: HashMap<PaymentId, Account>,
    /// Ids in the order in which they first came.
    order: Vec<PaymentId>,
}

impl DemoGateway {
    /// Opens a ledger, or begins one.
    pub fn open(path: &Path, now: Now) -> io::Result<Arc<Self>> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut ledger = Ledger { file, read_to: 0, accounts: HashMap::new(), order: Vec::new() };
        ledger.locked(|_| Ok(()))?;
        Ok(Arc::new(Self { ledger: Arc::new(Mutex::new(ledger)), now }))
    }

    /// Everything that was captured, in order.
    pub async fn statements(&self) -> Result<Vec<Statement>, GatewayError> {
        self.on_ledger(|ledger, _| Ok(ledger.statements())).await
    }

    /// Runs one operation on the ledger, off the threads that serve requests. It
    /// runs to its end even if the caller goes away, as a remote bank's would.
    async fn on_ledger<T, F>(&self, work: F) -> Result<T, GatewayError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Ledger, Timestamp) -> io::Result<T> + Send + 'static,
    {
        let (ledger, now) = (Arc::clone(&self.ledger), (self.now)());
        let done = tokio::task::spawn_blocking(move || {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.locked(|ledger| work(ledger, now))
        });
        match done.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the demo ledger failed");
                Err(GatewayError::Unknown)
            }
            Err(_) => Err(GatewayError::Unknown),
        }
    }
}

impl Gateway for DemoGateway {
    fn methods(&self) -> &'static [Method] {
        METHODS
    }

    fn charge<'a>(
        &'a self,
        charge: &'a Charge,
    ) -> BoxFuture<'a, Result<ChargeOutcome, GatewayError>> {
        let charge = charge.clone();
        Box::pin(async move {
            self.on_ledger(move |ledger, now| {
                if !ledger.accounts.contains_key(&charge.id) {
                    ledger.append(decide(charge.clone(), now))?;
                }
                Ok(ledger.told(&charge.id, now))
            })
            .await?
            .unwrap_or(Err(GatewayError::Unknown))
        })
    }

    fn find<'a>(
        &'a self,
        id: &'a PaymentId,
    ) -> BoxFuture<'a, Result<Option<ChargeOutcome>, GatewayError>> {
        let id = id.clone();
        Box::pin(async move {
            self.on_ledger(move |ledger, now| Ok(ledger.told(&id, now))).await?.transpose()
        })
    }

    fn void<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<ChargeOutcome, GatewayError>> {
        let id = id.clone();
        Box::pin(async move {
            self.on_ledger(move |ledger, now| {
                if !ledger.accounts.contains_key(&id) {
                    ledger.append(Entry::Void { id: id.clone(), at: now })?;
                }
                Ok(ledger.told(&id, now))
            })
            .await?
            .unwrap_or(Err(GatewayError::Unknown))
        })
    }

    fn refund<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<(), GatewayError>> {
        let id = id.clone();
        Box::pin(async move {
            self.on_ledger(move |ledger, now| {
                let account = ledger.accounts.get(&id).copied();
                match account {
                    Some(account) if account.is_refunded => Ok(Ok(())),
                    Some(account) if account.decision == Decision::Captured => {
                        ledger.append(Entry::Refund { id, at: now }).map(Ok)
                    }
                    _ => Ok(Err(GatewayError::NotCharged)),
                }
            })
            .await?
        })
    }
}

/// What the bank decides about a charge it has never seen.
fn decide(charge: Charge, now: Timestamp) -> Entry {
    let decision = match charge.method.as_str() {
        method if method == APPROVE.id || method == TIMEOUT.id => Decision::Captured,
        method if method == INSUFFICIENT_FUNDS.id => Decision::InsufficientFunds,
        _ => Decision::Refused,
    };
    let told_from = if charge.method == TIMEOUT.id { now + LATE } else { now };
    Entry::Charge {
        id: charge.id,
        amount: charge.amount,
        method: charge.method,
        decision,
        told_from,
    }
}

impl Ledger {
    /// Runs work while no other process can append, on all that was appended.
    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        self.file.lock()?;
        let result = self.catch_up().and_then(|()| work(self));
        self.file.unlock()?;
        result
    }

    /// Reads what was appended since the last time, and cuts off a torn end.
    fn catch_up(&mut self) -> io::Result<()> {
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

    /// Writes one line; it counts once it is on the disk.
    fn append(&mut self, entry: Entry) -> io::Result<()> {
        let mut line = serde_json::to_string(&entry)?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_all()?;
        self.read_to += line.len() as u64;
        self.apply(entry);
        Ok(())
    }

    fn apply(&mut self, entry: Entry) {
        let (id, account) = match entry {
            Entry::Charge { id, amount, decision, told_from, .. } => {
                (id, Account { amount: Some(amount), decision, told_from, is_refunded: false })
            }
            Entry::Void { id, at } => {
                let decision = Decision::Voided;
                (id, Account { amount: None, decision, told_from: at, is_refunded: false })
            }
            Entry::Refund { id, .. } => {
                if let Some(account) = self.accounts.get_mut(&id) {
                    account.is_refunded = true;
                }
                return;
            }
        };
        self.order.push(id.clone());
        self.accounts.insert(id, account);
    }

    /// What the bank tells of an id now; `None` if it never had it.
    fn told(&self, id: &PaymentId, now: Timestamp) -> Option<Result<ChargeOutcome, GatewayError>> {
        let account = self.accounts.get(id)?;
        if now < account.told_from {
            return Some(Err(GatewayError::Unknown));
        }
        Some(Ok(match account.decision {
            Decision::Captured => ChargeOutcome::Captured,
            Decision::Refused => ChargeOutcome::Declined(DeclineReason::Refused),
            Decision::InsufficientFunds => {
                ChargeOutcome::Declined(DeclineReason::InsufficientFunds)
            }
            Decision::Voided => ChargeOutcome::Declined(DeclineReason::Voided),
        }))
    }

    fn statements(&self) -> Vec<Statement> {
        let captured = |id: &PaymentId| {
            let account = self.accounts.get(id)?;
            let amount = account.amount.filter(|_| account.decision == Decision::Captured)?;
            Some(Statement { id: id.clone(), amount, is_refunded: account.is_refunded })
        };
        self.order.iter().filter_map(captured).collect()
    }
}
