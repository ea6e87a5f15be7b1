//! Baskets: what somebody means to buy. A guest's is known by its id, which the
//! session keeps; an account has one of its own. Prices are never kept in a
//! basket: they are read from the products each time it is looked at.

use domain::{
    AccountId, Art, CartId, Colour, Currency, Field, Money, Problem, Quantity, Refusal, Timestamp,
    VariantId, money::MoneyError,
};
use store::{CartLine, Connection};

use crate::{Error, Fault, Result, Shop, Visitor};

/// The most different lines in a basket.
pub const MOST_LINES: usize = 50;

/// Baskets.
pub struct Carts<'s>(&'s Shop);

impl Shop {
    /// Baskets.
    pub fn carts(&self) -> Carts<'_> {
        Carts(self)
    }
}

/// A basket as its owner sees it.
#[derive(Clone, Debug)]
pub struct CartView {
    /// What is in it, oldest first.
    pub lines: Vec<CartLineView>,
    /// What it all costs, without shipping.
    pub subtotal: Money,
    /// How many pieces.
    pub count: u32,
}

/// One line of a basket.
#[derive(Clone, Debug)]
pub struct CartLineView {
    /// What.
    pub variant: VariantId,
    /// The product's name in addresses.
    pub slug: String,
    /// The product's name.
    pub name: String,
    /// The colour.
    pub colour: Colour,
    /// The size.
    pub size: String,
    /// What is drawn for it.
    pub art: Art,
    /// How many.
    pub quantity: u32,
    /// What one costs now.
    pub unit: Money,
    /// What the line costs now.
    pub total: Money,
    /// How many could be bought now.
    pub available: u32,
}

impl CartView {
    /// Adds up lines; an overflow is an error and never wraps.
    pub(crate) fn of(lines: Vec<CartLine>, currency: Currency) -> Result<Self> {
        let mut view = Self { lines: Vec::new(), subtotal: Money::zero(currency), count: 0 };
        for line in lines {
            let quantity = line.quantity.get();
            let total = line.variant.price.checked_mul(quantity).map_err(unsummable)?;
            view.subtotal = view.subtotal.checked_add(total).map_err(unsummable)?;
            view.count = view.count.saturating_add(quantity);
            view.lines.push(CartLineView {
                variant: line.variant.id,
                slug: line.slug,
                name: line.name,
                colour: line.variant.colour,
                size: line.variant.size,
                art: line.art,
                quantity,
                unit: line.variant.price,
                total,
                available: if line.is_listed { line.variant.stock } else { 0 },
            });
        }
        Ok(view)
    }
}

/// An amount beyond 64 bits, or in two currencies: a price that cannot be.
pub(crate) fn unsummable(_: MoneyError) -> Error {
    Error::Failed(Fault::Broken("an amount of money"))
}

/// Who owns a basket: an account, or a guest who may have none yet.
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

    /// The basket, if there is one; an account's is never found by a guest's id.
    async fn find(&self, rows: &mut Connection) -> Result<Option<CartId>> {
        Ok(match self {
            Self::Account(account) => rows.carts().find_of_account(account).await?,
            Self::Guest(Some(id)) if rows.carts().is_guest(id).await? => Some(id.clone()),
            Self::Guest(_) => None,
        })
    }

    /// The basket, held until the transaction ends; made under `new` if need be.
    async fn hold(&self, tx: &mut Connection, new: CartId, now: Timestamp) -> Result<CartId> {
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
    /// What is in the visitor's basket, at the prices of this moment.
    pub async fn view(&self, visitor: &Visitor, guest: Option<&CartId>) -> Result<CartView> {
        let mut rows = self.0.db().read().await?;
        let lines = match Owner::of(visitor, guest).find(&mut rows).await? {
            Some(cart) => rows.carts().lines(&cart).await?,
            None => Vec::new(),
        };
        CartView::of(lines, self.0.settings().currency)
    }

    /// Puts pieces into the visitor's basket, on top of what is there. Answers
    /// the basket's id, which a guest's session keeps.
    pub async fn add(
        &self,
        visitor: &Visitor,
        guest: Option<&CartId>,
        variant: &VariantId,
        quantity: Quantity,
    ) -> Result<CartId> {
        let owner = Owner::of(visitor, guest);
        let (new, variant) = (self.new_id()?, variant.clone());
        let now = self.0.clock().now();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let cart = owner.hold(tx, new, now).await?;
                    let lines = tx.carts().lines(&cart).await?;
                    let there = lines.iter().find(|line| line.variant.id == variant);
                    if there.is_none() && lines.len() >= MOST_LINES {
                        return Err(Refusal::CartFull.into());
                    }
                    let sum = quantity.get() + there.map_or(0, |line| line.quantity.get());
                    let wanted = Quantity::new(sum).ok_or(Problem::Choice(Field::Quantity))?;
                    set(tx, &cart, &variant, wanted, now).await?;
                    Ok(cart)
                })
            })
            .await
    }

    /// Changes how many of a line there are.
    pub async fn set_quantity(
        &self,
        visitor: &Visitor,
        guest: Option<&CartId>,
        variant: &VariantId,
        quantity: Quantity,
    ) -> Result<()> {
        let owner = Owner::of(visitor, guest);
        let variant = variant.clone();
        let now = self.0.clock().now();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let Some(cart) = owner.find(tx).await? else {
                        return Err(Refusal::NotFound.into());
                    };
                    tx.carts().lock(&cart, now).await?;
                    let lines = tx.carts().lines(&cart).await?;
                    if !lines.iter().any(|line| line.variant.id == variant) {
                        return Err(Refusal::NotFound.into());
                    }
                    set(tx, &cart, &variant, quantity, now).await
                })
            })
            .await
    }

    /// Takes a line out. One that is not there any more is fine.
    pub async fn remove(
        &self,
        visitor: &Visitor,
        guest: Option<&CartId>,
        variant: &VariantId,
    ) -> Result<()> {
        let owner = Owner::of(visitor, guest);
        let variant = variant.clone();
        let now = self.0.clock().now();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(cart) = owner.find(tx).await? {
                        tx.carts().lock(&cart, now).await?;
                        tx.carts().remove(&cart, &variant).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Pours a guest's basket into the one of the account that has signed in.
    /// Lines of both are added up, at most [`domain::quantity::MAX_QUANTITY`] each; what
    /// the account already had is never pushed out.
    pub async fn adopt(&self, visitor: &Visitor, guest: &CartId) -> Result<()> {
        let owner = Owner::Account(visitor.require_signed_in()?.account.clone());
        let (new, guest) = (self.new_id()?, guest.clone());
        let now = self.0.clock().now();
        self.0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    if !tx.carts().lock_guest(&guest, now).await? {
                        return Ok(());
                    }
                    let cart = owner.hold(tx, new, now).await?;
                    let mut lines = tx.carts().lines(&cart).await?;
                    for line in tx.carts().lines(&guest).await? {
                        let there = lines.iter().find(|own| own.variant.id == line.variant.id);
                        if there.is_none() && lines.len() >= MOST_LINES {
                            continue;
                        }
                        let sum =
                            there.map_or(line.quantity, |own| own.quantity.merged(line.quantity));
                        tx.carts().set(&cart, &line.variant.id, sum, now).await?;
                        if there.is_none() {
                            lines.push(line);
                        }
                    }
                    Ok(tx.carts().delete_guest(&guest).await?)
                })
            })
            .await
    }

    fn new_id(&self) -> Result<CartId> {
        Ok(CartId::from_bits(self.0.entropy().bits()?))
    }
}

/// Puts exactly this many into a basket, if the shop has them to sell.
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
