//! Drawing the placed texts into a PDF, and telling screen readers their structure.

use std::{collections::BTreeMap, num::NonZeroU16};

use krilla::{
    Document, SerializeSettings,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::Point,
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    surface::Surface,
    tagging::{ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree},
    text::{Font, GlyphId, KrillaGlyph},
};

use crate::{
    Error, Invoice,
    font::{Face, Fonts},
    layout::{Element, Layout, PAGE, Run},
};

/// The pieces of content of each part of the structure.
type Parts = BTreeMap<usize, Vec<Identifier>>;

/// Writes the file.
pub fn draw(invoice: &Invoice, layout: &Layout, fonts: &Fonts) -> Result<Vec<u8>, Error> {
    let configuration = ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| Error::Pdf("the standard is not supported".to_owned()))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let parts = pages(&mut document, layout, fonts)?;
    document.set_tag_tree(tree(invoice, layout, parts));
    let metadata = Metadata::new()
        .title(invoice.title.clone())
        .language(invoice.language.clone())
        .authors(invoice.seller.first().cloned().into_iter().collect());
    document.set_metadata(metadata);
    let mut outline = Outline::new();
    let top = XyzDestination::new(0, Point::from_xy(0.0, 0.0));
    outline.push_child(OutlineNode::new(invoice.title.clone(), top));
    document.set_outline(outline);
    document.finish().map_err(|error| Error::Pdf(format!("{error:?}")))
}

fn pages(document: &mut Document, layout: &Layout, fonts: &Fonts) -> Result<Parts, Error> {
    let load = |face| Font::new(Fonts::data(face).into(), 0).ok_or(Error::Font);
    let (regular, bold) = (load(Face::Regular)?, load(Face::Bold)?);
    let mut parts = Parts::new();
    for number in 0..layout.pages {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1);
        let size = size.ok_or_else(|| Error::Pdf("the size of a page".to_owned()))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for run in layout.runs.iter().filter(|run| run.page == number) {
            let font = match run.face {
                Face::Regular => regular.clone(),
                Face::Bold => bold.clone(),
            };
            let drawn = draw_run(&mut surface, run, font, fonts)?;
            parts.entry(run.part).or_default().push(drawn);
        }
        surface.finish();
        page.finish();
    }
    Ok(parts)
}

fn draw_run(
    surface: &mut Surface<'_>,
    run: &Run,
    font: Font,
    fonts: &Fonts,
) -> Result<Identifier, Error> {
    let mut glyphs = Vec::with_capacity(run.text.len());
    for (start, letter) in run.text.char_indices() {
        let glyph = fonts.glyph(run.face, letter)?;
        let range = start..start + letter.len_utf8();
        let id = GlyphId::new(glyph.id);
        glyphs.push(KrillaGlyph::new(id, glyph.advance, 0.0, 0.0, 0.0, range, None));
    }
    let drawn = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
    let start = Point::from_xy(run.x, run.baseline);
    surface.draw_glyphs(start, &glyphs, font, &run.text, run.size, false);
    surface.end_tagged();
    Ok(drawn)
}

/// The structure: heading, paragraphs, and one table.
fn tree(invoice: &Invoice, layout: &Layout, mut parts: Parts) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(invoice.language.clone()));
    let mut table = TagGroup::new(Tag::Table);
    let mut has_table = false;
    let mut after = Vec::new();
    for element in &layout.elements {
        match element {
            Element::Title(part) => {
                let title = Tag::Hn(NonZeroU16::MIN, Some(invoice.title.clone()));
                tree.push(group(title, *part, &mut parts));
            }
            Element::Paragraph(part) if has_table => after.push(group(Tag::P, *part, &mut parts)),
            Element::Paragraph(part) => tree.push(group(Tag::P, *part, &mut parts)),
            Element::Row { cells, is_head } => {
                has_table = true;
                table.push(row(cells, *is_head, &mut parts));
            }
        }
    }
    tree.push(table);
    for paragraph in after {
        tree.push(paragraph);
    }
    tree
}

fn row(cells: &[usize], is_head: bool, parts: &mut Parts) -> TagGroup {
    let mut row = TagGroup::new(Tag::TR);
    for part in cells {
        let cell = match is_head {
            true => group(Tag::TH(TableHeaderScope::Column), *part, parts),
            false => group(Tag::TD, *part, parts),
        };
        row.push(cell);
    }
    row
}

fn group(tag: impl Into<krilla::tagging::TagKind>, part: usize, parts: &mut Parts) -> TagGroup {
    let mut group = TagGroup::new(tag);
    for piece in parts.remove(&part).unwrap_or_default() {
        group.push(piece);
    }
    group
}
