//! The history of orders: what happened, who did it, when, and why. Rows are only added.

use domain::{AccountId, Actor, HistoryKind, OrderId, Timestamp};

use crate::{
    Error, Result,
    connection::{execute, with_connection},
};

repository! {
    /// The history of orders.
    order_events: OrderEvents
}

/// An entry of the history of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub kind: HistoryKind,
    pub actor: Actor,
    /// The account of the person who did it.
    pub account: Option<AccountId>,
    /// A word that says why or how.
    pub reason: Option<String>,
    /// An amount in minor units of the order's currency, where the event is about one.
    pub amount_minor: Option<i64>,
    /// The gateway's id of the request.
    pub request_id: Option<String>,
    pub at: Timestamp,
}

impl HistoryEntry {
    /// An entry without details.
    pub const fn new(kind: HistoryKind, actor: Actor, at: Timestamp) -> Self {
        Self { kind, actor, account: None, reason: None, amount_minor: None, request_id: None, at }
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// The same with the account of the person who did it.
    #[must_use]
    pub fn by(self, account: &AccountId) -> Self {
        Self { account: Some(account.clone()), ..self }
    }

    /// The same with an amount.
    #[must_use]
    pub fn of(self, amount: domain::Money) -> Self {
        Self { amount_minor: Some(amount.minor()), ..self }
    }
}

/// Entries of one order are added one after the other, so that each has a place of its own.
const LOCK_ORDER: &str = "update orders set updated_at = updated_at where id = $1";
const INSERT: &str = "insert into order_events (order_id, position, happened_at, kind, actor,
        account_id, reason, amount_minor, request_id)
    select $1, coalesce(max(position), 0) + 1, $2, $3, $4, $5, $6, $7, $8
    from order_events where order_id = $1";
const LIST: &str = "select happened_at, kind, actor, account_id, reason, amount_minor, request_id
    from order_events where order_id = $1 order by position";

impl OrderEvents<'_> {
    /// Adds an entry to the history of an order.
    pub async fn add(&mut self, order: &OrderId, entry: &HistoryEntry) -> Result<()> {
        execute!(self.0, LOCK_ORDER, order.as_str())?;
        execute!(
            self.0,
            INSERT,
            order.as_str(),
            entry.at.as_millis(),
            entry.kind.as_str(),
            entry.actor.as_str(),
            entry.account.as_ref().map(AccountId::as_str),
            entry.reason.as_deref(),
            entry.amount_minor,
            entry.request_id.as_deref(),
        )?;
        Ok(())
    }

    /// The history of an order, oldest first.
    pub async fn list(&mut self, order: &OrderId) -> Result<Vec<HistoryEntry>> {
        let rows: Vec<EventRow> = with_connection!(self.0, c => {
            sqlx::query_as(LIST).bind(order.as_str()).fetch_all(c).await
        })?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

row! {
    struct EventRow {
        happened_at: i64,
        kind: String,
        actor: String,
        account_id: Option<String>,
        reason: Option<String>,
        amount_minor: Option<i64>,
        request_id: Option<String>,
    }
}

impl TryFrom<EventRow> for HistoryEntry {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("order_events", column);
        let account = row.account_id.as_deref().map(AccountId::parse);
        Ok(Self {
            kind: HistoryKind::parse(&row.kind).ok_or_else(|| corrupt("kind"))?,
            actor: Actor::parse(&row.actor).ok_or_else(|| corrupt("actor"))?,
            account: match account {
                Some(None) => return Err(corrupt("account_id")),
                account => account.flatten(),
            },
            reason: row.reason,
            amount_minor: row.amount_minor,
            request_id: row.request_id,
            at: Timestamp::from_millis(row.happened_at),
        })
    }
}
