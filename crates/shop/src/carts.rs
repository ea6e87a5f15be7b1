//! Carts. A guest's cart is known by its id, which the session keeps; an account has one
//! of its own. A cart keeps no prices: they are read from the products whenever the cart
//! is shown.

use domain::{
    AccountId, CartId, Currency, Field, LineItem, Money, PricedLine, Problem, Quantity, Refusal,
    Timestamp, VariantId,
};
use store::{Connection, Db, transaction};

use crate::{
    clock::Clock,
    entropy::Entropy,
    error::{Error, Result},
    pricing,
    visitor::Visitor,
};

/// The maximum number of lines of a cart.
pub const MAX_CART_LINES: usize = 50;

/// The carts of guests and accounts.
pub struct Carts<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) currency: Currency,
}

/// A cart as its owner sees it.
#[derive(Clone, Debug)]
pub struct CartView {
    /// The lines, oldest first.
    pub lines: Vec<CartLine>,
    /// The price of the lines, without shipping.
    pub subtotal: Money,
    /// The number of pieces.
    pub count: u32,
}

/// One line of a cart, at the current price.
#[derive(Clone, Debug)]
pub struct CartLine {
    /// The variant, the quantity and the price.
    pub priced: PricedLine,
    /// How many pieces could be bought now.
    pub available: u32,
}

impl CartView {
    fn of(lines: Vec<store::CartLine>, currency: Currency) -> Result<Self> {
        let available: Vec<_> = lines.iter().map(store::CartLine::available).collect();
        let quote = pricing::goods(currency, items(lines))?;
        let (subtotal, count) = (quote.subtotal(), quote.pieces());
        let lines = quote.into_lines().into_iter().zip(available);
        let lines = lines.map(|(priced, available)| CartLine { priced, available }).collect();
        Ok(Self { lines, subtotal, count })
    }
}

/// The lines without stock.
pub(crate) fn items(lines: Vec<store::CartLine>) -> Vec<LineItem> {
    lines.into_iter().map(|line| line.item).collect()
}

/// The owner of a cart: an account, or a guest who may not have a cart yet.
#[derive(Clone, Debug)]
enum Owner {
    Account(AccountId),
    Guest(Option<CartId>),
}

impl Owner {
    fn of(visitor: &Visitor, guest: Option<&CartId>) -> Self {
        match &visitor.signed_in {
            Some(signed_in) => Self::Account(signed_in.account.clone()),
            None => Self::Guest(guest.cloned()),
        }
    }

    /// The cart, if there is one. An account's cart is never found by a guest's id.
    async fn find(&self, rows: &mut Connection) -> Result<Option<CartId>> {
        Ok(match self {
            Self::Account(account) => rows.carts().find_of_account(account).await?,
            Self::Guest(Some(id)) if rows.carts().is_guest(id).await? => Some(id.clone()),
            Self::Guest(_) => None,
        })
    }

    /// The cart, locked until the transaction ends; created with the id `new` if missing.
    async fn lock_or_create(
        &self,
        tx: &mut Connection,
        new: CartId,
        now: Timestamp,
    ) -> Result<CartId> {
        let id = match (self, self.find(tx).await?) {
            (_, Some(id)) => id,
            (Self::Account(account), None) => {
                tx.carts().of_account_or_create(account, &new, now).await?
            }
            (Self::Guest(_), None) => {
                tx.carts().create(&new, now).await?;
                new
            }
        };
        tx.carts().lock(&id, now).await?;
        Ok(id)
    }
}

impl Carts<'_> {
    /// The visitor's cart at current prices.
    pub async fn view(&self, visitor: &Visitor, guest: Option<&CartId>) -> Result<CartView> {
        let mut rows = self.db.read().await?;
        let lines = match Owner::of(visitor, guest).find(&mut rows).await? {
            Some(cart) => rows.carts().lines(&cart).await?,
            None => Vec::new(),
        };
        CartView::of(lines, self.currency)
    }

    /// Adds pieces to the visitor's cart. Returns the cart's id, which a guest's session
    /// keeps.
    pub async fn add(
        &self,
        visitor: &Visitor,
        guest: Option<&CartId>,
        variant: &VariantId,
        quantity: Quantity,
    ) -> Result<CartId> {
        let owner = Owner::of(visitor, guest);
        let (new, variant) = (self.new_id()?, variant.clone());
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let cart = owner.lock_or_create(tx, new, now).await?;
            let lines = tx.carts().lines(&cart).await?;
            let there = lines.iter().find(|line| line.item.variant.id == variant);
            if there.is_none() && lines.len() >= MAX_CART_LINES {
                return Err(Refusal::CartFull.into());
            }
            let sum = quantity.get() + there.map_or(0, |line| line.item.quantity.get());
            let wanted = Quantity::new(sum).ok_or(Problem::Choice(Field::Quantity))?;
            set(tx, &cart, &variant, wanted, now).await?;
            Ok(cart)
        })
        .await
    }

    /// Sets the quantity of a line.
    pub async fn set_quantity(
        &self,
        visitor: &Visitor,
        guest: Option<&CartId>,
        variant: &VariantId,
        quantity: Quantity,
    ) -> Result<()> {
        let owner = Owner::of(visitor, guest);
        let variant = variant.clone();
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let Some(cart) = owner.find(tx).await? else {
                return Err(Refusal::NotFound.into());
            };
            tx.carts().lock(&cart, now).await?;
            let lines = tx.carts().lines(&cart).await?;
            if !lines.iter().any(|line| line.item.variant.id == variant) {
                return Err(Refusal::NotFound.into());
            }
            set(tx, &cart, &variant, quantity, now).await
        })
        .await
    }

    /// Removes a line. Removing a line that is gone already is no error.
    pub async fn remove(
        &self,
        visitor: &Visitor,
        guest: Option<&CartId>,
        variant: &VariantId,
    ) -> Result<()> {
        let owner = Owner::of(visitor, guest);
        let variant = variant.clone();
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if let Some(cart) = owner.find(tx).await? {
                tx.carts().lock(&cart, now).await?;
                tx.carts().remove(&cart, &variant).await?;
            }
            Ok(())
        })
        .await
    }

    /// Merges a guest's cart into the cart of the account that has signed in. Lines of
    /// both carts are added up, to at most the largest [`Quantity`] each; the account's own
    /// lines are never dropped.
    pub async fn merge(&self, visitor: &Visitor, guest: &CartId) -> Result<()> {
        let owner = Owner::Account(visitor.require_signed_in()?.account.clone());
        let (new, guest) = (self.new_id()?, guest.clone());
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            if !tx.carts().lock_guest(&guest, now).await? {
                return Ok(());
            }
            let cart = owner.lock_or_create(tx, new, now).await?;
            let mut lines = tx.carts().lines(&cart).await?;
            for line in tx.carts().lines(&guest).await? {
                let there = lines.iter().find(|own| own.item.variant.id == line.item.variant.id);
                if there.is_none() && lines.len() >= MAX_CART_LINES {
                    continue;
                }
                let sum = there
                    .map_or(line.item.quantity, |own| own.item.quantity.merged(line.item.quantity));
                tx.carts().set(&cart, &line.item.variant.id, sum, now).await?;
                if there.is_none() {
                    lines.push(line);
                }
            }
            Ok(tx.carts().delete_guest(&guest).await?)
        })
        .await
    }

    fn new_id(&self) -> Result<CartId> {
        Ok(CartId::from_bits(self.entropy.bits()?))
    }
}

/// Sets the quantity of a line, if as many are in stock.
async fn set(
    tx: &mut Connection,
    cart: &CartId,
    variant: &VariantId,
    quantity: Quantity,
    now: Timestamp,
) -> Result<()> {
    let on_sale = tx.variants().find_listed(variant).await?;
    let on_sale = on_sale.ok_or(Error::Refused(Refusal::NotFound))?;
    if on_sale.stock < quantity.get() {
        return Err(Refusal::OutOfStock { left: on_sale.stock }.into());
    }
    Ok(tx.carts().set(cart, variant, quantity, now).await?)
}
