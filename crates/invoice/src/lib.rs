//! An invoice as a PDF that screen readers can read (PDF/UA-1).
//!
//! The crate knows nothing of orders or languages: the caller writes every text. It has a font for
//! Latin scripts only; for a text outside of them it returns [`Error::Letter`], and the caller
//! offers the printable page instead, which browsers print in every script.

mod draw;
mod font;
mod layout;

pub use font::Face;

/// The texts of an invoice.
#[derive(Clone, Debug, Default)]
pub struct Invoice {
    /// The tag of the language, such as `en`.
    pub language: String,
    /// The title, which is the heading.
    pub title: String,
    /// Who sells: name, address, numbers for taxes.
    pub seller: Vec<String>,
    /// What stands above the buyer.
    pub buyer_label: String,
    /// Who buys: name and address.
    pub buyer: Vec<String>,
    /// Facts, each with its label: numbers and dates.
    pub facts: Vec<(String, String)>,
    /// The headings of the columns: description, quantity, price, amount.
    pub columns: [String; 4],
    /// The lines, in the order of the columns.
    pub lines: Vec<[String; 4]>,
    /// The sums, each with its label. The last one is what is paid.
    pub sums: Vec<(String, String)>,
    /// Sentences at the end.
    pub notes: Vec<String>,
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The font has no such letter.
    #[error("the font has no letter U+{:04X}", u32::from(*.0))]
    Letter(char),
    /// The font in the program cannot be read.
    #[error("the font of invoices cannot be read")]
    Font,
    /// The library refuses to write the file.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
}

/// Says whether the font has every letter, without writing the file.
///
/// # Errors
/// [`Error::Letter`] for a text that is not in a Latin script.
pub fn check(invoice: &Invoice) -> Result<(), Error> {
    layout::layout(invoice, &font::Fonts::load()?).map(drop)
}

/// Writes the file.
///
/// # Errors
/// [`Error::Letter`] for a text that is not in a Latin script.
pub fn render(invoice: &Invoice) -> Result<Vec<u8>, Error> {
    let fonts = font::Fonts::load()?;
    let layout = layout::layout(invoice, &fonts)?;
    draw::draw(invoice, &layout, &fonts)
}

#[cfg(test)]
mod tests;
