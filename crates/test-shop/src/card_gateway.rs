//! A gateway that authorises first, in memory. The test plays the shopper on its page, the bank and
//! the line to it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{DeclineReason, Money, PaymentId, RefundId};
use payment::{
    Authorization, AuthorizeRequest, BoxFuture, CallbackError, CancelOutcome, CaptureOutcome,
    CaptureRequest, Dispute, DisputeStatus, EventCursor, EventKind, Gateway, GatewayError,
    GatewayEvent, GatewayName, GatewayReference, GatewayStatus, Market, Method, PaymentState,
    RawCallback, RefundOutcome, RefundRequest, Timing, Url,
};
use tokio::sync::Notify;

/// The origin of the gateway's page.
pub const CARD_PAGE_ORIGIN: &str = "https://pay.example";
/// The method whose shopper completes a page.
pub const CARD: &str = "card";
/// The method that is authorised at once.
pub const SAVED_CARD: &str = "saved-card";
/// The signature of a genuine call.
pub const CARD_SIGNATURE: &str = "genuine";

/// A request to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardStep {
    /// Asking for a payment.
    Authorize,
    /// Taking the money.
    Capture,
    /// Releasing it.
    Cancel,
    /// Giving it back.
    Refund,
    /// Asking how a payment stands.
    Find,
}

/// A fault of the line to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFault {
    /// The request does not arrive.
    NeverArrives,
    /// It arrives, and is refused for a fault of the shop or of its settings.
    Rejected,
    /// It arrives, and is refused because its id was used for another one.
    IdReused,
    /// It arrives, and the answer is lost.
    AnswerLost,
    /// Nothing arrives and no answer comes, as if the process died before the request.
    HangsBefore,
    /// It arrives and no answer comes, as if the process died after the request.
    HangsAfter,
}

/// A payment as the gateway knows it.
#[derive(Clone, Debug)]
pub struct CardPayment {
    /// Its id.
    pub id: PaymentId,
    /// Where it stands.
    pub status: GatewayStatus,
    /// What was asked for.
    pub amount: Money,
    /// How much was taken.
    pub captured: Money,
    /// Each refund.
    pub refunds: Vec<(RefundId, Money)>,
    order: String,
}

impl CardPayment {
    /// How much went back, in minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.refunds.iter().map(|(_, amount)| amount.minor()).sum()
    }

    /// Whether money is held or can still be.
    pub fn is_open(&self) -> bool {
        matches!(self.status, GatewayStatus::ActionNeeded { .. } | GatewayStatus::Authorized { .. })
    }
}

#[derive(Default)]
struct State {
    payments: HashMap<PaymentId, CardPayment>,
    /// The ids in order.
    order: Vec<PaymentId>,
    /// Payments that were cancelled before they arrived.
    cancelled: Vec<PaymentId>,
    fault: Option<(CardStep, CardFault)>,
    is_silent: bool,
    refuses_refunds: bool,
    refund_requests: u32,
    events: Vec<GatewayEvent>,
    /// Where the pages are, if not at [`CARD_PAGE_ORIGIN`].
    page_origin: Option<&'static str>,
}

impl State {
    fn page(&self, payment: &PaymentId) -> Url {
        let origin = self.page_origin.unwrap_or(CARD_PAGE_ORIGIN);
        Url::parse(&format!("{origin}/pay/{payment}")).unwrap()
    }
}

/// The gateway.
#[derive(Default)]
pub struct CardGateway {
    state: Mutex<State>,
    /// Is notified when a request hangs.
    pub reached: Notify,
}

type Answer<'a, T> = BoxFuture<'a, Result<T, GatewayError>>;

impl CardGateway {
    /// Sets the fault of every following request of a step, or ends it.
    pub fn set_fault(&self, fault: Option<(CardStep, CardFault)>) {
        self.state().fault = fault;
    }

    /// Sets whether no request arrives at all.
    pub fn set_silent(&self, is_silent: bool) {
        self.state().is_silent = is_silent;
    }

    /// Sets whether every refund is refused.
    pub fn set_refuses_refunds(&self, refuses: bool) {
        self.state().refuses_refunds = refuses;
    }

    /// How often a refund was asked for.
    pub fn refund_requests(&self) -> u32 {
        self.state().refund_requests
    }

    /// Every payment, oldest first.
    pub fn payments(&self) -> Vec<CardPayment> {
        let state = self.state();
        state.order.iter().filter_map(|id| state.payments.get(id).cloned()).collect()
    }

    /// The newest payment.
    pub fn newest(&self) -> CardPayment {
        self.payments().pop().expect("a payment")
    }

    /// The shopper completes the page of a payment and the bank agrees.
    pub fn approve(&self, id: &PaymentId) {
        self.end_page(id, GatewayStatus::Authorized { until: None });
    }

    /// The bank declines, and the shopper gives up.
    pub fn decline(&self, id: &PaymentId, reason: DeclineReason) {
        self.end_page(id, GatewayStatus::Declined(reason));
    }

    /// The gateway itself takes the money, which it was only to hold.
    pub fn take(&self, id: &PaymentId) {
        let mut state = self.state();
        let payment = state.payments.get_mut(id).expect("a payment");
        payment.status = GatewayStatus::Captured;
        payment.captured = payment.amount;
    }

    /// The merchant captures a part on the gateway's own pages.
    pub fn take_part(&self, id: &PaymentId, minor: i64) {
        self.take(id);
        let mut state = self.state();
        let payment = state.payments.get_mut(id).expect("a payment");
        payment.captured = Money::new(minor, payment.amount.currency());
    }

    /// All refunds of a payment fail, although they were reported as done.
    pub fn fail_refunds(&self, id: &PaymentId) {
        self.state().payments.get_mut(id).expect("a payment").refunds.clear();
    }

    /// The merchant refunds on the gateway's own pages.
    pub fn refund_outside(&self, id: &PaymentId, minor: i64) {
        let mut state = self.state();
        let payment = state.payments.get_mut(id).expect("a payment");
        let amount = Money::new(minor, payment.amount.currency());
        payment.refunds.push((RefundId::from_bits(0), amount));
    }

    /// Changes the amount that the gateway tells of a payment.
    pub fn change_amount(&self, id: &PaymentId, minor: i64) {
        let mut state = self.state();
        let payment = state.payments.get_mut(id).expect("a payment");
        payment.amount = Money::new(minor, payment.amount.currency());
    }

    /// Has the gateway name pages of another origin than it lists.
    pub fn set_page_origin(&self, origin: &'static str) {
        self.state().page_origin = Some(origin);
    }

    /// Adds an event that a poll returns.
    pub fn add_event(&self, event: GatewayEvent) {
        self.state().events.push(event);
    }

    /// The event that a payment has changed.
    pub fn changed(&self, id: &str, payment: &PaymentId) -> GatewayEvent {
        GatewayEvent {
            id: id.to_owned(),
            payment: Some(payment.clone()),
            reference: None,
            amount: None,
            order: None,
            kind: EventKind::Changed,
        }
    }

    fn end_page(&self, id: &PaymentId, status: GatewayStatus) {
        let mut state = self.state();
        let payment = state.payments.get_mut(id).expect("a payment");
        if matches!(payment.status, GatewayStatus::ActionNeeded { .. }) {
            payment.status = status;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does a request with the fault of its step.
    async fn with_fault<T>(
        &self,
        step: CardStep,
        work: impl FnOnce(&mut State) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let fault = self.state().fault.filter(|(at, _)| *at == step).map(|(_, fault)| fault);
        if self.state().is_silent {
            return Err(GatewayError::Unreachable);
        }
        match fault {
            None => work(&mut self.state()),
            Some(CardFault::NeverArrives) => Err(GatewayError::Unreachable),
            Some(CardFault::Rejected) => Err(GatewayError::Rejected),
            Some(CardFault::IdReused) => Err(GatewayError::IdReused),
            Some(CardFault::AnswerLost) => {
                let _ = work(&mut self.state());
                Err(GatewayError::Unknown)
            }
            Some(CardFault::HangsBefore) => {
                self.reached.notify_one();
                std::future::pending().await
            }
            Some(CardFault::HangsAfter) => {
                let _ = work(&mut self.state());
                self.reached.notify_one();
                std::future::pending().await
            }
        }
    }
}

impl Gateway for CardGateway {
    fn name(&self) -> GatewayName {
        GatewayName::new("cards")
    }

    fn methods(&self, _: &Market) -> Vec<Method> {
        [CARD, SAVED_CARD].map(|id| Method { id, timing: Timing::AuthorizeFirst }).to_vec()
    }

    fn page_origins(&self) -> Vec<String> {
        vec![CARD_PAGE_ORIGIN.to_owned()]
    }

    fn authorize<'a>(&'a self, request: &'a AuthorizeRequest) -> Answer<'a, Authorization> {
        Box::pin(self.with_fault(CardStep::Authorize, move |state| {
            if !state.payments.contains_key(&request.payment) {
                let page = state.page(&request.payment);
                let is_cancelled = state.cancelled.contains(&request.payment);
                let payment = new_payment(request, page, is_cancelled);
                state.payments.insert(request.payment.clone(), payment);
                state.order.push(request.payment.clone());
            }
            let payment = state.payments.get(&request.payment).ok_or(GatewayError::Unknown)?;
            if payment.amount != request.amount {
                return Err(GatewayError::IdReused);
            }
            Ok(authorization(payment, request))
        }))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, CaptureOutcome> {
        Box::pin(self.with_fault(CardStep::Capture, move |state| {
            let payment = state.payments.get_mut(&request.payment).ok_or(GatewayError::Rejected)?;
            match &payment.status {
                GatewayStatus::Authorized { .. }
                    if request.amount.minor() <= payment.amount.minor() =>
                {
                    payment.status = GatewayStatus::Captured;
                    payment.captured = request.amount;
                    Ok(CaptureOutcome::Captured)
                }
                GatewayStatus::Captured if payment.captured != request.amount => {
                    Err(GatewayError::Rejected)
                }
                GatewayStatus::Captured => Ok(CaptureOutcome::Captured),
                GatewayStatus::Declined(reason) => Ok(CaptureOutcome::Declined(*reason)),
                _ => Ok(CaptureOutcome::Declined(DeclineReason::Expired)),
            }
        }))
    }

    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentId,
        _: Option<&'a GatewayReference>,
    ) -> Answer<'a, CancelOutcome> {
        Box::pin(self.with_fault(CardStep::Cancel, move |state| {
            let Some(known) = state.payments.get_mut(payment) else {
                state.cancelled.push(payment.clone());
                return Ok(CancelOutcome::Canceled);
            };
            if known.status == GatewayStatus::Captured {
                return Ok(CancelOutcome::AlreadyCaptured);
            }
            if known.is_open() {
                known.status = GatewayStatus::Canceled;
            }
            Ok(CancelOutcome::Canceled)
        }))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, RefundOutcome> {
        Box::pin(self.with_fault(CardStep::Refund, move |state| {
            state.refund_requests += 1;
            if state.refuses_refunds {
                return Ok(RefundOutcome::Refused);
            }
            let payment = state.payments.get_mut(&request.payment).ok_or(GatewayError::Rejected)?;
            if payment.refunds.iter().any(|(id, _)| *id == request.refund) {
                return Ok(RefundOutcome::Refunded);
            }
            let left = payment.captured.minor() - payment.refunded_minor();
            if request.amount.minor() > left {
                return Ok(RefundOutcome::Refused);
            }
            payment.refunds.push((request.refund.clone(), request.amount));
            Ok(RefundOutcome::Refunded)
        }))
    }

    fn find<'a>(
        &'a self,
        payment: &'a PaymentId,
        _: Option<&'a GatewayReference>,
    ) -> Answer<'a, Option<PaymentState>> {
        Box::pin(self.with_fault(CardStep::Find, move |state| {
            Ok(state.payments.get(payment).map(|known| PaymentState {
                reference: reference(payment),
                order: Some(known.order.clone()),
                status: known.status.clone(),
                amount: known.amount,
                captured: known.captured,
                refunded: Money::new(known.refunded_minor(), known.amount.currency()),
                request_id: Some("req_test".to_owned()),
            }))
        }))
    }

    /// A call is the id of an event, the id of a payment and `changed`, `dispute` or another word.
    fn callback(&self, request: &RawCallback<'_>) -> Result<Vec<GatewayEvent>, CallbackError> {
        let mut signatures = request.header("x-signature");
        let signature = signatures.next().ok_or(CallbackError::NoSignature)?;
        if signature != CARD_SIGNATURE.as_bytes() {
            return Err(CallbackError::BadSignature);
        }
        let text = std::str::from_utf8(request.body).map_err(|_| CallbackError::Malformed)?;
        let mut words = text.split(' ');
        let (Some(id), Some(payment)) = (words.next(), words.next()) else {
            return Err(CallbackError::Malformed);
        };
        let payment = PaymentId::parse(payment).ok_or(CallbackError::Malformed)?;
        let known = self.state().payments.get(&payment).cloned();
        let kind = match (words.next(), known) {
            (Some("changed"), _) => EventKind::Changed,
            (Some("dispute"), Some(known)) => EventKind::Dispute(dispute(known.amount)),
            _ => EventKind::Ignored,
        };
        Ok(vec![GatewayEvent { kind, ..self.changed(id, &payment) }])
    }

    fn poll<'a>(&'a self, since: Option<&'a EventCursor>) -> Answer<'a, Vec<GatewayEvent>> {
        Box::pin(async move {
            let events = self.state().events.clone();
            let known = since.and_then(|since| events.iter().position(|one| one.id == since.0));
            Ok(events.into_iter().skip(known.map_or(0, |known| known + 1)).collect())
        })
    }
}

fn reference(payment: &PaymentId) -> GatewayReference {
    GatewayReference::new(format!("pay_{payment}"))
}

fn dispute(amount: Money) -> Dispute {
    Dispute {
        id: "dp_1".to_owned(),
        reason: "fraudulent".to_owned(),
        amount,
        status: DisputeStatus::ResponseNeeded,
        respond_by: None,
    }
}

fn new_payment(request: &AuthorizeRequest, page: Url, is_cancelled: bool) -> CardPayment {
    let status = match request.method.as_str() {
        _ if is_cancelled => GatewayStatus::Canceled,
        SAVED_CARD => GatewayStatus::Authorized { until: None },
        _ => GatewayStatus::ActionNeeded { url: Some(page) },
    };
    CardPayment {
        id: request.payment.clone(),
        status,
        amount: request.amount,
        captured: Money::zero(request.amount.currency()),
        refunds: Vec::new(),
        order: request.order.id.to_string(),
    }
}

fn authorization(payment: &CardPayment, request: &AuthorizeRequest) -> Authorization {
    let reference = reference(&payment.id);
    match &payment.status {
        GatewayStatus::ActionNeeded { url } => match url.clone() {
            Some(url) => Authorization::ActionNeeded { reference, url, until: request.expires_at },
            None => Authorization::Pending { reference: Some(reference) },
        },
        GatewayStatus::Authorized { until } => {
            Authorization::Authorized { reference, until: *until }
        }
        GatewayStatus::Captured => Authorization::Captured { reference },
        GatewayStatus::Declined(reason) => {
            Authorization::Declined { reason: *reason, reference: Some(reference) }
        }
        _ => {
            Authorization::Declined { reason: DeclineReason::Canceled, reference: Some(reference) }
        }
    }
}
