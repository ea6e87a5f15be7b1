//! The font: which glyph a letter has, and how wide a text is.

use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};

use crate::Error;

const REGULAR: &[u8] = include_bytes!("../font/InvoiceSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../font/InvoiceSans-Bold.ttf");

/// A weight of the font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// For most texts.
    Regular,
    /// For headings and the sum.
    Bold,
}

/// A glyph, and its width for a font size of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// Its number in the font.
    pub id: u32,
    /// How far the next glyph is away.
    pub advance: f32,
}

/// Both weights.
pub struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Fonts {
    /// The fonts of the program.
    pub fn load() -> Result<Self, Error> {
        let read = |data| FontRef::new(data).map_err(|_| Error::Font);
        Ok(Self { regular: read(REGULAR)?, bold: read(BOLD)? })
    }

    /// The file of a weight.
    pub const fn data(face: Face) -> &'static [u8] {
        match face {
            Face::Regular => REGULAR,
            Face::Bold => BOLD,
        }
    }

    /// The glyph of a letter. All spaces look alike.
    pub fn glyph(&self, face: Face, letter: char) -> Result<Glyph, Error> {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        let font = match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        };
        let id = font.charmap().map(letter).ok_or(Error::Letter(letter))?;
        let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
        let advance = metrics.advance_width(id).ok_or(Error::Font)?;
        Ok(Glyph { id: id.to_u32(), advance })
    }

    /// The width of a text.
    pub fn width(&self, face: Face, size: f32, text: &str) -> Result<f32, Error> {
        let mut width = 0.0;
        for letter in text.chars() {
            width += self.glyph(face, letter)?.advance * size;
        }
        Ok(width)
    }
}
