//! The code of an order, which is bound to exactly this order: the right code pays it.
//!
//! Trusted devices make no difference here: every payment uses [`Checkout::confirm`], which
//! always needs the code.

use domain::{
    AccountId, Address, AuthorisationId, ChallengeState, OrderId, OrderStatus, OrderToken,
    PaymentId, Purpose, Quote, Refusal, Timestamp,
};
use payment::Timing;
use store::{Authorisation, BoxFuture, Challenge, Connection, Order};

use super::Checkout;
use crate::{
    clock::Clock,
    codes::{Binding, CodeView, Grant},
    draft::{Draft, Seller, Terms},
    entropy::Entropy,
    error::{Error, Result},
    payments::begin::{NewPaymentOf, Next, authorisation, begin, begin_capture},
    visitor::Visitor,
};

/// What the shopper sees beside the field for the code (S-O10).
#[derive(Clone, Debug)]
pub struct ConfirmationView {
    /// The number that people see.
    pub order_number: String,
    /// The lines and their prices.
    pub quote: Quote,
    /// The name of the shop that is paid.
    pub payee: String,
    /// The delivery address.
    pub address: Address,
    /// The payment method, by the gateway's id.
    pub method: String,
    /// The code that was sent.
    pub code: CodeView,
}

impl Checkout<'_> {
    /// The order that waits for a code in this browser, if there is one.
    pub async fn confirmation(&self, visitor: &Visitor) -> Result<Option<ConfirmationView>> {
        let account = &visitor.require_signed_in()?.account;
        let Some(code) = self.codes.status(visitor, Purpose::Payment).await? else {
            return Ok(None);
        };
        let mut rows = self.db.read().await?;
        let Some(order) = own_order(&mut rows, code.order.as_ref(), account).await? else {
            return Ok(None);
        };
        if !matches!(order.status, OrderStatus::AwaitingCode | OrderStatus::Authorised) {
            return Ok(None);
        }
        let Terms { quote, payee, address, method, .. } = Terms::of(&mut rows, &order).await?;
        let order_number = order.names.number;
        Ok(Some(ConfirmationView { order_number, quote, payee, address, method, code }))
    }

    /// Pays the order with the code that was sent for it. Repeated and parallel calls lead
    /// to one charge and get the same answer.
    pub async fn confirm(&self, visitor: &Visitor, typed: &str) -> Result<OrderToken> {
        let account = visitor.require_signed_in()?.account.clone();
        let guard = self.confirmations.wait(&visitor.browser.digest()).await;
        if let Some(done) = self.done(visitor).await? {
            return done;
        }
        let confirm = Confirm {
            seller: self.seller.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            account,
        };
        let verified = self.codes.verify(visitor, Purpose::Payment, typed, confirm).await;
        drop(guard);
        match verified {
            Ok(confirmed) => self.pay(confirmed).await,
            Err(Error::Refused(Refusal::WrongOrExpired { left: 0 })) => {
                // Another server may have accepted the same code first.
                match self.done(visitor).await? {
                    Some(done) => done,
                    None => Err(self.ended(visitor).await?.into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Does at the gateway what the right code has begun.
    async fn pay(&self, confirmed: Confirmed) -> Result<OrderToken> {
        self.payments.proceed(confirmed.next).await?;
        Ok(confirmed.token)
    }

    /// The result of a code that was accepted before, if one was.
    async fn done(&self, visitor: &Visitor) -> Result<Option<Result<OrderToken>>> {
        let account = &visitor.require_signed_in()?.account;
        let mut rows = self.db.read().await?;
        let browser = visitor.browser.digest();
        let newest = rows.challenges().find_newest(&browser, Purpose::Payment).await?;
        let Some(challenge) = newest.filter(|challenge| challenge.consumed_at.is_some()) else {
            return Ok(None);
        };
        let order = own_order(&mut rows, challenge.order.as_ref(), account).await?;
        Ok(order.and_then(|order| match order.status {
            OrderStatus::AwaitingCode => Some(Err(Refusal::PaymentDeclined.into())),
            OrderStatus::Cancelled => Some(Err(Refusal::NotPossible.into())),
            // The code was of an older version of the order.
            OrderStatus::AwaitingAuthorisation | OrderStatus::Authorised => None,
            OrderStatus::Confirmed
            | OrderStatus::Paying
            | OrderStatus::Paid
            | OrderStatus::Shipped
            | OrderStatus::Refunded => Some(Ok(order.names.token)),
        }))
    }

    /// Why no code is accepted any more: after the last wrong one, the authorisation starts
    /// again by placing the order anew (S-O15).
    async fn ended(&self, visitor: &Visitor) -> Result<Refusal> {
        let browser = visitor.browser.digest();
        let mut rows = self.db.read().await?;
        let newest = rows.challenges().find_newest(&browser, Purpose::Payment).await?;
        let now = self.clock.now();
        let state = newest.map(|challenge| challenge.state(self.policy.attempts, now));
        Ok(match state {
            Some(ChallengeState::Exhausted) => Refusal::ConfirmationEnded,
            _ => Refusal::WrongOrExpired { left: 0 },
        })
    }
}

/// The order, if it belongs to the account.
pub(super) async fn own_order(
    rows: &mut Connection,
    order: Option<&OrderId>,
    account: &AccountId,
) -> Result<Option<Order>> {
    let Some(id) = order else { return Ok(None) };
    Ok(rows.orders().find(id).await?.filter(|order| order.header.buyer.is_account(account)))
}

/// The grant of the right code of an order, which begins its payment.
#[derive(Clone)]
struct Confirm {
    seller: Seller,
    clock: Clock,
    entropy: Entropy,
    account: AccountId,
}

/// An order whose payment has begun.
struct Confirmed {
    token: OrderToken,
    next: Next,
}

impl Confirm {
    /// What the code must be bound to now. For an order that waits for its code, these are
    /// the terms it would have if it were placed now; a later order keeps its terms.
    async fn bound_to(&self, tx: &mut Connection, challenge: &Challenge) -> Result<Binding> {
        let order = own_order(tx, challenge.order.as_ref(), &self.account).await?;
        let Some(order) = order else { return Ok(Binding::none()) };
        let id = &order.names.id;
        if order.status != OrderStatus::AwaitingCode {
            return Terms::of(tx, &order).await?.binding(id, order.version);
        }
        match Draft::read(tx, &self.seller, &self.account, self.clock.now()).await {
            Ok(draft) => draft.terms.binding(id, order.version),
            Err(Error::Refused(_)) => Ok(Binding::none()),
            Err(fault) => Err(fault),
        }
    }

    async fn pay(
        self,
        tx: &mut Connection,
        challenge: &Challenge,
        now: Timestamp,
    ) -> Result<Confirmed> {
        let order = own_order(tx, challenge.order.as_ref(), &self.account).await?;
        let order = order.ok_or(Error::Refused(Refusal::NotFound))?;
        let id = AuthorisationId::from_bits(self.entropy.bits()?);
        let granted = authorisation(id, &order, &challenge.binding_digest, now);
        if !tx.payments().grant(&granted).await? {
            return Err(Refusal::NotPossible.into());
        }
        let next = match order.status {
            OrderStatus::Authorised => self.take_held(tx, &order, &granted, now).await?,
            _ => self.begin(tx, &order, &granted, now).await?,
        };
        Ok(Confirmed { token: order.names.token, next })
    }

    /// Takes the money that the gateway holds for this version of the order.
    async fn take_held(
        &self,
        tx: &mut Connection,
        order: &Order,
        granted: &Authorisation,
        now: Timestamp,
    ) -> Result<Next> {
        let payment = tx.payments().find_of_order(&order.names.id).await?;
        let payment = payment.filter(|payment| payment.version == order.version);
        let payment = payment.ok_or(Error::Refused(Refusal::NotPossible))?;
        begin_capture(tx, order, &payment, Some(granted), now).await
    }

    /// Begins the payment of an order that waited for its code.
    async fn begin(
        &self,
        tx: &mut Connection,
        order: &Order,
        granted: &Authorisation,
        now: Timestamp,
    ) -> Result<Next> {
        let terms = Terms::of(tx, order).await?;
        let market = self.seller.market(&terms.quote, Some(&terms.address));
        let choice = self.seller.gateways.method(&market, &terms.method);
        let choice = choice.filter(|choice| choice.method.timing != Timing::AuthorizeFirst);
        let choice = choice.ok_or(Error::Refused(Refusal::NotPossible))?;
        let new = NewPaymentOf {
            order,
            id: PaymentId::from_bits(self.entropy.bits()?),
            gateway: choice.gateway.name(),
            payment_term: choice.gateway.payment_term(),
            authorisation: Some(granted),
            needs_code: true,
        };
        begin(tx, new, choice.method.timing, now).await
    }
}

impl Grant for Confirm {
    type Output = Confirmed;

    fn binding<'c>(
        &'c self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
    ) -> BoxFuture<'c, Result<Binding>> {
        Box::pin(self.bound_to(tx, challenge))
    }

    fn grant<'c>(
        self,
        tx: &'c mut Connection,
        challenge: &'c Challenge,
        now: Timestamp,
    ) -> BoxFuture<'c, Result<Self::Output>> {
        Box::pin(self.pay(tx, challenge, now))
    }
}
