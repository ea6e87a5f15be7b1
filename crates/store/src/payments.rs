//! Authorisations and payments: the right to charge, and the charge.
//!
//! A right is used by one guarded statement, and a payment moves by one guarded
//! statement; whoever touches the row decides, everybody else learns.

use domain::{AuthorisationId, Currency, Money, OrderId, PaymentId, PaymentStatus, Timestamp};

use crate::{
    Connection, Error, Result,
    connection::{execute, with_connection},
};

/// Authorisations and payments.
pub struct Payments<'c>(&'c mut Connection);

/// The right to charge one version of one order, once.
#[derive(Clone, Debug)]
pub struct Authorisation {
    /// Its name.
    pub id: AuthorisationId,
    /// Which order.
    pub order: OrderId,
    /// Which version of it.
    pub version: u32,
    /// What exactly was agreed, as a digest.
    pub binding_digest: String,
    /// When the code was accepted.
    pub granted_at: Timestamp,
    /// From when on it is too old to charge on.
    pub expires_at: Timestamp,
}

/// A charge to be written down before it is made.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// Its name and idempotency key.
    pub id: PaymentId,
    /// What it pays.
    pub order: OrderId,
    /// By which right.
    pub authorisation: AuthorisationId,
    /// The name of the gateway that makes the charge.
    pub gateway: String,
    /// The gateway's id of the charge, once it is known.
    pub gateway_reference: Option<String>,
    /// How.
    pub method: String,
    /// How much.
    pub amount: Money,
}

/// A charge, and how it went.
#[derive(Clone, Debug)]
pub struct Payment {
    /// Its name and idempotency key.
    pub id: PaymentId,
    /// What it pays.
    pub order: OrderId,
    /// The name of the gateway that makes the charge.
    pub gateway: String,
    /// The gateway's id of the charge, once it is known.
    pub gateway_reference: Option<String>,
    /// How.
    pub method: String,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: PaymentStatus,
    /// Why it was declined.
    pub failure: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// Until when the right to charge lasts.
    pub authorised_until: Timestamp,
}

impl Connection {
    /// Authorisations and payments.
    pub fn payments(&mut self) -> Payments<'_> {
        Payments(self)
    }
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

const GRANT: &str = "insert into authorisations (id, order_id, order_version, binding_digest,
        granted_at, expires_at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
const USE: &str = "update authorisations set used_at = $5
    where id = $1 and order_id = $2 and order_version = $3 and binding_digest = $4
        and used_at is null and expires_at > $5";
const BEGIN: &str = "insert into payments (id, order_id, authorisation_id, gateway,
        gateway_reference, method, amount_minor, currency, status, created_at, updated_at,
        leased_until)
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'in_flight', $9, $9, $10) on conflict do nothing";
const FIND: &str = select_payments!("where p.id = $1");
const OF_ORDER: &str = select_payments!(
    "where p.order_id = $1 order by case when p.status = 'declined' then 1 else 0 end,
     p.created_at desc, p.id desc limit 1"
);
const CLAIM: &str = "update payments set leased_until = $2
    where id = (select id from payments where status in ('in_flight', 'refunding')
            and (leased_until is null or leased_until <= $1)
        order by updated_at, id limit 1)
        and status in ('in_flight', 'refunding')
        and (leased_until is null or leased_until <= $1)
    returning id";
const MOVE: &str = "update payments set status = $3, failure = $4, updated_at = $5,
        leased_until = $6
    where id = $1 and status = $2";

impl Payments<'_> {
    /// Gives the right to charge; `false` if that version has one already.
    pub async fn grant(&mut self, right: &Authorisation) -> Result<bool> {
        let touched = execute!(
            self.0,
            GRANT,
            right.id.as_str(),
            right.order.as_str(),
            i64::from(right.version),
            right.binding_digest.as_str(),
            right.granted_at.as_millis(),
            right.expires_at.as_millis(),
        )?;
        Ok(touched == 1)
    }

    /// Uses a right, once, for exactly what it was given for, while it is fresh.
    pub async fn use_up(&mut self, right: &Authorisation, now: Timestamp) -> Result<bool> {
        let touched = execute!(
            self.0,
            USE,
            right.id.as_str(),
            right.order.as_str(),
            i64::from(right.version),
            right.binding_digest.as_str(),
            now.as_millis(),
        )?;
        Ok(touched == 1)
    }

    /// Writes a charge down, leased to whoever makes it now. `false` if the order
    /// has a charge under way or done already.
    pub async fn begin(
        &mut self,
        new: &NewPayment,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<bool> {
        let touched = execute!(
            self.0,
            BEGIN,
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

    /// One payment.
    pub async fn find(&mut self, id: &PaymentId) -> Result<Option<Payment>> {
        let row: Option<PaymentRow> = with_connection!(self.0, c => sqlx::query_as(FIND).bind(id.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The payment of an order that counts: the one not declined, of which there is
    /// at most one, or else the newest.
    pub async fn find_of_order(&mut self, order: &OrderId) -> Result<Option<Payment>> {
        let row: Option<PaymentRow> = with_connection!(self.0, c => sqlx::query_as(OF_ORDER).bind(order.as_str()).fetch_optional(c).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Leases one payment whose end is not known and which nobody else holds.
    pub async fn claim(
        &mut self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<Payment>> {
        let id: Option<String> = with_connection!(self.0, c => {
            sqlx::query_scalar(CLAIM)
                .bind(now.as_millis())
                .bind(leased_until.as_millis())
                .fetch_optional(c)
                .await
        })?;
        let Some(id) = id else { return Ok(None) };
        let id = PaymentId::parse(&id).ok_or_else(|| Error::corrupt("payments", "id"))?;
        self.find(&id).await
    }

    /// Moves a payment from one status to another; `false` if it is not there,
    /// or the machine has no such move. Whoever gets `true` does what follows.
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
            MOVE,
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
