//! The front page: the shop, new products and the categories.

use domain::{Art, ArtKind, Colour, Pattern};
use leptos::prelude::*;
use leptos_meta::Meta;
use shop::{CategoryView, Filter};
use web::routes;

use super::{
    Page,
    art::{Picture, address},
    catalogue::Products,
    expect_shop, page,
};

/// How many products the front page shows.
const FEATURED: usize = 8;

/// The front page.
#[component]
pub fn HomePage() -> impl IntoView {
    page(async {
        let shop = expect_shop()?;
        let categories = shop.catalogue().categories().await?;
        let mut products = shop.catalogue().list(&Filter::default()).await?.products;
        products.truncate(FEATURED);
        let about = t!("home-about");
        Ok(view! {
            <Page title=t!("home-title")>
                <Meta name="description" content=about/>
                <Hero/>
                <section class="stack" aria-labelledby="categories">
                    <h2 id="categories">{t!("home-categories")}</h2>
                    <Categories categories/>
                </section>
                <section class="stack section" aria-labelledby="new">
                    <div class="cluster spread">
                        <h2 id="new">{t!("home-new")}</h2>
                        <a href=routes::PRODUCTS>{t!("all-products")}</a>
                    </div>
                    <Products products/>
                </section>
            </Page>
        })
    })
}

#[component]
fn Hero() -> impl IntoView {
    let picture = |kind, pattern, colour| address(Art { kind, pattern }, colour);
    let left = picture(ArtKind::Plant, Pattern::Speckled, Colour::Oat);
    let right = picture(ArtKind::Lamp, Pattern::Plain, Colour::Marigold);
    view! {
        <section class="hero">
            <div class="stack">
                <h1>{t!("home-headline")}</h1>
                <p>
                    {t!("home-promise")}
                </p>
                <p><a class="button button-primary" href=routes::PRODUCTS>{t!("home-shop")}</a></p>
            </div>
            <div class="hero-art" aria-hidden="true">
                <img src=left alt="" width="400" height="400"/>
                <img src=right alt="" width="400" height="400"/>
            </div>
        </section>
    }
}

#[component]
fn Categories(categories: Vec<CategoryView>) -> impl IntoView {
    let tiles = categories.into_iter().map(|category| {
        let (art, colour) = emblem(&category.slug);
        view! {
            <li>
                <a class="category" href=routes::category(&category.slug)>
                    <Picture art colour lazy=true/>
                    <span class="strong">{category.name}</span>
                    <span class="muted small">{t!("home-products", count = category.products)}</span>
                </a>
            </li>
        }
    });
    view! { <ul class="categories">{tiles.collect_view()}</ul> }
}

/// The picture of a category.
fn emblem(slug: &str) -> (Art, Colour) {
    let (kind, colour) = match slug {
        "kitchen" => (ArtKind::Teapot, Colour::Clay),
        "clothing" | "clothes" | "wear" => (ArtKind::Jumper, Colour::Sage),
        "light" | "lighting" | "lights" => (ArtKind::Pendant, Colour::Marigold),
        "bags" | "carry" => (ArtKind::Backpack, Colour::Ink),
        "garden" | "plants" => (ArtKind::WateringCan, Colour::Moss),
        "desk" | "paper" | "study" => (ArtKind::Notebook, Colour::Sky),
        _ => (ArtKind::Chair, Colour::Plum),
    };
    (Art { kind, pattern: Pattern::Plain }, colour)
}
