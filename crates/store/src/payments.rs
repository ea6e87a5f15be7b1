//! Payment authorisations and payments: the right to charge, and the charge.
//!
//! An authorisation is used, and a payment changes its status, by one statement with the
//! condition in it. Of concurrent callers, the one whose statement changed the row does
//! what follows.

use domain::{AuthorisationId, Currency, Money, OrderId, PaymentId, PaymentStatus, Timestamp};

use crate::{
    Error, Result,
    connection::{EngineSql, claim_sql, execute, with_connection},
};

repository! {
    /// Payment authorisations and payments.
    payments: Payments
}

/// The right to charge one version of one order, once.
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

/// A charge that is stored before it is made.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Also its idempotency key at the gateway.
    pub id: PaymentId,
    pub order: OrderId,
    pub authorisation: AuthorisationId,
    /// The name of the gateway that makes the charge.
    pub gateway: String,
    /// The gateway's id of the charge, once it is known.
    pub gateway_reference: Option<String>,
    /// The name of the payment method.
    pub method: String,
    pub amount: Money,
}

/// A charge and its status.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Also its idempotency key at the gateway.
    pub id: PaymentId,
    pub order: OrderId,
    /// The name of the gateway that makes the charge.
    pub gateway: String,
    /// The gateway's id of the charge, once it is known.
    pub gateway_reference: Option<String>,
    /// The name of the payment method.
    pub method: String,
    pub amount: Money,
    pub status: PaymentStatus,
    /// Why it was declined.
    pub failure: Option<String>,
    pub created_at: Timestamp,
    /// When the authorisation expires.
    pub authorised_until: Timestamp,
}

macro_rules! select_payments {
    ($tail:literal) => {
        concat!(
            "select p.id, p.order_id, p.gateway, p.gateway_reference, p.method, p.amount_minor,
                p.currency, p.status, p.failure, p.created_at, a.expires_at as authorised_until
            from payments p join authorisations a on a.id = p.authorisation_id ",
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
const INSERT: &str = "insert into payments (id, order_id, authorisation_id, gateway,
        gateway_reference, method, amount_minor, currency, status, created_at, updated_at,
        leased_until)
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'in_flight', $9, $9, $10) on conflict do nothing";
const FIND: &str = select_payments!("where p.id = $1");
const FIND_OF_ORDER: &str = select_payments!(
    "where p.order_id = $1 order by case when p.status = 'declined' then 1 else 0 end,
     p.created_at desc, p.id desc limit 1"
);
const CLAIM: EngineSql = claim_sql!(
    "update payments set leased_until = $2 where id",
    "select id from payments where status in ('in_flight', 'refunding')
        and (leased_until is null or leased_until <= $1)
        order by updated_at, id limit 1",
    "and status in ('in_flight', 'refunding')
        and (leased_until is null or leased_until <= $1)
    returning id"
);
const SET_STATUS: &str = "update payments set status = $3, failure = $4, updated_at = $5,
        leased_until = $6
    where id = $1 and status = $2";

const SET_REFERENCE: &str = "update payments set gateway_reference = $2 where id = $1";

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

    /// Adds a payment, leased to the caller, which makes the charge now. `false` if the order
    /// has a payment that is under way or done.
    pub async fn begin(
        &mut self,
        new: &NewPayment,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<bool> {
        let touched = execute!(
            self.0,
            INSERT,
            new.id.as_str(),
            new.order.as_str(),
            new.authorisation.as_str(),
            new.gateway.as_str(),
            new.gateway_reference.as_deref(),
            new.method.as_str(),
            new.amount.minor(),
            new.amount.currency().code(),
            now.as_millis(),
            leased_until.as_millis(),
        )?;
        Ok(touched == 1)
    }

    pub async fn find(&mut self, id: &PaymentId) -> Result<Option<Payment>> {
        let row: Option<PaymentRow> = with_connection!(self.0, c => sqlx::query_as(FIND).bind(id.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The payment of an order that was not declined, of which there is at most one, or else
    /// the newest one.
    pub async fn find_of_order(&mut self, order: &OrderId) -> Result<Option<Payment>> {
        let row: Option<PaymentRow> = with_connection!(self.0, c => sqlx::query_as(FIND_OF_ORDER).bind(order.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Claims one payment whose result is unknown and which no other node has claimed.
    pub async fn claim(
        &mut self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<Payment>> {
        let sql = self.0.text(CLAIM);
        let id: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(sql)
                .bind(now.as_millis())
                .bind(leased_until.as_millis())
                .fetch_optional(c)
                .await
        })?;
        let Some(id) = id else { return Ok(None) };
        let id = PaymentId::parse(&id).ok_or_else(|| Error::corrupt("payments", "id"))?;
        self.find(&id).await
    }

    /// Keeps the gateway's id of a payment.
    pub async fn set_reference(&mut self, id: &PaymentId, reference: &str) -> Result<()> {
        execute!(self.0, SET_REFERENCE, id.as_str(), reference)?;
        Ok(())
    }

    /// Changes the status of a payment; `false` if it does not have the status `from`, or
    /// there is no such transition. The caller that gets `true` does what follows.
    pub async fn advance(
        &mut self,
        id: &PaymentId,
        (from, to): (PaymentStatus, PaymentStatus),
        failure: Option<&str>,
        now: Timestamp,
        leased_until: Option<Timestamp>,
    ) -> Result<bool> {
        if !from.may_become(to) {
            return Ok(false);
        }
        let touched = execute!(
            self.0,
            SET_STATUS,
            id.as_str(),
            from.as_str(),
            to.as_str(),
            failure,
            now.as_millis(),
            leased_until.map(Timestamp::as_millis),
        )?;
        Ok(touched == 1)
    }
}

row! {
    struct PaymentRow {
        id: String,
        order_id: String,
        gateway: String,
        gateway_reference: Option<String>,
        method: String,
        amount_minor: i64,
        currency: String,
        status: String,
        failure: Option<String>,
        created_at: i64,
        authorised_until: i64,
    }
}

impl TryFrom<PaymentRow> for Payment {
    type Error = Error;

    fn try_from(row: PaymentRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("payments", column);
        let currency = Currency::parse(&row.currency).ok_or_else(|| corrupt("currency"))?;
        Ok(Self {
            id: PaymentId::parse(&row.id).ok_or_else(|| corrupt("id"))?,
            order: OrderId::parse(&row.order_id).ok_or_else(|| corrupt("order_id"))?,
            gateway: row.gateway,
            gateway_reference: row.gateway_reference,
            method: row.method,
            amount: Money::new(row.amount_minor, currency),
            status: PaymentStatus::parse(&row.status).ok_or_else(|| corrupt("status"))?,
            failure: row.failure,
            created_at: Timestamp::from_millis(row.created_at),
            authorised_until: Timestamp::from_millis(row.authorised_until),
        })
    }
}
