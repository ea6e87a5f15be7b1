//! The tones of a drawing: shades of the product's colour, and materials.

use domain::Colour;

/// The tone of one mark of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The product's colour, with its pattern.
    Body,
    /// The product's colour, without its pattern.
    Base,
    /// A lighter shade of it: rims, cuffs in the light.
    Light,
    /// A darker shade of it: insides, seams, handles.
    Deep,
    /// Light wood.
    Wood,
    /// Wood in the shade.
    WoodDeep,
    /// Brushed steel.
    Steel,
    /// Brass.
    Brass,
    /// A leaf in the light.
    LeafLight,
    /// A leaf.
    Leaf,
    /// A leaf in the shade.
    LeafDeep,
    /// Paper, wax, porcelain inside.
    Paper,
    /// Ink, wick, cord.
    Dark,
    /// Warm light.
    Glow,
}

/// A colour as red, green and blue.
type Rgb = [u8; 3];

const WHITE: Rgb = [0xff, 0xfa, 0xf0];
const BLACK: Rgb = [0x1e, 0x16, 0x12];

impl Tone {
    /// The SVG colour of the tone, on a product of this colour.
    pub fn of(self, colour: Colour) -> String {
        let base = rgb(colour);
        match self {
            Self::Body | Self::Base => hex(base),
            Self::Light => hex(mix(base, WHITE, 34)),
            Self::Deep => hex(mix(base, BLACK, 26)),
            Self::Wood => "#cf9f68".to_owned(),
            Self::WoodDeep => "#a87a48".to_owned(),
            Self::Steel => "#c3c6ca".to_owned(),
            Self::Brass => "#cfa552".to_owned(),
            Self::LeafLight => "#86ad6b".to_owned(),
            Self::Leaf => "#648f54".to_owned(),
            Self::LeafDeep => "#486f42".to_owned(),
            Self::Paper => "#fdf6e8".to_owned(),
            Self::Dark => "#3a312b".to_owned(),
            Self::Glow => "#ffe2a0".to_owned(),
        }
    }
}

/// The colour of a pattern: cream on dark products, a deep shade on pale ones.
pub fn print(colour: Colour) -> String {
    let base = rgb(colour);
    let brightness: u32 = base.iter().map(|part| u32::from(*part)).sum();
    if brightness > 540 { hex(mix(base, BLACK, 42)) } else { hex(mix(base, WHITE, 78)) }
}

/// The red, green and blue of `#rrggbb`; black for anything else.
fn rgb(colour: Colour) -> Rgb {
    let part = |from: usize| {
        let digits = colour.hex().get(from..from + 2);
        digits.and_then(|two| u8::from_str_radix(two, 16).ok()).unwrap_or(0)
    };
    [part(1), part(3), part(5)]
}

/// `percent` of the way from one colour to another.
fn mix(from: Rgb, to: Rgb, percent: u32) -> Rgb {
    let blend = |a: u8, b: u8| {
        let sum = u32::from(a) * (100 - percent) + u32::from(b) * percent;
        u8::try_from(sum / 100).unwrap_or(u8::MAX)
    };
    let ([r1, g1, b1], [r2, g2, b2]) = (from, to);
    [blend(r1, r2), blend(g1, g2), blend(b1, b2)]
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_are_lighter_and_darker_than_the_colour() {
        assert_eq!(Tone::Base.of(Colour::Marigold), Colour::Marigold.hex());
        assert_eq!(mix([0, 100, 200], [100, 100, 0], 50), [50, 100, 100]);
        assert_ne!(print(Colour::Oat), print(Colour::Ink));
    }
}
