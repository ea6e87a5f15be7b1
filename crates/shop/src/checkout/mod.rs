//! The checkout: address, shipping, payment, review, in this order. Each step is kept in a
//! row, so that a shopper may leave and come back. Then the order is placed ([`place`]), authorised
//! at the gateway if its method wants that ([`authorised`]), and confirmed by its code ([`confirm`]).

mod authorised;
mod code_policy;
mod confirm;
mod place;

use std::sync::Arc;

use domain::{Address, CartId, Field, Problem, Quote, Refusal, Timestamp};
use legal::LegalPages;
use payment::Method;
use store::{Connection, Db, transaction};

pub use authorised::{NextStep, Returned};
pub use code_policy::PaymentCodePolicy;
pub use confirm::ConfirmationView;
pub use place::Placed;

pub(crate) use place::number;

use confirm::own_order;

use crate::{
    addresses,
    carts::items,
    clock::Clock,
    codes::Codes,
    consumer_law::{OrderButton, order_button},
    draft::Seller,
    entropy::Entropy,
    error::{Error, Fault, Result},
    outbox::OutboxSignal,
    payments::Payments,
    policy::Policy,
    pricing,
    reauthentication::Reauthentication,
    shipping::{Shipping, ShippingOption},
    striped_lock::StripedLock,
    visitor::Visitor,
};

/// The checkout.
pub struct Checkout<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) policy: &'s Policy,
    pub(crate) seller: Seller,
    pub(crate) payment_code: PaymentCodePolicy,
    pub(crate) payments: &'s Payments,
    pub(crate) reauthentication: Reauthentication<'s>,
    pub(crate) codes: &'s Codes,
    pub(crate) outbox: &'s OutboxSignal,
    /// One confirmation of a payment at a time for each browser.
    pub(crate) confirmations: &'s StripedLock,
    pub(crate) legal: &'s Arc<LegalPages>,
}

/// The step that is due next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The delivery address.
    Address,
    /// The shipping method.
    Shipping,
    /// The payment method.
    Payment,
    /// Every step is done; the order can be placed.
    Review,
}

/// The checkout as its shopper sees it.
#[derive(Clone, Debug)]
pub struct CheckoutView {
    /// The account's name.
    pub name: String,
    /// The account's e-mail address.
    pub email: String,
    /// The phone that the code will be sent to; only the last two digits are legible.
    pub masked_phone: String,
    /// The delivery address, once given.
    pub address: Option<Address>,
    /// The shipping method, once chosen.
    pub shipping: Option<String>,
    /// The shipping methods, with their prices for this cart.
    pub shipping_options: Vec<ShippingOption>,
    /// The payment method, once chosen.
    pub method: Option<String>,
    /// The payment methods that the gateways offer for this cart and address.
    pub methods: Vec<Method>,
    /// The lines and their prices, with standard shipping until a method is chosen.
    pub quote: Quote,
    /// The step that is due next.
    pub next: Step,
    /// What the button says that places the order.
    pub button: OrderButton,
    /// Whether placing the order needs the password, because wrong codes ended the last
    /// confirmation.
    pub is_password_needed: bool,
}

impl Checkout<'_> {
    /// The state of the visitor's checkout. Refuses an empty cart.
    pub async fn view(&self, visitor: &Visitor) -> Result<CheckoutView> {
        let signed_in = visitor.require_signed_in()?;
        let mut rows = self.db.read().await?;
        let cart = filled_cart(&mut rows, visitor).await?;
        let account = rows.accounts().find(&signed_in.account).await?;
        let account = account.ok_or(Error::Failed(Fault::Broken("sign_ins.account_id")))?;
        let said = rows.carts().checkout(&cart).await?;
        let way = said.shipping.as_deref().and_then(Shipping::parse);
        let shipping = said.shipping.as_deref();
        let quote = current_quote(&mut rows, &self.seller, &cart, shipping).await?;
        let options = Shipping::ALL.iter().map(|way| way.offer(quote.subtotal()));
        let shipping_options = options.collect::<Result<_, _>>()?;
        let (account_id, address) = (&signed_in.account, said.address.as_ref());
        let offered = self.seller.methods(&mut rows, account_id, &quote, address).await?;
        let methods: Vec<Method> = offered.into_iter().map(|choice| choice.method).collect();
        let method = said.method.filter(|id| methods.iter().any(|method| method.id == id));
        Ok(CheckoutView {
            name: account.name,
            email: account.email.as_str().to_owned(),
            masked_phone: account.phone.masked(),
            next: match (&said.address, way, &method) {
                (None, ..) => Step::Address,
                (_, None, _) => Step::Shipping,
                (.., None) => Step::Payment,
                _ => Step::Review,
            },
            button: order_button(said.address.as_ref().map_or("", |address| &address.country)),
            is_password_needed: rows.sign_ins().is_password_required(&signed_in.id).await?,
            address: said.address,
            shipping: way.map(|way| way.as_str().to_owned()),
            shipping_options,
            method,
            methods,
            quote,
        })
    }

    /// Sets the delivery address.
    pub async fn set_address(&self, visitor: &Visitor, typed: Address) -> Result<()> {
        let address = addresses::read(typed).map_err(Refusal::Invalid)?;
        let account = visitor.require_signed_in()?.account.clone();
        self.step(visitor, move |tx, cart, now| {
            Box::pin(async move {
                Ok(tx.carts().set_address(&cart, &account, &address, now).await.map(|()| true)?)
            })
        })
        .await
    }

    /// Sets the shipping method; refused before there is an address.
    pub async fn set_shipping(&self, visitor: &Visitor, way: &str) -> Result<()> {
        let way = Shipping::parse(way).ok_or(Problem::Choice(Field::Shipping))?;
        self.step(visitor, move |tx, cart, now| {
            Box::pin(async move { Ok(tx.carts().set_shipping(&cart, way.as_str(), now).await?) })
        })
        .await
    }

    /// Sets the payment method; refused before there is a shipping method.
    pub async fn set_method(&self, visitor: &Visitor, method: &str) -> Result<()> {
        let (seller, method) = (self.seller.clone(), method.to_owned());
        let account = visitor.require_signed_in()?.account.clone();
        self.step(visitor, move |tx, cart, now| {
            Box::pin(async move {
                let said = tx.carts().checkout(&cart).await?;
                let quote = current_quote(tx, &seller, &cart, said.shipping.as_deref()).await?;
                let address = said.address.as_ref();
                let offered = seller.methods(tx, &account, &quote, address).await?;
                if !offered.iter().any(|choice| choice.method.id == method) {
                    return Err(Problem::Choice(Field::Payment).into());
                }
                Ok(tx.carts().set_method(&cart, &method, now).await?)
            })
        })
        .await
    }

    /// Runs one step on the visitor's cart, which is locked meanwhile. A step out of order
    /// is refused (S-B01).
    async fn step<F>(&self, visitor: &Visitor, take: F) -> Result<()>
    where
        F: for<'c> FnOnce(
                &'c mut Connection,
                CartId,
                Timestamp,
            ) -> store::BoxFuture<'c, Result<bool>>
            + Send
            + 'static,
    {
        visitor.require_signed_in()?;
        let now = self.clock.now();
        let visitor = visitor.clone();
        transaction!(self.db, |tx| {
            let cart = filled_cart(tx, &visitor).await?;
            tx.carts().lock(&cart, now).await?;
            let taken = take(tx, cart, now).await?;
            if taken { Ok(()) } else { Err(Refusal::NotPossible.into()) }
        })
        .await
    }
}

/// What a cart costs now, with standard shipping until a method is chosen.
async fn current_quote(
    rows: &mut Connection,
    seller: &Seller,
    cart: &CartId,
    shipping: Option<&str>,
) -> Result<Quote> {
    let shipping = shipping.and_then(Shipping::parse).unwrap_or(Shipping::Standard);
    pricing::quote(seller.currency, items(rows.carts().lines(cart).await?), shipping)
}

/// The cart of the visitor's account; refuses an empty one.
async fn filled_cart(rows: &mut Connection, visitor: &Visitor) -> Result<CartId> {
    let account = &visitor.require_signed_in()?.account;
    if let Some(cart) = rows.carts().find_of_account(account).await?
        && !rows.carts().lines(&cart).await?.is_empty()
    {
        return Ok(cart);
    }
    Err(Refusal::CartEmpty.into())
}
