//! Prices, stock and listing of products.

use domain::Field;
use leptos::prelude::*;
use shop::merchant::{MerchantProduct, MerchantVariant};
use web::{routes, server};

use super::{
    super::{Alert, Flash, Form, art::Picture, expect_shop, expect_visitor, page, take_flash},
    Frame,
};

/// All products with their variants.
#[component]
pub fn ProductsPage() -> impl IntoView {
    page(async {
        let products = expect_shop()?.merchant(&expect_visitor()?)?.products().await?;
        let flash = take_flash()?;
        let goods = products.into_iter().map(|product| {
            let flash = flash.clone();
            view! { <Product product flash/> }
        });
        let goods = goods.collect_view();
        Ok(view! {
            <Frame title=t!("merchant-products") tab=routes::MERCHANT_PRODUCTS>
                <div class="goods"><Alert flash/>{goods}</div>
            </Frame>
        })
    })
}

#[component]
fn Product(product: MerchantProduct, flash: Flash) -> impl IntoView {
    let (label, next) =
        if product.is_listed { (t!("product-unlist"), "no") } else { (t!("product-list"), "yes") };
    let state = (!product.is_listed)
        .then(|| view! { <span class="badge">{t!("product-not-listed")}</span> });
    let colour = product.variants.first().map(|variant| variant.colour);
    let rows = product.variants.into_iter().map(|variant| {
        let flash = flash.clone();
        view! { <Variant variant flash/> }
    });
    let heading = format!("product-{}", product.id);
    view! {
        <section class="card" aria-labelledby=heading.clone()>
            <div class="goods-head">
                {colour.map(|colour| view! { <Picture art=product.art colour lazy=true/> })}
                <h2 id=heading.clone()>{product.name}</h2>
                {state}
                <Form action=routes::api::MERCHANT_PRODUCTS_LISTED>
                    <input type="hidden" name="product" value=product.id.to_string()/>
                    <input type="hidden" name="listed" value=next/>
                    <button class="button button-small" type="submit">{label}</button>
                </Form>
            </div>
            <ul class="variants">{rows.collect_view()}</ul>
        </section>
    }
}

#[component]
fn Variant(variant: MerchantVariant, flash: Flash) -> impl IntoView {
    let id = variant.id.to_string();
    // The refused input belongs to one variant only.
    let refused = (flash.value(Field::Variant) == id).then_some(flash);
    let shown = move |field: Field, kept: String| {
        let typed = refused.as_ref().and_then(|flash| flash.typed.get(field.as_str()).cloned());
        (typed.is_some(), typed.unwrap_or(kept))
    };
    let name = format!("{}, {}", server::text().colour(variant.colour), variant.size);
    let price = shown(Field::Price, variant.price.decimal());
    let stock = shown(Field::Stock, variant.stock.to_string());
    view! {
        <li class="variant">
            <span>{name.clone()}</span>
            <Setting field=Field::Price variant=id.clone() of=name.clone() value=price/>
            <Setting field=Field::Stock variant=id of=name value=stock/>
        </li>
    }
}

/// One number of a variant. `value` holds whether it was refused, and the content of the field.
#[component]
fn Setting(field: Field, variant: String, of: String, value: (bool, String)) -> impl IntoView {
    let (is_wrong, value) = value;
    let of = of.as_str();
    let (label, name, save, mode, action) = match field {
        Field::Price => (
            t!("variant-price"),
            t!("variant-price-of", of = of),
            t!("variant-save-price", of = of),
            "decimal",
            routes::api::MERCHANT_PRODUCTS_PRICE,
        ),
        _ => (
            t!("variant-stock"),
            t!("variant-stock-of", of = of),
            t!("variant-save-stock", of = of),
            "numeric",
            routes::api::MERCHANT_PRODUCTS_STOCK,
        ),
    };
    view! {
        <Form class="inline-form" action=action>
            <input type="hidden" name="variant" value=variant/>
            <label class="inline-label">
                <span aria-hidden="true">{label}</span>
                <input
                    name=field.as_str()
                    value=value
                    inputmode=mode
                    autocomplete="off"
                    aria-label=name
                    aria-invalid=is_wrong.then_some("true")
                />
            </label>
            <button class="button button-small" type="submit" aria-label=save>{t!("variant-save")}</button>
        </Form>
    }
}
