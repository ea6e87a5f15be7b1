//! Goods, buyers and banks for the tests of the shop proper.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use domain::{
    AccountId, Address, Art, ArtKind, CategoryId, Colour, Currency, EmailAddress, Language, Money,
    Pattern, PhoneNumber, ProductId, Quantity, Refusal, Role, Secret, SignInId, VariantId,
};
use payment::{BoxFuture, Charge, ChargeOutcome, Gateway, GatewayError, Method};
use shop::{Dependencies, Entropy, Error, Result, Settings, Shop, SignedIn, Visitor};
use store::{Account, NewProduct, Variant};
use tokio::sync::Notify;

use crate::support::{TestShop, passwords, phone, settings};

/// Somebody signed in, with a phone.
#[derive(Clone)]
pub struct Person {
    pub visitor: Visitor,
    pub phone: PhoneNumber,
}

/// The refusal of an answer that must be one.
#[track_caller]
pub fn refusal<T>(answer: Result<T>) -> Refusal {
    match answer {
        Err(Error::Refused(refusal)) => refusal,
        Err(Error::Failed(fault)) => panic!("a fault instead of a refusal: {fault:?}"),
        Ok(_) => panic!("no refusal"),
    }
}

pub fn pieces(number: u32) -> Quantity {
    Quantity::new(number).unwrap()
}

pub fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub fn address() -> Address {
    Address {
        name: "Ada Buyer".into(),
        street: "1 Test Street".into(),
        extra: String::new(),
        city: "London".into(),
        postcode: "E1 1AA".into(),
        country: "GB".into(),
    }
}

/// A shopper with the fictional phone of this number.
pub async fn shopper(shop: &TestShop, number: u32) -> Person {
    person(shop, number, Role::Shopper).await
}

/// A merchant with the fictional phone of this number.
pub async fn merchant(shop: &TestShop, number: u32) -> Person {
    person(shop, number, Role::Merchant).await
}

async fn person(shop: &TestShop, number: u32, role: Role) -> Person {
    let account = Account {
        id: AccountId::from_bits(1_000 + u128::from(number)),
        email: EmailAddress::parse(&format!("person{number}@example.com")).unwrap(),
        name: format!("Person {number}"),
        phone: phone(number),
        phone_verified_at: shop.clock.now(),
        password_hash: Secret::new("none".into()),
        role,
        language: Language::English,
        created_at: shop.clock.now(),
        disabled_at: None,
    };
    let row = account.clone();
    shop.db
        .write(move |tx| Box::pin(async move { tx.accounts().insert(&row).await }))
        .await
        .unwrap();
    let mut visitor = shop.visitor();
    visitor.signed_in = Some(signed_in(&account, number));
    Person { visitor, phone: account.phone }
}

pub fn signed_in(account: &Account, number: u32) -> SignedIn {
    SignedIn {
        id: SignInId::from_bits(u128::from(number)),
        account: account.id.clone(),
        role: account.role,
        name: account.name.clone(),
        email: account.email.clone(),
        stepped_up_at: None,
    }
}

/// A new product with one variant, of this price and stock.
pub async fn products_on_sale(shop: &TestShop, price: i64, stock: u32) -> VariantId {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let number = COUNT.fetch_add(1, Ordering::SeqCst);
    let now = shop.clock.now();
    shop.db
        .write(move |tx| {
            Box::pin(async move {
                let category = CategoryId::from_bits(1);
                tx.products().insert_category(&category, "things", "Things", 0).await?;
                let id = ProductId::from_bits(u128::from(number));
                let slug = format!("thing-{number}");
                let product = NewProduct {
                    id: id.clone(),
                    slug: &slug,
                    name: &format!("Thing {number}"),
                    description: "A thing to buy.",
                    category: (&category, "Things"),
                    art: Art { kind: ArtKind::Mug, pattern: Pattern::Plain },
                    price: euro(price),
                };
                tx.products().insert(&product, now).await?;
                let variant = Variant {
                    id: VariantId::from_bits(u128::from(number)),
                    product: id,
                    colour: Colour::Marigold,
                    size: "One size".into(),
                    price: euro(price),
                    stock,
                };
                tx.variants().insert(&variant, 0).await?;
                Ok::<_, store::Error>(variant.id)
            })
        })
        .await
        .unwrap()
}

/// How many pieces there are.
pub async fn stock(shop: &TestShop, variant: &VariantId) -> u32 {
    let mut rows = shop.db.read().await.unwrap();
    rows.variants().find_listed(variant).await.unwrap().unwrap().stock
}

/// Sets how many pieces there are.
pub async fn set_stock(shop: &TestShop, variant: &VariantId, pieces: u32) {
    let variant = variant.clone();
    let set = shop
        .db
        .write(move |tx| Box::pin(async move { tx.variants().set_stock(&variant, pieces).await }));
    assert!(set.await.unwrap());
}

/// Sets what one costs.
pub async fn set_price(shop: &TestShop, variant: &VariantId, minor: i64) {
    let variant = variant.clone();
    let set = shop
        .db
        .write(move |tx| Box::pin(async move { tx.variants().set_price(&variant, minor).await }));
    assert!(set.await.unwrap());
}

/// How often something was written down.
pub async fn recorded(shop: &TestShop, event: shop::audit::Event) -> u64 {
    shop.db.read().await.unwrap().audit().count(event.as_str()).await.unwrap()
}

impl Person {
    /// Puts one thing into the basket.
    pub async fn wants(&self, shop: &Shop, variant: &VariantId, number: u32) {
        shop.carts().add(&self.visitor, None, variant, pieces(number)).await.unwrap();
    }

    /// Goes through the checkout up to the review, with a card.
    pub async fn reviews(&self, shop: &Shop, method: &str) {
        let checkout = shop.checkout();
        checkout.set_address(&self.visitor, address()).await.unwrap();
        checkout.set_shipping(&self.visitor, "standard").await.unwrap();
        checkout.set_method(&self.visitor, method).await.unwrap();
    }

    /// Places the order and reads its code.
    pub async fn places(&self, shop: &TestShop) -> String {
        shop.checkout().place(&self.visitor).await.unwrap();
        shop.last_code(&self.phone).await
    }

    /// All of it: from the basket to the code.
    pub async fn orders(&self, shop: &TestShop, variant: &VariantId, method: &str) -> String {
        self.wants(shop, variant, 1).await;
        self.reviews(shop, method).await;
        self.places(shop).await
    }

    /// The same, paid with a good card.
    pub async fn buys(&self, shop: &TestShop, variant: &VariantId) -> domain::OrderToken {
        let code = self.orders(shop, variant, "demo_approve").await;
        shop.checkout().confirm(&self.visitor, &code).await.unwrap()
    }

    /// The status of the newest order.
    pub async fn status(&self, shop: &Shop) -> domain::OrderStatus {
        shop.orders().list(&self.visitor).await.unwrap()[0].status
    }
}

/// A code that is not this one.
pub fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 100_0000)
}

/// How a bank lets the shop down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not at all.
    None,
    /// The request is lost on its way.
    NeverArrives,
    /// The charge is made, the answer is lost.
    AnswerLost,
    /// Nothing ever comes back, and nothing is charged: the shop dies waiting.
    HangsBefore,
    /// The charge is made, then nothing ever comes back: the shop dies waiting.
    HangsAfter,
}

/// The demonstration bank behind a line that breaks.
pub struct BrokenLine {
    bank: Arc<dyn Gateway>,
    trouble: std::sync::Mutex<Trouble>,
    /// Told when a request has come as far as it will.
    pub reached: Notify,
}

impl BrokenLine {
    pub fn to(shop: &TestShop, trouble: Trouble) -> Arc<Self> {
        Arc::new(Self {
            bank: shop.bank.clone(),
            trouble: std::sync::Mutex::new(trouble),
            reached: Notify::new(),
        })
    }

    pub fn set(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
    }

    async fn carry<T>(
        &self,
        asked: BoxFuture<'_, std::result::Result<T, GatewayError>>,
    ) -> std::result::Result<T, GatewayError> {
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            Trouble::None => asked.await,
            Trouble::NeverArrives => Err(GatewayError::Unreachable),
            Trouble::AnswerLost => {
                let _ = asked.await;
                Err(GatewayError::Unknown)
            }
            Trouble::HangsBefore => {
                self.reached.notify_one();
                std::future::pending().await
            }
            Trouble::HangsAfter => {
                let _ = asked.await;
                self.reached.notify_one();
                std::future::pending().await
            }
        }
    }
}

impl Gateway for BrokenLine {
    fn methods(&self) -> &'static [Method] {
        self.bank.methods()
    }

    fn charge<'a>(
        &'a self,
        charge: &'a Charge,
    ) -> BoxFuture<'a, std::result::Result<ChargeOutcome, GatewayError>> {
        Box::pin(self.carry(self.bank.charge(charge)))
    }

    fn find<'a>(
        &'a self,
        id: &'a domain::PaymentId,
    ) -> BoxFuture<'a, std::result::Result<Option<ChargeOutcome>, GatewayError>> {
        Box::pin(self.carry(self.bank.find(id)))
    }

    fn void<'a>(
        &'a self,
        id: &'a domain::PaymentId,
    ) -> BoxFuture<'a, std::result::Result<ChargeOutcome, GatewayError>> {
        Box::pin(self.carry(self.bank.void(id)))
    }

    fn refund<'a>(
        &'a self,
        id: &'a domain::PaymentId,
    ) -> BoxFuture<'a, std::result::Result<(), GatewayError>> {
        Box::pin(self.carry(self.bank.refund(id)))
    }
}

/// The same shop, with another way to the bank.
pub fn with_gateway(shop: &TestShop, gateway: Arc<dyn Gateway>) -> Shop {
    with(shop, gateway, settings())
}

/// The same rows, with another way to the bank and other settings.
pub fn with(shop: &TestShop, gateway: Arc<dyn Gateway>, settings: Settings) -> Shop {
    Shop::new(Dependencies {
        db: shop.db.clone(),
        providers: vec![shop.phones.clone()],
        gateway,
        clock: shop.clock.clone(),
        entropy: Entropy::system(),
        passwords: passwords(None),
        settings,
    })
}
