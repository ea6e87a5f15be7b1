//! Pictures of products: drawn here from kind, pattern and colour, as SVG.
//!
//! They are answered at addresses of their own (`/art/mug-stripes-sage.svg`)
//! and not printed into the pages. A drawing is one to two kilobytes and the same
//! one stands in the catalogue, on the product's page, in the basket and on the
//! receipt: as an address it is fetched once, kept for a week and shared by all of
//! them, it loads lazily below the fold, and pages stay light. It also gives search
//! engines and link previews a picture. The price is one small request per new
//! picture, which the browser makes beside everything else.
//!
//! The set is finite: a name that is not a kind, a pattern and a colour is not found.

mod drawing;
mod kinds;
mod mark;
mod tone;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Art, ArtKind, Colour, Pattern};
use leptos::prelude::*;
use web::routes;

/// A week: drawings change with releases, and an old mug is still a mug.
const KEEP: &str = "public, max-age=604800, stale-while-revalidate=604800";

/// Where the picture of a product in a colour is.
pub fn address(art: Art, colour: Colour) -> String {
    let (kind, pattern) = (art.kind.as_str(), art.pattern.as_str());
    routes::files::art(format_args!("{kind}-{pattern}-{}", colour.as_str()))
}

/// Answers one picture.
pub async fn picture(Path(name): Path<String>) -> Response {
    let Some((art, colour)) = parse(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, KEEP)];
    (headers, drawing::draw(kinds::marks(art.kind), art.pattern, colour)).into_response()
}

fn parse(name: &str) -> Option<(Art, Colour)> {
    let mut words = name.strip_suffix(".svg")?.split('-');
    let kind = ArtKind::parse(words.next()?)?;
    let pattern = Pattern::parse(words.next()?)?;
    let colour = Colour::parse(words.next()?)?;
    words.next().is_none().then_some((Art { kind, pattern }, colour))
}

/// A picture on its tinted ground. `text` is its alternative; leave it empty
/// where the product's name stands beside it.
#[component]
pub fn Picture(
    /// What is drawn.
    art: Art,
    /// In which colour.
    colour: Colour,
    /// The alternative text.
    #[prop(into, optional)]
    text: String,
    /// Whether it is far down the page and may load when it is near.
    #[prop(optional)]
    lazy: bool,
) -> impl IntoView {
    let loading = if lazy { "lazy" } else { "eager" };
    view! {
        <span class="art">
            <img
                src=address(art, colour)
                alt=text
                width="400"
                height="400"
                loading=loading
                decoding="async"
            />
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_has_an_address_that_reads_back() {
        for kind in ArtKind::ALL.iter().copied() {
            for pattern in Pattern::ALL.iter().copied() {
                let art = Art { kind, pattern };
                let address = address(art, Colour::Sage);
                let name = address.strip_prefix("/art/").unwrap();
                assert_eq!(parse(name), Some((art, Colour::Sage)));
            }
        }
    }

    #[test]
    fn any_other_name_is_not_found() {
        for name in
            ["", "mug.svg", "mug-plain-sage", "mug-plain-sage-x.svg", "../mug-plain-sage.svg"]
        {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
