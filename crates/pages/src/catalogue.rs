//! All products. Search, category and order are part of the address, so that every list can be
//! shared and the back button works.

use leptos::prelude::*;
use leptos_meta::Meta;
use leptos_router::{hooks::use_query_map, location::Url, params::ParamsMap};
use shop::{CategoryView, Filter, ProductCard, Sort};
use web::{routes, server};

use super::{Alert, Page, art::Picture, expect_shop, page, take_flash};

/// A search is cut to this many characters.
const MAX_QUERY_CHARS: usize = 80;

/// The list of products.
#[component]
pub fn CataloguePage() -> impl IntoView {
    let filter = read(&use_query_map().get_untracked());
    page(async move {
        let shop = expect_shop()?;
        let categories = shop.catalogue().categories().await?;
        let found = shop.catalogue().list(&filter).await?;
        let title = title(&filter, &categories);
        let more =
            found.next.map(|after| address(&Filter { after: Some(after), ..filter.clone() }));
        let is_empty = found.products.is_empty();
        let flash = take_flash()?;
        let about = t!("catalogue-about", title = title.as_str());
        Ok(view! {
            <Page title=title.clone()>
                <Meta name="description" content=about/>
                <div class="page-head"><h1>{title}</h1></div>
                <Alert flash/>
                <Filters filter categories/>
                {is_empty.then_some(view! { <Nothing/> })}
                <h2 class="visually-hidden">{t!("catalogue-results")}</h2>
                <Products products=found.products/>
                {more.map(|address| view! {
                    <p class="more"><a class="button" href=address rel="next">{t!("show-more")}</a></p>
                })}
            </Page>
        })
    })
}

fn read(query: &ParamsMap) -> Filter {
    let text = |name| query.get_str(name).map(str::trim).filter(|text| !text.is_empty());
    Filter {
        query: text("q").unwrap_or_default().chars().take(MAX_QUERY_CHARS).collect(),
        category: text("category").map(str::to_owned),
        sort: Sort::parse(text("sort").unwrap_or_default()),
        after: text("after").map(str::to_owned),
    }
}

fn address(filter: &Filter) -> String {
    let sort = (filter.sort != Sort::default()).then(|| filter.sort.as_str());
    let parts = [
        ("q", Some(filter.query.as_str())),
        ("category", filter.category.as_deref()),
        ("sort", sort),
        ("after", filter.after.as_deref()),
    ];
    let mut query = Vec::new();
    for (name, value) in parts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            // The router escapes hyphens too, which is not needed.
            query.push(format!("{name}={}", Url::escape(value).replace("%2D", "-")));
        }
    }
    if query.is_empty() {
        routes::PRODUCTS.into()
    } else {
        format!("{}?{}", routes::PRODUCTS, query.join("&"))
    }
}

/// The address of a list without a search.
pub fn public_address(query: &ParamsMap) -> Option<String> {
    let filter = read(query);
    let is_plain = filter.query.is_empty() && filter.after.is_none();
    is_plain.then(|| address(&filter))
}

fn title(filter: &Filter, categories: &[CategoryView]) -> String {
    let category = filter.category.as_ref().and_then(|slug| {
        categories.iter().find(|category| category.slug == *slug).map(|found| found.name.clone())
    });
    let place = category.unwrap_or_else(|| t!("catalogue-all"));
    if filter.query.is_empty() {
        place
    } else {
        t!("catalogue-found", query = filter.query.as_str(), place = place)
    }
}

fn sort_label(sort: Sort) -> String {
    match sort {
        Sort::Newest => t!("sort-newest"),
        Sort::PriceUp => t!("sort-price-up"),
        Sort::PriceDown => t!("sort-price-down"),
        Sort::Name => t!("sort-name"),
    }
}

#[component]
fn Filters(filter: Filter, categories: Vec<CategoryView>) -> impl IntoView {
    let chosen = filter.category.unwrap_or_default();
    let is_all = chosen.is_empty();
    let places = categories.into_iter().map(|category| {
        let is_chosen = category.slug == chosen;
        view! { <option value=category.slug selected=is_chosen>{category.name}</option> }
    });
    let sorts = Sort::ALL.iter().map(|&sort| {
        let is_chosen = sort == filter.sort;
        view! { <option value=sort.as_str() selected=is_chosen>{sort_label(sort)}</option> }
    });
    let sorts = sorts.collect_view();
    view! {
        <form class="filters" method="get" action=routes::PRODUCTS role="search" aria-label=t!("catalogue-filters")>
            <div class="field">
                <label for="q">{t!("catalogue-search")}</label>
                <input
                    id="q"
                    name="q"
                    type="search"
                    value=filter.query
                    maxlength="80"
                    enterkeyhint="search"
                />
            </div>
            <div class="field">
                <label for="category">{t!("catalogue-category")}</label>
                <select id="category" name="category">
                    <option value="" selected=is_all>{t!("catalogue-any-category")}</option>
                    {places.collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="sort">{t!("catalogue-sort")}</label>
                <select id="sort" name="sort">{sorts.collect_view()}</select>
            </div>
            <button class="button" type="submit">{t!("catalogue-show")}</button>
        </form>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <div class="empty" role="status">
            <p class="strong">{t!("catalogue-nothing")}</p>
            <p class="muted">{t!("catalogue-nothing-advice")}</p>
            <a class="button" href=routes::PRODUCTS>{t!("all-products")}</a>
        </div>
    }
}

/// Products as cards.
#[component]
pub fn Products(products: Vec<ProductCard>) -> impl IntoView {
    let cards = products.into_iter().enumerate().map(|(place, product)| {
        view! {
            <li class="product-card" class:sold-out=!product.in_stock>
                <Picture art=product.art colour=product.colour lazy={place >= 8}/>
                <h3><a href=routes::product(&product.slug)>{product.name}</a></h3>
                <p class="meta">
                    <span class="price">{t_html!("catalogue-from", price = server::text().money(product.from))}</span>
                    {(!product.in_stock).then(|| view! { <span class="badge">{t!("sold-out")}</span> })}
                </p>
            </li>
        }
    });
    view! { <ul class="products">{cards.collect_view()}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_list_has_its_filter() {
        let filter = Filter {
            query: "blue & white".into(),
            category: Some("kitchen".into()),
            sort: Sort::PriceUp,
            after: None,
        };
        let expected = "/products?q=blue%20%26%20white&category=kitchen&sort=price-up";
        assert_eq!(address(&filter), expected);
        assert_eq!(address(&Filter::default()), "/products");
    }
}
