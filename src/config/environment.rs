//! The sources of settings: the environment, and the file `.env` for what the environment
//! does not set.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::Path,
};

use super::{listing::Source, reader::ConfigError};

/// The name of the file.
const FILE: &str = ".env";
/// A valid line of the file.
const EXAMPLE: &str = "MARIGOLD_SHOP_NAME=\"Ada & Sons\"";

/// The value of a variable, and its source.
#[derive(Clone)]
pub(super) struct Variable {
    /// The value, without space around it.
    pub value: String,
    /// Its source.
    pub source: Source,
}

/// All variables. Values may be secrets, so it is never printed.
#[derive(Clone, Default)]
pub struct Environment {
    pub(super) variables: BTreeMap<String, Variable>,
    /// The error of the file, if it cannot be read.
    pub(super) problem: Option<ConfigError>,
}

impl Environment {
    /// Reads the environment and the file `.env` of the working directory, or of the nearest
    /// folder above it that has one. The environment has precedence.
    ///
    /// The file's variables become part of the environment, because libraries read some
    /// of their own, such as `HTTPS_PROXY`. Call it before the first thread starts.
    pub fn load() -> Self {
        let own: BTreeSet<OsString> = std::env::vars_os().map(|(name, _)| name).collect();
        let file = std::fs::read_to_string(FILE).unwrap_or_default();
        let error = dotenvy::dotenv().err().filter(is_of_file);
        let problem = error.as_ref().map(|error| file_error(error, &file));
        let mut environment = Self { problem, ..Self::default() };
        for (name, value) in std::env::vars_os() {
            let source = if own.contains(&name) { Source::Environment } else { Source::File };
            if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) {
                environment.insert(name, &value, source);
            }
        }
        environment
    }

    /// The environment with another value of one variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.insert(name.to_owned(), value, Source::Environment);
        self
    }

    pub(super) fn insert(&mut self, name: String, value: &str, source: Source) {
        self.variables.insert(name, Variable { value: value.trim().to_owned(), source });
    }
}

impl From<BTreeMap<String, String>> for Environment {
    fn from(variables: BTreeMap<String, String>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            environment.insert(name, &value, Source::Environment);
        }
        environment
    }
}

/// Whether there is a file that cannot be read. It is no error if there is none, or if a
/// folder above cannot be searched.
fn is_of_file(error: &dotenvy::Error) -> bool {
    matches!(error, dotenvy::Error::LineParse(..)) || Path::new(FILE).is_file()
}

/// The error of the file. A line may be a secret, so the error repeats only the name before
/// the `=`. dotenvy names the text that it could not parse, which may be the value alone; so
/// the line is looked up in the file.
fn file_error(error: &dotenvy::Error, file: &str) -> ConfigError {
    let problem = match error {
        dotenvy::Error::LineParse(broken, _) => {
            let name = file.lines().find(|line| line.contains(broken)).and_then(name_of);
            format!(
                "cannot be read {}: each line is NAME=value, and a value with spaces stands in quotes",
                name.map_or("to its end".to_owned(), |name| format!("at {name}")),
            )
        }
        error => format!("cannot be read: {error}"),
    };
    ConfigError::new(&format!("the file {FILE}"), problem, EXAMPLE)
}

/// The name in a line, if it is spelt like the name of a setting.
fn name_of(line: &str) -> Option<&str> {
    let name = line.split_once('=')?.0.trim();
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (!name.is_empty() && name.bytes().all(is_letter)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_of_the_file_is_named_without_its_value() {
        let file = "MARIGOLD_ENV=demo\nMETA_APP_SECRET=my secret words\nmy secret=words\n";
        let said = |broken: &str| {
            file_error(&dotenvy::Error::LineParse(broken.into(), 1), file).to_string()
        };
        for broken in ["META_APP_SECRET=my secret words", "my secret words"] {
            let said = said(broken);
            assert!(said.contains("the file .env cannot be read at META_APP_SECRET"), "{said}");
            assert!(!said.contains("words"), "{said}");
        }
        let said = said("my secret=words");
        assert!(!said.contains("my secret"), "{said}");
    }
}
