//! The columns of orders and lines, and how they are read.

use domain::{
    AccountId, Art, Buyer, CartId, Colour, Currency, EmailAddress, LineItem, Money, OrderId,
    OrderStatus, OrderToken, PhoneNumber, ProductRef, Quantity, Timestamp, VariantId, VariantRef,
};

use super::{Order, OrderHeader, OrderNames};
use crate::{Error, Result, carts::read_address};

row! {
    pub(super) struct OrderRow {
        id: String,
        token: String,
        number: String,
        account_id: Option<String>,
        buyer_email: Option<String>,
        buyer_phone: Option<String>,
        cart_id: String,
        version: i64,
        status: String,
        currency: String,
        subtotal_minor: i64,
        shipping_minor: i64,
        total_minor: i64,
        shipping_method: String,
        address: String,
        payment_method: String,
        payee: String,
        created_at: i64,
        updated_at: i64,
        paid_at: Option<i64>,
        shipped_at: Option<i64>,
        restocked_at: Option<i64>,
        pieces: i64,
    }
}

impl TryFrom<OrderRow> for Order {
    type Error = Error;

    fn try_from(row: OrderRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("orders", column);
        let currency = Currency::parse(&row.currency).ok_or_else(|| corrupt("currency"))?;
        let buyer = read_buyer(row.account_id, row.buyer_email, row.buyer_phone);
        Ok(Self {
            names: OrderNames {
                id: OrderId::parse(&row.id).ok_or_else(|| corrupt("id"))?,
                token: OrderToken::parse(&row.token).ok_or_else(|| corrupt("token"))?,
                number: row.number,
            },
            header: OrderHeader {
                buyer: buyer.ok_or_else(|| corrupt("account_id"))?,
                cart: CartId::parse(&row.cart_id).ok_or_else(|| corrupt("cart_id"))?,
                subtotal: Money::new(row.subtotal_minor, currency),
                shipping_price: Money::new(row.shipping_minor, currency),
                total: Money::new(row.total_minor, currency),
                shipping: row.shipping_method,
                address: read_address(&row.address, "orders")?,
                method: row.payment_method,
                payee: row.payee,
            },
            version: u32::try_from(row.version).map_err(|_| corrupt("version"))?,
            status: OrderStatus::parse(&row.status).ok_or_else(|| corrupt("status"))?,
            pieces: u32::try_from(row.pieces).map_err(|_| corrupt("pieces"))?,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            paid_at: row.paid_at.map(Timestamp::from_millis),
            shipped_at: row.shipped_at.map(Timestamp::from_millis),
            restocked_at: row.restocked_at.map(Timestamp::from_millis),
        })
    }
}

row! {
    pub(super) struct KnownRow {
        pub(super) browsers: i64,
        pub(super) addresses: i64,
        pub(super) methods: i64,
    }
}

/// The buyer; `None` if the columns name neither an account nor a reachable guest.
fn read_buyer(
    account: Option<String>,
    email: Option<String>,
    phone: Option<String>,
) -> Option<Buyer> {
    match (account, email, phone) {
        (Some(account), ..) => AccountId::parse(&account).map(Buyer::Account),
        (None, Some(email), Some(phone)) => Some(Buyer::Guest {
            email: EmailAddress::from_stored(&email)?,
            phone: PhoneNumber::from_e164(&phone)?,
        }),
        _ => None,
    }
}

row! {
    pub(super) struct LineRow {
        variant_id: String,
        product_name: String,
        slug: String,
        colour: String,
        size: String,
        quantity: i64,
        unit_minor: i64,
        currency: String,
        art: String,
    }
}

/// Everything is the line's own, so that no later change of the product changes an order.
impl TryFrom<LineRow> for LineItem {
    type Error = Error;

    fn try_from(row: LineRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("order_lines", column);
        let currency =
            Currency::parse(&row.currency).ok_or_else(|| Error::corrupt("orders", "currency"))?;
        let quantity = u32::try_from(row.quantity).ok().and_then(Quantity::new);
        Ok(Self {
            product: ProductRef {
                slug: row.slug,
                name: row.product_name,
                art: Art::parse(&row.art).ok_or_else(|| corrupt("art"))?,
            },
            variant: VariantRef {
                id: VariantId::parse(&row.variant_id).ok_or_else(|| corrupt("variant_id"))?,
                colour: Colour::parse(&row.colour).ok_or_else(|| corrupt("colour"))?,
                size: row.size,
            },
            quantity: quantity.ok_or_else(|| corrupt("quantity"))?,
            unit: Money::new(row.unit_minor, currency),
        })
    }
}
