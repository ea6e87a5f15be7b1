//! Payment authorisations and payments: the right to take money, and taking it.
//!
//! An authorisation is used, and a payment changes its status, by one statement with the
//! condition in it. Of concurrent callers, the one whose statement changed the row does
//! what follows.

mod rows;

use domain::{AuthorisationId, Money, OrderId, PaymentId, PaymentStatus, Timestamp};

use crate::{
    Error, Result,
    connection::{EngineSql, claim_sql, execute, with_connection},
};
use rows::PaymentRow;

repository! {
    /// Payment authorisations and payments.
    payments: Payments
}

/// The right to take the money for one version of one order, once. An accepted code grants it.
#[derive(Clone, Debug)]
pub struct Authorisation {
    pub id: AuthorisationId,
    pub order: OrderId,
    /// The version of the order.
    pub version: u32,
    /// The digest of what the shopper agreed to pay.
    pub binding_digest: String,
    /// When the payment code was accepted.
    pub granted_at: Timestamp,
    /// When it can no longer be used.
    pub expires_at: Timestamp,
}

/// A payment that is stored before the gateway is asked.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Its idempotency keys at the gateway are made of it.
    pub id: PaymentId,
    pub order: OrderId,
    /// The version of the order.
    pub version: u32,
    /// What the code granted, if it was accepted before.
    pub authorisation: Option<AuthorisationId>,
    /// Whether no money may move before a right code.
    pub needs_code: bool,
    /// The name of the gateway.
    pub gateway: String,
    /// The name of the payment method.
    pub method: String,
    pub amount: Money,
    /// `InFlight`, or `Expected` for money that comes from outside.
    pub status: PaymentStatus,
    pub expires_at: Option<Timestamp>,
    /// When the reconciler looks at it first.
    pub check_at: Option<Timestamp>,
}

/// A payment and its status.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Its idempotency keys at the gateway are made of it.
    pub id: PaymentId,
    pub order: OrderId,
    /// The version of the order.
    pub version: u32,
    /// Whether no money may move before a right code.
    pub needs_code: bool,
    /// The name of the gateway.
    pub gateway: String,
    /// The gateway's newest id of it, once it is known.
    pub gateway_reference: Option<String>,
    /// The name of the payment method.
    pub method: String,
    pub amount: Money,
    /// How much was captured.
    pub captured: Money,
    /// How much of that was refunded.
    pub refunded: Money,
    pub status: PaymentStatus,
    /// Why it was declined, or a refund refused.
    pub failure: Option<String>,
    /// The page of the gateway that the shopper has to complete.
    pub page_url: Option<String>,
    /// Until when the step under way can be completed.
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// When its status changed last.
    pub updated_at: Timestamp,
}

/// A change of the status of a payment, and what changes with it.
#[derive(Clone, Copy, Debug)]
pub struct PaymentStep<'a> {
    /// The status before; in another one nothing changes.
    pub from: PaymentStatus,
    /// The status after.
    pub to: PaymentStatus,
    /// Why it failed, if it did.
    pub failure: Option<&'a str>,
    /// When the reconciler looks at it next.
    pub check_at: Option<Timestamp>,
}

impl PaymentStep<'_> {
    /// A change to a status that the reconciler leaves alone.
    pub const fn to(from: PaymentStatus, to: PaymentStatus) -> Self {
        Self { from, to, failure: None, check_at: None }
    }
}

macro_rules! select_payments {
    ($tail:literal) => {
        concat!(
            "select id, order_id, order_version, needs_code, gateway, gateway_reference, method, amount_minor,
                captured_minor, refunded_minor, currency, status, failure, page_url, expires_at,
                created_at, updated_at
            from payments ",
            $tail
        )
    };
}

const INSERT_AUTHORISATION: &str =
    "insert into authorisations (id, order_id, order_version, binding_digest,
        granted_at, expires_at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
const USE_AUTHORISATION: &str = "update authorisations set used_at = $5
    where id = $1 and order_id = $2 and order_version = $3 and binding_digest = $4
        and used_at is null and expires_at > $5";
const INSERT: &str = "insert into payments (id, order_id, order_version, authorisation_id, gateway,
        method, amount_minor, currency, status, expires_at, check_at, created_at, updated_at,
        needs_code)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13) on conflict do nothing";
const FIND: &str = select_payments!("where id = $1");
const FIND_OF_ORDER: &str = select_payments!(
    "where order_id = $1
    order by case when status in ('declined', 'cancelling', 'cancelled', 'expired') then 1 else 0
        end, created_at desc, id desc limit 1"
);
const FIND_BY_REFERENCE: &str =
    select_payments!("where gateway = $1 and gateway_reference = $2 limit 1");
const CLAIM: EngineSql = claim_sql!(
    "update payments set check_at = $2 where id",
    "select id from payments where check_at is not null and check_at <= $1
        order by check_at, id limit 1",
    "and check_at is not null and check_at <= $1 returning id"
);
const SET_STATUS: &str = "update payments set status = $3, failure = $4, updated_at = $5,
        check_at = $6
    where id = $1 and status = $2";
const SET_REFERENCE: &str = "update payments set gateway_reference = $2 where id = $1";
const SET_PAGE: &str = "update payments set page_url = $2, expires_at = $3, check_at = $3
    where id = $1";
const SET_EXPIRY: &str = "update payments set expires_at = $2, check_at = $2 where id = $1";
const SET_AUTHORISATION: &str = "update payments set authorisation_id = $2 where id = $1";
const SET_CAPTURED: &str = "update payments set captured_minor = $2 where id = $1";
const ADD_REFUNDED: &str = "update payments set refunded_minor = refunded_minor + $2
    where id = $1 and refunded_minor + $2 <= captured_minor";
const CHECK_SOON: &str = "update payments set check_at = $2
    where id = $1 and (check_at is null or check_at > $2)";
const CHECK_AT: &str = "update payments set check_at = $3 where id = $1 and status = $2";
const CHECK_NEVER: &str = "update payments set check_at = null where id = $1 and status = $2";

impl Payments<'_> {
    /// Adds an authorisation; `false` if the version of the order has one already.
    pub async fn grant(&mut self, right: &Authorisation) -> Result<bool> {
        let touched = execute!(
            self.0,
            INSERT_AUTHORISATION,
            right.id.as_str(),
            right.order.as_str(),
            i64::from(right.version),
            right.binding_digest.as_str(),
            right.granted_at.as_millis(),
            right.expires_at.as_millis(),
        )?;
        Ok(touched == 1)
    }

    /// Uses an authorisation; `false` if it is used or expired, or is for something else.
    pub async fn consume_authorisation(
        &mut self,
        right: &Authorisation,
        now: Timestamp,
    ) -> Result<bool> {
        let touched = execute!(
            self.0,
            USE_AUTHORISATION,
            right.id.as_str(),
            right.order.as_str(),
            i64::from(right.version),
            right.binding_digest.as_str(),
            now.as_millis(),
        )?;
        Ok(touched == 1)
    }

    /// Adds a payment. `false` if the order has one that is under way or done.
    pub async fn begin(&mut self, new: &NewPayment, now: Timestamp) -> Result<bool> {
        let touched = execute!(
            self.0,
            INSERT,
            new.id.as_str(),
            new.order.as_str(),
            i64::from(new.version),
            new.authorisation.as_ref().map(AuthorisationId::as_str),
            new.gateway.as_str(),
            new.method.as_str(),
            new.amount.minor(),
            new.amount.currency().code(),
            new.status.as_str(),
            new.expires_at.map(Timestamp::as_millis),
            new.check_at.map(Timestamp::as_millis),
            now.as_millis(),
            new.needs_code,
        )?;
        Ok(touched == 1)
    }

    pub async fn find(&mut self, id: &PaymentId) -> Result<Option<Payment>> {
        let row: Option<PaymentRow> = with_connection!(self.0, c => sqlx::query_as(FIND).bind(id.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The payment of an order that is under way or done, of which there is at most one, or else
    /// the newest one.
    pub async fn find_of_order(&mut self, order: &OrderId) -> Result<Option<Payment>> {
        let row: Option<PaymentRow> = with_connection!(self.0, c => sqlx::query_as(FIND_OF_ORDER).bind(order.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The payment that a gateway calls by this id.
    pub async fn find_by_reference(
        &mut self,
        gateway: &str,
        reference: &str,
    ) -> Result<Option<Payment>> {
        let row: Option<PaymentRow> = with_connection!(self.0, c => {
            sqlx::query_as(FIND_BY_REFERENCE).bind(gateway).bind(reference).fetch_optional(c).await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// Claims one payment that is due to be looked at, until `until`.
    pub async fn claim(&mut self, now: Timestamp, until: Timestamp) -> Result<Option<Payment>> {
        let sql = self.0.text(CLAIM);
        let id: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(sql)
                .bind(now.as_millis())
                .bind(until.as_millis())
                .fetch_optional(c)
                .await
        })?;
        let Some(id) = id else { return Ok(None) };
        let id = PaymentId::parse(&id).ok_or_else(|| Error::corrupt("payments", "id"))?;
        self.find(&id).await
    }

    /// Changes the status of a payment; `false` if it does not have the status before, or
    /// there is no such transition. The caller that gets `true` does what follows.
    pub async fn advance(
        &mut self,
        id: &PaymentId,
        step: PaymentStep<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        if !step.from.may_become(step.to) {
            return Ok(false);
        }
        let touched = execute!(
            self.0,
            SET_STATUS,
            id.as_str(),
            step.from.as_str(),
            step.to.as_str(),
            step.failure,
            now.as_millis(),
            step.check_at.map(Timestamp::as_millis),
        )?;
        Ok(touched == 1)
    }

    /// Keeps the gateway's newest id of a payment.
    pub async fn set_reference(&mut self, id: &PaymentId, reference: &str) -> Result<()> {
        execute!(self.0, SET_REFERENCE, id.as_str(), reference)?;
        Ok(())
    }

    /// Keeps the page that the shopper has to complete, and until when. The reconciler looks at the
    /// payment then.
    pub async fn set_page(&mut self, id: &PaymentId, url: &str, until: Timestamp) -> Result<()> {
        execute!(self.0, SET_PAGE, id.as_str(), url, until.as_millis())?;
        Ok(())
    }

    /// Sets until when the step under way can be completed. The reconciler looks at it then.
    pub async fn set_expiry(&mut self, id: &PaymentId, until: Timestamp) -> Result<()> {
        execute!(self.0, SET_EXPIRY, id.as_str(), until.as_millis())?;
        Ok(())
    }

    /// Keeps which authorisation a payment used.
    pub async fn set_authorisation(
        &mut self,
        id: &PaymentId,
        authorisation: &AuthorisationId,
    ) -> Result<()> {
        execute!(self.0, SET_AUTHORISATION, id.as_str(), authorisation.as_str())?;
        Ok(())
    }

    /// Records how much was captured.
    pub async fn set_captured(&mut self, id: &PaymentId, amount: Money) -> Result<()> {
        execute!(self.0, SET_CAPTURED, id.as_str(), amount.minor())?;
        Ok(())
    }

    /// Records that a part went back; `false` if less is left.
    pub async fn add_refunded(&mut self, id: &PaymentId, amount: Money) -> Result<bool> {
        Ok(execute!(self.0, ADD_REFUNDED, id.as_str(), amount.minor())? == 1)
    }

    /// Has the reconciler look at a payment, because it may have changed at the gateway.
    pub async fn check_soon(&mut self, id: &PaymentId, now: Timestamp) -> Result<()> {
        execute!(self.0, CHECK_SOON, id.as_str(), now.as_millis())?;
        Ok(())
    }

    /// Sets when the reconciler looks at a payment of this status next.
    pub async fn check_at(
        &mut self,
        id: &PaymentId,
        status: PaymentStatus,
        at: Timestamp,
    ) -> Result<()> {
        execute!(self.0, CHECK_AT, id.as_str(), status.as_str(), at.as_millis())?;
        Ok(())
    }

    /// Has the reconciler leave a payment of this status alone.
    pub async fn check_never(&mut self, id: &PaymentId, status: PaymentStatus) -> Result<()> {
        execute!(self.0, CHECK_NEVER, id.as_str(), status.as_str())?;
        Ok(())
    }
}
