//! The front page: what this shop is, what is new, and where to go.

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
        let about = "Good things for home and desk, paid for with a code on your own phone.";
        Ok(view! {
            <Page title="Good things, calmly sold">
                <Meta name="description" content=about/>
                <Hero/>
                <section class="stack" aria-labelledby="categories">
                    <h2 id="categories">"Browse by category"</h2>
                    <Categories categories/>
                </section>
                <section class="stack section" aria-labelledby="new">
                    <div class="cluster spread">
                        <h2 id="new">"New in the shop"</h2>
                        <a href=routes::PRODUCTS>"See all products"</a>
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
                <h1>"Small things that make a room yours."</h1>
                <p>
                    "Made well, priced plainly. Nobody but you can pay: every order is confirmed with a \
                    code on your own phone."
                </p>
                <p><a class="button button-primary" href=routes::PRODUCTS>"Shop all products"</a></p>
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
        let count = match category.products {
            1 => "1 product".to_owned(),
            count => format!("{count} products"),
        };
        view! {
            <li>
                <a class="category" href=routes::category(&category.slug)>
                    <Picture art colour lazy=true/>
                    <span class="strong">{category.name}</span>
                    <span class="muted small">{count}</span>
                </a>
            </li>
        }
    });
    view! { <ul class="categories">{tiles.collect_view()}</ul> }
}

/// A picture that stands for a category.
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
