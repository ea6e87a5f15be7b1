//! Renders marks as SVG. A filled mark has its tone and, where it has one, the pattern. One light
//! from the upper left falls on all marks.

use std::fmt::Write;

use domain::{Colour, Pattern};

use super::{
    mark::Mark,
    tone::{Tone, print},
};

/// The picture made of these marks, from back to front, with a pattern, in a colour.
pub fn draw(marks: &[Mark], pattern: Pattern, colour: Colour) -> String {
    let mut svg = String::with_capacity(3_000);
    svg.push_str(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><defs>"#);
    svg.push_str(LIGHT);
    if let Some(ornament) = ornament(pattern) {
        svg.push_str(&ornament.replace("PRINT", &print(colour)));
    }
    svg.push_str("</defs>");
    for mark in marks {
        // Writing to a string cannot fail.
        let _ = put(&mut svg, *mark, pattern, colour);
    }
    svg.push_str("</svg>");
    svg
}

fn put(svg: &mut String, mark: Mark, pattern: Pattern, colour: Colour) -> std::fmt::Result {
    match mark {
        Mark::Fill(tone, path) => {
            write!(svg, r#"<path d="{path}" fill="{}"/>"#, tone.of(colour))?;
            if tone == Tone::Body && pattern != Pattern::Plain {
                write!(svg, r#"<path d="{path}" fill="url(#p)"/>"#)?;
            }
            write!(svg, r#"<path d="{path}" fill="url(#s)"/><path d="{path}" fill="url(#u)"/>"#)
        }
        Mark::Flat(tone, path) => write!(svg, r#"<path d="{path}" fill="{}"/>"#, tone.of(colour)),
        Mark::Line(tone, width, path) => write!(
            svg,
            r#"<path d="{path}" fill="none" stroke="{}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"/>"#,
            tone.of(colour)
        ),
        Mark::Shadow(middle, half) => {
            write!(svg, r#"<ellipse cx="{middle}" cy="338" rx="{half}" ry="22" fill="url(#g)"/>"#)
        }
    }
}

/// Light from the left, shade below, and the soft shadow on the ground.
const LIGHT: &str = concat!(
    r##"<linearGradient id="s"><stop stop-color="#fff" stop-opacity=".05"/>"##,
    r##"<stop offset=".22" stop-color="#fff" stop-opacity=".3"/>"##,
    r##"<stop offset=".5" stop-color="#fff" stop-opacity="0"/>"##,
    r##"<stop offset=".52" stop-color="#20100a" stop-opacity="0"/>"##,
    r##"<stop offset="1" stop-color="#20100a" stop-opacity=".26"/></linearGradient>"##,
    r##"<linearGradient id="u" x2="0" y2="1"><stop stop-color="#fff" stop-opacity=".1"/>"##,
    r##"<stop offset=".4" stop-color="#20100a" stop-opacity="0"/>"##,
    r##"<stop offset="1" stop-color="#20100a" stop-opacity=".16"/></linearGradient>"##,
    r##"<radialGradient id="g"><stop stop-color="#20100a" stop-opacity=".4"/>"##,
    r##"<stop offset="1" stop-color="#20100a" stop-opacity="0"/></radialGradient>"##,
);

/// The SVG of a pattern. `PRINT` stands for its colour.
fn ornament(pattern: Pattern) -> Option<&'static str> {
    match pattern {
        Pattern::Plain => None,
        Pattern::Stripes => Some(
            r#"<pattern id="p" width="40" height="34" patternUnits="userSpaceOnUse"><path d="M0 10H40" stroke="PRINT" stroke-width="11"/></pattern>"#,
        ),
        Pattern::Dots => Some(
            r#"<pattern id="p" width="40" height="40" patternUnits="userSpaceOnUse"><g fill="PRINT"><circle cx="10" cy="10" r="6"/><circle cx="30" cy="30" r="6"/></g></pattern>"#,
        ),
        Pattern::Dipped => Some(
            r#"<linearGradient id="p" x2="0" y2="1"><stop offset=".6" stop-color="PRINT" stop-opacity="0"/><stop offset=".6" stop-color="PRINT"/></linearGradient>"#,
        ),
        Pattern::Check => Some(
            r#"<pattern id="p" width="44" height="44" patternUnits="userSpaceOnUse"><g fill="PRINT" fill-opacity=".5"><path d="M0 0H44V16H0Z"/><path d="M0 0H16V44H0Z"/></g></pattern>"#,
        ),
        Pattern::Speckled => Some(
            r#"<pattern id="p" width="56" height="56" patternUnits="userSpaceOnUse"><g fill="PRINT" fill-opacity=".85"><circle cx="7" cy="9" r="2"/><circle cx="25" cy="4" r="1.3"/><circle cx="44" cy="13" r="2.4"/><circle cx="15" cy="26" r="1.5"/><circle cx="34" cy="29" r="2"/><circle cx="52" cy="34" r="1.2"/><circle cx="6" cy="43" r="1.7"/><circle cx="24" cy="48" r="2.3"/><circle cx="43" cy="50" r="1.5"/></g></pattern>"#,
        ),
        Pattern::Waves => Some(
            r#"<pattern id="p" width="48" height="30" patternUnits="userSpaceOnUse"><path d="M-12 15Q0 3 12 15T36 15T60 15" fill="none" stroke="PRINT" stroke-width="5"/></pattern>"#,
        ),
        Pattern::Leaf => Some(
            r#"<pattern id="p" width="64" height="64" patternUnits="userSpaceOnUse"><g fill="PRINT"><path d="M8 30Q8 8 30 8Q30 30 8 30Z"/><path d="M40 62Q62 62 62 40Q40 40 40 62Z"/></g></pattern>"#,
        ),
    }
}

#[cfg(test)]
mod tests {
    use domain::ArtKind;

    use super::{super::kinds::marks, *};

    #[test]
    fn a_picture_is_small_complete_and_in_its_colour() {
        for kind in ArtKind::ALL.iter().copied() {
            for pattern in Pattern::ALL.iter().copied() {
                let svg = draw(marks(kind), pattern, Colour::Clay);
                assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
                assert!(svg.len() < 8_000, "{kind:?} {pattern:?}: {}", svg.len());
                assert!(!svg.contains("PRINT"));
                assert!(svg.contains(Colour::Clay.hex()), "{kind:?}");
            }
        }
    }

    #[test]
    fn another_colour_is_another_picture() {
        let mug = |colour| draw(marks(ArtKind::Mug), Pattern::Plain, colour);
        assert_ne!(mug(Colour::Clay), mug(Colour::Sage));
    }
}
