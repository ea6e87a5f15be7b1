//! Products, variants, carts, orders, authorisations and payments.

mod carts;
mod gateway_state;
mod invoices;
mod known_purchases;
mod orders;
mod origins;
mod payments;
mod personal_data;
mod products;
mod withdrawals;

use std::time::Duration;

use domain::{
    AccountId, Address, Art, ArtKind, Buyer, CartId, CategoryId, Colour, Currency, EmailAddress,
    Language, LineItem, Money, OrderEvent, OrderId, OrderStatus, OrderToken, Pattern, PhoneNumber,
    ProductId, ProductRef, Quantity, Role, Secret, Timestamp, VariantId, VariantRef,
};
use store::{Account, Db, NewProduct, Order, OrderHeader, OrderNames, Variant};

/// The right code of an order that waits for it.
pub const CONFIRM: (OrderStatus, OrderEvent) = (OrderStatus::AwaitingCode, OrderEvent::Confirm);
pub const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// Runs statements in one transaction: `commit!(db, tx => tx.carts().create(&id, NOW))`.
macro_rules! commit {
    ($db:expr, $tx:ident => $work:expr) => {
        store::transaction!($db, |$tx| $work.await).await.unwrap()
    };
}

/// The same for reading: `look!(db, rows => rows.orders().find(&id))`.
macro_rules! look {
    ($db:expr, $rows:ident => $work:expr) => {{
        let mut $rows = $db.read().await.unwrap();
        $work.await.unwrap()
    }};
}
pub(crate) use {commit, look};

pub fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub fn pieces(number: u32) -> Quantity {
    Quantity::new(number).unwrap()
}

pub fn account_id(number: u128) -> AccountId {
    AccountId::from_bits(number)
}

pub fn address() -> Address {
    Address {
        name: "Ada Buyer".into(),
        street: "1 Test Street".into(),
        extra: String::new(),
        city: "London".into(),
        postcode: "E1 1AA".into(),
        country: "GB".into(),
        ..Address::default()
    }
}

pub async fn account(db: &Db, number: u128) -> AccountId {
    let account = Account {
        id: account_id(number),
        email: EmailAddress::parse(&format!("person{number}@example.com")).unwrap(),
        name: "A Person".into(),
        phone: PhoneNumber::from_e164(&format!("+447700900{number:03}")).unwrap(),
        phone_verified_at: NOW,
        password_hash: Secret::new("none".into()),
        role: Role::Shopper,
        language: Language::English,
        created_at: NOW,
        disabled_at: None,
    };
    assert!(commit!(db, tx => tx.accounts().insert(&account)));
    account_id(number)
}

/// A listed product with one variant, both of this number.
pub async fn product(db: &Db, number: u32, name: &str, price: i64, stock: u32) -> VariantId {
    let name = name.to_owned();
    commit!(db, tx => async {
        let category = CategoryId::from_bits(1);
        tx.products().insert_category(&category, "things", "Things", 0).await?;
        let id = ProductId::from_bits(u128::from(number));
        let slug = format!("thing-{number}");
        let new = NewProduct {
            id: id.clone(),
            slug: &slug,
            name: &name,
            description: "Good for all SEASONS, 100% honest_work.",
            category: (&category, "Things"),
            art: Art { kind: ArtKind::Mug, pattern: Pattern::Plain },
            price: euro(price),
        };
        tx.products().insert(&new, NOW + MINUTE * number).await?;
        let variant = variant(number, &id, price, stock);
        tx.variants().insert(&variant, 0).await?;
        Ok::<_, store::Error>(variant.id)
    })
}

pub fn variant(number: u32, product: &ProductId, price: i64, stock: u32) -> Variant {
    Variant {
        id: VariantId::from_bits(u128::from(number)),
        product: product.clone(),
        colour: Colour::Sage,
        size: "One size".into(),
        price: euro(price),
        stock,
    }
}

pub fn order_names(number: u128) -> OrderNames {
    OrderNames {
        id: OrderId::from_bits(number),
        token: OrderToken::from_bits(number),
        number: format!("M-2026-{number:06}"),
    }
}

pub fn order_header(owner: u128, total: i64) -> OrderHeader {
    OrderHeader {
        buyer: Buyer::Account(account_id(owner)),
        cart: CartId::from_bits(owner),
        subtotal: euro(total),
        shipping_price: euro(0),
        total: euro(total),
        shipping: "standard".into(),
        address: address(),
        method: "card".into(),
        payee: "Marigold".into(),
    }
}

pub fn line(variant: &VariantId, number: u32) -> LineItem {
    LineItem {
        product: ProductRef {
            slug: "thing-1".into(),
            name: "Cup".into(),
            art: Art { kind: ArtKind::Mug, pattern: Pattern::Plain },
        },
        variant: VariantRef { id: variant.clone(), colour: Colour::Sage, size: "One size".into() },
        quantity: pieces(number),
        unit: euro(300),
    }
}

pub async fn place(db: &Db, number: u128, owner: u128, lines: Vec<LineItem>) -> Option<Order> {
    let (names, header) = (order_names(number), order_header(owner, 300));
    commit!(db, tx => async { tx.orders().place(&names, &header, &lines, NOW).await })
}

/// An order of one cup by account 1, waiting for its code.
pub async fn waiting(db: &Db) -> Order {
    account(db, 1).await;
    let cup = product(db, 1, "Cup", 300, 5).await;
    place(db, 1, 1, vec![line(&cup, 1)]).await.unwrap()
}
