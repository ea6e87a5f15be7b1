//! Payments with a card that Stripe keeps for a customer, in two calls: the PaymentIntent is
//! created, and then confirmed. So its id is known before an issuer is asked, and a lost answer to
//! the second call is cleared up by reading it.
//! Source: <https://docs.stripe.com/payments/finalize-payments-on-the-server>.

use super::{
    client::{Client, Reply},
    errors::StripeError,
    form::Form,
    idempotency::Step,
    minor_units,
    payment_intent::{self, IntentStep, ORDER_METADATA, PATH, PAYMENT_METADATA, PaymentIntent},
};
use crate::{AuthorizeRequest, GatewayCustomer};

/// Creates and confirms the PaymentIntent. It is returned as it is afterwards, declined or not.
pub(super) async fn authorize(
    client: &Client,
    request: &AuthorizeRequest,
    customer: &GatewayCustomer,
    method: &str,
) -> Result<Reply<PaymentIntent>, StripeError> {
    let created = create(client, request, customer, method).await?.value;
    let step = IntentStep {
        step: Step::ConfirmIntent,
        action: "confirm",
        // The shopper is here, so the issuer may ask for 3-D Secure; without a script of Stripe's
        // that is a redirect, which needs the address of the way back.
        form: Form::new().with("return_url", &request.return_url).with("expand[]", "latest_charge"),
    };
    match payment_intent::change(client, &created, &request.payment, step).await {
        Ok(confirmed) => Ok(confirmed),
        // A declined card is an error of the request; the PaymentIntent says why. A lost answer may
        // have confirmed it.
        Err(error) if is_declined(&error) || matches!(error, StripeError::NoAnswer) => {
            payment_intent::retrieve(client, &created.id).await
        }
        Err(error) => Err(error),
    }
}

async fn create(
    client: &Client,
    request: &AuthorizeRequest,
    customer: &GatewayCustomer,
    method: &str,
) -> Result<Reply<PaymentIntent>, StripeError> {
    let form = Form::new()
        .with("amount", minor_units::to_charge(request.amount)?)
        .with("currency", minor_units::code(request.amount.currency()))
        .with("capture_method", "manual")
        .with("customer", &customer.0)
        .with("payment_method", method)
        .with("description", &request.order.number)
        .with(format!("metadata[{PAYMENT_METADATA}]"), &request.payment)
        .with(format!("metadata[{ORDER_METADATA}]"), &request.order.id);
    // A PaymentIntent that a failed request left behind is never confirmed.
    client.create(PATH, &form, &request.payment, Step::CreateIntent).await
}

/// Whether the issuer declined, or the shopper failed its check.
fn is_declined(error: &StripeError) -> bool {
    error.refused().is_some_and(|error| error.status == http::StatusCode::PAYMENT_REQUIRED)
}
