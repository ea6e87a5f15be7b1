//! What the demonstration shopper bought before, by the same steps as any order
//! but the code: charged at the gateway, so that it can be refunded too.

use std::time::Duration;

use domain::{
    AccountId, Address, AuthorisationId, CartId, Colour, Money, OrderEvent, OrderId, OrderStatus,
    OrderToken, PaymentId, Quantity, Timestamp,
};
use payment::{Charge, ChargeOutcome};
use store::{Connection, OrderHeader, OrderLine, OrderNames, Payment};

use super::Seed;
use crate::{
    Result, Shop, carts::unsummable, confirm::number, draft::binding, payments, shipping::Shipping,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// One past order: days ago, and slug, colour, size and pieces of its lines.
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

/// The random names of one past order.
struct Names {
    order: OrderNames,
    cart: CartId,
    authorisation: AuthorisationId,
    payment: PaymentId,
}

impl Seed<'_> {
    /// Gives an account without orders its past.
    pub(super) async fn remember(&self, account: &AccountId) -> Result<()> {
        let orders = self.0.db().read().await?.orders().list(account, 1).await?;
        if orders.is_empty() {
            for past in &PAST {
                self.buy(account, past).await?;
            }
        }
        Ok(())
    }

    async fn buy(&self, account: &AccountId, past: &'static OrderHistory) -> Result<()> {
        let then = self.0.clock().now() - DAY * past.days_ago;
        let names = self.past_names(then)?;
        let (shop, account) = (self.0.clone(), account.clone());
        let begun = self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move { begin(tx, &shop, account, past, names, then).await })
            })
            .await?;
        let Some(payment) = begun else { return Ok(()) };
        let charge = Charge {
            id: payment.id.clone(),
            amount: payment.amount,
            method: payment.method.clone(),
        };
        // Without an answer the reconciler settles it like any other.
        if self.0.gateway().charge(&charge).await != Ok(ChargeOutcome::Captured) {
            return Ok(());
        }
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    payments::capture(tx, &payment, then).await?;
                    if past.is_shipped {
                        let order = &payment.order;
                        let (from, event) = (OrderStatus::Paid, OrderEvent::Ship);
                        tx.orders().advance(order, from, event, then + DAY).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    fn past_names(&self, then: Timestamp) -> Result<Names> {
        let entropy = self.0.entropy();
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

/// Places one past order and begins its payment; `None` if the goods are not there.
async fn begin(
    tx: &mut Connection,
    shop: &Shop,
    account: AccountId,
    past: &OrderHistory,
    names: Names,
    then: Timestamp,
) -> Result<Option<Payment>> {
    let cart = tx.carts().of_account_or_create(&account, &names.cart, then).await?;
    let Some(lines) = lines(tx, past).await? else { return Ok(None) };
    let terms = terms(shop, account, cart, &lines)?;
    let Some(order) = tx.orders().place(&names.order, &terms, &lines, then).await? else {
        return Ok(None);
    };
    let agreed = binding(&order.names.id, order.version, &terms, &lines)?;
    let right = payments::right(names.authorisation, &order, agreed.as_str(), then);
    if tx.payments().grant(&right).await? {
        payments::begin(tx, &order, &right, names.payment.clone(), then).await?;
    }
    Ok(tx.payments().find(&names.payment).await?)
}

async fn lines(tx: &mut Connection, past: &OrderHistory) -> Result<Option<Vec<OrderLine>>> {
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
        lines.push(OrderLine {
            variant: variant.id,
            product_name: product.name,
            slug: product.slug,
            colour: variant.colour,
            size: variant.size,
            art: product.art,
            quantity,
            unit: variant.price,
        });
    }
    Ok(Some(lines))
}

fn terms(
    shop: &Shop,
    account: AccountId,
    cart: CartId,
    lines: &[OrderLine],
) -> Result<OrderHeader> {
    let nothing = Money::zero(shop.settings().currency);
    let subtotal = lines.iter().try_fold(nothing, |sum, line| {
        line.unit.checked_mul(line.quantity.get()).and_then(|line| sum.checked_add(line))
    });
    let subtotal = subtotal.map_err(unsummable)?;
    let shipping_price = Shipping::Standard.price(subtotal);
    let methods = shop.gateway().methods();
    Ok(OrderHeader {
        account,
        cart,
        subtotal,
        shipping_price,
        total: subtotal.checked_add(shipping_price).map_err(unsummable)?,
        shipping: Shipping::Standard.as_str().to_owned(),
        address: Address {
            name: "Robin Shopper".to_owned(),
            street: "12 Lantern Lane".to_owned(),
            extra: String::new(),
            city: "Bristol".to_owned(),
            postcode: "BS1 4ND".to_owned(),
            country: "GB".to_owned(),
        },
        method: methods.first().map_or("", |method| method.id).to_owned(),
        payee: shop.settings().shop_name.clone(),
    })
}
