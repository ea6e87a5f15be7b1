//! Calls of a gateway, outside of any transaction, and what is made of the answers.

use domain::{DeclineReason, PaymentId, PaymentStatus, Refusal, Timestamp};
use payment::{
    Authorization, CaptureOutcome, CaptureRequest, GatewayError, GatewayReference, GatewayStatus,
    PaymentState,
};
use store::Payment;

use super::{
    GATEWAY_TIMEOUT, Payments,
    begin::Next,
    settle::{Answer, Outcome},
};
use crate::error::{Error, Fault, Result};

impl Payments {
    /// Does at the gateway what a transaction began, in a task of its own, which goes on when the
    /// client disconnects. Returns the status that was reached; `None` if there was nothing to do.
    /// Refuses if the payment has ended, or is being ended.
    pub(crate) async fn proceed(&self, next: Next) -> Result<Option<PaymentStatus>> {
        let payments = self.clone();
        let proceeding = tokio::spawn(async move {
            match next {
                Next::Authorise(id) => {
                    let status = payments.authorise(&id).await?;
                    payments.going_on(&id, status).await.map(Some)
                }
                Next::Capture(id) => {
                    let status = payments.capture(&id).await?;
                    payments.going_on(&id, status).await.map(Some)
                }
                Next::Nothing => Ok(None),
            }
        });
        proceeding.await.map_err(|_| Error::Failed(Fault::Broken("a payment")))?
    }

    /// The status of a payment that goes on. One that has ended is a refusal, which says whether
    /// another means of payment is needed.
    async fn going_on(&self, id: &PaymentId, status: PaymentStatus) -> Result<PaymentStatus> {
        if !status.is_over() && status != PaymentStatus::Cancelling {
            return Ok(status);
        }
        let failure = self.find(id).await?.failure;
        let is_unavailable = failure.as_deref() == Some(DeclineReason::Unavailable.as_str());
        Err(match is_unavailable {
            true => Refusal::PaymentUnavailable.into(),
            false => Refusal::PaymentDeclined.into(),
        })
    }

    /// Asks the gateway for a payment that was just recorded; `InFlight` without an answer.
    async fn authorise(&self, id: &PaymentId) -> Result<PaymentStatus> {
        self.authorise_at(id, self.clock.now()).await
    }

    /// The same, with the outcome recorded as of a time; the seed makes past orders with it.
    pub(crate) async fn authorise_at(
        &self,
        id: &PaymentId,
        at: Timestamp,
    ) -> Result<PaymentStatus> {
        let payment = self.find(id).await?;
        if payment.status != PaymentStatus::InFlight {
            return Ok(payment.status);
        }
        match self.request_authorisation(&payment).await? {
            Some(answer) => self.settle_and_capture(&payment, answer, at).await,
            None => Ok(PaymentStatus::InFlight),
        }
    }

    /// Takes the money that the gateway holds; `Capturing` without an answer.
    pub(super) async fn capture(&self, id: &PaymentId) -> Result<PaymentStatus> {
        let payment = self.find(id).await?;
        if payment.status != PaymentStatus::Capturing {
            return Ok(payment.status);
        }
        match self.request_capture(&payment).await? {
            Some(answer) => self.settle(&payment, answer, self.clock.now()).await,
            None => Ok(PaymentStatus::Capturing),
        }
    }

    /// Records an answer. If it leads to a capture, because no code is needed, that follows.
    pub(super) async fn settle_and_capture(
        &self,
        payment: &Payment,
        answer: Answer,
        at: Timestamp,
    ) -> Result<PaymentStatus> {
        match self.settle(payment, answer, at).await? {
            PaymentStatus::Capturing => self.capture(&payment.id).await,
            status => Ok(status),
        }
    }

    /// Asks the gateway for a payment; `None` without an answer.
    pub(super) async fn request_authorisation(&self, payment: &Payment) -> Result<Option<Answer>> {
        let (gateway, request) = (self.gateway(payment)?, self.request(payment).await?);
        Ok(match timed(payment, gateway.authorize(&request)).await {
            Ok(authorization) => answer_to_authorise(authorization),
            // Nothing happened, and nothing will.
            Err(GatewayError::Rejected) => Some(ended(DeclineReason::Unavailable, None)),
            // There may be something under the id, which is cancelled.
            Err(GatewayError::IdReused) => Some(unusable()),
            Err(GatewayError::Unknown | GatewayError::Unreachable) => None,
        })
    }

    async fn request_capture(&self, payment: &Payment) -> Result<Option<Answer>> {
        let reference = payment.gateway_reference.clone();
        let reference = reference.ok_or(Error::Failed(Fault::Broken("payments.gateway_reference")));
        let request = CaptureRequest {
            payment: payment.id.clone(),
            reference: GatewayReference::new(reference?),
            amount: payment.amount,
        };
        let capture = self.gateway(payment)?.capture(&request);
        Ok(match timed(payment, capture).await {
            Ok(CaptureOutcome::Captured) => Some(Answer::of(Outcome::Taken)),
            Ok(CaptureOutcome::Declined(reason)) => Some(ended(reason, None)),
            Err(error) if error.is_refusal() => self.answer_to_refused_capture(payment).await?,
            Ok(CaptureOutcome::Pending) | Err(_) => None,
        })
    }

    /// A capture that is refused is not repeated. It may be refused because it was done before, so
    /// what the gateway has of the payment counts; otherwise the hold is released.
    async fn answer_to_refused_capture(&self, payment: &Payment) -> Result<Option<Answer>> {
        let answer = match self.query(payment).await? {
            Some(Found::State(state)) => answer_of(*state, payment),
            Some(Found::Unknown) | None => None,
        };
        let is_decided =
            |answer: &Answer| matches!(answer.outcome, Outcome::Taken | Outcome::Ended(_));
        Ok(Some(answer.filter(is_decided).unwrap_or_else(unusable)))
    }

    /// What the gateway says about a payment; `None` without an answer. A gateway that was removed
    /// from the settings gives none, so that a payment which waits for the shopper ends in time.
    pub(super) async fn query(&self, payment: &Payment) -> Result<Option<Found>> {
        let Some(gateway) = self.gateways.by_name(&payment.gateway) else {
            tracing::error!(
                event = "payment.gateway_missing",
                payment_id = %payment.id,
                gateway = payment.gateway,
                "the gateway of an open payment is not in MARIGOLD_GATEWAYS"
            );
            return Ok(None);
        };
        let reference = reference(payment);
        let find = gateway.find(&payment.id, reference.as_ref());
        let Ok(found) = timed(payment, find).await else { return Ok(None) };
        let Some(state) = found else { return Ok(Some(Found::Unknown)) };
        if !is_of(&state, payment) {
            tracing::error!(
                event = "payment.mismatch",
                payment_id = %payment.id,
                gateway = payment.gateway,
                "the gateway has this payment with another amount, currency or order"
            );
            return Ok(None);
        }
        Ok(Some(Found::State(Box::new(state))))
    }
}

/// What a gateway knows of a payment.
pub(super) enum Found {
    /// It never received it.
    Unknown,
    /// This.
    State(Box<PaymentState>),
}

/// Whether a state is of this payment: amount, currency and order are those of the row.
fn is_of(state: &PaymentState, payment: &Payment) -> bool {
    let is_same_order = state.order.as_deref().is_none_or(|order| order == payment.order.as_str());
    // A payment that was cancelled before the gateway received it has no amount.
    let is_same_amount = state.amount == payment.amount
        || (state.status == GatewayStatus::Canceled && state.amount.minor() == 0);
    is_same_amount && is_same_order
}

/// The gateway's id of a payment, once it is known.
pub(super) fn reference(payment: &Payment) -> Option<GatewayReference> {
    payment.gateway_reference.clone().map(GatewayReference::new)
}

fn answer_to_authorise(authorization: Authorization) -> Option<Answer> {
    let (outcome, reference) = match authorization {
        Authorization::Captured { reference } => (Outcome::Taken, Some(reference)),
        Authorization::Authorized { reference, until } => {
            (Outcome::Held { until }, Some(reference))
        }
        Authorization::ActionNeeded { reference, url, until } => {
            (Outcome::ActionNeeded { url, until: Some(until) }, Some(reference))
        }
        Authorization::Declined { reason, reference } => (Outcome::Ended(reason), reference),
        Authorization::Pending { .. } => return None,
    };
    Some(Answer { outcome, reference, request_id: None })
}

/// What a state says; `None` while the gateway has not decided. If another amount was captured than
/// that of the payment, such as by the merchant on the gateway's own pages, it does not pay the order.
pub(super) fn answer_of(state: PaymentState, payment: &Payment) -> Option<Answer> {
    let outcome = match state.status {
        GatewayStatus::ActionNeeded { url } => Outcome::ActionNeeded { url: url?, until: None },
        GatewayStatus::Pending => return None,
        GatewayStatus::Authorized { until } => Outcome::Held { until },
        GatewayStatus::Captured if state.captured == state.refunded => {
            Outcome::Ended(DeclineReason::Canceled)
        }
        GatewayStatus::Captured if state.captured != payment.amount => {
            tracing::error!(
                event = "payment.capture_mismatch",
                payment_id = %payment.id,
                gateway = payment.gateway,
                "the gateway captured another amount than that of the payment"
            );
            Outcome::Unusable(DeclineReason::Unavailable)
        }
        GatewayStatus::Captured => Outcome::Taken,
        GatewayStatus::Declined(reason) => Outcome::Ended(reason),
        GatewayStatus::Canceled => Outcome::Ended(DeclineReason::Canceled),
        GatewayStatus::Expired => Outcome::Ended(DeclineReason::Expired),
    };
    Some(Answer { outcome, reference: Some(state.reference), request_id: state.request_id })
}

/// The gateway refuses to go on with the payment.
fn unusable() -> Answer {
    Answer::of(Outcome::Unusable(DeclineReason::Unavailable))
}

fn ended(reason: DeclineReason, reference: Option<GatewayReference>) -> Answer {
    Answer { outcome: Outcome::Ended(reason), reference, request_id: None }
}

/// The gateway's answer, if it comes in time. A missing one and a refusal are logged.
pub(super) async fn timed<T>(
    payment: &Payment,
    call: impl Future<Output = Result<T, GatewayError>>,
) -> Result<T, GatewayError> {
    let answer = tokio::time::timeout(GATEWAY_TIMEOUT, call).await;
    let answer = answer.unwrap_or(Err(GatewayError::Unknown));
    if let Err(error) = &answer
        && error.is_refusal()
    {
        tracing::error!(
            event = "payment.gateway_refused",
            payment_id = %payment.id,
            gateway = payment.gateway,
            %error,
            "the payment gateway refuses a request of the shop"
        );
    } else if let Err(error) = &answer {
        tracing::warn!(
            event = "payment.gateway_failed",
            payment_id = %payment.id,
            gateway = payment.gateway,
            %error,
            "the payment gateway gave no answer"
        );
    }
    answer
}
