//! What an invoice holds, and which scripts it can be written in.

use super::*;

fn invoice() -> Invoice {
    Invoice {
        language: "en".into(),
        title: "Invoice INV-2026-000001".into(),
        seller: vec!["Ada & Søns Ltd".into(), "1 Test Street, London".into()],
        buyer_label: "Invoice to".into(),
        buyer: vec!["Łukasz Nguyễn".into(), "10115 Berlin".into()],
        facts: vec![("Order number".into(), "M-2026-7K4QXZ".into())],
        columns: ["Description", "Quantity", "Price", "Amount"].map(Into::into),
        lines: vec![["Sunday mug".into(), "2".into(), "€12.00".into(), "€24.00".into()]],
        sums: vec![("Shipping".into(), "€4.90".into()), ("Total".into(), "€28.90".into())],
        notes: vec!["All prices include taxes.".into()],
    }
}

fn layout_of(invoice: &Invoice) -> layout::Layout {
    layout::layout(invoice, &font::Fonts::load().unwrap()).unwrap()
}

#[test]
fn an_invoice_is_a_tagged_pdf_of_one_page() {
    let file = render(&invoice()).unwrap();
    assert!(file.starts_with(b"%PDF-1."), "{:?}", &file[..20]);
    let text = String::from_utf8_lossy(&file);
    for part in ["/StructTreeRoot", "/MarkInfo", "/Marked true", "pdfuaid", "/Lang"] {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(layout_of(&invoice()).pages, 1);
    assert!(file.len() < 60_000, "the font is cut to what is used: {}", file.len());
}

#[test]
fn the_same_invoice_is_the_same_file() {
    assert_eq!(render(&invoice()).unwrap(), render(&invoice()).unwrap());
}

#[test]
fn many_lines_go_on_to_further_pages_within_the_margins() {
    let lines = (0..120).map(|number| {
        [
            format!(
                "Thing number {number} with a long name that takes more than one line of its column"
            ),
            "1".into(),
            "€1.00".into(),
            "€1.00".into(),
        ]
    });
    let long = Invoice { lines: lines.collect(), ..invoice() };
    let placed = layout_of(&long);
    assert!(placed.pages > 4, "{}", placed.pages);
    for run in &placed.runs {
        assert!(run.page < placed.pages, "{run:?}");
        assert!(run.baseline < layout::PAGE.1 - 40.0 && run.x >= 50.0, "{run:?}");
    }
    render(&long).unwrap();
}

#[test]
fn a_word_that_is_longer_than_a_line_is_broken() {
    let long = Invoice { buyer: vec!["W".repeat(400)], ..invoice() };
    let fonts = font::Fonts::load().unwrap();
    for run in layout_of(&long).runs {
        let width = fonts.width(run.face, run.size, &run.text).unwrap();
        assert!(run.x + width <= layout::PAGE.0 - 50.0, "{run:?}");
    }
    render(&long).unwrap();
}

#[test]
fn latin_scripts_have_all_letters_and_others_are_refused() {
    for name in [
        "Ærøskøbing Ångström",
        "Łódź Śląsk Żółć",
        "Nguyễn Thị Hương",
        "İstanbul Şişli ğ",
        "Ștefan Țurcanu",
        "Čeština Ř ě ů",
        "Ōtsu Ūbe",
        "Straße ẞ",
        "l’Haÿ-les-Roses œ",
    ] {
        let named = Invoice { buyer: vec![name.into()], ..invoice() };
        render(&named).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for (name, letter) in [
        ("प्रिया", 'प'),
        ("李", '李'),
        ("محمد", 'م'),
        ("Ωμέγα", 'Ω'),
        ("Иван", 'И'),
        ("\u{1f600}", '\u{1f600}'),
        ("Jose\u{301}", '\u{301}'),
        ("שלום", 'ש'),
    ] {
        let named = Invoice { buyer: vec![name.into()], ..invoice() };
        let error = render(&named).unwrap_err();
        assert!(matches!(error, Error::Letter(found) if found == letter), "{name}: {error}");
    }
}

#[test]
fn the_structure_has_a_heading_paragraphs_and_a_table_in_reading_order() {
    let elements = layout_of(&invoice()).elements;
    let rows = elements.iter().filter(|one| matches!(one, layout::Element::Row { .. }));
    assert_eq!(rows.count(), 4, "columns, one line, two sums");
    let titles = elements.iter().filter(|one| matches!(one, layout::Element::Title(_)));
    assert_eq!(titles.count(), 1);
    assert!(matches!(elements.last(), Some(layout::Element::Paragraph(_))));
}
