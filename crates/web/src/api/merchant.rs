//! Actions of the merchant. The shop checks the role.

use leptos::prelude::*;

use super::ApiError;

/// Marks an order as shipped.
#[server(prefix = "/api", endpoint = "merchant/orders/ship")]
pub async fn ship_order(
    /// The order, by its id.
    #[server(default)]
    order: String,
    /// The version of the order that the page showed.
    #[server(default)]
    shown: String,
) -> Result<(), ApiError> {
    use crate::server::save_order;
    save_order(&order, &shown, &[], async |merchant, order, shown| {
        merchant.ship(order, shown).await
    })
    .await
}

/// Cancels an order that was not paid.
#[server(prefix = "/api", endpoint = "merchant/orders/cancel")]
pub async fn cancel_order(
    /// The order, by its id.
    #[server(default)]
    order: String,
    /// The version of the order that the page showed.
    #[server(default)]
    shown: String,
) -> Result<(), ApiError> {
    use crate::server::save_order;
    save_order(&order, &shown, &[], async |merchant, order, shown| {
        merchant.cancel(order, shown).await
    })
    .await
}

/// Refunds a part of the amount, or all that is left.
#[server(prefix = "/api", endpoint = "merchant/orders/refund-part")]
pub async fn refund_part(
    /// The order, by its id.
    #[server(default)]
    order: String,
    /// The version of the order that the page showed.
    #[server(default)]
    shown: String,
    /// The id of this refund, which is new with each page.
    #[server(default)]
    refund: String,
    /// The amount as typed.
    #[server(default)]
    amount: String,
    /// `yes` if the pieces go back into stock.
    #[server(default)]
    restock: String,
) -> Result<(), ApiError> {
    use domain::{Field, RefundId, Refusal};

    use crate::server::save_order;
    save_order(&order, &shown, &[(Field::Amount, &amount)], async |merchant, order, shown| {
        let refund = RefundId::parse(&refund).ok_or(Refusal::NotPossible)?;
        merchant.refund_part(order, shown, &refund, &amount, restock == "yes").await
    })
    .await
}

/// Records that the money of an order came that is paid outside of the shop.
#[server(prefix = "/api", endpoint = "merchant/orders/received")]
pub async fn mark_received(
    /// The order, by its id.
    #[server(default)]
    order: String,
    /// The version of the order that the page showed.
    #[server(default)]
    shown: String,
) -> Result<(), ApiError> {
    use crate::server::save_order;
    save_order(&order, &shown, &[], async |merchant, order, shown| {
        merchant.mark_received(order, shown).await
    })
    .await
}

/// Records that the recipient refused a parcel that is paid on delivery.
#[server(prefix = "/api", endpoint = "merchant/orders/parcel-refused")]
pub async fn mark_parcel_refused(
    /// The order, by its id.
    #[server(default)]
    order: String,
    /// The version of the order that the page showed.
    #[server(default)]
    shown: String,
    /// `yes` if the pieces go back into stock.
    #[server(default)]
    restock: String,
) -> Result<(), ApiError> {
    use crate::server::save_order;
    save_order(&order, &shown, &[], async |merchant, order, shown| {
        merchant.mark_parcel_refused(order, shown, restock == "yes").await
    })
    .await
}

/// Refunds all that is left of the amount.
#[server(prefix = "/api", endpoint = "merchant/orders/refund")]
pub async fn refund_order(
    /// The order, by its id.
    #[server(default)]
    order: String,
    /// The version of the order that the page showed.
    #[server(default)]
    shown: String,
) -> Result<(), ApiError> {
    use crate::server::save_order;
    save_order(&order, &shown, &[], async |merchant, order, shown| {
        merchant.refund(order, shown).await
    })
    .await
}

/// Records that a notice of withdrawal was dealt with, or opens it again.
#[server(prefix = "/api", endpoint = "merchant/withdrawals/state")]
pub async fn set_withdrawal_state(
    /// The notice, by its id.
    #[server(default)]
    withdrawal: String,
    /// `handled` or `open`; the page showed the other one.
    #[server(default)]
    state: String,
) -> Result<(), ApiError> {
    use domain::{Refusal, WithdrawalId};

    use crate::server::save;
    save(&[], async |merchant| {
        let id = WithdrawalId::parse(&withdrawal).ok_or(Refusal::NotFound)?;
        let is_handled = match state.as_str() {
            "handled" => true,
            "open" => false,
            _ => return Err(Refusal::NotPossible.into()),
        };
        merchant.set_withdrawal_handled(&id, is_handled).await
    })
    .await
}

/// Sets the price of a variant.
#[server(prefix = "/api", endpoint = "merchant/products/price")]
pub async fn set_price(
    /// The variant, by its id.
    #[server(default)]
    variant: String,
    /// The price that the page showed, in minor units.
    #[server(default)]
    shown: String,
    /// The price as typed.
    #[server(default)]
    price: String,
) -> Result<(), ApiError> {
    use domain::{Field, Refusal, VariantId};

    use crate::server::save;
    save(&[(Field::Price, &price)], async |merchant| {
        let variant = VariantId::parse(&variant).ok_or(Refusal::NotFound)?;
        let shown = shown.parse().map_err(|_| Refusal::NotPossible)?;
        merchant.set_price(&variant, shown, &price).await
    })
    .await
}

/// Sets the stock of a variant.
#[server(prefix = "/api", endpoint = "merchant/products/stock")]
pub async fn set_stock(
    /// The variant, by its id.
    #[server(default)]
    variant: String,
    /// The stock that the page showed.
    #[server(default)]
    shown: String,
    /// The number of pieces as typed.
    #[server(default)]
    stock: String,
) -> Result<(), ApiError> {
    use domain::{Field, Refusal, VariantId};

    use crate::server::save;
    save(&[(Field::Stock, &stock)], async |merchant| {
        let variant = VariantId::parse(&variant).ok_or(Refusal::NotFound)?;
        let shown = shown.parse().map_err(|_| Refusal::NotPossible)?;
        merchant.set_stock(&variant, shown, &stock).await
    })
    .await
}

/// Changes the stock of a variant by a difference.
#[server(prefix = "/api", endpoint = "merchant/products/pieces")]
pub async fn change_stock(
    /// The variant, by its id.
    #[server(default)]
    variant: String,
    /// The id of this change, which is new with each page.
    #[server(default)]
    change: String,
    /// The difference as typed.
    #[server(default)]
    pieces: String,
) -> Result<(), ApiError> {
    use domain::{Field, Refusal, StockChangeId, VariantId};

    use crate::server::save;
    save(&[(Field::Pieces, &pieces)], async |merchant| {
        let variant = VariantId::parse(&variant).ok_or(Refusal::NotFound)?;
        let change = StockChangeId::parse(&change).ok_or(Refusal::NotPossible)?;
        merchant.change_stock(&variant, &change, &pieces).await
    })
    .await
}

/// Lists a product in the shop, or hides it: the opposite of what the page showed.
#[server(prefix = "/api", endpoint = "merchant/products/listed")]
pub async fn set_listed(
    /// The product, by its id.
    #[server(default)]
    product: String,
    /// Whether the page showed that it is listed: `yes` or `no`.
    #[server(default)]
    shown: String,
) -> Result<(), ApiError> {
    use domain::{ProductId, Refusal};

    use crate::server::save;
    save(&[], async |merchant| {
        let product = ProductId::parse(&product).ok_or(Refusal::NotFound)?;
        match shown.as_str() {
            "yes" => merchant.set_listed(&product, false).await,
            "no" => merchant.set_listed(&product, true).await,
            _ => Err(Refusal::NotPossible.into()),
        }
    })
    .await
}

/// Enables codes to the phone of an account again.
#[server(prefix = "/api", endpoint = "merchant/accounts/recover")]
pub async fn recover_codes(
    /// The account, by its id.
    #[server(default)]
    account: String,
    /// Since when its codes are off, as the page showed it: a timestamp in milliseconds.
    #[server(default)]
    shown: String,
) -> Result<(), ApiError> {
    use domain::{AccountId, Refusal, Timestamp};

    use crate::server::save;
    save(&[], async |merchant| {
        let account = AccountId::parse(&account).ok_or(Refusal::NotFound)?;
        let shown = shown.parse().map_err(|_| Refusal::NotPossible)?;
        merchant.re_enable_codes(&account, Timestamp::from_millis(shown)).await
    })
    .await
}

/// Starts the wait for a new phone of an owner without phone and recovery codes.
#[server(prefix = "/api", endpoint = "merchant/accounts/phone-change/start")]
pub async fn start_phone_change(
    /// The account, by its id.
    #[server(default)]
    account: String,
) -> Result<(), ApiError> {
    use domain::{AccountId, Refusal};

    use crate::{
        server::{Redirect, run_action},
        text::FlashMessage,
    };
    run_action(Redirect::stay().with_flash(FlashMessage::Saved), &[], async |shop, visitor| {
        let account = AccountId::parse(&account).ok_or(Refusal::NotFound)?;
        shop.merchant(&visitor)?.start_phone_change(&visitor, &account).await
    })
    .await
}

/// Cancels that wait.
#[server(prefix = "/api", endpoint = "merchant/accounts/phone-change/cancel")]
pub async fn cancel_phone_change(
    /// The account, by its id.
    #[server(default)]
    account: String,
    /// When the change was started that the page showed: a timestamp in milliseconds.
    #[server(default)]
    shown: String,
) -> Result<(), ApiError> {
    use domain::{AccountId, Refusal, Timestamp};

    use crate::{
        server::{Redirect, run_action},
        text::FlashMessage,
    };
    run_action(Redirect::stay().with_flash(FlashMessage::Saved), &[], async |shop, visitor| {
        let account = AccountId::parse(&account).ok_or(Refusal::NotFound)?;
        let shown = shown.parse().map_err(|_| Refusal::NotPossible)?;
        let shown = Timestamp::from_millis(shown);
        shop.merchant(&visitor)?.cancel_phone_change(&visitor, &account, shown).await
    })
    .await
}

/// Submits every template the shop needs to a provider.
#[server(prefix = "/api", endpoint = "merchant/messaging/submit")]
pub async fn submit_templates(
    /// The provider, by its name.
    #[server(default)]
    provider: String,
) -> Result<(), ApiError> {
    use shop::templates::TemplateJob;

    use crate::server::{Redirect, run_action};
    run_action(Redirect::stay(), &[], async |shop, visitor| {
        shop.merchant(&visitor)?.run_template_job(&provider, TemplateJob::Submit).await
    })
    .await
}

/// Requests the state of the templates from a provider.
#[server(prefix = "/api", endpoint = "merchant/messaging/sync")]
pub async fn sync_templates(
    /// The provider, by its name.
    #[server(default)]
    provider: String,
) -> Result<(), ApiError> {
    use shop::templates::TemplateJob;

    use crate::server::{Redirect, run_action};
    run_action(Redirect::stay(), &[], async |shop, visitor| {
        shop.merchant(&visitor)?.run_template_job(&provider, TemplateJob::Sync).await
    })
    .await
}
