//! The checkout: address, shipping, payment, review; each step in its turn, each
//! kept in a row, so that a shopper may leave and come back.

use domain::{Address, CartId, Field, Problem, Refusal, Timestamp};
use payment::Method;
use store::Connection;

use crate::{
    Error, Fault, Result, Shop, Visitor,
    carts::{CartView, unsummable},
    orders::Totals,
    shipping::{self, Shipping, ShippingOption},
};

/// The checkout.
pub struct Checkout<'s>(pub(crate) &'s Shop);

impl Shop {
    /// The checkout.
    pub fn checkout(&self) -> Checkout<'_> {
        Checkout(self)
    }

    /// Whether the gateway takes this means of payment.
    pub(crate) fn offers_method(&self, id: &str) -> bool {
        self.gateway().methods().iter().any(|method| method.id == id)
    }
}

/// What the shopper has to say next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Where the parcel goes.
    Address,
    /// How it travels.
    Shipping,
    /// How it is paid.
    Payment,
    /// Nothing: look it over and place the order.
    Review,
}

/// The checkout as its shopper sees it.
#[derive(Clone, Debug)]
pub struct CheckoutView {
    /// The account's name.
    pub name: String,
    /// The account's e-mail address.
    pub email: String,
    /// Where the code will go, with only the last two digits legible.
    pub masked_phone: String,
    /// Where the parcel goes, once said.
    pub address: Option<Address>,
    /// How it travels, once said.
    pub shipping: Option<String>,
    /// The ways there are, priced for this basket.
    pub shipping_options: Vec<ShippingOption>,
    /// How it is paid, once said.
    pub method: Option<String>,
    /// The means of payment there are.
    pub methods: Vec<Method>,
    /// What is bought.
    pub cart: CartView,
    /// What it costs; until the shipping is said, with standard shipping.
    pub totals: Totals,
    /// What to say next.
    pub next: Step,
    /// Whether placing the order takes the password, because wrong codes ended the
    /// last confirmation.
    pub is_password_needed: bool,
}

impl Checkout<'_> {
    /// How far the visitor's checkout is. Refuses an empty basket.
    pub async fn view(&self, visitor: &Visitor) -> Result<CheckoutView> {
        let signed_in = visitor.require_signed_in()?;
        let mut rows = self.0.db().read().await?;
        let cart = filled_cart(&mut rows, visitor).await?;
        let account = rows.accounts().find(&signed_in.account).await?;
        let account = account.ok_or(Error::Failed(Fault::Broken("sign_ins.account_id")))?;
        let said = rows.carts().checkout(&cart).await?;
        let lines = rows.carts().lines(&cart).await?;
        let cart = CartView::of(lines, self.0.settings().currency)?;

        let way = said.shipping.as_deref().and_then(Shipping::parse);
        let price = way.unwrap_or(Shipping::Standard).price(cart.subtotal);
        let method = said.method.filter(|id| self.0.offers_method(id));
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
            is_password_needed: rows.sign_ins().is_password_required(&signed_in.id).await?,
            address: said.address,
            shipping: way.map(|way| way.as_str().to_owned()),
            shipping_options: Shipping::ALL.map(|way| way.offer(cart.subtotal)).to_vec(),
            method,
            methods: self.0.gateway().methods().to_vec(),
            totals: Totals {
                subtotal: cart.subtotal,
                shipping: price,
                total: cart.subtotal.checked_add(price).map_err(unsummable)?,
            },
            cart,
        })
    }

    /// Says where the parcel goes.
    pub async fn set_address(&self, visitor: &Visitor, typed: Address) -> Result<()> {
        let address = deliverable(typed)?;
        let account = visitor.require_signed_in()?.account.clone();
        self.step(visitor, move |tx, cart, now| {
            Box::pin(async move {
                Ok(tx.carts().set_address(&cart, &account, &address, now).await.map(|()| true)?)
            })
        })
        .await
    }

    /// Says how the parcel travels; not before the address.
    pub async fn set_shipping(&self, visitor: &Visitor, way: &str) -> Result<()> {
        let way = Shipping::parse(way).ok_or(Problem::Choice(Field::Shipping))?;
        self.step(visitor, move |tx, cart, now| {
            Box::pin(async move { Ok(tx.carts().set_shipping(&cart, way.as_str(), now).await?) })
        })
        .await
    }

    /// Says how it is paid; not before the shipping.
    pub async fn set_method(&self, visitor: &Visitor, method: &str) -> Result<()> {
        if !self.0.offers_method(method) {
            return Err(Problem::Choice(Field::Payment).into());
        }
        let method = method.to_owned();
        self.step(visitor, move |tx, cart, now| {
            Box::pin(async move { Ok(tx.carts().set_method(&cart, &method, now).await?) })
        })
        .await
    }

    /// Takes one step on the visitor's filled basket, held meanwhile. A step out
    /// of turn is refused (S-B01).
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
        let now = self.0.clock().now();
        let visitor = visitor.clone();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let cart = filled_cart(tx, &visitor).await?;
                    tx.carts().lock(&cart, now).await?;
                    let taken = take(tx, cart, now).await?;
                    if taken { Ok(()) } else { Err(Refusal::NotPossible.into()) }
                })
            })
            .await
    }
}

/// The basket of the visitor's account, if anything is in it.
async fn filled_cart(rows: &mut Connection, visitor: &Visitor) -> Result<CartId> {
    let account = &visitor.require_signed_in()?.account;
    if let Some(cart) = rows.carts().find_of_account(account).await?
        && !rows.carts().lines(&cart).await?.is_empty()
    {
        return Ok(cart);
    }
    Err(Refusal::CartEmpty.into())
}

/// An address the shop sends parcels to; everything wrong with it at once.
fn deliverable(typed: Address) -> Result<Address> {
    let country = typed.country.trim().to_ascii_uppercase();
    let unserved = shipping::country(&country).is_none();
    let mut problems = match Address::parse(typed) {
        Ok(address) if !unserved => return Ok(address),
        Ok(_) => Vec::new(),
        Err(problems) => problems,
    };
    if unserved && !problems.contains(&Problem::Line(Field::Country)) {
        problems.push(Problem::Choice(Field::Country));
    }
    Err(Refusal::Invalid(problems).into())
}
