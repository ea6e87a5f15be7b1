//! The public catalogue: the products that are listed.

use domain::{Art, Colour, Money, ProductId, Refusal, VariantId};
use store::{Db, Listing, Product, ProductOrder};

use crate::error::{Error, Result};

/// How many products a page shows.
pub const PAGE: u32 = 12;
/// How many related products a product page shows.
const RELATED: u32 = 4;
/// How many characters of a search are used; the rest is ignored.
const MAX_QUERY_CHARS: usize = 80;

/// The public catalogue.
pub struct Catalogue<'s> {
    pub(crate) db: &'s Db,
}

/// Which products to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words that must all occur; empty for any product.
    pub query: String,
    /// The slug of a category; `None` for any.
    pub category: Option<String>,
    /// The order.
    pub sort: Sort,
    /// Where the page before ended: its `next`.
    pub after: Option<String>,
}

/// In which order products are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The cheapest first.
    PriceUp,
    /// The dearest first.
    PriceDown,
    /// By name.
    Name,
}

impl Sort {
    /// Every order there is; nothing else ever reaches a statement.
    pub const ALL: [Self; 4] = [Self::Newest, Self::PriceUp, Self::PriceDown, Self::Name];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::PriceUp => "price-up",
            Self::PriceDown => "price-down",
            Self::Name => "name",
        }
    }

    /// What the shopper reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Newest => "Newest first",
            Self::PriceUp => "Price, low to high",
            Self::PriceDown => "Price, high to low",
            Self::Name => "Name",
        }
    }

    /// Reads the word in an address; any other word means the usual order.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.as_str() == word).unwrap_or_default()
    }

    const fn order(self) -> ProductOrder {
        match self {
            Self::Newest => ProductOrder::Newest,
            Self::PriceUp => ProductOrder::PriceUp,
            Self::PriceDown => ProductOrder::PriceDown,
            Self::Name => ProductOrder::Name,
        }
    }
}

/// A group of products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryView {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// How many products are in it.
    pub products: u32,
}

/// One page of products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most [`PAGE`] products.
    pub products: Vec<ProductCard>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductCard {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The name of its category.
    pub category: String,
    /// What is drawn for it.
    pub art: Art,
    /// In which colour.
    pub colour: Colour,
    /// The lowest price of its variants.
    pub from: Money,
    /// Whether any variant can be bought now.
    pub in_stock: bool,
}

/// A product on its own page.
#[derive(Clone, Debug)]
pub struct ProductView {
    /// Its name as a row.
    pub id: ProductId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Slug and name of its category.
    pub category: (String, String),
    /// What is drawn for it.
    pub art: Art,
    /// What can be chosen, in the merchant's order.
    pub variants: Vec<VariantView>,
    /// Others of the category.
    pub related: Vec<ProductCard>,
}

/// One buyable choice.
#[derive(Clone, Debug)]
pub struct VariantView {
    /// Its name as a row.
    pub id: VariantId,
    /// Its colour.
    pub colour: Colour,
    /// Its size.
    pub size: String,
    /// Its price.
    pub price: Money,
    /// Pieces left.
    pub stock: u32,
}

impl Catalogue<'_> {
    /// A number that grows, before the change is answered, whenever this process
    /// changed a product, a price, a stock or what is listed.
    pub fn version(&self) -> u64 {
        self.db.catalogue_version()
    }

    /// Every category.
    pub async fn categories(&self) -> Result<Vec<CategoryView>> {
        let categories = self.db.read().await?.products().categories().await?;
        Ok(categories
            .into_iter()
            .map(|category| CategoryView {
                slug: category.slug,
                name: category.name,
                products: category.products,
            })
            .collect())
    }

    /// One page of what a filter finds.
    pub async fn list(&self, filter: &Filter) -> Result<Page> {
        let query: String = filter.query.chars().take(MAX_QUERY_CHARS).collect();
        let after = filter.after.as_deref().and_then(ProductId::parse);
        let listing = Listing {
            query: &query,
            category: filter.category.as_deref().unwrap_or_default(),
            order: filter.sort.order(),
            after: after.as_ref(),
            limit: PAGE + 1,
        };
        let mut found = self.db.read().await?.products().list(&listing).await?;
        let has_more = found.len() > PAGE as usize;
        found.truncate(PAGE as usize);
        let last = found.last().map(|product| product.id.to_string());
        Ok(Page {
            next: last.filter(|_| has_more),
            products: found.into_iter().map(ProductCard::of).collect(),
        })
    }

    /// One product, by the name in its address.
    pub async fn product(&self, slug: &str) -> Result<ProductView> {
        let mut rows = self.db.read().await?;
        let product = rows.products().find_listed(slug).await?;
        let product = product.ok_or(Error::Refused(Refusal::NotFound))?;
        let variants = rows.variants().of_product(&product.id).await?;
        let related =
            Listing { category: &product.category_slug, limit: RELATED + 1, ..Listing::default() };
        let related = rows.products().list(&related).await?;
        Ok(ProductView {
            variants: variants.into_iter().map(VariantView::of).collect(),
            related: related
                .into_iter()
                .filter(|other| other.id != product.id)
                .take(RELATED as usize)
                .map(ProductCard::of)
                .collect(),
            id: product.id,
            slug: product.slug,
            name: product.name,
            description: product.description,
            category: (product.category_slug, product.category_name),
            art: product.art,
        })
    }
}

impl ProductCard {
    fn of(product: Product) -> Self {
        Self {
            slug: product.slug,
            name: product.name,
            category: product.category_name,
            art: product.art,
            colour: product.colour,
            from: product.price,
            in_stock: product.stock > 0,
        }
    }
}

impl VariantView {
    pub(crate) fn of(variant: store::Variant) -> Self {
        Self {
            id: variant.id,
            colour: variant.colour,
            size: variant.size,
            price: variant.price,
            stock: variant.stock,
        }
    }
}
