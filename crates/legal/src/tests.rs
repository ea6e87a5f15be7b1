//! Which pages are accepted, and how they are shown.

use super::*;

const PLACEHOLDERS: Placeholders<'static> =
    Placeholders { shop_name: "Ada & <Sons> *Ltd*", contact: "help@shop.example" };

fn page(text: &str) -> Result<LegalPage, PageProblem> {
    LegalPage::read(LegalKind::Terms, "en", text, &PLACEHOLDERS)
}

/// A folder with every English page, and these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let all = LegalKind::ALL.iter().map(|kind| (format!("en/{}.md", kind.as_str()), "# Own\n\nx"));
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), *text));
    for (name, text) in all.chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn read(folder: &tempfile::TempDir) -> Result<LegalPages, Error> {
    LegalPages::read(folder.path(), &PLACEHOLDERS)
}

#[test]
fn a_page_is_rendered_below_its_title() {
    let page = page("# Our *terms*\n\n## Prices\n\nThey include [tax](/terms).\n").unwrap();
    assert_eq!(page.title(), "Our terms");
    let html = "<h2>Prices</h2>\n<p>They include <a href=\"/terms\">tax</a>.</p>\n";
    assert_eq!(page.html(), html);
}

#[test]
fn x180_html_pictures_and_scripts_in_links_are_refused_with_their_line() {
    for (text, problem) in [
        ("<script>alert(1)</script>", PageProblem::Html { line: 3 }),
        ("a <b onclick=alert(1)>b</b>", PageProblem::Html { line: 3 }),
        ("x\n\n<!-- hidden -->", PageProblem::Html { line: 5 }),
        ("- a\n- <img src=x onerror=alert(1)>", PageProblem::Html { line: 4 }),
        ("![logo](https://elsewhere.example/x.png)", PageProblem::Picture { line: 3 }),
        ("[x](javascript:alert(1))", PageProblem::Link { line: 3 }),
        ("[x](JaVaScRiPt:alert%281%29)", PageProblem::Link { line: 3 }),
        ("[x](&#106;avascript:alert(1))", PageProblem::Link { line: 3 }),
        ("[x](data:text/html,hello)", PageProblem::Link { line: 3 }),
        ("[x](//elsewhere.example)", PageProblem::Link { line: 3 }),
        ("<javascript:alert(1)>", PageProblem::Link { line: 3 }),
        ("[x][y]\n\n[y]: vbscript:x", PageProblem::Link { line: 3 }),
        ("[x](http://plain.example)", PageProblem::Link { line: 3 }),
        ("# Another", PageProblem::SecondTitle { line: 3 }),
    ] {
        assert_eq!(page(&format!("# T\n\n{text}\n")).unwrap_err(), problem, "{text}");
    }
}

#[test]
fn links_to_pages_e_mail_addresses_and_phones_are_kept() {
    for (text, href) in [
        ("[a](https://shop.example/x?y=1)", "https://shop.example/x?y=1"),
        ("<help@shop.example>", "mailto:help@shop.example"),
        ("[a](mailto:help@shop.example)", "mailto:help@shop.example"),
        ("[a](tel:+447700900123)", "tel:+447700900123"),
        ("[a](/returns)", "/returns"),
        ("[a](#part)", "#part"),
    ] {
        let page = page(&format!("# T\n\n{text}\n")).unwrap();
        assert!(page.html().contains(&format!("href=\"{href}\"")), "{text}: {}", page.html());
    }
}

#[test]
fn placeholders_are_written_literally_and_unknown_ones_are_refused() {
    let page_of = |text: &str| page(&format!("# T\n\n{text}\n"));
    let html = page_of("{shop}: {contact}").unwrap().html().to_owned();
    let expected = "<p>Ada &amp; &lt;Sons&gt; *Ltd*: \
                    <a href=\"mailto:help@shop.example\">help@shop.example</a></p>\n";
    assert_eq!(html, expected);
    let unknown = PageProblem::Placeholder { name: "owner".into(), line: 3 };
    assert_eq!(page_of("{owner}").unwrap_err(), unknown);
    assert!(page_of("an open { brace").is_ok());
}

#[test]
fn a_page_without_a_title_is_refused() {
    for text in ["", "Text", "## Lower", "#\n\nText", "Text\n\n# Late"] {
        assert_eq!(page(text).unwrap_err(), PageProblem::NoTitle, "{text}");
    }
}

#[test]
fn a_version_changes_with_every_letter_and_not_with_line_ends() {
    let version = |text: &str| page(text).unwrap().version().to_owned();
    assert_eq!(version("# T\n\nx"), version("\u{feff}# T\r\n\r\nx"));
    assert_ne!(version("# T\n\nx"), version("# T\n\ny"));
    assert_eq!(version("# T").len(), 64);
}

#[test]
fn another_language_is_shown_where_it_exists_and_english_elsewhere() {
    let folder = folder(&[("de/terms.md", "# AGB\n"), ("notes/terms.txt", "no page")]);
    let pages = read(&folder).unwrap();
    let title = |kind, language| pages.page(kind, language).unwrap().title().to_owned();
    assert_eq!(title(LegalKind::Terms, "de"), "AGB");
    assert_eq!(title(LegalKind::Terms, "fr"), "Own");
    assert_eq!(title(LegalKind::Imprint, "de"), "Own");
    assert_eq!(pages.page(LegalKind::Imprint, "de").unwrap().language(), "en");
}

#[test]
fn a_missing_page_is_named() {
    let folder = folder(&[]);
    fs::remove_file(folder.path().join("en/imprint.md")).unwrap();
    let said = read(&folder).unwrap_err().to_string();
    assert!(said.contains("en/imprint.md is missing"), "{said}");
}

#[test]
fn x181_nothing_is_sold_with_samples_or_gaps() {
    let samples = LegalPages::samples(&PLACEHOLDERS).unwrap();
    assert_eq!(samples.check_for_sale(), Err(Error::Samples));
    for page in samples.all() {
        assert_eq!(page.unfinished(), Some(PageProblem::Sample), "{}", page.title());
    }
    read(&folder(&[])).unwrap().check_for_sale().unwrap();
    for (file, text, said) in [
        ("en/terms.md", "# T\n\nThis page is a sample.", "en/terms.md still says"),
        ("en/imprint.md", "# T\n\n[[street and number]]", "has [[street and number]] to fill in"),
        ("de/imprint.md", "# T\n\n[[Straße]]", "de/imprint.md has [[Straße]]"),
    ] {
        let pages = read(&folder(&[(file, text)])).unwrap();
        let found = pages.check_for_sale().unwrap_err().to_string();
        assert!(found.contains(said), "{found}");
    }
}
