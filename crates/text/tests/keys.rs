//! Keys and variables: in the sources, in the files, and in every language the same.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests stop this way")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// The sources that show texts.
const SOURCES: [&str; 4] = ["crates/pages/src", "crates/web/src", "crates/text/src", "src"];

/// Keys with the variables of their messages.
type Messages = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file below a folder with this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|one| one == extension) {
            found.push(path);
        }
    }
    found
}

/// The messages of a language's folder.
fn messages(folder: &Path) -> Messages {
    let mut found = Messages::new();
    for file in files(folder, "ftl") {
        let content = fs::read_to_string(&file).unwrap();
        let resource = fluent_syntax::parser::parse(content.as_str())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", file.display()));
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let key = message.id.name.to_owned();
                    let mut variables = BTreeSet::new();
                    collect(&message.value.expect("a message has a text"), &mut variables);
                    let earlier = found.insert(key.clone(), variables);
                    assert!(earlier.is_none(), "{key} stands in two places");
                }
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                other => panic!("{}: not a message: {other:?}", file.display()),
            }
        }
    }
    found
}

fn collect(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    let mut inline = |expression: &InlineExpression<&str>| {
        if let InlineExpression::VariableReference { id } = expression {
            variables.insert(id.name.to_owned());
        }
    };
    let mut nested = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(expression) } => {
                inline(expression);
            }
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                inline(selector);
                nested.extend(variants.iter().map(|variant| &variant.value));
            }
            PatternElement::TextElement { .. } => {}
        }
    }
    for pattern in nested {
        collect(pattern, variables);
    }
}

/// Every call of the macros for texts in the sources, without the unit tests.
fn calls() -> Vec<(String, BTreeSet<String>, String)> {
    let mut found = Vec::new();
    for folder in SOURCES {
        for file in files(&root().join(folder), "rs") {
            let name = file.display().to_string();
            if name.contains("/tests/") {
                continue;
            }
            let source = fs::read_to_string(&file).unwrap();
            let program = source.split("#[cfg(test)]\nmod tests").next().unwrap();
            let code: String =
                program.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            for macro_name in ["message!(", "message_parts!(", "t!(", "t_html!("] {
                for (at, _) in code.match_indices(macro_name) {
                    let is_whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                    if let Some((key, variables)) =
                        call(&code[at + macro_name.len()..]).filter(|_| is_whole)
                    {
                        found.push((key, variables, name.clone()));
                    }
                }
            }
        }
    }
    found
}

/// The key and the names of the variables of a call, from after its opening parenthesis.
fn call(arguments: &str) -> Option<(String, BTreeSet<String>)> {
    let mut parts = vec![String::new()];
    let (mut depth, mut is_quoted) = (0, false);
    for c in arguments.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    let mut parts = parts.iter().map(|part| part.trim());
    let key = parts.by_ref().take(2).find(|part| part.starts_with('"'))?;
    let variables = parts.filter_map(|part| part.split_once('=')).map(|(name, _)| name.trim());
    Some((key.trim_matches('"').to_owned(), variables.map(str::to_owned).collect()))
}

#[test]
fn every_call_names_a_key_of_the_files_and_all_its_variables() {
    let messages = messages(&root().join("crates/text/locales/en"));
    let calls = calls();
    assert!(calls.len() > 50, "the sources were not understood");
    for (key, variables, file) in calls {
        let known = messages.get(&key).unwrap_or_else(|| panic!("{file}: no key {key}"));
        assert_eq!(&variables, known, "{file}: the variables of {key}");
    }
}

#[test]
fn every_key_of_the_files_is_used() {
    let used: BTreeSet<_> = calls().into_iter().map(|(key, ..)| key).collect();
    let keys = messages(&root().join("crates/text/locales/en")).into_keys();
    let unused: Vec<_> = keys.filter(|key| !used.contains(key)).collect();
    assert!(unused.is_empty(), "nothing shows {unused:?}");
}

#[test]
fn no_text_asks_to_write_without_saying_where() {
    const ASK: [&str; 6] =
        ["write to", "contact us", "ask the shop", "ask us", "e-mail us", "get in touch"];
    let locales = root().join("crates/text/locales/en");
    let (mut asked, mut silent) = (0, Vec::new());
    for file in files(&locales, "ftl") {
        let content = fs::read_to_string(&file).unwrap();
        for line in content.lines().filter(|line| !line.starts_with('#')) {
            // The shop may say that it writes to somebody.
            let words = line.to_lowercase().replace("we write to", "");
            if ASK.iter().any(|phrase| words.contains(phrase)) {
                asked += 1;
                silent.extend((!words.contains("{ $contact }")).then(|| line.to_owned()));
            }
        }
    }
    assert!(asked >= 3, "the files were not understood");
    assert!(silent.is_empty(), "no contact in {silent:?}");
}

#[test]
fn every_language_has_the_keys_and_variables_of_english() {
    let locales = root().join("crates/text/locales");
    let english = messages(&locales.join("en"));
    for folder in fs::read_dir(&locales).unwrap() {
        let folder = folder.unwrap().path();
        assert_eq!(messages(&folder), english, "{}", folder.display());
    }
}
