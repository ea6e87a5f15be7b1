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
        let mut flash = take_flash()?;
        let goods = products.into_iter().map(|product| goods(product, &mut flash).into_any());
        let goods: Vec<AnyView> = goods.collect();
        Ok(view! {
            <Frame title=t!("merchant-products") tab=routes::MERCHANT_PRODUCTS>
                <div class="goods"><Alert flash/>{goods}</div>
            </Frame>
        })
    })
}

/// A product with its variants, each with the result of its form.
fn goods(product: MerchantProduct, flash: &mut Flash) -> impl IntoView + use<> {
    let (label, shown) =
        if product.is_listed { (t!("product-unlist"), "yes") } else { (t!("product-list"), "no") };
    let state = (!product.is_listed)
        .then(|| view! { <span class="badge">{t!("product-not-listed")}</span> });
    let colour = product.variants.first().map(|variant| variant.colour);
    let heading = format!("product-{}", product.id);
    let of_product = flash.take_at(&heading);
    let rows = product.variants.into_iter().map(|variant| {
        let anchor = format!("variant-{}", variant.id);
        let flash = flash.take_at(&anchor);
        view! { <Variant variant anchor flash/> }
    });
    let rows = rows.collect_view();
    view! {
        <section class="card" aria-labelledby=heading.clone()>
            <div class="goods-head">
                {colour.map(|colour| view! { <Picture art=product.art colour lazy=true/> })}
                <h2 id=heading.clone()>{product.name}</h2>
                {state}
                <Form action=routes::api::MERCHANT_PRODUCTS_LISTED anchor=heading.clone()>
                    <input type="hidden" name="product" value=product.id.to_string()/>
                    <input type="hidden" name="shown" value=shown/>
                    <button class="button button-small" type="submit">{label}</button>
                </Form>
            </div>
            <Alert flash=of_product/>
            <ul class="variants">{rows}</ul>
        </section>
    }
}

/// A variant. Its forms come back to `anchor`.
#[component]
fn Variant(variant: MerchantVariant, anchor: String, flash: Flash) -> impl IntoView {
    let id = variant.id.to_string();
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
        let typed = flash.typed.get(setting.field.as_str()).cloned();
        view! { <SettingForm setting variant=id.clone() anchor=anchor.clone() typed/> }
    });
    view! {
        <li class="variant" id=anchor>
            <span>{name.clone()}</span>
            <Alert flash/>
            {forms.collect_view()}
        </li>
    }
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
fn SettingForm(
    setting: Setting,
    variant: String,
    anchor: String,
    typed: Option<String>,
) -> impl IntoView {
    let Setting { field, label, name, button, inputmode, placeholder, action, value, shown } =
        setting;
    let (words, button_name) = button;
    let (shown_name, shown_value) = shown;
    view! {
        <Form class="inline-form" action=action anchor>
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
                    aria-describedby=typed.is_some().then_some(server::ALERT)
                />
            </label>
            <button class="button button-small" type="submit" aria-label=button_name>{words}</button>
        </Form>
    }
}
