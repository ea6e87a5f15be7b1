//! From a reviewed checkout to a paid order: placing it asks for a code that is
//! bound to exactly this order, and the right code pays it.
//!
//! A trusted device never counts here: there is no way to a payment but through
//! [`Checkout::confirm`], and no way through it but the code.

use domain::{
    Address, AuthorisationId, ChallengeState, OrderId, OrderStatus, OrderToken, PaymentId,
    PaymentStatus, Purpose, Refusal, Timestamp,
};
use store::{BoxFuture, Challenge, Connection, Order, OrderNames, Recipient};
use time::OffsetDateTime;

use crate::{
    Error, Fault, Result, Shop, SignedIn, Visitor,
    checkout::Checkout,
    codes::{Binding, CodeRequest, CodeView, Grant},
    draft::{Draft, binding},
    orders::{OrderLineView, Totals, order_lines},
    payments,
};

/// Letters and digits of order numbers: none that look alike.
const ALPHABET: [char; 32] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L',
    'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];

/// What the shopper sees beside the field for the code (S-O10).
#[derive(Clone, Debug)]
pub struct ConfirmationView {
    /// The order's name for people.
    pub order_number: String,
    /// What is bought.
    pub lines: Vec<OrderLineView>,
    /// What it costs.
    pub totals: Totals,
    /// Who is paid.
    pub payee: String,
    /// Where the parcel goes.
    pub address: Address,
    /// The means of payment.
    pub method: String,
    /// The code that was sent.
    pub code: CodeView,
}

impl Checkout<'_> {
    /// Places the order that the review shows, and asks for its code. An order
    /// that still waits for a code is revised instead: a new version, a new code.
    ///
    /// After wrong codes have ended a confirmation this refuses with
    /// [`Refusal::StepUpNeeded`], and [`Checkout::place_again`] is the way.
    pub async fn place(&self, visitor: &Visitor) -> Result<()> {
        self.order(visitor, false).await
    }

    /// The same with the password, which the whole authorisation begins with again
    /// after wrong codes have ended it; the new code is the other factor.
    pub async fn place_again(&self, visitor: &Visitor, password: String) -> Result<()> {
        self.0.account().confirm_password(visitor, password).await?;
        self.order(visitor, true).await
    }

    async fn order(&self, visitor: &Visitor, has_password: bool) -> Result<()> {
        let SignedIn { id: sign_in, account, .. } = visitor.require_signed_in()?.clone();
        let now = self.0.clock().now();
        let names = self.names(now)?;
        let issuer = self.0.codes().issuer(visitor);
        let shop = self.0.clone();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    if has_password {
                        tx.sign_ins().clear_password_required(&sign_in).await?;
                    } else if tx.sign_ins().is_password_required(&sign_in).await? {
                        return Err(Refusal::StepUpNeeded.into());
                    }
                    let draft = Draft::read(tx, &shop, &account, now).await?;
                    if let Some(left) = draft.scarce {
                        return Err(Refusal::OutOfStock { left }.into());
                    }
                    let placed = tx.orders().place(&names, &draft.terms, &draft.lines, now).await?;
                    let order = placed.ok_or(Error::Refused(Refusal::NotPossible))?;
                    let request = code_request(tx, &order, &draft).await?;
                    issuer.issue(tx, &request).await
                })
            })
            .await?;
        self.0.delivery().wake();
        Ok(())
    }

    /// What waits for a code in this browser; `None` if nothing does.
    pub async fn confirmation(&self, visitor: &Visitor) -> Result<Option<ConfirmationView>> {
        let account = &visitor.require_signed_in()?.account;
        let Some(code) = self.0.codes().status(visitor, Purpose::Payment).await? else {
            return Ok(None);
        };
        let mut rows = self.0.db().read().await?;
        let Some(order) = own_order(&mut rows, code.order.as_ref(), account).await? else {
            return Ok(None);
        };
        if order.status != OrderStatus::AwaitingCode {
            return Ok(None);
        }
        Ok(Some(ConfirmationView {
            lines: order_lines(&mut rows, &order.names.id).await?,
            order_number: order.names.number,
            totals: Totals {
                subtotal: order.terms.subtotal,
                shipping: order.terms.shipping_price,
                total: order.terms.total,
            },
            payee: order.terms.payee,
            address: order.terms.address,
            method: self.0.method_label(&order.terms.method).to_owned(),
            code,
        }))
    }

    /// Pays the order with the code that was sent for it. However often and from
    /// however many tabs it is asked, there is one charge and one answer.
    pub async fn confirm(&self, visitor: &Visitor, typed: &str) -> Result<OrderToken> {
        let account = visitor.require_signed_in()?.account.clone();
        let turn = self.0.turns().wait(&visitor.browser.digest()).await;
        if let Some(done) = self.done(visitor).await? {
            return done;
        }
        let confirm = Confirm { shop: self.0.clone(), account };
        let verified = self.0.codes().verify(visitor, Purpose::Payment, typed, confirm).await;
        drop(turn);
        match verified {
            Ok(confirmed) => self.charge(confirmed).await,
            Err(Error::Refused(Refusal::WrongOrExpired { left: 0 })) => {
                // Another server may have been quicker with the same code.
                match self.done(visitor).await? {
                    Some(done) => done,
                    None => Err(self.ended(visitor).await?.into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Charges in a task of its own, which goes on when the visitor goes away.
    async fn charge(&self, confirmed: Confirmed) -> Result<OrderToken> {
        let shop = self.0.clone();
        let charging =
            tokio::spawn(async move { shop.payments().charge(&confirmed.payment).await });
        let status = charging.await.map_err(|_| Error::Failed(Fault::Broken("a charge")))??;
        if status == PaymentStatus::Declined {
            return Err(Refusal::PaymentDeclined.into());
        }
        Ok(confirmed.token)
    }

    /// The answer that an accepted code has already had, if it had one.
    async fn done(&self, visitor: &Visitor) -> Result<Option<Result<OrderToken>>> {
        let account = &visitor.require_signed_in()?.account;
        let mut rows = self.0.db().read().await?;
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

    /// Why a code is of no use any more: after the last wrong one, the whole
    /// authorisation starts again by placing the order anew (S-O15).
    async fn ended(&self, visitor: &Visitor) -> Result<Refusal> {
        let browser = visitor.browser.digest();
        let mut rows = self.0.db().read().await?;
        let newest = rows.challenges().find_newest(&browser, Purpose::Payment).await?;
        let state = newest.map(|challenge| {
            challenge.state(self.0.settings().policy.attempts, self.0.clock().now())
        });
        Ok(match state {
            Some(ChallengeState::Exhausted) => Refusal::ConfirmationEnded,
            _ => Refusal::WrongOrExpired { left: 0 },
        })
    }

    fn names(&self, now: Timestamp) -> Result<OrderNames> {
        let entropy = self.0.entropy();
        Ok(OrderNames {
            id: OrderId::from_bits(entropy.bits()?),
            token: OrderToken::from_bits(entropy.bits()?),
            number: number(entropy.bits()?, now),
        })
    }
}

/// An order number: the year, and thirty random bits that say nothing.
pub(crate) fn number(bits: u128, now: Timestamp) -> String {
    let letters: String = (0..6)
        .filter_map(|place| ALPHABET.get(usize::try_from(bits >> (5 * place) & 31).ok()?))
        .collect();
    format!("M-{}-{letters}", year(now))
}

/// The year of a moment, in UTC.
fn year(now: Timestamp) -> i32 {
    let moment = OffsetDateTime::from_unix_timestamp(now.as_millis().div_euclid(1_000));
    moment.unwrap_or(OffsetDateTime::UNIX_EPOCH).year()
}

/// The order, if it is the account's own.
async fn own_order(
    rows: &mut Connection,
    order: Option<&OrderId>,
    account: &domain::AccountId,
) -> Result<Option<Order>> {
    let Some(id) = order else { return Ok(None) };
    Ok(rows.orders().find(id).await?.filter(|order| order.terms.account == *account))
}

async fn code_request(tx: &mut Connection, order: &Order, draft: &Draft) -> Result<CodeRequest> {
    let account = tx.accounts().find(&order.terms.account).await?;
    let account = account.ok_or(Error::Failed(Fault::Broken("orders.account_id")))?;
    Ok(CodeRequest {
        purpose: Purpose::Payment,
        account: account.id,
        to: Recipient::Phone(account.phone),
        requested_identifier: None,
        binding: binding(&order.names.id, order.version, &draft.terms, &draft.lines)?,
        order: Some(order.names.id.clone()),
        is_verified_phone: true,
    })
}

/// What the right code of an order gives: its payment, begun.
struct Confirm {
    shop: Shop,
    account: domain::AccountId,
}

/// An order whose payment has begun.
struct Confirmed {
    token: OrderToken,
    payment: PaymentId,
}

impl Confirm {
    /// What the code must be bound to now. For an order that waits, that is what
    /// it would be if it were placed now; one that has moved on keeps its terms.
    async fn bound_to(&self, tx: &mut Connection, challenge: &Challenge) -> Result<Binding> {
        let order = own_order(tx, challenge.order.as_ref(), &self.account).await?;
        let Some(order) = order else { return Ok(Binding::none()) };
        let id = &order.names.id;
        if order.status != OrderStatus::AwaitingCode {
            let lines = tx.orders().lines(id).await?;
            return binding(id, order.version, &order.terms, &lines);
        }
        let now = self.shop.clock().now();
        match Draft::read(tx, &self.shop, &self.account, now).await {
            Ok(draft) => binding(id, order.version, &draft.terms, &draft.lines),
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
        let entropy = self.shop.entropy();
        let id = AuthorisationId::from_bits(entropy.bits()?);
        let payment = PaymentId::from_bits(entropy.bits()?);
        let right = payments::right(id, &order, &challenge.binding_digest, now);
        if !tx.payments().grant(&right).await? {
            return Err(Refusal::NotPossible.into());
        }
        payments::begin(tx, &order, &right, payment.clone(), now).await?;
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
    fn an_order_number_says_the_year_and_nothing_else() {
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
