//! Pictures of products, drawn as SVG from kind, pattern and colour.
//!
//! They have addresses of their own (`/art/mug-stripes-sage.svg`) and are not part of the
//! pages. A drawing has one to two kilobytes, and the same drawing is in the catalogue, on the
//! product's page, in the cart and on the receipt. With an address, browsers fetch it once,
//! keep it for a week and load it lazily below the fold, and search engines and link previews
//! can use it. The price is one small request for each new picture, in parallel to others.
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

/// A week. Drawings change only with releases, and an outdated one does no harm.
const KEEP: &str = "public, max-age=604800, stale-while-revalidate=604800";

/// The address of the picture of a product in a colour.
pub fn address(art: Art, colour: Colour) -> String {
    let (kind, pattern) = (art.kind.as_str(), art.pattern.as_str());
    routes::files::art(format_args!("{kind}-{pattern}-{}", colour.as_str()))
}

/// Responds with one picture.
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

/// A picture on its tinted ground. `text` is its alternative text, which is empty where the
/// name of the product is beside it.
#[component]
pub fn Picture(
    /// The kind and the pattern.
    art: Art,
    /// The colour of the product.
    colour: Colour,
    /// The alternative text.
    #[prop(into, optional)]
    text: String,
    /// Whether it is loaded only when it comes into view.
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
