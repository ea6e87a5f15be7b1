//! The line items and the shipping of a Checkout Session, and their sum
//! (<https://docs.stripe.com/api/checkout/sessions/line_items>).

use serde_json::{Value, json};

use super::context::Context;
use super::currency;
use super::parameters::Parameters;
use super::problem::Problem;
use super::schema::{
    Parameter, appearance, integer, metadata, object, one_of, text, texts, unsupported,
};

pub(super) const LINE_ITEM: &[Parameter] = &[
    unsupported("adjustable_quantity"),
    metadata(),
    unsupported("price"),
    object(
        "price_data",
        &[
            text("currency").required(),
            unsupported("product"),
            object(
                "product_data",
                &[
                    text("description"),
                    texts("images"),
                    metadata(),
                    text("name").required(),
                    text("tax_code"),
                    unsupported("tax_details"),
                    text("unit_label"),
                ],
            ),
            unsupported("recurring"),
            one_of("tax_behavior", &["exclusive", "inclusive", "unspecified"]),
            integer("unit_amount"),
            unsupported("unit_amount_decimal"),
        ],
    ),
    integer("quantity"),
    unsupported("tax_rates"),
];

pub(super) const SHIPPING_OPTION: &[Parameter] = &[
    unsupported("shipping_rate"),
    object(
        "shipping_rate_data",
        &[
            appearance("delivery_estimate"),
            text("display_name").required(),
            object(
                "fixed_amount",
                &[
                    integer("amount").required(),
                    text("currency").required(),
                    unsupported("currency_options"),
                ],
            ),
            metadata(),
            one_of("tax_behavior", &["exclusive", "inclusive", "unspecified"]),
            text("tax_code"),
            one_of("type", &["fixed_amount"]),
        ],
    ),
];

/// What a session asks for.
pub(super) struct Total {
    pub currency: String,
    pub items: Vec<Value>,
    pub subtotal: i64,
    /// The cost of the first shipping option, which the page chooses.
    pub shipping: i64,
}

impl Total {
    pub fn shipping_cost(&self) -> Value {
        match self.shipping {
            0 => Value::Null,
            cost => json!({ "amount_subtotal": cost, "amount_tax": 0, "amount_total": cost }),
        }
    }

    pub fn details(&self) -> Value {
        json!({ "amount_discount": 0, "amount_shipping": self.shipping, "amount_tax": 0 })
    }
}

/// Adds the line items up.
///
/// # Errors
/// When there are none, when they differ in currency, or when the sum cannot be charged.
pub(super) fn total(context: &Context, parameters: &Parameters) -> Result<Total, Problem> {
    let given = parameters.value("line_items");
    let given = given.as_array().map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() {
        return Err(Problem::missing("line_items"));
    }
    let mut items = Vec::new();
    let mut common: Option<String> = None;
    let mut subtotal = 0_i64;
    for (index, item) in given.iter().enumerate() {
        let line = line(context, item, index)?;
        match &common {
            Some(currency) if *currency != line.currency => return Err(mixed_currencies()),
            _ => common = Some(line.currency.clone()),
        }
        subtotal = subtotal.checked_add(line.amount).ok_or_else(too_much)?;
        items.push(line.shown);
    }
    let currency = common.unwrap_or_default();
    let shipping = shipping(parameters, &currency)?;
    let sum = subtotal.checked_add(shipping).ok_or_else(too_much)?;
    currency::check_amount(sum, &currency, "line_items")?;
    Ok(Total { currency, items, subtotal, shipping })
}

fn mixed_currencies() -> Problem {
    Problem::invalid("All prices on a Checkout Session must have the same currency.")
        .at("line_items")
}

fn too_much() -> Problem {
    Problem::invalid("The total amount is too large.")
        .with_code("amount_too_large")
        .at("line_items")
}

struct Line {
    currency: String,
    amount: i64,
    shown: Value,
}

fn line(context: &Context, item: &Value, index: usize) -> Result<Line, Problem> {
    let here = |rest: &str| format!("line_items[{index}]{rest}");
    let Some(price) = item.get("price_data") else {
        return Err(Problem::missing(&here("[price_data]")));
    };
    let text = |pointer: &str| price.pointer(pointer).and_then(Value::as_str);
    let Some(name) = text("/product_data/name") else {
        return Err(Problem::missing(&here("[price_data][product_data]")));
    };
    let Some(unit_amount) = price.get("unit_amount").and_then(Value::as_i64) else {
        return Err(Problem::missing(&here("[price_data][unit_amount]")));
    };
    let quantity = item.get("quantity").and_then(Value::as_i64).unwrap_or(1);
    check_minimum(unit_amount, 0, &here("[price_data][unit_amount]"))?;
    check_minimum(quantity, 1, &here("[quantity]"))?;
    let param = here("[price_data][currency]");
    let currency = currency::parse(text("/currency").unwrap_or_default(), &param)?;
    let amount = unit_amount.checked_mul(quantity).ok_or_else(too_much)?;
    let shown = json!({
        "id": context.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": name,
        "metadata": item.get("metadata").cloned().unwrap_or_else(|| json!({})),
        "price": {
            "id": context.new_id("price"), "object": "price", "active": false,
            "currency": currency, "type": "one_time", "unit_amount": unit_amount,
        },
        "quantity": quantity,
    });
    Ok(Line { currency, amount, shown })
}

fn check_minimum(value: i64, minimum: i64, param: &str) -> Result<(), Problem> {
    if value >= minimum {
        return Ok(());
    }
    let message = format!("This value must be greater than or equal to {minimum}.");
    Err(Problem::malformed(param, message).with_code("parameter_invalid_integer"))
}

fn shipping(parameters: &Parameters, currency: &str) -> Result<i64, Problem> {
    let options = parameters.value("shipping_options");
    let Some(fixed) = options.pointer("/0/shipping_rate_data/fixed_amount") else { return Ok(0) };
    let given = fixed.get("currency").and_then(Value::as_str).unwrap_or_default();
    if currency::parse(given, "shipping_options")? != currency {
        return Err(mixed_currencies());
    }
    Ok(fixed.get("amount").and_then(Value::as_i64).unwrap_or_default().max(0))
}
