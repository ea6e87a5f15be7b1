//! Notices of withdrawal from a contract.

use domain::{EmailAddress, Language, OrderId, PhoneNumber, Timestamp, WithdrawalId};

use crate::{
    Error, Result,
    connection::{EngineSql, claim_sql, execute, with_connection},
};

repository! {
    /// Notices of withdrawal.
    withdrawals: Withdrawals
}

/// A notice of withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub id: WithdrawalId,
    /// The order, if one has the number together with the contact.
    pub order: Option<OrderId>,
    /// The name, the order number and the contact as they were typed.
    pub name: String,
    pub order_number: String,
    pub contact: String,
    pub browser_digest: String,
    pub language: Language,
    pub received_at: Timestamp,
    pub handled_at: Option<Timestamp>,
}

/// The order with a number, and how its buyer is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderContact {
    pub order: OrderId,
    pub email: EmailAddress,
    pub phone: PhoneNumber,
}

macro_rules! select_withdrawals {
    ($tail:literal) => {
        concat!(
            "select id, order_id, name, order_number, contact, browser_digest, language,
                received_at, handled_at
            from withdrawals ",
            $tail
        )
    };
}

/// The id was made with the form, so that a form that is sent twice is one notice.
const INSERT: &str = "insert into withdrawals
      (id, order_id, name, order_number, contact, browser_digest, language, received_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing";

const FIND: &str = select_withdrawals!("where id = $1");

const NEWEST_OF_BROWSER: &str = select_withdrawals!(
    "where browser_digest = $1 and received_at > $2 order by received_at desc, id desc limit 1"
);

const OF_ORDER: &str = select_withdrawals!("where order_id = $1 order by received_at, id");

const PAGE: &str = select_withdrawals!(
    "where $1 = ''
        or (received_at, id) < (select received_at, id from withdrawals where id = $1)
    order by received_at desc, id desc limit $2"
);

const COUNT_OPEN: &str =
    "select count(*) from withdrawals where handled_at is null and order_id is not null";

const HANDLE: &str = "update withdrawals set handled_at = $2 where id = $1 and handled_at is null";

const REOPEN: &str =
    "update withdrawals set handled_at = null where id = $1 and handled_at is not null";

const CLAIM_UNRECEIPTED: EngineSql = claim_sql!(
    "update withdrawals set receipted_at = $1 where id",
    "select id from withdrawals where receipted_at is null order by received_at limit $2",
    "and receipted_at is null returning id, order_id, name, order_number, contact,
        browser_digest, language, received_at, handled_at"
);

/// An order that waits for its code, or is authorised before it, is no contract yet. One that is
/// confirmed and paid later is one, and one that was cancelled or refunded was one. The address and phone of a buyer with an
/// account are those of the account.
const CONTACT_OF_ORDER: &str = "select o.id, coalesce(a.email, o.buyer_email) as email,
        coalesce(a.phone, o.buyer_phone) as phone
    from orders o left join accounts a on a.id = o.account_id
    where o.number = $1 and o.status not in ('awaiting_code', 'awaiting_authorisation', 'authorised')";

impl Withdrawals<'_> {
    /// The order with this number, once it is confirmed, and its buyer's contacts.
    pub async fn contact_of_order(&mut self, number: &str) -> Result<Option<OrderContact>> {
        let row: Option<ContactRow> = with_connection!(self.0, c => {
            sqlx::query_as(CONTACT_OF_ORDER).bind(number).fetch_optional(c).await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// Takes a notice down; `false` if this form was sent before.
    pub async fn insert(&mut self, withdrawal: &Withdrawal) -> Result<bool> {
        let touched = execute!(
            self.0,
            INSERT,
            withdrawal.id.as_str(),
            withdrawal.order.as_ref().map(OrderId::as_str),
            withdrawal.name.as_str(),
            withdrawal.order_number.as_str(),
            withdrawal.contact.as_str(),
            withdrawal.browser_digest.as_str(),
            withdrawal.language.as_str(),
            withdrawal.received_at.as_millis(),
        )?;
        Ok(touched == 1)
    }

    pub async fn find(&mut self, id: &WithdrawalId) -> Result<Option<Withdrawal>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(FIND).bind(id.as_str()).fetch_optional(c).await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// The newest notice that this browser gave after a time.
    pub async fn newest_of_browser(
        &mut self,
        browser_digest: &str,
        after: Timestamp,
    ) -> Result<Option<Withdrawal>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(NEWEST_OF_BROWSER)
                .bind(browser_digest)
                .bind(after.as_millis())
                .fetch_optional(c)
                .await
        })?;
        row.map(TryInto::try_into).transpose()
    }

    /// The notices about an order, oldest first.
    pub async fn of_order(&mut self, order: &OrderId) -> Result<Vec<Withdrawal>> {
        let rows: Vec<Row> = with_connection!(self.0, c => {
            sqlx::query_as(OF_ORDER).bind(order.as_str()).fetch_all(c).await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A page of all notices, newest first.
    pub async fn page(
        &mut self,
        after: Option<&WithdrawalId>,
        limit: u32,
    ) -> Result<Vec<Withdrawal>> {
        let after = after.map_or("", WithdrawalId::as_str);
        let rows: Vec<Row> = with_connection!(self.0, c => {
            sqlx::query_as(PAGE).bind(after).bind(i64::from(limit)).fetch_all(c).await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many notices about known orders the merchant has not dealt with.
    pub async fn count_open(&mut self) -> Result<u64> {
        let count: i64 = with_connection!(self.0, c => {
            sqlx::query_scalar(COUNT_OPEN).fetch_one(c).await
        })?;
        Ok(count.unsigned_abs())
    }

    /// Records that the merchant has dealt with a notice; `false` if that is recorded already.
    pub async fn handle(&mut self, id: &WithdrawalId, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, HANDLE, id.as_str(), now.as_millis())? == 1)
    }

    /// Takes that back; `false` if it is open already.
    pub async fn reopen(&mut self, id: &WithdrawalId) -> Result<bool> {
        Ok(execute!(self.0, REOPEN, id.as_str())? == 1)
    }

    /// Claims up to `limit` notices whose receipt was not put into the outbox yet. The caller does
    /// so in the same transaction.
    pub async fn claim_unreceipted(
        &mut self,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Withdrawal>> {
        let sql = self.0.text(CLAIM_UNRECEIPTED);
        let rows: Vec<Row> = with_connection!(self.0, c => {
            sqlx::query_as(sql).bind(now.as_millis()).bind(i64::from(limit)).fetch_all(c).await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

row! {
    struct ContactRow {
        id: String,
        email: String,
        phone: String,
    }
}

impl TryFrom<ContactRow> for OrderContact {
    type Error = Error;

    fn try_from(row: ContactRow) -> Result<Self> {
        let corrupt = |column| move || Error::corrupt("orders", column);
        Ok(Self {
            order: OrderId::parse(&row.id).ok_or_else(corrupt("id"))?,
            email: EmailAddress::from_stored(&row.email).ok_or_else(corrupt("buyer_email"))?,
            phone: PhoneNumber::from_e164(&row.phone).ok_or_else(corrupt("buyer_phone"))?,
        })
    }
}

row! {
    struct Row {
        id: String,
        order_id: Option<String>,
        name: String,
        order_number: String,
        contact: String,
        browser_digest: String,
        language: String,
        received_at: i64,
        handled_at: Option<i64>,
    }
}

impl TryFrom<Row> for Withdrawal {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let corrupt = |column| move || Error::corrupt("withdrawals", column);
        let order = match row.order_id {
            Some(id) => Some(OrderId::parse(&id).ok_or_else(corrupt("order_id"))?),
            None => None,
        };
        Ok(Self {
            id: WithdrawalId::parse(&row.id).ok_or_else(corrupt("id"))?,
            order,
            name: row.name,
            order_number: row.order_number,
            contact: row.contact,
            browser_digest: row.browser_digest,
            language: Language::parse(&row.language).ok_or_else(corrupt("language"))?,
            received_at: Timestamp::from_millis(row.received_at),
            handled_at: row.handled_at.map(Timestamp::from_millis),
        })
    }
}
