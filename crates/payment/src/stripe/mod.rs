//! Stripe: cards and the other means of payment that can hold money, authorised on Stripe's own
//! page, captured after the one-time code.
//!
//! It speaks to Stripe's API directly ([`client`]), because it needs a dozen requests of it. A
//! payment with a new card is a Checkout Session ([`checkout_session`]), one with a saved card a
//! PaymentIntent ([`saved_card`]); the status of the PaymentIntent is what counts in both cases
//! ([`state`]). Each rule of Stripe's has its page of the documentation beside it.

mod cancel;
mod capture;
mod check;
mod checkout_session;
mod client;
mod declines;
mod errors;
mod events;
mod form;
mod idempotency;
mod lookup;
pub mod minor_units;
mod payment_intent;
mod poll;
mod refund;
mod retry;
mod saved_card;
mod settings;
mod state;
mod webhook_signature;

use domain::{PaymentId, Timestamp};

pub use self::{
    check::{CheckContext, CheckResult},
    client::ClientError,
    minor_units::AmountError,
    settings::{
        DEFAULT_BASE_URL, Domain, KeyMode, SecretKey, Settings, WebhookSecrets, parse_base_url,
    },
};
use self::{client::Client, errors::StripeError};
use crate::{
    Authorization, AuthorizeRequest, BoxFuture, CallbackError, CancelOutcome, CaptureOutcome,
    CaptureRequest, EventCursor, Gateway, GatewayError, GatewayEvent, GatewayName,
    GatewayReference, Market, Method, Now, PaymentState, RawCallback, RefundOutcome, RefundRequest,
    Timing,
};

/// The name of the gateway.
pub const NAME: GatewayName = GatewayName::new("stripe");

/// A card that is entered on Stripe's page.
const CARD: Method = Method { id: "card", timing: Timing::AuthorizeFirst };

/// The account of the shop at Stripe.
pub struct Stripe {
    client: Client,
    settings: Settings,
    now: Now,
}

impl Stripe {
    /// The account with these settings. No request is made.
    ///
    /// # Errors
    /// When the certificates of the system cannot be read.
    pub fn new(settings: Settings, now: Now) -> Result<Self, ClientError> {
        Ok(Self { client: Client::new(&settings)?, settings, now })
    }

    /// Asks Stripe whether key, account and webhook are right. Nothing is charged or changed.
    pub async fn check(&self, context: &CheckContext<'_>) -> Vec<CheckResult> {
        check::check(self, context).await
    }

    async fn ask(&self, request: &AuthorizeRequest) -> Result<Authorization, StripeError> {
        if let (Some(customer), Some(method)) = (&request.save_for, &request.saved_method) {
            let intent = saved_card::authorize(&self.client, request, customer, method).await?;
            return Ok(state::authorization(&intent.value, request.expires_at));
        }
        let session = checkout_session::create(&self.client, request).await?.value;
        let until = session.closes_at();
        let reference = GatewayReference::new(&session.id);
        let url = session.url.ok_or(StripeError::Unreadable)?;
        Ok(Authorization::ActionNeeded { reference, url, until })
    }

    async fn state(
        &self,
        payment: &PaymentId,
        reference: Option<&GatewayReference>,
    ) -> Result<Option<PaymentState>, StripeError> {
        let found = lookup::find(&self.client, payment, reference, self.now()).await?;
        found.map(state::of).transpose()
    }

    async fn give_back(&self, request: &RefundRequest) -> Result<RefundOutcome, StripeError> {
        let reference = request.reference.as_ref();
        let found = lookup::find(&self.client, &request.payment, reference, self.now()).await?;
        match found.as_ref().and_then(|found| found.value.intent()) {
            Some(intent) => refund::create(&self.client, intent, request).await,
            None => Ok(RefundOutcome::Refused),
        }
    }

    fn now(&self) -> Timestamp {
        (self.now)()
    }
}

impl Gateway for Stripe {
    fn name(&self) -> GatewayName {
        NAME
    }

    /// Nothing is offered for amounts that Stripe would refuse.
    fn methods(&self, market: &Market) -> Vec<Method> {
        minor_units::to_charge(market.total).map(|_| vec![CARD]).unwrap_or_default()
    }

    fn page_origins(&self) -> Vec<String> {
        self.settings.page_origins()
    }

    fn authorize<'a>(
        &'a self,
        request: &'a AuthorizeRequest,
    ) -> BoxFuture<'a, Result<Authorization, GatewayError>> {
        Box::pin(async { self.ask(request).await.map_err(told(&request.payment)) })
    }

    fn capture<'a>(
        &'a self,
        request: &'a CaptureRequest,
    ) -> BoxFuture<'a, Result<CaptureOutcome, GatewayError>> {
        Box::pin(async {
            let captured = capture::capture(&self.client, request, self.now()).await;
            captured.map_err(told(&request.payment))
        })
    }

    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentId,
        reference: Option<&'a GatewayReference>,
    ) -> BoxFuture<'a, Result<CancelOutcome, GatewayError>> {
        Box::pin(async move {
            let canceled = cancel::cancel(&self.client, payment, reference, self.now()).await;
            canceled.map_err(told(payment))
        })
    }

    fn refund<'a>(
        &'a self,
        request: &'a RefundRequest,
    ) -> BoxFuture<'a, Result<RefundOutcome, GatewayError>> {
        Box::pin(async { self.give_back(request).await.map_err(told(&request.payment)) })
    }

    fn find<'a>(
        &'a self,
        payment: &'a PaymentId,
        reference: Option<&'a GatewayReference>,
    ) -> BoxFuture<'a, Result<Option<PaymentState>, GatewayError>> {
        Box::pin(async move { self.state(payment, reference).await.map_err(told(payment)) })
    }

    fn callback(&self, request: &RawCallback<'_>) -> Result<Vec<GatewayEvent>, CallbackError> {
        webhook_signature::verify(request, &self.settings.webhook_secrets)?;
        Ok(vec![events::read(request.body, self.settings.key.mode())?])
    }

    fn poll<'a>(
        &'a self,
        since: Option<&'a EventCursor>,
    ) -> BoxFuture<'a, Result<Vec<GatewayEvent>, GatewayError>> {
        Box::pin(async move {
            let polled = poll::poll(self, since, self.now()).await;
            polled.map_err(|error| error.into_gateway_error("none"))
        })
    }
}

/// What the shop is told about an error with a payment.
fn told(payment: &PaymentId) -> impl FnOnce(StripeError) -> GatewayError {
    let payment = payment.as_str();
    move |error| error.into_gateway_error(payment)
}
