//! A gateway for demonstrations. It behaves like a remote one: its ledger survives a crash of the
//! shop, and it may charge although its response is lost.
//!
//! The ledger is a file of JSON lines to which entries are only appended. An entry is valid once it
//! is on the disk. Every operation holds the lock of the file and first reads what other processes
//! have appended, so parallel calls, restarts and several processes share one ledger, and an id is
//! charged once. An incomplete last line is of a process that died before it responded, and is
//! removed.

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

/// The gateway's clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long the outcome of a charge with [`TIMEOUT`] stays unknown.
const TIMEOUT_CARD_DELAY: Duration = Duration::from_secs(3);

const APPROVE: Method = Method { id: "demo_approve" };
const DECLINE: Method = Method { id: "demo_decline" };
const INSUFFICIENT_FUNDS: Method = Method { id: "demo_insufficient_funds" };
const TIMEOUT: Method = Method { id: "demo_timeout" };
const METHODS: &[Method] = &[APPROVE, DECLINE, INSUFFICIENT_FUNDS, TIMEOUT];

/// The gateway for demonstrations.
pub struct DemoGateway {
    ledger: Arc<Mutex<Ledger>>,
    now: Now,
}

/// One entry of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Entry {
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
    /// A charge was refunded.
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

/// The state of one charge.
#[derive(Clone, Debug)]
struct ChargeState {
    /// The amount and the means of payment; `None` for a charge that was voided before it was
    /// received.
    asked: Option<(Money, String)>,
    decision: Decision,
    known_at: Timestamp,
    is_refunded: bool,
}

/// A captured charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The id of the charge.
    pub id: PaymentId,
    /// The amount that was charged.
    pub amount: Money,
    /// Whether it was refunded.
    pub is_refunded: bool,
}

struct Ledger {
    file: File,
    /// How many bytes of the file were read.
    read_to: u64,
    charges: HashMap<PaymentId, ChargeState>,
    /// The ids in the order of their first entries.
    order: Vec<PaymentId>,
}

impl DemoGateway {
    /// Opens the ledger of that path, which is created if it is missing.
    pub fn open(path: &Path, now: Now) -> io::Result<Arc<Self>> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut ledger = Ledger { file, read_to: 0, charges: HashMap::new(), order: Vec::new() };
        ledger.locked(|_| Ok(()))?;
        Ok(Arc::new(Self { ledger: Arc::new(Mutex::new(ledger)), now }))
    }

    /// Every captured charge, in order.
    pub async fn statements(&self) -> Result<Vec<Statement>, GatewayError> {
        self.with_ledger(|ledger, _| Ok(ledger.statements())).await
    }

    /// Runs one operation on the ledger, outside of the threads that serve requests. It completes
    /// even if the caller is cancelled, as it would at a remote gateway.
    async fn with_ledger<T, F>(&self, work: F) -> Result<T, GatewayError>
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
                tracing::error!(
                    event = "payment.demo_ledger_failed",
                    error = %error,
                    "the ledger of the demo gateway cannot be used"
                );
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
            self.with_ledger(move |ledger, now| {
                if ledger.has_other(&charge) {
                    return Ok(Some(Err(GatewayError::IdReused)));
                }
                if !ledger.charges.contains_key(&charge.id) {
                    ledger.append(decide(charge.clone(), now))?;
                }
                Ok(ledger.outcome(&charge.id, now))
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
            self.with_ledger(move |ledger, now| Ok(ledger.outcome(&id, now))).await?.transpose()
        })
    }

    fn void<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<ChargeOutcome, GatewayError>> {
        let id = id.clone();
        Box::pin(async move {
            self.with_ledger(move |ledger, now| {
                if !ledger.charges.contains_key(&id) {
                    ledger.append(Entry::Void { id: id.clone(), at: now })?;
                }
                Ok(ledger.outcome(&id, now))
            })
            .await?
            .unwrap_or(Err(GatewayError::Unknown))
        })
    }

    fn refund<'a>(&'a self, id: &'a PaymentId) -> BoxFuture<'a, Result<(), GatewayError>> {
        let id = id.clone();
        Box::pin(async move {
            self.with_ledger(move |ledger, now| {
                let charge = ledger.charges.get(&id);
                match charge {
                    Some(charge) if charge.is_refunded => Ok(Ok(())),
                    Some(charge) if charge.decision == Decision::Captured => {
                        ledger.append(Entry::Refund { id, at: now }).map(Ok)
                    }
                    _ => Ok(Err(GatewayError::NotCharged)),
                }
            })
            .await?
        })
    }
}

/// The decision about a new charge, which depends on the card.
fn decide(charge: Charge, now: Timestamp) -> Entry {
    let decision = match charge.method.as_str() {
        method if method == APPROVE.id || method == TIMEOUT.id => Decision::Captured,
        method if method == INSUFFICIENT_FUNDS.id => Decision::InsufficientFunds,
        _ => Decision::Refused,
    };
    let known_at = if charge.method == TIMEOUT.id { now + TIMEOUT_CARD_DELAY } else { now };
    Entry::Charge {
        id: charge.id,
        amount: charge.amount,
        method: charge.method,
        decision,
        known_at,
    }
}

impl Ledger {
    /// Reads all entries, then runs `work` before another process can append one.
    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
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
        let (id, charge) = match entry {
            Entry::Charge { id, amount, method, decision, known_at } => {
                let asked = Some((amount, method));
                (id, ChargeState { asked, decision, known_at, is_refunded: false })
            }
            Entry::Void { id, at } => {
                let decision = Decision::Voided;
                (id, ChargeState { asked: None, decision, known_at: at, is_refunded: false })
            }
            Entry::Refund { id, .. } => {
                if let Some(charge) = self.charges.get_mut(&id) {
                    charge.is_refunded = true;
                }
                return;
            }
        };
        self.order.push(id.clone());
        self.charges.insert(id, charge);
    }

    /// Whether the id of this charge was used for another one.
    fn has_other(&self, charge: &Charge) -> bool {
        let asked = self.charges.get(&charge.id).and_then(|known| known.asked.as_ref());
        asked.is_some_and(|(amount, method)| (amount, method) != (&charge.amount, &charge.method))
    }

    /// The outcome that is returned now; `None` if the charge was never received.
    fn outcome(
        &self,
        id: &PaymentId,
        now: Timestamp,
    ) -> Option<Result<ChargeOutcome, GatewayError>> {
        let charge = self.charges.get(id)?;
        if now < charge.known_at {
            return Some(Err(GatewayError::Unknown));
        }
        Some(Ok(match charge.decision {
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
            let charge = self.charges.get(id)?;
            let is_captured = charge.decision == Decision::Captured;
            let (amount, _) = charge.asked.as_ref().filter(|_| is_captured)?;
            Some(Statement { id: id.clone(), amount: *amount, is_refunded: charge.is_refunded })
        };
        self.order.iter().filter_map(captured).collect()
    }
}
