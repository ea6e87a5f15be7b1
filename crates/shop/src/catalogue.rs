//! The public catalogue: the products that are listed.
#![expect(missing_docs, reason = "fields such as name, size and price say what they hold")]

use domain::{Art, Colour, Money, ProductId, Refusal, VariantId};
use store::{Db, Listing, Product, ProductOrder};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::error::{Error, Result};

/// The number of products on a page.
pub const PAGE_SIZE: u32 = 12;
/// The number of related products on a product page.
const MAX_RELATED: u32 = 4;
/// A search is cut to this length.
const MAX_QUERY_CHARS: usize = 80;

/// The public catalogue.
pub struct Catalogue<'s> {
    pub(crate) db: &'s Db,
}

/// Which products to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words that must all occur in a product; empty for every product.
    pub query: String,
    /// The slug of a category; `None` for every category.
    pub category: Option<String>,
    /// The order of the list.
    pub sort: Sort,
    /// `next` of the page before; `None` for the first page.
    pub after: Option<String>,
}

/// The order of a list of products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The cheapest first.
    PriceUp,
    /// The most expensive first.
    PriceDown,
    /// By name.
    Name,
}

impl Sort {
    /// Every order. No other can reach a statement.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads the word in an address. An unknown word means the default order.
    pub fn parse(word: &str) -> Self {
        word.parse().unwrap_or_default()
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
    /// The name in addresses.
    pub slug: String,
    pub name: String,
    /// The number of products in the category.
    pub products: u32,
}

/// One page of products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most [`PAGE_SIZE`] products.
    pub products: Vec<ProductCard>,
    /// The `after` of the next page; `None` on the last page.
    pub next: Option<String>,
}

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductCard {
    /// The name in addresses.
    pub slug: String,
    pub name: String,
    /// The name of the category.
    pub category: String,
    /// The drawing.
    pub art: Art,
    /// The colour of the drawing.
    pub colour: Colour,
    /// The lowest price of the variants.
    pub from: Money,
    /// Whether a variant is in stock.
    pub in_stock: bool,
}

/// A product on its own page.
#[derive(Clone, Debug)]
pub struct ProductView {
    pub id: ProductId,
    /// The name in addresses.
    pub slug: String,
    pub name: String,
    pub description: String,
    /// The slug and the name of the category.
    pub category: (String, String),
    /// The drawing.
    pub art: Art,
    /// The variants, in the merchant's order.
    pub variants: Vec<VariantView>,
    /// Other products of the category.
    pub related: Vec<ProductCard>,
}

/// A variant of a product: the size and colour that can be bought.
#[derive(Clone, Debug)]
pub struct VariantView {
    pub id: VariantId,
    pub colour: Colour,
    pub size: String,
    pub price: Money,
    /// The number of pieces in stock.
    pub stock: u32,
}

impl Catalogue<'_> {
    /// A number that grows with every change of a product, a price, a stock or a listing by
    /// this process, before the response to the request that made the change.
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

    /// One page of the products that match a filter.
    pub async fn list(&self, filter: &Filter) -> Result<Page> {
        let query: String = filter.query.chars().take(MAX_QUERY_CHARS).collect();
        let after = filter.after.as_deref().and_then(ProductId::parse);
        let listing = Listing {
            query: &query,
            category: filter.category.as_deref().unwrap_or_default(),
            order: filter.sort.order(),
            after: after.as_ref(),
            limit: PAGE_SIZE + 1,
        };
        let mut found = self.db.read().await?.products().list(&listing).await?;
        let has_more = found.len() > PAGE_SIZE as usize;
        found.truncate(PAGE_SIZE as usize);
        let last = found.last().map(|product| product.id.to_string());
        Ok(Page {
            next: last.filter(|_| has_more),
            products: found.into_iter().map(ProductCard::of).collect(),
        })
    }

    /// The listed product with this slug.
    pub async fn product(&self, slug: &str) -> Result<ProductView> {
        let mut rows = self.db.read().await?;
        let product = rows.products().find_listed(slug).await?;
        let product = product.ok_or(Error::Refused(Refusal::NotFound))?;
        let variants = rows.variants().of_product(&product.id).await?;
        let related = Listing {
            category: &product.category_slug,
            limit: MAX_RELATED + 1,
            ..Listing::default()
        };
        let related = rows.products().list(&related).await?;
        Ok(ProductView {
            variants: variants.into_iter().map(VariantView::of).collect(),
            related: related
                .into_iter()
                .filter(|other| other.id != product.id)
                .take(MAX_RELATED as usize)
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
    fn of(variant: store::Variant) -> Self {
        Self {
            id: variant.id,
            colour: variant.colour,
            size: variant.size,
            price: variant.price,
            stock: variant.stock,
        }
    }
}
