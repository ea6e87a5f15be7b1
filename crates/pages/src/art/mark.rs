//! The marks that drawings are made of.

use super::tone::Tone;

/// One mark of a drawing on a square of 400.
#[derive(Clone, Copy, Debug)]
pub enum Mark {
    /// A filled path, rounded by light and shade.
    Fill(Tone, &'static str),
    /// A filled path without light: labels, glowing things, openings.
    Flat(Tone, &'static str),
    /// A line of a width.
    Line(Tone, u16, &'static str),
    /// The shadow on the ground: its centre, and half its width.
    Shadow(u16, u16),
}
