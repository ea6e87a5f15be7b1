//! The names of colours.

use domain::Colour;

use crate::{Text, message};

impl Text {
    /// The name of a colour.
    pub fn colour(&self, colour: Colour) -> String {
        message!(self, "colour", name = colour.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_a_name() {
        for colour in Colour::ALL.iter().copied() {
            let name = Text::default().colour(colour);
            assert_ne!(name, colour.as_str());
            assert_eq!(name.to_lowercase(), colour.as_str());
        }
    }
}
