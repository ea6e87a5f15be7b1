//! The sources of settings: the environment, and the file `.env` for what the environment
//! does not set.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs, io,
    path::{Path, PathBuf},
};

use super::{error::ConfigError, listing::Source};

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
    /// The variables of the environment whose value is no UTF-8.
    pub(super) unreadable: BTreeSet<String>,
    /// The error of the file, if it cannot be read whole.
    pub(super) problem: Option<ConfigError>,
    /// The file, if there is one.
    file: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment and the file `.env` of the working directory, or of the nearest
    /// folder above it that has one. The environment has precedence. A file that exists and
    /// cannot be read whole is an error: the line that cannot be read might be the one that says
    /// that this is production.
    ///
    /// The file's variables become part of the environment, because libraries read some
    /// of their own, such as `HTTPS_PROXY`. Call it before the first thread starts.
    pub fn load() -> Self {
        let mut environment = Self::default();
        let own: Vec<_> = env::vars_os().collect();
        match env::current_dir().map(|folder| find(&folder)) {
            Ok(None) | Err(_) => {}
            Ok(Some(file)) => {
                match read(&file) {
                    Ok(lines) => environment.add_file(lines),
                    Err(problem) => environment.problem = Some(problem),
                }
                environment.file = Some(file);
            }
        }
        for (name, value) in own {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                // An empty variable counts as absent, so it does not hide that of the file.
                Ok(value) if value.trim().is_empty() => {
                    environment
                        .variables
                        .entry(name)
                        .or_insert(Variable { value: String::new(), source: Source::Environment });
                }
                Ok(value) => environment.insert(name, &value, Source::Environment),
                Err(_) => drop(environment.unreadable.insert(name)),
            }
        }
        environment
    }

    /// The file `.env` that was read, if there is one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The environment with another value of one variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.insert(name.to_owned(), value, Source::Environment);
        self
    }

    pub(super) fn insert(&mut self, name: String, value: &str, source: Source) {
        self.variables.insert(name, Variable { value: value.trim().to_owned(), source });
    }

    fn add_file(&mut self, Lines { text, variables }: Lines) {
        // It fails only for what `read` has found to be good.
        dotenvy::from_read(text.as_bytes()).ok();
        for (name, value) in variables {
            self.insert(name, &value, Source::File);
        }
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

/// What a file holds.
#[derive(Debug)]
struct Lines {
    text: String,
    variables: BTreeMap<String, String>,
}

/// The nearest file of that name, from this folder upwards. In this folder, anything of that name
/// is meant to be the file; in those above, only a file is, because others keep folders of that
/// name. A link without a target counts, because it is a file that cannot be read.
fn find(folder: &Path) -> Option<PathBuf> {
    let own = folder.join(FILE);
    if fs::symlink_metadata(&own).is_ok() {
        return Some(own);
    }
    let mut above = folder.ancestors().skip(1).map(|folder| folder.join(FILE));
    above.find(|file| fs::symlink_metadata(file).is_ok_and(|found| !found.is_dir()))
}

/// Reads a file whole.
fn read(file: &Path) -> Result<Lines, ConfigError> {
    let wrong = |problem: String| ConfigError::new(&named(file), problem, EXAMPLE);
    let text = fs::read_to_string(file).map_err(|error| {
        wrong(match error.kind() {
            io::ErrorKind::InvalidData => {
                "cannot be read: it is not UTF-8. Save it as UTF-8".to_owned()
            }
            io::ErrorKind::IsADirectory => "cannot be read: it is a folder".to_owned(),
            _ => format!("cannot be read: {error}. Let the user of the shop read it, or remove it"),
        })
    })?;
    // Windows' Notepad writes the mark at the beginning.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    let variables = parse(&text).map_err(wrong)?;
    Ok(Lines { text, variables })
}

/// The name of the file, with its folder if that is not the working directory.
fn named(file: &Path) -> String {
    let is_here = env::current_dir().is_ok_and(|folder| file.parent() == Some(&folder));
    if is_here { format!("the file {FILE}") } else { format!("the file {}", file.display()) }
}

/// The variables of a file, or the problem of its first line that cannot be read.
fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut variables = BTreeMap::new();
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        let (name, value) = item.map_err(|error| problem_of(&error, text))?;
        if text.contains('\0') {
            return Err("cannot be read: it has a NUL character".to_owned());
        }
        match variables.get(&name) {
            Some(first) if *first != value => {
                return Err(format!("has {name} twice, with different values"));
            }
            _ => drop(variables.insert(name, value)),
        }
    }
    Ok(variables)
}

/// What is wrong with a line. A line may be a secret, so only its number and the name before its
/// `=` are repeated. dotenvy names the text that it could not parse, which may be the value
/// alone; so the line is looked up in the file.
fn problem_of(error: &dotenvy::Error, text: &str) -> String {
    let dotenvy::Error::LineParse(broken, _) = error else {
        return format!("cannot be read: {error}");
    };
    let broken = broken.trim_end();
    let of_value = text.find(&format!("={broken}"));
    let place = of_value.or_else(|| text.find(broken));
    let number = place.map(|place| text.get(..place).unwrap_or_default().matches('\n').count() + 1);
    let line = number.and_then(|number| text.lines().nth(number - 1));
    let at = match (number, line.and_then(name_of)) {
        (Some(number), Some(name)) => format!("at line {number}, {name}"),
        (Some(number), None) => format!("at line {number}"),
        (None, _) => "to its end".to_owned(),
    };
    format!(
        "cannot be read {at}: each line is NAME=value, and a value with spaces stands in quotes"
    )
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
        for (text, problem) in [
            ("MARIGOLD_SHOP_NAME=My Shop\nMARIGOLD_ENV=production\n", "line 1, MARIGOLD_SHOP_NAME"),
            ("A=1\nMETA_APP_SECRET=my secret words\n", "line 2, META_APP_SECRET"),
            ("# note\n\nMETA_APP_SECRET='my secret words\n", "line 3, META_APP_SECRET"),
            ("META_APP_SECRET=\"my secret words\nMARIGOLD_ENV=production\n", "line 1"),
            ("MARIGOLD_ENV production\n", "line 1"),
            ("MARIGOLD_ENV: production\n", "line 1"),
            ("A=1\r\nMARIGOLD_SHOP_NAME=My secret Shop\r\n", "line 2, MARIGOLD_SHOP_NAME"),
            ("my secret=words\n", "line 1"),
            ("MARIGOLD_ENV=production\nMARIGOLD_ENV=demo\n", "has MARIGOLD_ENV twice"),
            ("=production\n", "line 1"),
        ] {
            let said = parse(text).unwrap_err();
            assert!(said.contains(problem), "{text:?}: {said}");
            assert!(!said.contains("secret") && !said.contains("Shop:"), "{text:?}: {said}");
        }
    }

    #[test]
    fn a_good_file_is_read_whole() {
        for (text, expected) in [
            ("MARIGOLD_ENV=production", "production"),
            ("# note\n\nexport MARIGOLD_ENV=production # of 2026\n", "production"),
            ("MARIGOLD_ENV='production'\r\n", "production"),
            ("MARIGOLD_ENV=\"two words\"\n", "two words"),
            ("MARIGOLD_ENV=production\nMARIGOLD_ENV=production\n", "production"),
            ("MARIGOLD_ENV =production\n", "production"),
            ("MARIGOLD_ENV=\n", ""),
            ("A=prod\nMARIGOLD_ENV=${A}uction\n", "production"),
        ] {
            assert_eq!(parse(text).unwrap()["MARIGOLD_ENV"], expected, "{text:?}");
        }
    }
}
