//! Payments. Each order is paid exactly once, or it is not paid, its stock is free again, and no
//! money is held, wherever the process or the machine fails.
//!
//! A row always says what may be under way at the gateway *before* the gateway is asked, and the
//! outcome is recorded in one transaction with the order, its stock and its cart:
//!
//! 1. [`begin`]: one transaction moves the order, reserves its stock and inserts the payment (or
//!    moves it on). With a code, the same transaction consumes the challenge and uses up the
//!    authorisation. After a crash before the commit nothing has happened.
//! 2. [`gateway_calls`]: the gateway is called, outside of any transaction, with idempotency keys made of the
//!    payment's id. A crash before, during or after the call leaves the row as it was.
//! 3. [`settle`]: the answer is recorded. The order is locked first, so of several answers the first
//!    one counts; one that arrives too late and holds money has it released.
//!
//! [`reconcile`] settles what is left: it asks the gateway what became of the payment, and repeats
//! step 2. [`give_up`] ends payments that nobody wants any more. Refunds ([`refund`]) go the same
//! way: recorded, requested, recorded. [`events`] are hints that only have the reconciler look.

pub(crate) mod begin;
mod events;
pub(crate) mod gateway_calls;
pub(crate) mod give_up;
mod reconcile;
pub(crate) mod refund;
mod request;
mod settle;

use std::{sync::Arc, time::Duration};

use domain::PaymentId;
pub use payment::Gateway;
use payment::Gateways;
use store::{Db, Payment, repeatable_transaction};

pub use events::TakenCallback;
pub use payment::{CallbackError, RawCallback};

use crate::{
    clock::Clock,
    error::{Error, Fault, Result},
};

/// How long after the code the money may still be taken (PSD2 RTS Art. 4(3)(d)).
const AUTHORISATION_TTL: Duration = Duration::from_secs(5 * 60);
/// How long the shopper can complete a payment on the gateway's page, while the stock is held. A
/// gateway may refuse less than thirty minutes
/// (<https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at>).
pub(crate) const PAGE_TTL: Duration = Duration::from_secs(35 * 60);
/// The shortest time for which Stripe opens a page.
const SHORTEST_PAGE_TTL: Duration = Duration::from_secs(30 * 60);
/// The request may be repeated for some minutes after a lost answer, with the same deadline.
const _: () = assert!(PAGE_TTL.as_secs() >= SHORTEST_PAGE_TTL.as_secs() + 5 * 60);
/// How long an authorised payment waits for its code, while the stock is held.
const HOLD_TTL: Duration = Duration::from_secs(30 * 60);
/// How long a claimed payment is left to the node that claimed it.
pub(crate) const PAYMENT_LEASE: Duration = Duration::from_secs(30);
/// The longest wait before a gateway is asked again that has refused.
const MAX_BACK_OFF: Duration = Duration::from_secs(6 * 60 * 60);
/// How long a call of the gateway may take; well inside the lease.
const GATEWAY_TIMEOUT: Duration = Duration::from_secs(10);

/// Payments and refunds at the gateways.
#[derive(Clone)]
pub struct Payments {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) gateways: Gateways,
}

impl Payments {
    /// The origins of the pages to which the gateways send shoppers.
    pub fn page_origins(&self) -> Vec<String> {
        self.gateways.page_origins()
    }

    /// A payment as it is now.
    async fn find(&self, id: &PaymentId) -> Result<Payment> {
        let payment = self.db.read().await?.payments().find(id).await?;
        payment.ok_or(Error::Failed(Fault::Broken("payments.id")))
    }

    /// Lets some time pass before the gateway is asked again to do what it has refused: at least a
    /// lease, and twice as long each time, up to [`MAX_BACK_OFF`].
    async fn back_off(&self, payment: &Payment) -> Result<()> {
        let (id, status, now) = (payment.id.clone(), payment.status, self.clock.now());
        let age = u64::try_from(now.as_millis() - payment.updated_at.as_millis());
        let age = Duration::from_millis(age.unwrap_or_default());
        let at = now + age.clamp(PAYMENT_LEASE, MAX_BACK_OFF);
        repeatable_transaction!(self.db, |tx| tx.payments().check_at(&id, status, at).await)
            .await?;
        Ok(())
    }

    /// The gateway of a payment. It may have been removed from the settings while the payment was
    /// under way.
    fn gateway(&self, payment: &Payment) -> Result<&Arc<dyn Gateway>> {
        let gateway = self.gateways.by_name(&payment.gateway);
        gateway.ok_or(Error::Failed(Fault::Broken("payments.gateway is not in MARIGOLD_GATEWAYS")))
    }
}
