//! The account, its balance, and the currencies of its country (<https://docs.stripe.com/api/accounts>).

use serde_json::json;

use super::context::Context;
use super::currency;
use super::parameters::Parameters;
use super::problem::{Answer, Problem};

pub(super) fn retrieve(context: &mut Context, _: &str, _: &Parameters) -> Answer {
    Ok(json!({
        "id": "acct_1Emulator00000000",
        "object": "account",
        "business_profile": { "name": "Emulator", "support_email": null, "url": null },
        "business_type": "company",
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true,
        "country": "GB",
        "created": context.now,
        "default_currency": "gbp",
        "details_submitted": true,
        "email": "merchant@shop.example",
        "payouts_enabled": true,
        "settings": { "dashboard": { "display_name": "Emulator", "timezone": "Etc/UTC" } },
        "type": "standard",
    }))
}

pub(super) fn balance(context: &mut Context, _: &str, _: &Parameters) -> Answer {
    let mut sums = std::collections::BTreeMap::<String, i64>::new();
    for charge in context.store.charges.all().iter().filter(|charge| charge.captured) {
        let kept = charge.amount_captured + charge.amount_released - charge.amount_refunded;
        *sums.entry(charge.currency.clone()).or_default() += kept;
    }
    sums.entry(String::from("gbp")).or_default();
    let available: Vec<_> = sums
        .iter()
        .map(|(currency, sum)| json!({ "amount": sum, "currency": currency, "source_types": { "card": sum } }))
        .collect();
    Ok(json!({ "object": "balance", "available": available, "livemode": false, "pending": [] }))
}

/// <https://docs.stripe.com/api/country_specs>
pub(super) fn country(_: &mut Context, id: &str, _: &Parameters) -> Answer {
    if id.len() != 2 || !id.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(Problem::no_such("country_spec", id, "id"));
    }
    Ok(json!({
        "id": id,
        "object": "country_spec",
        "default_currency": "gbp",
        "supported_payment_currencies": currency::ALL,
        "supported_payment_methods": ["card"],
    }))
}
