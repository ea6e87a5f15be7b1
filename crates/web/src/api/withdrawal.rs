//! Withdrawal from a contract, in two steps.

use leptos::prelude::*;

use super::ApiError;

/// Reads the statement, and shows it to be confirmed. Nothing is taken down yet.
#[server(prefix = "/api", endpoint = "withdrawal")]
pub async fn begin_withdrawal(
    /// The consumer's name.
    #[server(default)]
    name: String,
    /// The number of the order.
    #[server(default)]
    order_number: String,
    /// An e-mail address or a phone number.
    #[server(default)]
    contact: String,
) -> Result<(), ApiError> {
    use domain::Field;
    use shop::withdrawals::WithdrawalForm;

    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
    };
    let form = WithdrawalForm { name, order_number, contact };
    let outcome = async {
        let stated = shop()?.withdrawals().begin(&visitor()?, &form)?;
        Ok(Redirect::to(routes::WITHDRAWAL_CONFIRM).keeping(&[
            (Field::Name, &stated.name),
            (Field::OrderNumber, &stated.order_number),
            (Field::Contact, &stated.contact),
        ]))
    };
    let typed = [
        (Field::Name, &*form.name),
        (Field::OrderNumber, &*form.order_number),
        (Field::Contact, &*form.contact),
    ];
    respond(outcome.await, &typed).await
}

/// Takes the notice down, and leads to its receipt.
#[server(prefix = "/api", endpoint = "withdrawal/confirm")]
pub async fn confirm_withdrawal(
    /// The id that was made with the form.
    #[server(default)]
    id: String,
    /// The consumer's name.
    #[server(default)]
    name: String,
    /// The number of the order.
    #[server(default)]
    order_number: String,
    /// An e-mail address or a phone number.
    #[server(default)]
    contact: String,
) -> Result<(), ApiError> {
    use domain::{Field, Refusal, WithdrawalId};
    use shop::withdrawals::WithdrawalForm;

    use crate::{
        routes,
        server::{Redirect, respond, shop, visitor},
    };
    let form = WithdrawalForm { name, order_number, contact };
    let outcome = async {
        let id = WithdrawalId::parse(&id).ok_or(Refusal::NotPossible)?;
        shop()?.withdrawals().confirm(&visitor()?, id, &form).await?;
        Ok(Redirect::to(routes::WITHDRAWAL_RECEIPT))
    };
    let typed = [
        (Field::Name, &*form.name),
        (Field::OrderNumber, &*form.order_number),
        (Field::Contact, &*form.contact),
    ];
    respond(outcome.await, &typed).await
}
