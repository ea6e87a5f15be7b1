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
    let typed = move |field: Field| {
        refused.as_ref().and_then(|flash| flash.typed.get(field.as_str()).cloned())
    };
    let name = format!("{}, {}", server::text().colour(variant.colour), variant.size);
    let of = name.as_str();
    let price = Setting {
        field: Field::Price,
        label: t!("variant-price"),
        name: t!("variant-price-of", of = of),
        button: (t!("variant-save"), t!("variant-save-price", of = of)),
        inputmode: "decimal",
        placeholder: None,
        action: routes::api::MERCHANT_PRODUCTS_PRICE,
        value: variant.price.decimal(),
        shown: ("shown", variant.price.minor().to_string()),
    };
    let stock = Setting {
        field: Field::Stock,
        label: t!("variant-stock"),
        name: t!("variant-stock-of", of = of),
        button: (t!("variant-save"), t!("variant-save-stock", of = of)),
        inputmode: "numeric",
        placeholder: None,
        action: routes::api::MERCHANT_PRODUCTS_STOCK,
        value: variant.stock.to_string(),
        shown: ("shown", variant.stock.to_string()),
    };
    let pieces = Setting {
        field: Field::Pieces,
        label: t!("variant-pieces"),
        name: t!("variant-pieces-of", of = of),
        button: (t!("variant-pieces"), t!("variant-add-pieces", of = of)),
        // Keyboards for numbers have no sign.
        inputmode: "text",
        placeholder: Some(t!("variant-pieces-example")),
        action: routes::api::MERCHANT_PRODUCTS_PIECES,
        value: String::new(),
        shown: ("change", variant.next_change.to_string()),
    };
    let forms = [price, stock, pieces].map(|setting| {
        let typed = typed(setting.field);
        view! { <SettingForm setting variant=id.clone() typed/> }
    });
    view! { <li class="variant"><span>{name.clone()}</span>{forms.collect_view()}</li> }
}

/// A number of a variant that the merchant can set or change.
struct Setting {
    field: Field,
    label: String,
    /// The accessible name of the field.
    name: String,
    /// The words on the button, and its accessible name.
    button: (String, String),
    inputmode: &'static str,
    placeholder: Option<String>,
    action: &'static str,
    /// What there is now.
    value: String,
    /// The hidden field that tells the shop what this page showed.
    shown: (&'static str, String),
}

/// The form of a setting. `typed` is what was typed and refused.
#[component]
fn SettingForm(setting: Setting, variant: String, typed: Option<String>) -> impl IntoView {
    let Setting { field, label, name, button, inputmode, placeholder, action, value, shown } =
        setting;
    let (words, button_name) = button;
    let (shown_name, shown_value) = shown;
    view! {
        <Form class="inline-form" action=action>
            <input type="hidden" name="variant" value=variant/>
            <input type="hidden" name=shown_name value=shown_value/>
            <label class="inline-label">
                <span aria-hidden="true">{label}</span>
                <input
                    name=field.as_str()
                    value=typed.clone().unwrap_or(value)
                    inputmode=inputmode
                    placeholder=placeholder
                    autocomplete="off"
                    aria-label=name
                    aria-invalid=typed.is_some().then_some("true")
                />
            </label>
            <button class="button button-small" type="submit" aria-label=button_name>{words}</button>
        </Form>
    }
}
