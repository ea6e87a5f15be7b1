//! Compares the register in docs/SECURITY.md with the sources: an id that a test or a
//! comment carries has a row, and a row names tests and modules that exist.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use domain::{Channel, Purpose};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Folders with Rust sources and with the browser tests.
const FOLDERS: [&str; 6] = ["crates", "src", "tests", "benches", "fuzz", "end2end"];
/// Folders with what was built or installed.
const GENERATED: [&str; 3] = ["target", "node_modules", "test-results"];

/// One row of the register.
struct Row {
    id: String,
    modules: Vec<String>,
    tests: Vec<String>,
    titles: Vec<String>,
}

/// What the sources contain.
#[derive(Default)]
struct Sources {
    /// Every function.
    functions: BTreeSet<String>,
    /// The TypeScript sources, in which the titles of browser tests are searched.
    browser_tests: String,
    /// Each id, and the tests and files that carry it.
    uses: BTreeMap<String, BTreeSet<String>>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Sources {
    fn read() -> Result<Self> {
        let mut sources = Self::default();
        for folder in FOLDERS {
            for path in files(&root().join(folder))? {
                let text = fs::read_to_string(&path)?;
                let name = path.strip_prefix(root())?.display().to_string();
                let is_rust = name.ends_with(".rs");
                if !is_rust {
                    sources.browser_tests.push_str(&text);
                }
                for line in joined_macros(&text).lines() {
                    sources.read_line(line, &name, is_rust);
                }
            }
        }
        Ok(sources)
    }

    fn read_line(&mut self, line: &str, file: &str, is_rust: bool) {
        for id in ids_in_text(line) {
            self.carries(id, file);
        }
        if is_rust {
            let Some(name) = function_name(line) else { return };
            for id in leading_ids(name.split('_')) {
                self.carries(id, name);
            }
            self.functions.insert(name.to_owned());
        } else if let Some(title) = title(line) {
            for id in leading_ids(title.split(' ')) {
                self.carries(id, &format!("\"{title}\""));
            }
        }
    }

    fn carries(&mut self, id: String, what: &str) {
        self.uses.entry(id).or_default().insert(what.to_owned());
    }
}

/// Every Rust and TypeScript file below a folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if GENERATED.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "ts") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The macros that make a test for each database of the name that they begin with.
const TEST_MACROS: [&str; 2] = ["on_both_engines!(", "contract!("];

/// The text with the name of each such test in the line of its macro, from which the formatter
/// separates a long name.
fn joined_macros(text: &str) -> String {
    TEST_MACROS.iter().fold(text.to_owned(), |text, start| {
        text.replace(&format!("\n{start}\n    "), &format!("\n{start}"))
    })
}

/// The name in `async fn name(`, or in `contract!(name, …)`.
fn function_name(line: &str) -> Option<&str> {
    let of_macro = TEST_MACROS.iter().find_map(|start| line.strip_prefix(start));
    let (before, rest) = match of_macro {
        Some(rest) => ("", rest),
        None => line.split_once("fn ")?,
    };
    let is_definition = !before.contains(['"', '/']);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    (is_definition && end > 0).then(|| &rest[..end])
}

/// The title in `test('title', …)`.
fn title(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("test(")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    rest[1..].split(quote).next()
}

/// The ids that the words of a test name begin with: `x14`, `sa22`, and `s_a22` in two words.
fn leading_ids<'w>(words: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut ids = Vec::new();
    let mut half = "";
    for word in words {
        let whole = format!("{half}{word}");
        half = "";
        let Some((kind, number)) = whole.split_at_checked(1) else { break };
        match kind {
            "x" if is_attack(number) => ids.push(format!("X-{number}")),
            "s" if number.is_empty() => half = "s",
            "s" if is_standard(number) => ids.push(format!("S-{}", number.to_uppercase())),
            _ => break,
        }
    }
    ids
}

/// The ids in a comment or message: `X-14`, `S-A22`.
fn ids_in_text(line: &str) -> Vec<String> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .filter(|word| match word.split_at_checked(2) {
            Some(("X-", number)) => is_attack(number),
            Some(("S-", number)) => is_standard(&number.to_lowercase()),
            _ => false,
        })
        .map(str::to_owned)
        .collect()
}

fn is_attack(number: &str) -> bool {
    matches!(number.len(), 2 | 3) && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_standard(number: &str) -> bool {
    let mut bytes = number.bytes();
    bytes.next().is_some_and(|letter| letter.is_ascii_lowercase())
        && bytes.len() == 2
        && bytes.all(|byte| byte.is_ascii_digit())
}

/// The rows of the register: id, rule, modules, tests.
fn register() -> Result<Vec<Row>> {
    let text = fs::read_to_string(root().join("docs/SECURITY.md"))?;
    let rows = text.lines().filter(|line| line.starts_with("| S-") || line.starts_with("| X-"));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _rule, modules, tests] = cells[..] else {
            return Err(format!("the row has not four cells: {line}").into());
        };
        Ok(Row {
            id: id.to_owned(),
            modules: between(modules, '`'),
            tests: between(tests, '`'),
            titles: between(tests, '"'),
        })
    })
    .collect()
}

/// The texts between two of these marks.
fn between(cell: &str, mark: char) -> Vec<String> {
    cell.split(mark).skip(1).step_by(2).map(str::to_owned).collect()
}

/// The files in which a module such as `shop::codes::verify` can be.
fn files_of(module: &str) -> [PathBuf; 3] {
    let mut parts = module.split("::");
    let folder = match parts.next().unwrap_or_default() {
        "marigold" => root().join("src"),
        name => root().join("crates").join(name.replace('_', "-")).join("src"),
    };
    let path = parts.fold(folder, |path, part| path.join(part));
    [path.with_extension("rs"), path.join("mod.rs"), path.join("lib.rs")]
}

/// Files of the same name in other folders, to which the module may have moved.
fn elsewhere(module: &str) -> Result<String> {
    let name = module.rsplit("::").next().unwrap_or_default();
    let is_name = |path: &Path| path.file_stem().is_some_and(|stem| stem == name);
    let mut found = Vec::new();
    for folder in ["crates", "src"] {
        for path in files(&root().join(folder))? {
            if is_name(&path) || path.ends_with("mod.rs") && path.parent().is_some_and(is_name) {
                found.push(path.strip_prefix(root())?.display().to_string());
            }
        }
    }
    Ok(found.join(", "))
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "docs/SECURITY.md:\n  {}\n", wrong.join("\n  "));
}

#[test]
fn every_id_in_the_sources_has_one_row() -> Result<()> {
    let rows = register()?;
    let mut wrong = Vec::new();
    for (id, holders) in Sources::read()?.uses {
        let count = rows.iter().filter(|row| row.id == id).count();
        if count != 1 {
            let holders: Vec<_> = holders.into_iter().collect();
            wrong.push(format!("{id} has {count} rows; it is used in {}", holders.join(", ")));
        }
    }
    assert_none(&wrong);
    Ok(())
}

#[test]
fn every_row_names_tests_that_exist() -> Result<()> {
    let sources = Sources::read()?;
    let mut wrong = Vec::new();
    for row in register()? {
        let missing_tests = row.tests.iter().filter(|name| !sources.functions.contains(*name));
        let missing_titles = row.titles.iter().filter(|title| {
            !["'", "`", "\""]
                .iter()
                .any(|quote| sources.browser_tests.contains(&format!("test({quote}{title}")))
        });
        let holders = sources.uses.get(&row.id).into_iter().flatten();
        let holders: Vec<_> = holders.map(String::as_str).collect();
        for missing in missing_tests.chain(missing_titles) {
            wrong.push(format!(
                "{}: there is no test {missing}; the id is used in {}",
                row.id,
                holders.join(", ")
            ));
        }
        if row.tests.is_empty() && row.titles.is_empty() {
            wrong.push(format!("{} names no test", row.id));
        }
    }
    assert_none(&wrong);
    Ok(())
}

#[test]
fn every_row_names_modules_that_exist() -> Result<()> {
    let mut wrong = Vec::new();
    for row in register()? {
        for module in &row.modules {
            if !files_of(module).iter().any(|file| file.is_file()) {
                let moved = elsewhere(module)?;
                wrong.push(format!("{}: there is no module {module}; compare {moved}", row.id));
            }
        }
        if row.modules.is_empty() {
            wrong.push(format!("{} names no module", row.id));
        }
    }
    assert_none(&wrong);
    Ok(())
}

#[test]
fn ids_are_found_in_names_titles_and_comments() {
    assert_eq!(leading_ids("x24_s_a14_so10_a_code_x99".split('_')), ["X-24", "S-A14", "S-O10"]);
    assert!(leading_ids("sha256_mac".split('_')).is_empty());
    assert_eq!(ids_in_text("// (S-A22, X-100: X-Hub-1)"), ["S-A22", "X-100"]);
    assert_eq!(function_name("    async fn x14_one() {"), Some("x14_one"));
    let joined = joined_macros("}\n\ncontract!(\n    x14_two,\n    async |db: Db| {");
    assert_eq!(joined.lines().find_map(function_name), Some("x14_two"));
    assert_eq!(title("  test('x82 after', async"), Some("x82 after"));
}

/// The matches have no wildcard: a new channel or purpose does not compile until
/// this test decides about it.
#[test]
fn sa20_a_code_goes_by_whatsapp_or_text_message_only() {
    let reaches_a_phone = |channel| match channel {
        Channel::WhatsApp | Channel::Sms => true,
    };
    let has_no_address = |purpose| match purpose {
        Purpose::Login
        | Purpose::Reset
        | Purpose::Payment
        | Purpose::Phone
        | Purpose::StepUp
        | Purpose::OrderLookup => true,
    };
    assert!([Channel::WhatsApp, Channel::Sms].into_iter().all(reaches_a_phone));
    assert!(Purpose::ALL.into_iter().all(has_no_address));
}
