//! The suite is complete: each public statement of the store is called in it,
//! and each of its tests runs on both engines. Read from the sources, so that a
//! new statement cannot be forgotten.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Every Rust file below a folder of this package.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The name that follows `before` at the start of a line.
fn name_after<'t>(line: &'t str, before: &str) -> Option<&'t str> {
    let rest = line.strip_prefix(before)?;
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
}

/// Which noun gives which type: `pub fn orders(&mut self) -> Orders<'_>`.
fn nouns(texts: &[String]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let Some((noun, kind)) = line.trim().split_once("(&mut self) -> ") else { continue };
        if let (Some(noun), Some(kind)) = (name_after(noun, "pub fn "), kind.strip_suffix("<'_> {"))
        {
            found.push((kind.to_owned(), noun.to_owned()));
        }
    }
    found
}

/// Every public statement, as it is called: `.orders().place(`.
fn statements() -> BTreeSet<String> {
    let texts: Vec<_> =
        sources("src").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let nouns = nouns(&texts);
    let mut found = BTreeSet::new();
    for text in &texts {
        let mut noun = None;
        for line in text.lines() {
            if let Some(kind) = name_after(line, "impl ") {
                noun = nouns.iter().find(|(of, _)| of == kind).map(|(_, noun)| noun);
            }
            if let (Some(noun), Some(name)) = (noun, name_after(line, "    pub async fn ")) {
                found.insert(format!(".{noun}().{name}("));
            }
        }
    }
    found
}

/// The tests of the suite, apart from this file and the harness.
fn contracts() -> Vec<(PathBuf, String)> {
    let tests = sources("tests/contract").into_iter();
    let own = ["complete.rs", "harness.rs"];
    tests
        .filter(|path| !own.iter().any(|name| path.ends_with(name)))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn every_statement_is_called_in_the_contract_suite() {
    let statements = statements();
    assert!(statements.len() > 100, "the sources were not understood: {statements:?}");
    let called: String = contracts()
        .iter()
        .flat_map(|(_, text)| text.lines())
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(str::split_whitespace)
        .collect();
    let missing: Vec<_> = statements.iter().filter(|call| !called.contains(*call)).collect();
    assert!(missing.is_empty(), "no contract test calls {missing:?}");
}

#[test]
fn every_test_of_the_contract_suite_runs_on_both_engines() {
    for (path, text) in contracts() {
        let alone = text.contains("::test]") || text.contains("#[test]");
        assert!(!alone, "{} has a test outside contract!", path.display());
    }
}
