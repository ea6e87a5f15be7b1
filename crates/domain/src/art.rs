//! How a product looks: a kind of thing, a pattern on it, a colour of it. The
//! pages draw it from these three, so every choice of colour shows truly.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl $name {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word kept in rows.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads the word kept in rows.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

words! {
    /// The kind of thing to draw; one drawing each.
    ArtKind {
        /// A mug with a handle.
        Mug = "mug",
        /// A wide bowl.
        Bowl = "bowl",
        /// A teapot with spout and lid.
        Teapot = "teapot",
        /// A drinking bottle.
        Bottle = "bottle",
        /// A folded kitchen towel.
        Towel = "towel",
        /// A T-shirt.
        Shirt = "shirt",
        /// A knitted jumper.
        Jumper = "jumper",
        /// A long scarf.
        Scarf = "scarf",
        /// A pair of socks.
        Socks = "socks",
        /// A knitted hat.
        Hat = "hat",
        /// A table lamp.
        Lamp = "lamp",
        /// A pendant lamp.
        Pendant = "pendant",
        /// A candle in a glass.
        Candle = "candle",
        /// A lantern to carry.
        Lantern = "lantern",
        /// A tote bag.
        Bag = "bag",
        /// A backpack.
        Backpack = "backpack",
        /// A small pouch with a zip.
        Pouch = "pouch",
        /// An umbrella.
        Umbrella = "umbrella",
        /// A plant in its pot.
        Plant = "plant",
        /// A plant pot.
        Pot = "pot",
        /// A watering can.
        WateringCan = "watering_can",
        /// A vase.
        Vase = "vase",
        /// A notebook with an elastic band.
        Notebook = "notebook",
        /// Pencils in a cup.
        Pencils = "pencils",
        /// A chair.
        Chair = "chair",
        /// A cushion.
        Cushion = "cushion",
        /// A clock with two hands.
        Clock = "clock",
        /// A tray for a desk.
        Tray = "tray",
    }
}

words! {
    /// What is printed, woven or glazed on a thing.
    Pattern {
        /// Nothing: one colour.
        Plain = "plain",
        /// Level stripes.
        Stripes = "stripes",
        /// Dots in rows.
        Dots = "dots",
        /// Two tones, one dipped into the other.
        Dipped = "dipped",
        /// Crossing lines.
        Check = "check",
        /// Fine irregular flecks.
        Speckled = "speckled",
        /// Wavy lines.
        Waves = "waves",
        /// A leaf.
        Leaf = "leaf",
    }
}

words! {
    /// A colour a thing is made in.
    Colour {
        /// The shop's own yellow.
        Marigold = "marigold",
        /// A blue so deep that it is nearly black.
        Ink = "ink",
        /// A soft grey-green.
        Sage = "sage",
        /// A fired red-brown.
        Clay = "clay",
        /// A light blue.
        Sky = "sky",
        /// A warm pink.
        Rose = "rose",
        /// A pale, warm off-white.
        Oat = "oat",
        /// A dusky purple.
        Plum = "plum",
        /// A deep green.
        Moss = "moss",
        /// A dark, warm grey.
        Slate = "slate",
    }
}

impl Colour {
    /// The name people read.
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

    /// The colour as CSS and SVG write it.
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

/// What is drawn for a product; the colour comes from the variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Art {
    /// The kind of thing.
    pub kind: ArtKind,
    /// What is on it.
    pub pattern: Pattern,
}

impl Art {
    /// Reads the words kept in a row, as [`Art`]'s `Display` writes them.
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
    fn every_drawing_reads_back() {
        for kind in ArtKind::ALL.iter().copied() {
            for pattern in Pattern::ALL.iter().copied() {
                let art = Art { kind, pattern };
                assert_eq!(Art::parse(&art.to_string()), Some(art));
            }
        }
    }

    #[test]
    fn every_colour_has_a_name_and_a_value_of_its_own() {
        for colour in Colour::ALL.iter().copied() {
            assert_eq!(Colour::parse(colour.as_str()), Some(colour));
            assert!(colour.hex().len() == 7 && colour.hex().starts_with('#'));
            let emulators = Colour::ALL.iter().filter(|other| other.hex() == colour.hex());
            assert_eq!(emulators.count(), 1);
        }
    }
}
