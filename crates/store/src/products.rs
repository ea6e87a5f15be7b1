//! Categories and products: what is on sale, and how it is searched and sorted.

use domain::{
    Art, CategoryId, Colour, Currency, Money, ProductId, Timestamp, characters::fold_case,
};

use crate::{
    Error, Result,
    connection::{execute, fetch_all, fetch_optional},
};

/// The most words of a search; further words are ignored.
const MAX_SEARCH_WORDS: usize = 4;

repository! {
    /// Categories and products.
    products: Products
}

#[derive(Clone, Debug)]
pub struct Category {
    pub id: CategoryId,
    /// What identifies it in the addresses of pages.
    pub slug: String,
    pub name: String,
    /// How many listed products it has.
    pub products: u32,
}

/// A product, with what follows from all its variants.
#[derive(Clone, Debug)]
pub struct Product {
    pub id: ProductId,
    /// What identifies it in the addresses of pages.
    pub slug: String,
    pub name: String,
    pub description: String,
    pub category_slug: String,
    pub category_name: String,
    /// The drawing that shows it.
    pub art: Art,
    /// The colour of its first variant.
    pub colour: Colour,
    /// The lowest price of its variants.
    pub price: Money,
    /// The stock of its best stocked variant.
    pub stock: u32,
    /// Whether it is on sale.
    pub is_listed: bool,
}

#[derive(Clone, Debug)]
pub struct NewProduct<'n> {
    pub id: ProductId,
    /// What identifies it in the addresses of pages.
    pub slug: &'n str,
    pub name: &'n str,
    pub description: &'n str,
    /// Its category, with the name of the category, which a search finds too.
    pub category: (&'n CategoryId, &'n str),
    /// The drawing that shows it.
    pub art: Art,
    /// The lowest price of its variants.
    pub price: Money,
}

/// The order of a list of products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProductOrder {
    #[default]
    Newest,
    PriceUp,
    PriceDown,
    Name,
}

/// Which products a page lists.
#[derive(Clone, Debug, Default)]
pub struct Listing<'l> {
    /// Words that must all occur; empty for all products.
    pub query: &'l str,
    /// The slug of a category; empty for all categories.
    pub category: &'l str,
    pub order: ProductOrder,
    /// The last product of the previous page.
    pub after: Option<&'l ProductId>,
    /// The most products of the page.
    pub limit: u32,
}

/// Selects products with their category and what follows from their variants; `$tail`
/// says which.
macro_rules! select_products {
    ($($tail:literal),+) => {
        concat!(
            "select p.id, p.slug, p.name, p.description, c.slug as category_slug,
                c.name as category_name, p.art, p.price_minor, p.currency, p.is_listed,
                coalesce((select v.colour from variants v where v.product_id = p.id
                    order by v.position limit 1), '') as colour,
                coalesce((select max(v.stock) from variants v where v.product_id = p.id), 0) as stock
            from products p join categories c on c.id = p.category_id ",
            $($tail),+
        )
    };
}

/// One page of listed products: `$1` category, `$2`–`$5` words, `$6` cursor, `$7` limit.
macro_rules! page {
    ($cursor:literal, $order:literal) => {
        select_products!(
            "where p.is_listed and ($1 = '' or c.slug = $1)
                and p.search_text like $2 escape '\\' and p.search_text like $3 escape '\\'
                and p.search_text like $4 escape '\\' and p.search_text like $5 escape '\\'
                and ($6 = '' or ",
            $cursor,
            ") order by ",
            $order,
            " limit $7"
        )
    };
}

const LIST_CATEGORIES: &str = "select c.id, c.slug, c.name, count(p.id) as products
    from categories c left join products p on p.category_id = c.id and p.is_listed
    group by c.id, c.slug, c.name, c.position order by c.position";
const PAGE_NEWEST: &str = page!(
    "(p.created_at, p.id) < (select created_at, id from products where id = $6)",
    "p.created_at desc, p.id desc"
);
const PAGE_PRICE_UP: &str = page!(
    "(p.price_minor, p.id) > (select price_minor, id from products where id = $6)",
    "p.price_minor, p.id"
);
const PAGE_PRICE_DOWN: &str = page!(
    "(p.price_minor, p.id) < (select price_minor, id from products where id = $6)",
    "p.price_minor desc, p.id desc"
);
const PAGE_NAME: &str = page!(
    "(p.search_text, p.id) > (select search_text, id from products where id = $6)",
    "p.search_text, p.id"
);
const LIST_ALL: &str = select_products!("order by c.position, p.search_text, p.id");
const FIND_LISTED: &str = select_products!("where p.slug = $1 and p.is_listed");
const SET_LISTED: &str = "update products set is_listed = $2 where id = $1 and is_listed <> $2";
const INSERT_CATEGORY: &str =
    "insert into categories (id, slug, name, position) values ($1, $2, $3, $4)
    on conflict do nothing";
const INSERT: &str =
    "insert into products (id, slug, name, search_text, description, category_id, art,
        price_minor, currency, is_listed, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, true, $10) on conflict do nothing";

impl Products<'_> {
    /// All categories, in the merchant's order.
    pub async fn categories(&mut self) -> Result<Vec<Category>> {
        let rows: Vec<CategoryRow> = fetch_all!(self.0, LIST_CATEGORIES)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One page of listed products.
    pub async fn list(&mut self, listing: &Listing<'_>) -> Result<Vec<Product>> {
        let sql = match listing.order {
            ProductOrder::Newest => PAGE_NEWEST,
            ProductOrder::PriceUp => PAGE_PRICE_UP,
            ProductOrder::PriceDown => PAGE_PRICE_DOWN,
            ProductOrder::Name => PAGE_NAME,
        };
        let [first, second, third, fourth] = patterns(listing.query);
        let after = listing.after.map_or("", ProductId::as_str);
        let rows: Vec<ProductRow> = fetch_all!(
            self.0,
            sql,
            listing.category,
            first,
            second,
            third,
            fourth,
            after,
            i64::from(listing.limit)
        )?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// All products, listed or not, by category and name.
    pub async fn all(&mut self) -> Result<Vec<Product>> {
        let rows: Vec<ProductRow> = fetch_all!(self.0, LIST_ALL)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub async fn find_listed(&mut self, slug: &str) -> Result<Option<Product>> {
        let row: Option<ProductRow> = fetch_optional!(self.0, FIND_LISTED, slug)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Puts a product on sale or takes it off; `false` if it was already, or there is no such
    /// product.
    pub async fn set_listed(&mut self, id: &ProductId, is_listed: bool) -> Result<bool> {
        self.0.has_changed_catalogue = true;
        Ok(execute!(self.0, SET_LISTED, id.as_str(), is_listed)? == 1)
    }

    /// Adds a category. An existing one stays as it is.
    pub async fn insert_category(
        &mut self,
        id: &CategoryId,
        slug: &str,
        name: &str,
        position: u32,
    ) -> Result<()> {
        self.0.has_changed_catalogue = true;
        execute!(self.0, INSERT_CATEGORY, id.as_str(), slug, name, i64::from(position))?;
        Ok(())
    }

    /// Adds a listed product; `false` if it exists, and then it stays as it is.
    pub async fn insert(&mut self, new: &NewProduct<'_>, now: Timestamp) -> Result<bool> {
        self.0.has_changed_catalogue = true;
        let (category, category_name) = new.category;
        let search_text = fold_case(&format!("{} {} {}", new.name, new.description, category_name));
        let touched = execute!(
            self.0,
            INSERT,
            new.id.as_str(),
            new.slug,
            new.name,
            search_text.as_str(),
            new.description,
            category.as_str(),
            new.art.to_string(),
            new.price.minor(),
            new.price.currency().code(),
            now.as_millis(),
        )?;
        Ok(touched == 1)
    }
}

/// A `like` pattern for each of the first words; the other patterns match anything. The
/// wildcards that a visitor types are escaped, so that they match themselves.
fn patterns(query: &str) -> [String; MAX_SEARCH_WORDS] {
    let folded = fold_case(query);
    let mut words = folded.split_whitespace().map(|word| {
        let mut pattern = String::from("%");
        for character in word.chars().filter(|character| *character != '\0') {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern + "%"
    });
    std::array::from_fn(|_| words.next().unwrap_or_else(|| "%".to_owned()))
}

row! {
    struct CategoryRow {
        id: String,
        slug: String,
        name: String,
        products: i64,
    }
}

impl TryFrom<CategoryRow> for Category {
    type Error = Error;

    fn try_from(row: CategoryRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("categories", column);
        Ok(Self {
            id: CategoryId::parse(&row.id).ok_or_else(|| corrupt("id"))?,
            slug: row.slug,
            name: row.name,
            products: u32::try_from(row.products).map_err(|_| corrupt("products"))?,
        })
    }
}

row! {
    struct ProductRow {
        id: String,
        slug: String,
        name: String,
        description: String,
        category_slug: String,
        category_name: String,
        art: String,
        price_minor: i64,
        currency: String,
        is_listed: bool,
        colour: String,
        stock: i64,
    }
}

impl TryFrom<ProductRow> for Product {
    type Error = Error;

    fn try_from(row: ProductRow) -> Result<Self> {
        let corrupt = |column| Error::corrupt("products", column);
        let currency = Currency::parse(&row.currency).ok_or_else(|| corrupt("currency"))?;
        Ok(Self {
            id: ProductId::parse(&row.id).ok_or_else(|| corrupt("id"))?,
            slug: row.slug,
            name: row.name,
            description: row.description,
            category_slug: row.category_slug,
            category_name: row.category_name,
            art: Art::parse(&row.art).ok_or_else(|| corrupt("art"))?,
            colour: Colour::parse(&row.colour).ok_or_else(|| corrupt("colour"))?,
            price: Money::new(row.price_minor, currency),
            stock: u32::try_from(row.stock).map_err(|_| corrupt("stock"))?,
            is_listed: row.is_listed,
        })
    }
}
