//! One product. A colour is a link with an address of its own, a size is a radio button, and both
//! work without script.

use domain::{Colour, quantity};
use leptos::prelude::*;
use leptos_meta::{Link, Meta};
use leptos_router::{
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};
use serde_json::json;
use shop::{ProductView, VariantView};
use web::{routes, server};

use super::{
    Alert, Flash, Form, Page, PageContext, SubmitButton,
    art::{Picture, address},
    bdi::amount,
    catalogue::Products,
    expect_shop, page, take_flash,
};

/// With a lower stock than this, the page shows the stock.
const LOW_STOCK: u32 = 10;

/// The page of one product.
#[component]
pub fn ProductPage() -> impl IntoView {
    let slug = use_params_map().get_untracked().get("slug").unwrap_or_default();
    let asked = use_query_map().get_untracked().get("colour").unwrap_or_default();
    page(async move {
        let product = expect_shop()?.catalogue().product(&slug).await?;
        let mut flash = take_flash()?;
        let of_choice = flash.take_at(CHOICE);
        let colours = colours(&product);
        let first = colours.first().copied().unwrap_or(Colour::Oat);
        let colour = Colour::parse(&asked).filter(|one| colours.contains(one)).unwrap_or(first);
        let related = product.related.clone();
        Ok(view! {
            <Page title=product.name.clone()>
                <Head product=product.clone()/>
                <Breadcrumb category=product.category.clone()/>
                <div class="product">
                    <Picture
                        art=product.art
                        colour
                        text=t!("product-picture", product = product.name.as_str(), colour = server::text().colour(colour))
                    />
                    <div class="stack stack-loose">
                        <Alert flash/>
                        <h1>{product.name.clone()}</h1>
                        <Options product=product.clone() colours colour flash=of_choice/>
                        <p class="description">{product.description}</p>
                    </div>
                </div>
                {(!related.is_empty()).then(|| view! {
                    <section class="stack section" aria-labelledby="related">
                        <h2 id="related">{t!("product-related")}</h2>
                        <Products products=related/>
                    </section>
                })}
            </Page>
        })
    })
}

/// The address of a product in a colour; `None` if it cannot be an address.
pub fn public_address(slug: &str, query: &ParamsMap) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if slug.is_empty() || !slug.bytes().all(is_plain) {
        return None;
    }
    Some(match query.get_str("colour").and_then(Colour::parse) {
        Some(colour) => routes::product_in(slug, colour.as_str()),
        None => routes::product(slug),
    })
}

/// The colours of a product, each once, in the merchant's order.
fn colours(product: &ProductView) -> Vec<Colour> {
    let mut colours = Vec::new();
    for variant in &product.variants {
        if !colours.contains(&variant.colour) {
            colours.push(variant.colour);
        }
    }
    colours
}

#[component]
fn Breadcrumb(category: (String, String)) -> impl IntoView {
    let (slug, name) = category;
    view! {
        <nav class="breadcrumb" aria-label=t!("breadcrumb")>
            <ol>
                <li><a href=routes::PRODUCTS>{t!("layout-products")}</a></li>
                <li><a href=routes::category(&slug)>{name}</a></li>
            </ol>
        </nav>
    }
}

/// The `id` of the form with size and quantity.
const CHOICE: &str = "choice";

#[component]
fn Options(
    product: ProductView,
    colours: Vec<Colour>,
    colour: Colour,
    flash: Flash,
) -> impl IntoView {
    let sizes: Vec<VariantView> =
        product.variants.iter().filter(|variant| variant.colour == colour).cloned().collect();
    let prices = sizes.iter().map(|size| size.price);
    let (low, high) = (
        prices.clone().min_by_key(|price| price.minor()),
        prices.max_by_key(|price| price.minor()),
    );
    let text = server::text();
    let price = match (low, high) {
        (Some(low), Some(high)) if low != high => {
            t_html!("product-prices", low = text.money(low), high = text.money(high)).into_any()
        }
        (Some(low), _) => amount(low).into_any(),
        _ => ().into_any(),
    };
    let max = sizes.iter().map(|size| size.stock).max().unwrap_or(0);
    let swatches = colours
        .into_iter()
        .map(|one| view! { <Swatch slug=product.slug.clone() one chosen=colour/> });
    view! {
        <p class="product-price">{price}</p>
        <div class="stack stack-tight">
            <p class="label" id="colours">{t!("product-colour")}" "<span class="muted">{text.colour(colour)}</span></p>
            <ul class="swatches" aria-labelledby="colours">{swatches.collect_view()}</ul>
        </div>
        <div class="stack" id=CHOICE>
            <Alert flash/>
            <Form class="stack" action=routes::api::CART_ADD anchor=CHOICE>
                <Sizes sizes/>
                {(max > 0).then(|| view! { <Quantity max/> })}
                {if max > 0 {
                    view! { <SubmitButton label=t!("product-add")/> }.into_any()
                } else {
                    view! { <button class="button" type="submit" disabled>{t!("sold-out")}</button> }.into_any()
                }}
            </Form>
        </div>
    }
}

#[component]
fn Swatch(slug: String, one: Colour, chosen: Colour) -> impl IntoView {
    let is_chosen = (one == chosen).then_some("true");
    view! {
        <li>
            <a
                class="swatch"
                href=routes::product_in(&slug, one.as_str())
                aria-current=is_chosen
            >
                <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
                    <circle cx="16" cy="16" r="15" fill=one.hex() stroke="#7d7468" stroke-opacity=".5"/>
                </svg>
                <span class="visually-hidden">{server::text().colour(one)}</span>
            </a>
        </li>
    }
}

#[component]
fn Sizes(sizes: Vec<VariantView>) -> impl IntoView {
    let is_one_price = sizes.windows(2).all(|pair| matches!(pair, [a, b] if a.price == b.price));
    let first = sizes.iter().position(|size| size.stock > 0);
    let choices = sizes.into_iter().enumerate().map(|(place, size)| {
        let (words, class) = stock(size.stock);
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="variant"
                    value=size.id.to_string()
                    checked=first == Some(place)
                    disabled=size.stock == 0
                    required
                />
                <span class="choice-text">
                    <span>{size.size}</span>
                    <span class=class>{words}</span>
                </span>
                {(!is_one_price).then(|| view! { <span class="choice-price">{amount(size.price)}</span> })}
            </label>
        }
    });
    view! {
        <fieldset class="field">
            <legend>{t!("product-size")}</legend>
            <div class="choices choices-row">{choices.collect_view()}</div>
        </fieldset>
    }
}

/// The stock in words.
fn stock(pieces: u32) -> (String, &'static str) {
    match pieces {
        0 => (t!("sold-out"), "stock-none"),
        1..LOW_STOCK => (t!("product-few", count = pieces), "stock-few"),
        _ => (t!("product-in-stock"), "stock-many"),
    }
}

#[component]
fn Quantity(max: u32) -> impl IntoView {
    let numbers = (1..=max.min(quantity::MAX_QUANTITY))
        .map(|number| view! { <option value=number.to_string()>{number}</option> });
    view! {
        <div class="field field-short">
            <label for="quantity">{t!("product-quantity")}</label>
            <select id="quantity" name="quantity">{numbers.collect_view()}</select>
        </div>
    }
}

/// The metadata for search engines and link previews.
#[component]
fn Head(product: ProductView) -> impl IntoView {
    let origin = PageContext::current().origin;
    let canonical = format!("{origin}/products/{}", product.slug);
    let colour = product.variants.first().map_or(Colour::Oat, |variant| variant.colour);
    let picture = format!("{origin}{}", address(product.art, colour));
    view! {
        <Link rel="canonical" href=canonical.clone()/>
        <Meta name="description" content=product.description.clone()/>
        <Meta property="og:title" content=product.name.clone()/>
        <Meta property="og:type" content="product"/>
        <Meta property="og:url" content=canonical.clone()/>
        <Meta property="og:image" content=picture.clone()/>
        // It is data and no program, so the content security policy requires no nonce.
        <script
            type="application/ld+json"
            inner_html=linked_data(&product, &canonical, &picture)
        ></script>
    }
}

/// The product as JSON-LD of schema.org. `<` is escaped, because a script element ends at the
/// first `</script>`, even inside of JSON.
fn linked_data(product: &ProductView, address: &str, picture: &str) -> String {
    let offers: Vec<_> = product
        .variants
        .iter()
        .map(|variant| {
            let available = if variant.stock > 0 { "InStock" } else { "OutOfStock" };
            json!({
                "@type": "Offer",
                "name": format!("{}, {}", server::text().colour(variant.colour), variant.size),
                "price": variant.price.decimal(),
                "priceCurrency": variant.price.currency().code(),
                "availability": format!("https://schema.org/{available}"),
                "url": format!("{address}?colour={}", variant.colour.as_str()),
            })
        })
        .collect();
    let data = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "description": product.description,
        "category": product.category.1,
        "image": picture,
        "url": address,
        "offers": offers,
    });
    data.to_string().replace('<', "\\u003c")
}
