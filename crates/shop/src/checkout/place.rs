//! Placing the order that the review shows. What follows depends on the method: the code, the
//! gateway's page and then the code, or nothing if the merchant's policy needs no code.

use domain::{
    Actor, HistoryKind, OrderEvent, OrderId, OrderStatus, OrderToken, PaymentId, PaymentStatus,
    Purpose, Refusal, Timestamp,
};
use payment::{Choice, Timing, Url};
use store::{
    Connection, HistoryEntry, Order, OrderNames, Payment, Recipient, repeatable_transaction,
};
use time::OffsetDateTime;

use super::{
    Checkout,
    code_policy::{self, PaymentCodePolicy},
    own_order,
};
use crate::{
    clock::Clock,
    codes::{CodeRequest, Issuer},
    consents::Consents,
    draft::{Draft, Seller, Terms},
    error::{Error, Fault, Result},
    limits::may_pay_later,
    payments::{
        begin::{NewPaymentOf, Next, begin},
        give_up::give_up,
    },
    visitor::{SignedIn, Visitor},
};

/// The letters and digits of order numbers, without those that look alike.
const ALPHABET: [char; 32] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L',
    'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];

/// What the shopper does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The code was sent, and has to be entered.
    CodeSent,
    /// The payment has to be completed on this page of the gateway.
    AtGateway(Url),
    /// Nothing: the page of the order shows what became of it.
    Done(OrderToken),
}

impl Checkout<'_> {
    /// Places the order that the review shows, and requests its code or, if its method is
    /// authorised first, the gateway's page. An order of the same cart that is not confirmed is
    /// revised instead: it gets a new version, what the gateway held for it is released, and there
    /// is a new code. Placed again unchanged, it keeps all that: within the cooldown of a resend the
    /// code, and as long as it is open the gateway's page.
    ///
    /// After wrong codes have ended a confirmation this refuses with
    /// [`Refusal::StepUpNeeded`]; then [`Checkout::place_again`] has to be used.
    pub async fn place(&self, visitor: &Visitor) -> Result<Placed> {
        self.order(visitor, false).await
    }

    /// Places the order with the password. After wrong codes have ended a confirmation, the
    /// authorisation starts again with both factors: the password and a new code.
    pub async fn place_again(&self, visitor: &Visitor, password: String) -> Result<Placed> {
        self.reauthentication.confirm_password(visitor, password).await?;
        self.order(visitor, true).await
    }

    async fn order(&self, visitor: &Visitor, has_password: bool) -> Result<Placed> {
        let place = Place {
            signed_in: visitor.require_signed_in()?.clone(),
            has_password,
            names: self.names(self.clock.now())?,
            payment: PaymentId::from_bits(self.entropy.bits()?),
            issuer: self.codes.issuer(visitor),
            seller: self.seller.clone(),
            policy: self.payment_code,
            consents: Consents { pages: self.legal.clone(), language: visitor.language },
            clock: self.clock.clone(),
        };
        let stored = repeatable_transaction!(self.db, |tx| place.run(tx).await).await?;
        self.outbox.wake();
        match stored {
            Stored::CodeSent => Ok(Placed::CodeSent),
            Stored::Open(url) => Ok(Placed::AtGateway(url)),
            Stored::Begun(token, next) => {
                let status = self.payments.proceed(next).await?;
                self.placed(visitor, token, status).await
            }
        }
    }

    /// What follows the gateway's first answer.
    async fn placed(
        &self,
        visitor: &Visitor,
        token: OrderToken,
        status: Option<PaymentStatus>,
    ) -> Result<Placed> {
        match status {
            Some(PaymentStatus::ActionNeeded) => {
                let account = &visitor.require_signed_in()?.account;
                let mut rows = self.db.read().await?;
                let order = rows.orders().find_by_token(&token, account).await?;
                let order = order.ok_or(Error::Refused(Refusal::NotFound))?;
                let payment = rows.payments().find_of_order(&order.names.id).await?;
                Ok(match payment.and_then(|payment| open_page(&payment, self.clock.now())) {
                    Some(url) => Placed::AtGateway(url),
                    None => Placed::Done(token),
                })
            }
            Some(PaymentStatus::Authorised) => {
                self.request_code(visitor, &token).await?;
                Ok(Placed::CodeSent)
            }
            Some(_) | None => Ok(Placed::Done(token)),
        }
    }

    fn names(&self, now: Timestamp) -> Result<OrderNames> {
        Ok(OrderNames {
            id: OrderId::from_bits(self.entropy.bits()?),
            token: OrderToken::from_bits(self.entropy.bits()?),
            number: number(self.entropy.bits()?, now),
        })
    }
}

/// The gateway's page of a payment, as long as it is open.
pub(super) fn open_page(payment: &Payment, now: Timestamp) -> Option<Url> {
    let is_open = payment.status == PaymentStatus::ActionNeeded
        && payment.expires_at.is_none_or(|until| now < until);
    payment.page_url.as_deref().filter(|_| is_open).and_then(|url| Url::parse(url).ok())
}

/// What the transaction of placing an order leads to.
enum Stored {
    CodeSent,
    /// The page of the gateway that was asked for before.
    Open(Url),
    /// The gateway has to be asked, unless there is nothing to do.
    Begun(OrderToken, Next),
}

/// The transaction of placing an order. It may run again, so it holds copies.
#[derive(Clone)]
struct Place {
    signed_in: SignedIn,
    has_password: bool,
    names: OrderNames,
    payment: PaymentId,
    issuer: Issuer,
    seller: Seller,
    policy: PaymentCodePolicy,
    consents: Consents,
    clock: Clock,
}

impl Place {
    async fn run(self, tx: &mut Connection) -> Result<Stored> {
        let now = self.clock.now();
        let newest = self.issuer.newest(tx, Purpose::Payment).await?;
        check_password(tx, &self.signed_in, self.has_password).await?;
        let account = &self.signed_in.account;
        let mut draft = Draft::read(tx, &self.seller, account, now).await?;
        if let Some(order) = tx.orders().find_authorising(&draft.terms.cart).await? {
            if is_unchanged(tx, &order, &draft.terms).await? {
                return self.resume(tx, &order, now).await;
            }
            let order = tx.orders().hold(&order.names.id, now).await?;
            let order = order.ok_or(Error::Failed(Fault::Broken("orders.id")))?;
            give_up(tx, &order, OrderEvent::Decline, now).await?;
            // The stock that was held is free again.
            draft = Draft::read(tx, &self.seller, account, now).await?;
        }
        if let Some(left) = draft.short_of {
            return Err(Refusal::OutOfStock { left }.into());
        }
        if let Some(challenge) = &newest
            && let Some(placed) = own_order(tx, challenge.order.as_ref(), account).await?
            && placed.status == OrderStatus::AwaitingCode
        {
            let request = code_request(tx, &placed, &draft.terms).await?;
            if self.issuer.is_repeated(&request, challenge, now) {
                return Ok(Stored::CodeSent);
            }
        }
        self.store(tx, &draft.terms, now).await
    }

    /// Inserts or revises the order, and does what its method begins with.
    async fn store(self, tx: &mut Connection, terms: &Terms, now: Timestamp) -> Result<Stored> {
        let market = self.seller.market(&terms.quote, Some(&terms.address));
        let choice = self.seller.gateways.method(&market, &terms.method);
        let choice = choice.ok_or(Error::Refused(Refusal::NotPossible))?;
        let timing = choice.method.timing;
        let (header, lines) = (terms.header()?, terms.quote.items());
        let placed = tx.orders().place(&self.names, &header, &lines, now).await?;
        let order = placed.ok_or(Error::Refused(Refusal::NotPossible))?;
        let country = &terms.address.country;
        self.consents.record(tx, &order.names.id, country, now).await?;
        let browser = self.issuer.browser_digest();
        tx.orders().set_browser(&order.names.id, browser).await?;
        let decision = code_policy::decide(tx, self.policy, terms, timing, browser).await?;
        self.note(tx, &order, HistoryKind::Placed, None, now).await?;
        self.note(tx, &order, decision.kind(), Some(decision.reason), now).await?;
        let request = code_request(tx, &order, terms).await?;
        self.issuer.note_origin(tx, &order.names.id, &request.to).await?;
        if timing == Timing::Later {
            // Refused before a code is sent and paid for.
            may_pay_later(tx, &order.names.id, now).await?;
        }
        if decision.is_required && timing != Timing::AuthorizeFirst {
            self.issuer.issue(tx, &request).await?;
            return Ok(Stored::CodeSent);
        }
        self.begin(tx, &order, &choice, decision.is_required, now).await
    }

    /// Begins a payment without a code, or before it.
    async fn begin(
        self,
        tx: &mut Connection,
        order: &Order,
        choice: &Choice,
        needs_code: bool,
        now: Timestamp,
    ) -> Result<Stored> {
        let new = NewPaymentOf {
            order,
            id: self.payment,
            gateway: choice.gateway.name(),
            payment_term: choice.gateway.payment_term(),
            authorisation: None,
            needs_code,
        };
        let next = begin(tx, new, choice.method.timing, now).await?;
        Ok(Stored::Begun(order.names.token.clone(), next))
    }

    /// Goes on with an order that is placed again unchanged while it is being authorised.
    async fn resume(self, tx: &mut Connection, order: &Order, now: Timestamp) -> Result<Stored> {
        let token = order.names.token.clone();
        if order.status == OrderStatus::Authorised {
            let whose = (&self.signed_in.account, &order.names.id);
            let browser = self.issuer.browser_digest();
            tx.challenges().revoke_of_order_elsewhere(whose, browser, now).await?;
            let terms = Terms::of(tx, order).await?;
            let request = code_request(tx, order, &terms).await?;
            self.issuer.issue(tx, &request).await?;
            return Ok(Stored::CodeSent);
        }
        let payment = tx.payments().find_of_order(&order.names.id).await?;
        Ok(match payment {
            Some(payment) if payment.status == PaymentStatus::InFlight => {
                Stored::Begun(token, Next::Authorise(payment.id))
            }
            Some(payment) => match open_page(&payment, now) {
                Some(url) => Stored::Open(url),
                None => Stored::Begun(token, Next::Nothing),
            },
            None => Stored::Begun(token, Next::Nothing),
        })
    }

    async fn note(
        &self,
        tx: &mut Connection,
        order: &Order,
        kind: HistoryKind,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let entry = HistoryEntry::new(kind, Actor::Shopper, now).by(&self.signed_in.account);
        let entry = HistoryEntry { reason: reason.map(ToOwned::to_owned), ..entry };
        Ok(tx.order_events().add(&order.names.id, &entry).await?)
    }
}

/// Refuses to go on without the password if wrong codes have ended a confirmation.
pub(super) async fn check_password(
    tx: &mut Connection,
    signed_in: &SignedIn,
    has_password: bool,
) -> Result<()> {
    if has_password {
        tx.sign_ins().clear_password_required(&signed_in.id).await?;
    } else if tx.sign_ins().is_password_required(&signed_in.id).await? {
        return Err(Refusal::StepUpNeeded.into());
    }
    Ok(())
}

/// Whether an order has the terms that it would have if it were placed now.
async fn is_unchanged(tx: &mut Connection, order: &Order, now: &Terms) -> Result<bool> {
    let (id, version) = (&order.names.id, order.version);
    Ok(Terms::of(tx, order).await?.binding(id, version)? == now.binding(id, version)?)
}

/// The code goes to the phone of the account that buys. Guests are not served yet.
pub(super) async fn code_request(
    tx: &mut Connection,
    order: &Order,
    terms: &Terms,
) -> Result<CodeRequest> {
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
