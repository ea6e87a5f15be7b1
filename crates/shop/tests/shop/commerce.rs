//! Products, shoppers and gateways for tests of orders and payments.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use domain::{
    AccountId, Address, Art, ArtKind, CategoryId, Colour, Currency, EmailAddress, Language, Money,
    Pattern, PaymentId, PhoneNumber, ProductId, Quantity, Refusal, Role, Secret, SignInId,
    VariantId,
};
use payment::{
    Authorization, AuthorizeRequest, BoxFuture, CancelOutcome, CaptureOutcome, CaptureRequest,
    Gateway, GatewayError, GatewayName, GatewayReference, Market, Method, PaymentState,
    RefundOutcome, RefundRequest,
};
use shop::{Dependencies, Entropy, Error, Result, Settings, Shop, SignedIn, Visitor};
use store::{Account, NewProduct, Variant, transaction};
use tokio::sync::Notify;

use crate::support::{TestShop, gateways, passwords, phone, settings};

/// A signed-in account with its phone.
#[derive(Clone)]
pub struct Person {
    pub visitor: Visitor,
    pub phone: PhoneNumber,
}

/// The refusal of a use case.
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
        ..Address::default()
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

/// The stock of a variant.
pub async fn stock(shop: &TestShop, variant: &VariantId) -> u32 {
    let mut rows = shop.db.read().await.unwrap();
    rows.variants().find_listed(variant).await.unwrap().unwrap().stock
}

/// Sets the stock of a variant.
pub async fn set_stock(shop: &TestShop, variant: &VariantId, pieces: u32) {
    let (variant, shown) = (variant.clone(), stock(shop, variant).await);
    let set = transaction!(shop.db, |tx| tx.variants().set_stock(&variant, shown, pieces).await);
    assert!(set.await.unwrap());
}

/// Sets the price of a variant.
pub async fn set_price(shop: &TestShop, variant: &VariantId, minor: i64) {
    let variant = variant.clone();
    let set = transaction!(shop.db, |tx| {
        let found = tx.variants().find(&variant).await?;
        let shown = found.map_or(0, |found| found.price.minor());
        tx.variants().set_price(&variant, shown, minor).await
    });
    assert!(set.await.unwrap());
}

/// How often an event was audited.
pub async fn recorded(shop: &TestShop, event: shop::audit::Event) -> u64 {
    shop.db.read().await.unwrap().audit().count(event.as_str()).await.unwrap()
}

impl Person {
    /// Adds pieces of a variant to the cart.
    pub async fn add_to_cart(&self, shop: &Shop, variant: &VariantId, number: u32) {
        shop.carts().add(&self.visitor, None, variant, pieces(number)).await.unwrap();
    }

    /// Completes the steps of the checkout up to the review.
    pub async fn fill_checkout(&self, shop: &Shop, method: &str) {
        let checkout = shop.checkout();
        checkout.set_address(&self.visitor, address()).await.unwrap();
        checkout.set_shipping(&self.visitor, "standard").await.unwrap();
        checkout.set_method(&self.visitor, method).await.unwrap();
    }

    /// Places the order and returns its code.
    pub async fn place_order(&self, shop: &TestShop) -> String {
        shop.checkout().place(&self.visitor).await.unwrap();
        shop.last_code(&self.phone).await
    }

    /// Fills the cart, completes the checkout and places the order. Returns its code.
    pub async fn order(&self, shop: &TestShop, variant: &VariantId, method: &str) -> String {
        self.add_to_cart(shop, variant, 1).await;
        self.fill_checkout(shop, method).await;
        self.place_order(shop).await
    }

    /// Orders with a card that is accepted, and confirms the payment.
    pub async fn buy(&self, shop: &TestShop, variant: &VariantId) -> domain::OrderToken {
        let code = self.order(shop, variant, "demo_approve").await;
        shop.checkout().confirm(&self.visitor, &code).await.unwrap()
    }

    /// The status of the newest order.
    pub async fn status(&self, shop: &Shop) -> domain::OrderStatus {
        shop.orders().list(&self.visitor).await.unwrap()[0].status
    }
}

/// A code that differs from this one.
pub fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 100_0000)
}

/// A fault of the gateway or of the connection to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayFault {
    /// No fault.
    None,
    /// The request does not arrive.
    NeverArrives,
    /// The charge is made, but its response is lost.
    AnswerLost,
    /// Nothing is charged and no response comes, as if the process crashed before the charge.
    HangsBefore,
    /// The charge is made and no response comes, as if the process crashed after the charge.
    HangsAfter,
}

/// The demo gateway with faults.
pub struct FaultyGateway {
    gateway: Arc<dyn Gateway>,
    fault: std::sync::Mutex<GatewayFault>,
    /// Is notified when a request hangs.
    pub reached: Notify,
}

impl FaultyGateway {
    pub fn new(shop: &TestShop, fault: GatewayFault) -> Arc<Self> {
        Arc::new(Self {
            gateway: shop.gateway.clone(),
            fault: std::sync::Mutex::new(fault),
            reached: Notify::new(),
        })
    }

    pub fn set(&self, fault: GatewayFault) {
        *self.fault.lock().unwrap() = fault;
    }

    async fn with_fault<T>(
        &self,
        request: BoxFuture<'_, std::result::Result<T, GatewayError>>,
    ) -> std::result::Result<T, GatewayError> {
        let fault = *self.fault.lock().unwrap();
        match fault {
            GatewayFault::None => request.await,
            GatewayFault::NeverArrives => Err(GatewayError::Unreachable),
            GatewayFault::AnswerLost => {
                let _ = request.await;
                Err(GatewayError::Unknown)
            }
            GatewayFault::HangsBefore => {
                self.reached.notify_one();
                std::future::pending().await
            }
            GatewayFault::HangsAfter => {
                let _ = request.await;
                self.reached.notify_one();
                std::future::pending().await
            }
        }
    }
}

type Answer<'a, T> = BoxFuture<'a, std::result::Result<T, GatewayError>>;

impl Gateway for FaultyGateway {
    fn name(&self) -> GatewayName {
        self.gateway.name()
    }

    fn methods(&self, market: &Market) -> Vec<Method> {
        self.gateway.methods(market)
    }

    fn authorize<'a>(&'a self, request: &'a AuthorizeRequest) -> Answer<'a, Authorization> {
        Box::pin(self.with_fault(self.gateway.authorize(request)))
    }

    fn capture<'a>(&'a self, request: &'a CaptureRequest) -> Answer<'a, CaptureOutcome> {
        Box::pin(self.with_fault(self.gateway.capture(request)))
    }

    fn cancel<'a>(
        &'a self,
        payment: &'a PaymentId,
        reference: Option<&'a GatewayReference>,
    ) -> Answer<'a, CancelOutcome> {
        Box::pin(self.with_fault(self.gateway.cancel(payment, reference)))
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> Answer<'a, RefundOutcome> {
        Box::pin(self.with_fault(self.gateway.refund(request)))
    }

    fn find<'a>(
        &'a self,
        payment: &'a PaymentId,
        reference: Option<&'a GatewayReference>,
    ) -> Answer<'a, Option<PaymentState>> {
        Box::pin(self.with_fault(self.gateway.find(payment, reference)))
    }
}

/// The same shop with another gateway.
pub fn with_gateway(shop: &TestShop, gateway: Arc<dyn Gateway>) -> Shop {
    with(shop, gateway, settings())
}

/// A shop on the same database with another gateway and other settings.
pub fn with(shop: &TestShop, gateway: Arc<dyn Gateway>, settings: Settings) -> Shop {
    Shop::new(Dependencies {
        db: shop.db.clone(),
        providers: vec![shop.phones.clone()],
        gateways: gateways(gateway),
        clock: shop.clock.clone(),
        entropy: Entropy::system(),
        passwords: passwords(None),
        settings,
    })
}
