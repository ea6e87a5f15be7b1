//! From a reviewed checkout to a paid order: placing the order requests a code that is
//! bound to exactly this order, and the right code pays it.
//!
//! Trusted devices make no difference here: every payment uses [`Checkout::confirm`], which
//! always needs the code.

use domain::{
    AccountId, Address, AuthorisationId, ChallengeState, OrderId, OrderStatus, OrderToken,
    PaymentId, PaymentStatus, Purpose, Quote, Refusal, Timestamp,
};
use store::{
    BoxFuture, Challenge, Connection, Order, OrderNames, Recipient, repeatable_transaction,
};
use time::OffsetDateTime;

use crate::{
    checkout::Checkout,
    clock::Clock,
    codes::{Binding, CodeRequest, CodeView, Grant},
    consents::Consents,
    draft::{Draft, Seller, Terms},
    entropy::Entropy,
    error::{Error, Fault, Result},
    payments,
    visitor::{SignedIn, Visitor},
};

/// The letters and digits of order numbers, without those that look alike.
const ALPHABET: [char; 32] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L',
    'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];

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
    /// Places the order that the review shows, and requests its code. An order of the same
    /// cart that still waits for its code is revised instead: it gets a new version and a
    /// new code. Placed again unchanged within the cooldown of a resend, it keeps both.
    ///
    /// After wrong codes have ended a confirmation this refuses with
    /// [`Refusal::StepUpNeeded`]; then [`Checkout::place_again`] has to be used.
    pub async fn place(&self, visitor: &Visitor) -> Result<()> {
        self.order(visitor, false).await
    }

    /// Places the order with the password. After wrong codes have ended a confirmation, the
    /// authorisation starts again with both factors: the password and a new code.
    pub async fn place_again(&self, visitor: &Visitor, password: String) -> Result<()> {
        self.reauthentication.confirm_password(visitor, password).await?;
        self.order(visitor, true).await
    }

    async fn order(&self, visitor: &Visitor, has_password: bool) -> Result<()> {
        let SignedIn { id: sign_in, account, .. } = visitor.require_signed_in()?.clone();
        let now = self.clock.now();
        let names = self.names(now)?;
        let issuer = self.codes.issuer(visitor);
        let seller = self.seller.clone();
        let consents = Consents { pages: self.legal.clone(), language: visitor.language };
        repeatable_transaction!(self.db, |tx| {
            let newest = issuer.newest(tx, Purpose::Payment).await?;
            if has_password {
                tx.sign_ins().clear_password_required(&sign_in).await?;
            } else if tx.sign_ins().is_password_required(&sign_in).await? {
                return Err(Refusal::StepUpNeeded.into());
            }
            let draft = Draft::read(tx, &seller, &account, now).await?;
            if let Some(left) = draft.short_of {
                return Err(Refusal::OutOfStock { left }.into());
            }
            if let Some(challenge) = &newest
                && let Some(placed) = own_order(tx, challenge.order.as_ref(), &account).await?
                && placed.status == OrderStatus::AwaitingCode
            {
                let request = code_request(tx, &placed, &draft.terms).await?;
                if issuer.is_repeated(&request, challenge, now) {
                    return Ok(());
                }
            }
            let (header, lines) = (draft.terms.header()?, draft.terms.quote.items());
            let placed = tx.orders().place(&names, &header, &lines, now).await?;
            let order = placed.ok_or(Error::Refused(Refusal::NotPossible))?;
            consents.record(tx, &order.names.id, &draft.terms.address.country, now).await?;
            let request = code_request(tx, &order, &draft.terms).await?;
            issuer.note_origin(tx, &order.names.id, &request.to).await?;
            issuer.issue(tx, &request).await
        })
        .await?;
        self.outbox.wake();
        Ok(())
    }

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
        if order.status != OrderStatus::AwaitingCode {
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
            Ok(confirmed) => self.charge(confirmed).await,
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

    /// Charges in a task of its own, which goes on when the client disconnects.
    async fn charge(&self, confirmed: Confirmed) -> Result<OrderToken> {
        let payments = self.payments.clone();
        let charging = tokio::spawn(async move { payments.charge(&confirmed.payment).await });
        let status = charging.await.map_err(|_| Error::Failed(Fault::Broken("a charge")))??;
        if status == PaymentStatus::Declined {
            return Err(Refusal::PaymentDeclined.into());
        }
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
        Ok(order.map(|order| match order.status {
            OrderStatus::AwaitingCode => Err(Refusal::PaymentDeclined.into()),
            OrderStatus::Cancelled => Err(Refusal::NotPossible.into()),
            OrderStatus::Paying
            | OrderStatus::Paid
            | OrderStatus::Shipped
            | OrderStatus::Refunded => Ok(order.names.token),
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

    fn names(&self, now: Timestamp) -> Result<OrderNames> {
        Ok(OrderNames {
            id: OrderId::from_bits(self.entropy.bits()?),
            token: OrderToken::from_bits(self.entropy.bits()?),
            number: number(self.entropy.bits()?, now),
        })
    }
}

/// An order number: the year and thirty random bits.
pub(crate) fn number(bits: u128, now: Timestamp) -> String {
    let letters: String = (0..6)
        .filter_map(|place| ALPHABET.get(usize::try_from(bits >> (5 * place) & 31).ok()?))
        .collect();
    format!("M-{}-{letters}", year(now))
}

/// The year in UTC.
fn year(now: Timestamp) -> i32 {
    let moment = OffsetDateTime::from_unix_timestamp(now.as_millis().div_euclid(1_000));
    moment.unwrap_or(OffsetDateTime::UNIX_EPOCH).year()
}

/// The order, if it belongs to the account.
async fn own_order(
    rows: &mut Connection,
    order: Option<&OrderId>,
    account: &AccountId,
) -> Result<Option<Order>> {
    let Some(id) = order else { return Ok(None) };
    Ok(rows.orders().find(id).await?.filter(|order| order.header.buyer.is_account(account)))
}

/// The code goes to the phone of the account that buys. Guests are not served yet.
async fn code_request(tx: &mut Connection, order: &Order, terms: &Terms) -> Result<CodeRequest> {
    let account = match terms.buyer.account() {
        Some(id) => tx.accounts().find(id).await?,
        None => None,
    };
    let account = account.ok_or(Error::Failed(Fault::Broken("orders.account_id")))?;
    Ok(CodeRequest {
        purpose: Purpose::Payment,
        account: account.id,
        to: Recipient::Phone(account.phone),
        requested_identifier: None,
        binding: terms.binding(&order.names.id, order.version)?,
        order: Some(order.names.id.clone()),
        is_verified_phone: true,
    })
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
    payment: PaymentId,
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
        let payment = PaymentId::from_bits(self.entropy.bits()?);
        let granted = payments::authorisation(id, &order, &challenge.binding_digest, now);
        if !tx.payments().grant(&granted).await? {
            return Err(Refusal::NotPossible.into());
        }
        let terms = Terms::of(tx, &order).await?;
        let market = self.seller.market(&terms.quote, Some(&terms.address));
        let chosen = self.seller.gateways.method(&market, &terms.method);
        let gateway = chosen.ok_or(Error::Refused(Refusal::NotPossible))?.gateway.name();
        payments::begin(tx, &order, &granted, (gateway, payment.clone()), now).await?;
        Ok(Confirmed { token: order.names.token, payment })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_reveals_the_year_and_nothing_else() {
        let new_year_2026 = Timestamp::from_millis(1_767_225_600_000);
        assert_eq!(number(0, new_year_2026), "M-2026-222222");
        assert_eq!(number(u128::MAX, new_year_2026), "M-2026-ZZZZZZ");
    }

    #[test]
    fn a_year_begins_and_ends_at_midnight() {
        let new_years = [
            (1970, 0),
            (1972, 63_072_000),
            (2000, 946_684_800),
            (2001, 978_307_200),
            (2026, 1_767_225_600),
            (2100, 4_102_444_800),
            (2101, 4_133_980_800),
        ];
        for (expected, seconds) in new_years {
            assert_eq!(year(Timestamp::from_millis(seconds * 1000)), expected);
            assert_eq!(year(Timestamp::from_millis(seconds * 1000 - 1)), expected - 1);
        }
    }
}
