//! What is bought: one variant of a product, how many of it, and the price of one.

use crate::{Art, Colour, Money, Quantity, VariantId, money::MoneyError};

/// The product of a line, by what pages show of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductRef {
    /// The product's name in addresses of pages.
    pub slug: String,
    /// The product's name.
    pub name: String,
    /// The drawing of the product.
    pub art: Art,
}

/// The variant of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantRef {
    /// The id that stock and price belong to.
    pub id: VariantId,
    /// The colour.
    pub colour: Colour,
    /// The size, as the merchant writes it.
    pub size: String,
}

/// One line of a cart or of an order.
///
/// In a cart `unit` is the price of this moment; in an order it is the price agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// The product.
    pub product: ProductRef,
    /// The variant of the product.
    pub variant: VariantRef,
    /// How many pieces.
    pub quantity: Quantity,
    /// The price of one piece.
    pub unit: Money,
}

impl LineItem {
    /// The price of all pieces of the line; an overflow is an error and never wraps.
    pub fn total(&self) -> Result<Money, MoneyError> {
        self.unit.checked_mul(self.quantity.get())
    }
}
