//! The order history of the demonstration shopper. The orders go through the same steps as any
//! order, except for the code; they are charged at the gateway, so that they can be
//! refunded.

use std::time::Duration;

use domain::{
    AccountId, Address, AuthorisationId, Buyer, CartId, Colour, LineItem, OrderEvent, OrderId,
    OrderStatus, OrderToken, PaymentId, PaymentStatus, ProductRef, Quantity, Timestamp, VariantRef,
};
use payment::{Choice, Timing};
use store::{Connection, OrderNames, Payment, transaction};

use super::Seed;
use crate::{
    checkout::number,
    draft::{Seller, Terms},
    error::Result,
    payments::begin::{NewPaymentOf, authorisation, begin as begin_payment},
    pricing,
    shipping::Shipping,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One past order; its lines are slug, colour, size and quantity.
struct OrderHistory {
    days_ago: u32,
    is_shipped: bool,
    lines: &'static [(&'static str, Colour, &'static str, u32)],
}

const PAST: [OrderHistory; 2] = [
    OrderHistory {
        days_ago: 40,
        is_shipped: true,
        lines: &[
            ("sunday-mug", Colour::Marigold, "300 ml", 2),
            ("linen-kitchen-towel", Colour::Sky, "50 × 70 cm", 1),
        ],
    },
    OrderHistory {
        days_ago: 3,
        is_shipped: false,
        lines: &[("plain-thoughts-notebook", Colour::Ink, "A5", 3)],
    },
];

/// The random ids of one past order.
struct Names {
    order: OrderNames,
    cart: CartId,
    authorisation: AuthorisationId,
    payment: PaymentId,
}

impl Seed<'_> {
    /// Creates the past orders of an account that has no orders.
    pub(super) async fn seed_orders(&self, account: &AccountId) -> Result<()> {
        let orders = self.db.read().await?.orders().list(account, 1).await?;
        if orders.is_empty() {
            for past in &PAST {
                self.buy(account, past).await?;
            }
        }
        Ok(())
    }

    async fn buy(&self, account: &AccountId, past: &'static OrderHistory) -> Result<()> {
        let then = self.clock.now() - DAY * past.days_ago;
        let names = self.past_names(then)?;
        let (seller, account) = (self.seller.clone(), account.clone());
        let begun = transaction!(self.db, |tx| begin(tx, &seller, account, past, names, then)
            .await)
        .await?;
        let Some(payment) = begun else { return Ok(()) };
        // Without an answer the reconciler settles it like any other payment.
        let status = self.payments.authorise_at(&payment.id, then).await?;
        if status != PaymentStatus::Captured {
            return Ok(());
        }
        transaction!(self.db, |tx| {
            if past.is_shipped {
                let order = &payment.order;
                let (from, event) = (OrderStatus::Paid, OrderEvent::Ship);
                tx.orders().advance(order, from, event, then + DAY).await?;
            }
            Ok(())
        })
        .await
    }

    fn past_names(&self, then: Timestamp) -> Result<Names> {
        let entropy = self.entropy;
        Ok(Names {
            order: OrderNames {
                id: OrderId::from_bits(entropy.bits()?),
                token: OrderToken::from_bits(entropy.bits()?),
                number: number(entropy.bits()?, then),
            },
            cart: CartId::from_bits(entropy.bits()?),
            authorisation: AuthorisationId::from_bits(entropy.bits()?),
            payment: PaymentId::from_bits(entropy.bits()?),
        })
    }
}

/// Places one past order and begins its payment; `None` if a product is missing.
async fn begin(
    tx: &mut Connection,
    seller: &Seller,
    account: AccountId,
    past: &OrderHistory,
    names: Names,
    then: Timestamp,
) -> Result<Option<Payment>> {
    let cart = tx.carts().of_account_or_create(&account, &names.cart, then).await?;
    let Some(lines) = lines(tx, past).await? else { return Ok(None) };
    let Some((terms, chosen)) = terms(seller, account, cart, lines)? else { return Ok(None) };
    let (header, lines) = (terms.header()?, terms.quote.items());
    let Some(order) = tx.orders().place(&names.order, &header, &lines, then).await? else {
        return Ok(None);
    };
    let agreed = terms.binding(&order.names.id, order.version)?;
    let granted = authorisation(names.authorisation, &order, agreed.as_str(), then);
    if tx.payments().grant(&granted).await? {
        let new = NewPaymentOf {
            order: &order,
            id: names.payment.clone(),
            gateway: chosen.gateway.name(),
            payment_term: None,
            authorisation: Some(&granted),
            needs_code: true,
        };
        begin_payment(tx, new, chosen.method.timing, then).await?;
    }
    Ok(tx.payments().find(&names.payment).await?)
}

async fn lines(tx: &mut Connection, past: &OrderHistory) -> Result<Option<Vec<LineItem>>> {
    let mut lines = Vec::new();
    for (slug, colour, size, pieces) in past.lines {
        let Some(product) = tx.products().find_listed(slug).await? else { return Ok(None) };
        let variants = tx.variants().of_product(&product.id).await?;
        let mut variants = variants.into_iter();
        let variant = variants.find(|one| one.colour == *colour && one.size == *size);
        let (Some(variant), Some(quantity)) = (variant, Quantity::new(*pieces)) else {
            return Ok(None);
        };
        if variant.stock < quantity.get() {
            return Ok(None);
        }
        lines.push(LineItem {
            product: ProductRef { slug: product.slug, name: product.name, art: product.art },
            variant: VariantRef { id: variant.id, colour: variant.colour, size: variant.size },
            quantity,
            unit: variant.price,
        });
    }
    lines.sort_by(|one, other| one.variant.id.cmp(&other.variant.id));
    Ok(Some(lines))
}

/// The terms of a past order, with the first method that charges after the code; `None` if there
/// is none.
fn terms(
    seller: &Seller,
    account: AccountId,
    cart: CartId,
    lines: Vec<LineItem>,
) -> Result<Option<(Terms, Choice)>> {
    let address = Address {
        name: "Robin Shopper".to_owned(),
        street: "12 Lantern Lane".to_owned(),
        extra: String::new(),
        city: "Bristol".to_owned(),
        postcode: "BS1 4ND".to_owned(),
        country: "GB".to_owned(),
        ..Address::default()
    };
    let quote = pricing::quote(seller.currency, lines, Shipping::Standard)?;
    let methods = seller.gateways.methods(&seller.market(&quote, Some(&address)));
    let mut methods = methods.into_iter();
    let chosen = methods.find(|choice| choice.method.timing == Timing::ChargeAfterCode);
    let Some(chosen) = chosen else { return Ok(None) };
    let terms = Terms {
        buyer: Buyer::Account(account),
        cart,
        quote,
        shipping: Shipping::Standard.as_str().to_owned(),
        address,
        method: chosen.method.id.to_owned(),
        payee: seller.payee.clone(),
    };
    Ok(Some((terms, chosen)))
}
