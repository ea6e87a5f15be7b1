//! Orders whose payment is authorised before the code: the shopper's way back from the gateway's
//! page, and the code, in the same browser or in another one.

use domain::{DeclineReason, OrderStatus, OrderToken, PaymentStatus, Purpose, Refusal, Timestamp};
use payment::Url;
use store::{Order, repeatable_transaction};

use super::{
    Checkout,
    place::{check_password, code_request, open_page},
};
use crate::{
    draft::Terms,
    error::{Error, Result},
    visitor::Visitor,
};

/// What an order that is not paid needs of its shopper next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// To enter the code that this browser has.
    EnterCode,
    /// To have the code sent to this browser.
    SendCode {
        /// Whether that needs the password.
        is_password_needed: bool,
    },
    /// To authorise the payment at the gateway.
    Authorise {
        /// The gateway's page, as long as it is open.
        page: Option<Url>,
    },
    /// To place the order again.
    PlaceAgain {
        /// Why the payment was declined, if there was one.
        declined: Option<DeclineReason>,
    },
    /// To transfer the money.
    Transfer {
        /// Until when it has to arrive.
        until: Timestamp,
    },
    /// Nothing.
    Nothing,
}

/// Where the shopper goes who comes back from the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// To the page of the code, which was sent.
    EnterCode,
    /// To the page of the order, which shows what became of the payment.
    SeeOrder,
}

impl Checkout<'_> {
    /// The shopper comes back from the gateway's page. Nothing that the browser brings is believed:
    /// the gateway is asked what became of the payment. If it holds the money, the code is sent.
    pub async fn returned(&self, visitor: &Visitor, token: &OrderToken) -> Result<Returned> {
        let order = self.own_order_of(visitor, token).await?;
        let payment = self.db.read().await?.payments().find_of_order(&order.names.id).await?;
        let Some(payment) = payment else { return Ok(Returned::SeeOrder) };
        if self.payments.refresh(&payment).await? != PaymentStatus::Authorised {
            return Ok(Returned::SeeOrder);
        }
        if !self.awaits_code_of(visitor, &order).await? {
            match self.request_code(visitor, token).await {
                Ok(()) => {}
                // The page of the order says what is needed, or asks again later.
                Err(Error::Refused(_)) => return Ok(Returned::SeeOrder),
                Err(fault) => return Err(fault),
            }
        }
        Ok(Returned::EnterCode)
    }

    /// Sends the code of an authorised order to this browser, in which alone it is valid. Codes that
    /// other browsers have for the order end.
    pub async fn request_code(&self, visitor: &Visitor, token: &OrderToken) -> Result<()> {
        self.send_code(visitor, token, false).await
    }

    /// The same with the password, after wrong codes have ended a confirmation.
    pub async fn request_code_again(
        &self,
        visitor: &Visitor,
        token: &OrderToken,
        password: String,
    ) -> Result<()> {
        self.reauthentication.confirm_password(visitor, password).await?;
        self.send_code(visitor, token, true).await
    }

    async fn send_code(
        &self,
        visitor: &Visitor,
        token: &OrderToken,
        has_password: bool,
    ) -> Result<()> {
        let signed_in = visitor.require_signed_in()?.clone();
        let (issuer, token, now) = (self.codes.issuer(visitor), token.clone(), self.clock.now());
        repeatable_transaction!(self.db, |tx| {
            issuer.newest(tx, Purpose::Payment).await?;
            check_password(tx, &signed_in, has_password).await?;
            let order = tx.orders().find_by_token(&token, &signed_in.account).await?;
            let order = order.ok_or(Error::Refused(Refusal::NotFound))?;
            if order.status != OrderStatus::Authorised {
                return Err(Refusal::NotPossible.into());
            }
            let browser = issuer.browser_digest();
            let whose = (&signed_in.account, &order.names.id);
            tx.challenges().revoke_of_order_elsewhere(whose, browser, now).await?;
            let terms = Terms::of(tx, &order).await?;
            let request = code_request(tx, &order, &terms).await?;
            issuer.issue(tx, &request).await
        })
        .await?;
        self.outbox.wake();
        Ok(())
    }

    /// What an order that is not paid needs of its shopper next; nothing of other visitors, who may
    /// see the order after it was looked up.
    pub async fn next_step(&self, visitor: &Visitor, token: &OrderToken) -> Result<NextStep> {
        let Some(signed_in) = &visitor.signed_in else { return Ok(NextStep::Nothing) };
        let mut rows = self.db.read().await?;
        let order = rows.orders().find_by_token(token, &signed_in.account).await?;
        let Some(order) = order else { return Ok(NextStep::Nothing) };
        let payment = rows.payments().find_of_order(&order.names.id).await?;
        let is_password_needed = rows.sign_ins().is_password_required(&signed_in.id).await?;
        drop(rows);
        let has_code = self.awaits_code_of(visitor, &order).await?;
        Ok(match (order.status, payment) {
            (OrderStatus::AwaitingCode | OrderStatus::Authorised, _) if has_code => {
                NextStep::EnterCode
            }
            (OrderStatus::Authorised, _) => NextStep::SendCode { is_password_needed },
            (OrderStatus::AwaitingAuthorisation, Some(payment)) => {
                NextStep::Authorise { page: open_page(&payment, self.clock.now()) }
            }
            (OrderStatus::AwaitingCode, Some(payment)) => {
                let reason = payment.failure.as_deref().and_then(DeclineReason::parse);
                NextStep::PlaceAgain { declined: Some(reason.unwrap_or(DeclineReason::Refused)) }
            }
            (OrderStatus::AwaitingCode, None) => NextStep::PlaceAgain { declined: None },
            (OrderStatus::Confirmed, Some(payment)) => match payment.expires_at {
                Some(until) => NextStep::Transfer { until },
                None => NextStep::Nothing,
            },
            _ => NextStep::Nothing,
        })
    }

    async fn awaits_code_of(&self, visitor: &Visitor, order: &Order) -> Result<bool> {
        let code = self.codes.status(visitor, Purpose::Payment).await?;
        Ok(code.is_some_and(|code| code.is_live() && code.order.as_ref() == Some(&order.names.id)))
    }

    /// The visitor's own order with this token.
    async fn own_order_of(&self, visitor: &Visitor, token: &OrderToken) -> Result<Order> {
        let account = &visitor.require_signed_in()?.account;
        let order = self.db.read().await?.orders().find_by_token(token, account).await?;
        order.ok_or(Error::Refused(Refusal::NotFound))
    }
}
