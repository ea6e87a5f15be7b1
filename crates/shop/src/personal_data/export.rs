//! The copy of an account's data, as JSON: names that people understand, times in RFC 3339.

use domain::{AccountId, Money, Refusal, Timestamp};
use serde_json::{Value, json};
use store::{Account, Connection, Order};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::PersonalData;
use crate::{
    draft::Terms,
    error::{Error, Fault, Result},
    invoices::InvoiceView,
    visitor::Visitor,
};

/// More rows than an account has.
const MAX_ROWS: u32 = 100_000;

impl PersonalData<'_> {
    /// Everything that the shop keeps about the visitor's account, for a sign-in that may download
    /// it now. Secrets are left out: the password's hash and what codes are made of.
    pub async fn export(&self, visitor: &Visitor) -> Result<String> {
        let signed_in = visitor.require_signed_in()?;
        let now = self.clock.now();
        let mut rows = self.db.read().await?;
        if !rows.personal_data().may_export(&signed_in.id, now).await? {
            return Err(Refusal::StepUpNeeded.into());
        }
        let account = rows.accounts().find(&signed_in.account).await?;
        let account = account.ok_or(Error::Refused(Refusal::SignInNeeded))?;
        let copy = json!({
            "exported_at": at(now),
            "account": profile(&mut rows, &account).await?,
            "orders": orders(&mut rows, &account.id).await?,
            "sign_ins": browsers(rows.personal_data().sign_ins(&account.id).await?),
            "trusted_browsers": browsers(rows.personal_data().devices(&account.id).await?),
            "messages": messages(&mut rows, &account.id).await?,
            "security_events": events(&mut rows, &account.id).await?,
        });
        let text = serde_json::to_string_pretty(&copy);
        text.map_err(|_| Error::Failed(Fault::Broken("an export")))
    }
}

async fn profile(rows: &mut Connection, account: &Account) -> Result<Value> {
    let confirmed = rows.email_confirmations().confirmed_address(&account.id).await?;
    let codes = rows.recovery_codes().count_unused(&account.id).await?;
    Ok(json!({
        "name": account.name,
        "email": account.email.as_str(),
        "email_is_confirmed": confirmed.is_some(),
        "phone": account.phone.expose(),
        "phone_proved_at": at(account.phone_verified_at),
        "language": account.language.as_str(),
        "created_at": at(account.created_at),
        "unused_recovery_codes": codes,
    }))
}

async fn orders(rows: &mut Connection, account: &AccountId) -> Result<Value> {
    let mut copies = Vec::new();
    for order in rows.orders().list_all(account, MAX_ROWS).await? {
        copies.push(copy_of(rows, order).await?);
    }
    Ok(Value::Array(copies))
}

async fn copy_of(rows: &mut Connection, order: Order) -> Result<Value> {
    let terms = Terms::of(rows, &order).await?;
    let invoice = rows.invoices().find(&order.names.id).await?;
    let withdrawals = rows.withdrawals().of_order(&order.names.id).await?;
    let lines = terms.quote.lines().iter().map(|line| {
        json!({
            "product": line.item.product.name,
            "colour": line.item.variant.colour.as_str(),
            "size": line.item.variant.size,
            "quantity": line.item.quantity.get(),
            "price": money(line.item.unit),
            "total": money(line.total),
        })
    });
    Ok(json!({
        "number": order.names.number,
        "status": order.status.as_str(),
        "placed_at": at(order.created_at),
        "paid_at": order.paid_at.map(at),
        "shipped_at": order.shipped_at.map(at),
        "invoice": invoice.as_ref().map(|invoice| InvoiceView::of(invoice).number),
        "lines": lines.collect::<Vec<_>>(),
        "total": money(terms.quote.total()),
        "delivery_address": terms.address,
        "shipping": terms.shipping,
        "payment_method": terms.method,
        "withdrawals_received_at":
            withdrawals.iter().map(|notice| at(notice.received_at)).collect::<Vec<_>>(),
    }))
}

async fn messages(rows: &mut Connection, account: &AccountId) -> Result<Value> {
    let found = rows.personal_data().messages(account).await?;
    let copies = found.into_iter().map(|message| {
        json!({
            "kind": message.kind,
            "channel": message.channel,
            "status": message.status,
            "created_at": at(message.created_at),
        })
    });
    Ok(copies.collect())
}

async fn events(rows: &mut Connection, account: &AccountId) -> Result<Value> {
    let found = rows.audit().list(account, MAX_ROWS).await?;
    let copies = found.into_iter().map(|event| json!({ "event": event.name, "at": at(event.at) }));
    Ok(copies.collect())
}

fn browsers(found: Vec<store::BrowserOfAccount>) -> Value {
    let copies = found.into_iter().map(|browser| {
        json!({
            "browser": browser.user_agent,
            "since": at(browser.created_at),
            "last_seen_at": at(browser.last_seen_at),
        })
    });
    copies.collect()
}

fn money(amount: Money) -> String {
    format!("{} {}", amount.decimal(), amount.currency().code())
}

fn at(moment: Timestamp) -> String {
    let nanoseconds = i128::from(moment.as_millis()) * 1_000_000;
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds);
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}
