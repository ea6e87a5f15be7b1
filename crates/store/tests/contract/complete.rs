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

/// Which method gives which repository: `orders: Orders` in `repository! { … }`.
fn repositories(texts: &[String]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for text in texts {
        for declaration in text.split("\nrepository! {\n").skip(1) {
            let line = declaration.lines().map(str::trim).find(|line| !line.starts_with("///"));
            if let Some((method, repository)) = line.and_then(|line| line.split_once(": ")) {
                found.push((repository.to_owned(), method.to_owned()));
            }
        }
    }
    found
}

/// Every public statement, as it is called: `.orders().place(`.
fn statements() -> BTreeSet<String> {
    let texts: Vec<_> =
        sources("src").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let repositories = repositories(&texts);
    let mut found = BTreeSet::new();
    for text in &texts {
        let mut method = None;
        for line in text.lines() {
            if let Some(name) = name_after(line, "impl ") {
                method = repositories.iter().find(|(of, _)| of == name).map(|(_, method)| method);
            }
            if let (Some(method), Some(name)) = (method, name_after(line, "    pub async fn ")) {
                found.insert(format!(".{method}().{name}("));
            }
        }
    }
    found
}

/// The tests of the suite, apart from this file, the harness and what only one engine has.
fn contracts() -> Vec<(PathBuf, String)> {
    let tests = sources("tests/contract").into_iter();
    let own = ["complete.rs", "harness.rs", "outage.rs", "postgres.rs", "setup.rs"];
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
