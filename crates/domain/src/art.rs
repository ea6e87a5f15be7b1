//! The drawing of a product: a kind of thing, a pattern and a colour. The pages draw the product
//! from these three, so that it is shown in each of its colours.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words::stored_as_word;

/// The kind of thing; each has its own drawing.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ArtKind {
    /// A mug with a handle.
    Mug,
    /// A wide bowl.
    Bowl,
    /// A teapot with spout and lid.
    Teapot,
    /// A drinking bottle.
    Bottle,
    /// A folded kitchen towel.
    Towel,
    /// A T-shirt.
    Shirt,
    /// A knitted jumper.
    Jumper,
    /// A long scarf.
    Scarf,
    /// A pair of socks.
    Socks,
    /// A knitted hat.
    Hat,
    /// A table lamp.
    Lamp,
    /// A pendant lamp.
    Pendant,
    /// A candle in a glass.
    Candle,
    /// A lantern to carry.
    Lantern,
    /// A tote bag.
    Bag,
    /// A backpack.
    Backpack,
    /// A small pouch with a zip.
    Pouch,
    /// An umbrella.
    Umbrella,
    /// A plant in its pot.
    Plant,
    /// A plant pot.
    Pot,
    /// A watering can.
    WateringCan,
    /// A vase.
    Vase,
    /// A notebook with an elastic band.
    Notebook,
    /// Pencils in a cup.
    Pencils,
    /// A chair.
    Chair,
    /// A cushion.
    Cushion,
    /// A clock with two hands.
    Clock,
    /// A tray for a desk.
    Tray,
}

/// The pattern on a thing.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Pattern {
    /// Nothing: one colour.
    Plain,
    /// Level stripes.
    Stripes,
    /// Dots in rows.
    Dots,
    /// Two tones, one dipped into the other.
    Dipped,
    /// Crossing lines.
    Check,
    /// Fine irregular flecks.
    Speckled,
    /// Wavy lines.
    Waves,
    /// A leaf.
    Leaf,
}

/// The colour of a thing.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Colour {
    /// A warm yellow, the colour of the shop.
    Marigold,
    /// A blue so deep that it is nearly black.
    Ink,
    /// A soft grey-green.
    Sage,
    /// A fired red-brown.
    Clay,
    /// A light blue.
    Sky,
    /// A warm pink.
    Rose,
    /// A pale, warm off-white.
    Oat,
    /// A dusky purple.
    Plum,
    /// A deep green.
    Moss,
    /// A dark, warm grey.
    Slate,
}

stored_as_word!(ArtKind, Pattern, Colour);

impl Colour {
    /// The name that is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Marigold => "Marigold",
            Self::Ink => "Ink",
            Self::Sage => "Sage",
            Self::Clay => "Clay",
            Self::Sky => "Sky",
            Self::Rose => "Rose",
            Self::Oat => "Oat",
            Self::Plum => "Plum",
            Self::Moss => "Moss",
            Self::Slate => "Slate",
        }
    }

    /// The colour in CSS and SVG.
    pub const fn hex(self) -> &'static str {
        match self {
            Self::Marigold => "#e9a020",
            Self::Ink => "#26324a",
            Self::Sage => "#93a98b",
            Self::Clay => "#b8623f",
            Self::Sky => "#8db9d6",
            Self::Rose => "#d98a94",
            Self::Oat => "#e6dac4",
            Self::Plum => "#6d4568",
            Self::Moss => "#4d6840",
            Self::Slate => "#5a6068",
        }
    }
}

/// The drawing of a product. The colour comes from the variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Art {
    /// The kind of thing.
    pub kind: ArtKind,
    /// The pattern on it.
    pub pattern: Pattern,
}

impl Art {
    /// Reads the stored words, as `Display` writes them.
    pub fn parse(words: &str) -> Option<Self> {
        let (kind, pattern) = words.split_once(' ')?;
        Some(Self { kind: ArtKind::parse(kind)?, pattern: Pattern::parse(pattern)? })
    }
}

impl std::fmt::Display for Art {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.pattern.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drawing_is_read_back_from_its_words() {
        for kind in ArtKind::ALL.iter().copied() {
            for pattern in Pattern::ALL.iter().copied() {
                let art = Art { kind, pattern };
                assert_eq!(Art::parse(&art.to_string()), Some(art));
            }
        }
    }

    #[test]
    fn every_colour_has_its_own_value() {
        for colour in Colour::ALL.iter().copied() {
            assert!(colour.hex().len() == 7 && colour.hex().starts_with('#'));
            let same = Colour::ALL.iter().filter(|other| other.hex() == colour.hex());
            assert_eq!(same.count(), 1);
        }
    }
}
