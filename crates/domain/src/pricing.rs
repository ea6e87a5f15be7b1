//! What a purchase costs: its lines, what is added to them, and the total.
//!
//! A [`Quote`] is made by [`Quote::new`] alone, which adds everything up in one currency
//! and refuses an amount that does not fit. So a quote that exists is consistent.

use crate::{Currency, LineItem, Money, ProductRef, VariantRef, money::MoneyError};

/// Why an adjustment is there. Discounts, taxes and gift cards will be further kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdjustmentKind {
    /// The price of sending the parcel.
    Shipping,
}

impl AdjustmentKind {
    /// The word that stands for the kind where it is written down or hashed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shipping => "shipping",
        }
    }
}

/// An amount beside the lines. A negative amount lowers the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Why it is there.
    pub kind: AdjustmentKind,
    /// How much it adds.
    pub amount: Money,
}

/// A line and the price of all its pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedLine {
    /// The line.
    pub item: LineItem,
    /// The price of one piece times the number of pieces.
    pub total: Money,
}

/// What a purchase costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    lines: Vec<PricedLine>,
    subtotal: Money,
    adjustments: Vec<Adjustment>,
    total: Money,
}

/// Why there is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// The amounts do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Adjustments take off more than the lines cost.
    #[error("the total is negative")]
    NegativeTotal,
}

impl Quote {
    /// Adds up lines and adjustments of one currency. Without lines and adjustments the
    /// total is zero.
    pub fn new(
        currency: Currency,
        lines: Vec<LineItem>,
        adjustments: Vec<Adjustment>,
    ) -> Result<Self, PricingError> {
        let mut subtotal = Money::zero(currency);
        let mut priced = Vec::with_capacity(lines.len());
        for item in lines {
            let total = item.total()?;
            subtotal = subtotal.checked_add(total)?;
            priced.push(PricedLine { item, total });
        }
        let goods = Self { lines: priced, subtotal, adjustments: Vec::new(), total: subtotal };
        adjustments.into_iter().try_fold(goods, Self::with)
    }

    /// The same purchase with one more adjustment.
    pub fn with(mut self, adjustment: Adjustment) -> Result<Self, PricingError> {
        self.total = self.total.checked_add(adjustment.amount)?;
        if self.total.minor() < 0 {
            return Err(PricingError::NegativeTotal);
        }
        self.adjustments.push(adjustment);
        Ok(self)
    }

    /// The lines, in the order in which they were given.
    pub fn lines(&self) -> &[PricedLine] {
        &self.lines
    }

    /// The lines alone.
    pub fn into_lines(self) -> Vec<PricedLine> {
        self.lines
    }

    /// The lines as they were given.
    pub fn items(&self) -> Vec<LineItem> {
        self.lines.iter().map(|line| line.item.clone()).collect()
    }

    /// What the lines cost.
    pub const fn subtotal(&self) -> Money {
        self.subtotal
    }

    /// What is added to the lines, in the order in which it was added.
    pub fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }

    /// What the adjustments of one kind come to.
    pub fn adjusted_by(&self, kind: AdjustmentKind) -> Result<Money, PricingError> {
        let zero = Money::zero(self.total.currency());
        let of_kind = self.adjustments.iter().filter(|adjustment| adjustment.kind == kind);
        let sum = of_kind.map(|one| one.amount).try_fold(zero, Money::checked_add)?;
        Ok(sum)
    }

    /// What is paid.
    pub const fn total(&self) -> Money {
        self.total
    }

    /// How many pieces all lines have together.
    pub fn pieces(&self) -> u32 {
        let pieces = self.lines.iter().map(|line| line.item.quantity.get());
        pieces.fold(0, u32::saturating_add)
    }

    /// Everything that a buyer agrees to by agreeing to this quote, as a list of texts
    /// that is the same only for equal quotes: what a payment code is bound to.
    ///
    /// Every struct is taken apart without `..`, so that a new field does not compile
    /// before it stands here, or is left out by name.
    pub fn agreed(&self) -> Vec<String> {
        let Self { lines, subtotal, adjustments, total } = self;
        let mut agreed = vec![lines.len().to_string()];
        for PricedLine { item, total } in lines {
            // The drawing is decoration: an order does not keep it.
            let LineItem { product: ProductRef { slug, name, art: _ }, variant, quantity, unit } =
                item;
            let VariantRef { id, colour, size } = variant;
            agreed.extend([
                slug.clone(),
                name.clone(),
                id.to_string(),
                colour.as_str().to_owned(),
                size.clone(),
                quantity.get().to_string(),
                amount(*unit),
                amount(*total),
            ]);
        }
        agreed.push(amount(*subtotal));
        agreed.push(adjustments.len().to_string());
        for Adjustment { kind, amount: added } in adjustments {
            agreed.extend([kind.as_str().to_owned(), amount(*added)]);
        }
        agreed.push(amount(*total));
        agreed
    }
}

fn amount(money: Money) -> String {
    format!("{} {}", money.minor(), money.currency().code())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Art, ArtKind, Colour, Pattern, Quantity, VariantId};

    fn euro(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    fn item(variant: u128, pieces: u32, unit: Money) -> LineItem {
        LineItem {
            product: ProductRef {
                slug: "mug".to_owned(),
                name: "Mug".to_owned(),
                art: Art { kind: ArtKind::Mug, pattern: Pattern::Plain },
            },
            variant: VariantRef {
                id: VariantId::from_bits(variant),
                colour: Colour::Sage,
                size: "300 ml".to_owned(),
            },
            quantity: Quantity::new(pieces).unwrap(),
            unit,
        }
    }

    fn shipping(amount: Money) -> Adjustment {
        Adjustment { kind: AdjustmentKind::Shipping, amount }
    }

    fn quote(lines: Vec<LineItem>, adjustments: Vec<Adjustment>) -> Result<Quote, PricingError> {
        Quote::new(Currency::EUR, lines, adjustments)
    }

    #[test]
    fn a_quote_adds_up_its_lines_and_adjustments() {
        let lines = vec![item(1, 3, euro(16_50)), item(2, 1, euro(5))];
        let quote = quote(lines, vec![shipping(euro(4_90))]).unwrap();
        let totals: Vec<_> = quote.lines().iter().map(|line| line.total).collect();
        assert_eq!(totals, [euro(49_50), euro(5)]);
        assert_eq!((quote.subtotal(), quote.total()), (euro(49_55), euro(54_45)));
        assert_eq!(quote.adjusted_by(AdjustmentKind::Shipping), Ok(euro(4_90)));
        assert_eq!(quote.pieces(), 4);
        assert_eq!(quote.items().len(), 2);
    }

    #[test]
    fn an_empty_quote_costs_nothing() {
        let quote = quote(Vec::new(), Vec::new()).unwrap();
        assert_eq!((quote.total(), quote.pieces()), (euro(0), 0));
    }

    #[test]
    fn x85_a_quote_that_overflows_or_mixes_currencies_is_refused() {
        let overflow = Err(PricingError::Money(MoneyError::Overflow));
        let mixed = Err(PricingError::Money(MoneyError::CurrencyMismatch));
        let most = euro(i64::MAX);
        let yen = Money::new(1, Currency::parse("JPY").unwrap());
        assert_eq!(quote(vec![item(1, 2, most)], vec![]), overflow);
        assert_eq!(quote(vec![item(1, 1, most), item(2, 1, euro(1))], vec![]), overflow);
        assert_eq!(quote(vec![item(1, 1, most)], vec![shipping(euro(1))]), overflow);
        assert_eq!(quote(vec![item(1, 1, yen)], vec![]), mixed);
        assert_eq!(quote(vec![item(1, 1, euro(1))], vec![shipping(yen)]), mixed);
    }

    #[test]
    fn x85_adjustments_never_make_the_total_negative() {
        let lines = || vec![item(1, 1, euro(100))];
        assert_eq!(quote(lines(), vec![shipping(euro(-100))]).unwrap().total(), euro(0));
        let too_much = quote(lines(), vec![shipping(euro(-101))]);
        assert_eq!(too_much, Err(PricingError::NegativeTotal));
    }

    #[test]
    fn so19_every_component_of_a_quote_shows_in_what_is_agreed() {
        let base = || item(1, 2, euro(100));
        let line = |change: fn(&mut LineItem)| {
            let mut item = base();
            change(&mut item);
            quote(vec![item], vec![shipping(euro(10))]).unwrap()
        };
        let quotes = [
            line(|_| {}),
            line(|item| item.product.slug = "cup".to_owned()),
            line(|item| item.product.name = "Cup".to_owned()),
            line(|item| item.variant.id = VariantId::from_bits(2)),
            line(|item| item.variant.colour = Colour::Ink),
            line(|item| item.variant.size = "500 ml".to_owned()),
            line(|item| item.quantity = Quantity::ONE),
            line(|item| item.unit = euro(101)),
            quote(vec![base()], vec![shipping(euro(11))]).unwrap(),
            quote(vec![base()], vec![shipping(euro(5)), shipping(euro(5))]).unwrap(),
            quote(vec![base()], vec![]).unwrap(),
            quote(vec![base(), base()], vec![shipping(euro(10))]).unwrap(),
            quote(vec![], vec![shipping(euro(10))]).unwrap(),
        ];
        let agreed: BTreeSet<_> = quotes.iter().map(Quote::agreed).collect();
        assert_eq!(agreed.len(), quotes.len());
    }
}
