//! Where every text stands: sizes in points, pages of A4, from the top left corner.

use crate::{
    Error, Invoice,
    font::{Face, Fonts},
};

/// The width and height of a page.
pub const PAGE: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 56.0;
const RIGHT: f32 = PAGE.0 - MARGIN;
const BOTTOM: f32 = PAGE.1 - MARGIN;
/// The right edges of the columns with numbers: quantity, price, amount.
const NUMBER_EDGES: [f32; 3] = [360.0, 450.0, RIGHT];
/// The width of the column with descriptions.
const DESCRIPTION_WIDTH: f32 = 240.0;
/// Where the values of facts begin.
const FACT_VALUES: f32 = MARGIN + 130.0;
const TEXT_SIZE: f32 = 10.0;
const TITLE_SIZE: f32 = 20.0;
/// The height of a line, for a font size of 1.
const LINE_HEIGHT: f32 = 1.45;

/// A text in one place.
#[derive(Clone, Debug)]
pub struct Run {
    /// The page, from 0.
    pub page: usize,
    /// The left end.
    pub x: f32,
    /// The line on which the letters stand.
    pub baseline: f32,
    /// The font size.
    pub size: f32,
    /// The weight.
    pub face: Face,
    /// The text.
    pub text: String,
    /// Which part of the structure it belongs to.
    pub part: usize,
}

/// The logical structure, in reading order. Numbers are those of [`Run::part`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// The heading of the document.
    Title(usize),
    /// A paragraph.
    Paragraph(usize),
    /// A row of a table; `is_head` for the names of the columns.
    Row {
        /// Its cells.
        cells: Vec<usize>,
        /// Whether it names the columns.
        is_head: bool,
    },
}

/// Every text in its place, and the structure.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The texts.
    pub runs: Vec<Run>,
    /// The structure.
    pub elements: Vec<Element>,
    /// The number of pages.
    pub pages: usize,
}

/// Places the texts of an invoice.
pub fn layout(invoice: &Invoice, fonts: &Fonts) -> Result<Layout, Error> {
    let mut writer = Writer { layout: Layout::default(), fonts, page: 0, y: MARGIN, parts: 0 };
    for line in &invoice.seller {
        writer.paragraph(Face::Regular, TEXT_SIZE, line)?;
    }
    writer.y += 24.0;
    writer.paragraph(Face::Bold, TEXT_SIZE, &invoice.buyer_label)?;
    for line in &invoice.buyer {
        writer.paragraph(Face::Regular, TEXT_SIZE, line)?;
    }
    writer.y += 24.0;
    writer.title(&invoice.title)?;
    for (label, value) in &invoice.facts {
        writer.fact(label, value)?;
    }
    writer.y += 16.0;
    writer.row(&invoice.columns, Face::Bold, true)?;
    for line in &invoice.lines {
        writer.row(line, Face::Regular, false)?;
    }
    writer.y += 8.0;
    let last = invoice.sums.len().saturating_sub(1);
    for (number, (label, amount)) in invoice.sums.iter().enumerate() {
        let face = if number == last { Face::Bold } else { Face::Regular };
        let row = [label.clone(), String::new(), String::new(), amount.clone()];
        writer.row(&row, face, false)?;
    }
    writer.y += 16.0;
    for note in &invoice.notes {
        writer.paragraph(Face::Regular, TEXT_SIZE, note)?;
    }
    writer.layout.pages = writer.page + 1;
    Ok(writer.layout)
}

struct Writer<'f> {
    layout: Layout,
    fonts: &'f Fonts,
    page: usize,
    /// Where the next line begins.
    y: f32,
    parts: usize,
}

impl Writer<'_> {
    fn title(&mut self, text: &str) -> Result<(), Error> {
        let part = self.part();
        self.lines(part, MARGIN, RIGHT - MARGIN, Face::Bold, TITLE_SIZE, text)?;
        self.layout.elements.push(Element::Title(part));
        Ok(())
    }

    fn paragraph(&mut self, face: Face, size: f32, text: &str) -> Result<(), Error> {
        let part = self.part();
        self.lines(part, MARGIN, RIGHT - MARGIN, face, size, text)?;
        self.layout.elements.push(Element::Paragraph(part));
        Ok(())
    }

    fn fact(&mut self, label: &str, value: &str) -> Result<(), Error> {
        let part = self.part();
        let top = self.line_top(TEXT_SIZE);
        self.run(part, MARGIN, top, Face::Regular, TEXT_SIZE, &format!("{label} "));
        self.fonts.width(Face::Regular, TEXT_SIZE, label)?;
        self.lines(part, FACT_VALUES, RIGHT - FACT_VALUES, Face::Regular, TEXT_SIZE, value)?;
        self.layout.elements.push(Element::Paragraph(part));
        Ok(())
    }

    /// A row of the table: a description, which may take several lines, and numbers.
    fn row(&mut self, cells: &[String; 4], face: Face, is_head: bool) -> Result<(), Error> {
        let top = self.line_top(TEXT_SIZE);
        let [description, numbers @ ..] = cells;
        let mut parts = vec![self.part()];
        for (number, edge) in numbers.iter().zip(NUMBER_EDGES) {
            let part = self.part();
            let width = self.fonts.width(face, TEXT_SIZE, number)?;
            self.run(part, edge - width, top, face, TEXT_SIZE, number);
            parts.push(part);
        }
        if let Some(first) = parts.first() {
            self.lines(*first, MARGIN, DESCRIPTION_WIDTH, face, TEXT_SIZE, description)?;
        }
        self.layout.elements.push(Element::Row { cells: parts, is_head });
        Ok(())
    }

    /// A text in lines of at most this width.
    fn lines(
        &mut self,
        part: usize,
        x: f32,
        width: f32,
        face: Face,
        size: f32,
        text: &str,
    ) -> Result<(), Error> {
        for line in self.broken(face, size, width, text)? {
            let top = self.line_top(size);
            self.run(part, x, top, face, size, &line);
            self.y = top + size * LINE_HEIGHT;
        }
        Ok(())
    }

    /// The lines of a text, broken between words, and within a word that is too long for a line.
    fn broken(&self, face: Face, size: f32, max: f32, text: &str) -> Result<Vec<String>, Error> {
        let mut lines = vec![String::new()];
        let mut width = 0.0;
        for word in text.split_inclusive(' ') {
            let word_width = self.fonts.width(face, size, word.trim_end())?;
            if width > 0.0 && width + word_width > max {
                lines.push(String::new());
                width = 0.0;
            }
            for letter in word.chars() {
                let advance = self.fonts.glyph(face, letter)?.advance * size;
                if width + advance > max && word_width > max {
                    lines.push(String::new());
                    width = 0.0;
                }
                if let Some(line) = lines.last_mut() {
                    line.push(letter);
                }
                width += advance;
            }
        }
        Ok(lines)
    }

    /// Where a line begins, on the next page if there is no room on this one.
    fn line_top(&mut self, size: f32) -> f32 {
        if self.y + size * LINE_HEIGHT > BOTTOM {
            self.page += 1;
            self.y = MARGIN;
        }
        self.y
    }

    fn run(&mut self, part: usize, x: f32, top: f32, face: Face, size: f32, text: &str) {
        if text.is_empty() {
            return;
        }
        let (page, baseline, text) = (self.page, top + size, text.to_owned());
        self.layout.runs.push(Run { page, x, baseline, size, face, text, part });
    }

    fn part(&mut self) -> usize {
        self.parts += 1;
        self.parts
    }
}
