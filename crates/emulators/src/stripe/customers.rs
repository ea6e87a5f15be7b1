//! Customers (<https://docs.stripe.com/api/customers>).

use serde_json::{Value, json};

use super::context::Context;
use super::objects::Customer;
use super::parameters::Parameters;
use super::payment_methods;
use super::problem::{Answer, Problem};
use super::schema::{
    Parameter, appearance, integer, metadata, object, period, removable, text, texts, unsupported,
};
use super::table::Object as _;

pub(super) const CREATE: &[Parameter] = &[
    appearance("address"),
    unsupported("balance"),
    removable("business_name"),
    unsupported("cash_balance"),
    removable("description"),
    removable("email"),
    removable("individual_name"),
    unsupported("invoice_prefix"),
    object("invoice_settings", &[text("default_payment_method")]),
    metadata(),
    removable("name"),
    unsupported("next_invoice_sequence"),
    text("payment_method"),
    removable("phone"),
    texts("preferred_locales"),
    appearance("shipping"),
    unsupported("source"),
    unsupported("tax"),
    unsupported("tax_exempt"),
    unsupported("tax_id_data"),
    unsupported("test_clock"),
    unsupported("validate"),
];

pub(super) const UPDATE: &[Parameter] = &[
    appearance("address"),
    unsupported("balance"),
    removable("business_name"),
    unsupported("cash_balance"),
    unsupported("default_source"),
    removable("description"),
    removable("email"),
    removable("individual_name"),
    unsupported("invoice_prefix"),
    object("invoice_settings", &[text("default_payment_method")]),
    metadata(),
    removable("name"),
    unsupported("next_invoice_sequence"),
    removable("phone"),
    texts("preferred_locales"),
    appearance("shipping"),
    unsupported("source"),
    unsupported("tax"),
    unsupported("tax_exempt"),
    unsupported("validate"),
];

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    text("email"),
    text("ending_before"),
    integer("limit"),
    text("starting_after"),
    unsupported("test_clock"),
];

/// A customer without any data.
pub(super) fn blank(context: &Context) -> Customer {
    Customer {
        id: context.new_id("cus"),
        object: Customer::NAME,
        created: context.now,
        livemode: false,
        address: Value::Null,
        balance: 0,
        delinquent: false,
        description: Value::Null,
        email: Value::Null,
        invoice_settings: json!({ "default_payment_method": null }),
        metadata: json!({}),
        name: Value::Null,
        phone: Value::Null,
        preferred_locales: json!([]),
        shipping: Value::Null,
        is_deleted: false,
    }
}

pub(super) fn create(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let mut customer = blank(context);
    apply(parameters, &mut customer);
    context.store.customers.put(customer.clone());
    context.record("customer.created", &customer);
    if let Some(method) = parameters.text("payment_method") {
        payment_methods::attach_to(context, method, &customer.id)?;
    }
    Ok(json!(customer))
}

pub(super) fn update(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut customer = existing(context, id, "id")?;
    apply(parameters, &mut customer);
    context.store.customers.put(customer.clone());
    context.record("customer.updated", &customer);
    Ok(json!(customer))
}

fn apply(parameters: &Parameters, customer: &mut Customer) {
    parameters.change("address", &mut customer.address);
    parameters.change("description", &mut customer.description);
    parameters.change("email", &mut customer.email);
    parameters.change("invoice_settings", &mut customer.invoice_settings);
    parameters.change("name", &mut customer.name);
    parameters.change("phone", &mut customer.phone);
    parameters.change("preferred_locales", &mut customer.preferred_locales);
    parameters.change("shipping", &mut customer.shipping);
    parameters.change_metadata(&mut customer.metadata);
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    let customer = context.store.customers.get(id, "id")?;
    Ok(if customer.is_deleted { deleted(id) } else { json!(customer) })
}

/// Deletes a customer, whose saved payment methods can no longer be used.
pub(super) fn delete(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    let mut customer = existing(context, id, "id")?;
    customer.is_deleted = true;
    context.store.customers.put(customer.clone());
    payment_methods::detach_all(context, id);
    context.record("customer.deleted", &customer);
    Ok(deleted(id))
}

fn deleted(id: &str) -> Value {
    json!({ "id": id, "object": Customer::NAME, "deleted": true })
}

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let email = parameters.text("email");
    context.store.customers.list("/v1/customers", parameters, |customer| {
        !customer.is_deleted && email.is_none_or(|email| customer.email == email)
    })
}

/// The customer, unless it was deleted.
pub(super) fn existing(context: &Context, id: &str, param: &str) -> Result<Customer, Problem> {
    let customer = context.store.customers.get(id, param)?;
    if customer.is_deleted {
        return Err(Problem::no_such(Customer::NAME, id, param));
    }
    Ok(customer)
}
