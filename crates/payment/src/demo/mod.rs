//! A gateway for demonstrations. It behaves like a remote one: its ledger survives a crash of the
//! shop, and it may charge although its response is lost. It charges after the code, at once.

mod ledger;

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{DeclineReason, Money, PaymentId, Timestamp};

use self::ledger::{Charge, Decision, Entry, Ledger};
use crate::{
    Authorization, AuthorizeRequest, BoxFuture, CancelOutcome, CaptureOutcome, CaptureRequest,
    Gateway, GatewayError, GatewayName, GatewayReference, GatewayStatus, Market, Method,
    PaymentState, RefundOutcome, RefundRequest, Timing,
};

pub use ledger::Statement;

/// The gateway's clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long the outcome of a charge with [`TIMEOUT`] stays unknown.
const TIMEOUT_CARD_DELAY: Duration = Duration::from_secs(3);

const fn method(id: &'static str) -> Method {
    Method { id, timing: Timing::ChargeAfterCode }
}

const APPROVE: Method = method("demo_approve");
const DECLINE: Method = method("demo_decline");
const INSUFFICIENT_FUNDS: Method = method("demo_insufficient_funds");
const TIMEOUT: Method = method("demo_timeout");
const METHODS: [Method; 4] = [APPROVE, DECLINE, INSUFFICIENT_FUNDS, TIMEOUT];

/// The gateway for demonstrations.
pub struct DemoGateway {
    ledger: Arc<Mutex<Ledger>>,
    now: Now,
}

impl DemoGateway {
    /// The name of the gateway.
    pub const NAME: GatewayName = GatewayName::new("demo");

    /// Opens the ledger of that path, which is created if it is missing.
    pub fn open(path: &Path, now: Now) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self { ledger: Arc::new(Mutex::new(Ledger::open(path)?)), now }))
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

    /// The state of a charge; `None` if it was never received, and an error while its outcome is
    /// unknown.
    async fn state(&self, payment: &PaymentId) -> Result<Option<PaymentState>, GatewayError> {
        let id = payment.clone();
        self.with_ledger(move |ledger, now| Ok(state(ledger, &id, now))).await?.transpose()
    }
}

impl Gateway for DemoGateway {
    fn name(&self) -> GatewayName {
        Self::NAME
    }

    fn methods(&self, _: &Market) -> Vec<Method> {
        METHODS.to_vec()
    }

    fn authorize<'a>(
        &'a self,
        request: &'a AuthorizeRequest,
    ) -> BoxFuture<'a, Result<Authorization, GatewayError>> {
        let (id, amount) = (request.payment.clone(), request.amount);
        let method = request.method.clone();
        Box::pin(async move {
            let state = self.with_ledger(move |ledger, now| {
                let known = ledger.charges.get(&id);
                if known.is_some_and(|known| is_other(known, amount, &method)) {
                    return Ok(Some(Err(GatewayError::IdReused)));
                }
                if known.is_none() {
                    ledger.append(decide(id.clone(), amount, method, now))?;
                }
                Ok(state(ledger, &id, now))
            });
            let state = state.await?.transpose()?.ok_or(GatewayError::Unknown)?;
            Ok(authorization(state))
        })
    }

    fn capture<'a>(
        &'a self,
        request: &'a CaptureRequest,
    ) -> BoxFuture<'a, Result<CaptureOutcome, GatewayError>> {
        Box::pin(async move {
            let state = self.state(&request.payment).await?;
            Ok(match state.map(|state| state.status) {
                Some(GatewayStatus::Captured) => CaptureOutcome::Captured,
                Some(GatewayStatus::Declined(reason)) => CaptureOutcome::Declined(reason),
                _ => CaptureOutcome::Declined(DeclineReason::Canceled),
            })
        })
    }

    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentId,
        _: Option<&'a GatewayReference>,
    ) -> BoxFuture<'a, Result<CancelOutcome, GatewayError>> {
        let id = payment.clone();
        Box::pin(async move {
            let state = self.with_ledger(move |ledger, now| {
                if !ledger.charges.contains_key(&id) {
                    ledger.append(Entry::Void { id: id.clone(), at: now })?;
                }
                Ok(state(ledger, &id, now))
            });
            let state = state.await?.transpose()?.ok_or(GatewayError::Unknown)?;
            Ok(match state.status {
                GatewayStatus::Captured => CancelOutcome::AlreadyCaptured,
                _ => CancelOutcome::Canceled,
            })
        })
    }

    fn refund<'a>(
        &'a self,
        request: &'a RefundRequest,
    ) -> BoxFuture<'a, Result<RefundOutcome, GatewayError>> {
        let request = request.clone();
        Box::pin(async move {
            self.with_ledger(move |ledger, now| {
                let charge = ledger.charges.get(&request.payment);
                let answer = charge.map_or(Ok(RefundOutcome::Refused), |one| refund(one, &request));
                if answer != Ok(RefundOutcome::Pending) {
                    return Ok(answer);
                }
                let RefundRequest { refund, payment, amount, .. } = request;
                let (refund, amount) = (Some(refund), Some(amount));
                ledger.append(Entry::Refund { id: payment, refund, amount, at: now })?;
                Ok(Ok(RefundOutcome::Refunded))
            })
            .await?
        })
    }

    fn find<'a>(
        &'a self,
        payment: &'a PaymentId,
        _: Option<&'a GatewayReference>,
    ) -> BoxFuture<'a, Result<Option<PaymentState>, GatewayError>> {
        Box::pin(self.state(payment))
    }
}

/// The decision about a new charge, which depends on the card.
fn decide(id: PaymentId, amount: Money, method: String, now: Timestamp) -> Entry {
    let decision = match method.as_str() {
        card if card == APPROVE.id || card == TIMEOUT.id => Decision::Captured,
        card if card == INSUFFICIENT_FUNDS.id => Decision::InsufficientFunds,
        _ => Decision::Refused,
    };
    let known_at = if method == TIMEOUT.id { now + TIMEOUT_CARD_DELAY } else { now };
    Entry::Charge { id, amount, method, decision, known_at }
}

/// Whether the id of this charge was used for another one.
fn is_other(charge: &Charge, amount: Money, method: &str) -> bool {
    charge.asked.as_ref().is_some_and(|asked| (asked.0, asked.1.as_str()) != (amount, method))
}

/// What a request for a refund leads to: `Pending` if it is new and there is enough left.
fn refund(charge: &Charge, request: &RefundRequest) -> Result<RefundOutcome, GatewayError> {
    if let Some((_, amount)) = charge.refunds.iter().find(|(id, _)| *id == request.refund) {
        let is_same = *amount == request.amount;
        return if is_same { Ok(RefundOutcome::Refunded) } else { Err(GatewayError::IdReused) };
    }
    let Some(captured) = charge.captured() else { return Ok(RefundOutcome::Refused) };
    let left = Money::new(captured.minor() - charge.refunded_minor(), captured.currency());
    let is_possible = request.amount.currency() == left.currency()
        && (1..=left.minor()).contains(&request.amount.minor());
    Ok(if is_possible { RefundOutcome::Pending } else { RefundOutcome::Refused })
}

/// What is said of a charge now; `None` if it was never received.
fn state(
    ledger: &Ledger,
    id: &PaymentId,
    now: Timestamp,
) -> Option<Result<PaymentState, GatewayError>> {
    let charge = ledger.charges.get(id)?;
    if now < charge.known_at {
        return Some(Err(GatewayError::Unknown));
    }
    let amount = charge.asked.as_ref().map(|(amount, _)| *amount);
    let nothing = Money::zero(amount.map_or(domain::Currency::EUR, Money::currency));
    Some(Ok(PaymentState {
        reference: GatewayReference::new(id.as_str()),
        order: None,
        status: match charge.decision {
            Decision::Captured => GatewayStatus::Captured,
            Decision::Refused => GatewayStatus::Declined(DeclineReason::Refused),
            Decision::InsufficientFunds => {
                GatewayStatus::Declined(DeclineReason::InsufficientFunds)
            }
            Decision::Voided => GatewayStatus::Canceled,
        },
        amount: amount.unwrap_or(nothing),
        captured: charge.captured().unwrap_or(nothing),
        refunded: Money::new(charge.refunded_minor(), nothing.currency()),
        request_id: None,
    }))
}

/// The answer to a charge in this state.
fn authorization(state: PaymentState) -> Authorization {
    let reference = state.reference;
    match state.status {
        GatewayStatus::Captured => Authorization::Captured { reference },
        GatewayStatus::Declined(reason) => {
            Authorization::Declined { reason, reference: Some(reference) }
        }
        _ => {
            Authorization::Declined { reason: DeclineReason::Canceled, reference: Some(reference) }
        }
    }
}
