//! Reads and checks settings one by one, and records each with its value and its errors. Only
//! the reader sees the variables, so none can be read without being listed.

use super::{
    environment::{Environment, Variable},
    listing::{Listing, Source},
};

/// Variables that only the scripts read.
const SCRIPT_VARIABLES: [&str; 5] = [
    "MARIGOLD_TOOLS",
    "MARIGOLD_RELEASES",
    "MARIGOLD_TARGET",
    "MARIGOLD_PROGRAM",
    "MARIGOLD_CHAOS_CODES",
];

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}. For example: {example}")]
pub struct ConfigError {
    name: String,
    problem: String,
    example: String,
}

impl ConfigError {
    /// `problem` follows the name in the message; `example` is a valid line.
    pub(super) fn new(name: &str, problem: impl Into<String>, example: &str) -> Self {
        Self { name: name.into(), problem: problem.into(), example: example.into() }
    }
}

/// Every setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} of the settings cannot be used:\n{}", .0.len(), lines(.0))]
pub struct ConfigErrors(pub Vec<ConfigError>);

fn lines(errors: &[ConfigError]) -> String {
    errors.iter().map(|one| format!("  {one}\n")).collect()
}

/// The variables, and what was recorded of them so far.
pub struct SettingsReader {
    environment: Environment,
    listing: Listing,
    errors: Vec<ConfigError>,
}

impl SettingsReader {
    /// Makes a reader of these variables.
    pub fn new(mut environment: Environment) -> Self {
        let errors = environment.problem.take().into_iter().collect();
        Self { environment, listing: Listing::default(), errors }
    }

    /// Lists the settings that are read from now on under this title.
    pub fn begin_group(&mut self, title: impl Into<std::borrow::Cow<'static, str>>) {
        self.listing.begin_group(title);
    }

    /// Reads a variable without a check. An empty one counts as absent.
    pub fn raw(&mut self, name: &'static str) -> Option<String> {
        let given = self.environment.variables.get(name).filter(|given| !given.value.is_empty());
        let shown = given.map(|Variable { value, source }| (value.as_str(), source.clone()));
        self.listing.record(name, shown);
        given.map(|given| given.value.clone())
    }

    /// Records the default of a variable that is not set.
    pub fn note_default(&mut self, name: &'static str, value: &str) {
        self.listing.replace_default(name, value, Source::Default);
    }

    /// Records that a secret was generated, because its variable is not set, and its file.
    pub fn note_generated(&mut self, name: &'static str, secret: &str, file: &'static str) {
        self.listing.replace_default(name, secret, Source::Generated(file));
    }

    /// Reads and checks a variable. Its default is the example of an error.
    pub fn read<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.read_with_example(name, default, default, parse)
    }

    /// Reads and checks a variable whose default is no good example.
    pub fn read_with_example<T>(
        &mut self,
        name: &'static str,
        default: &str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.raw(name).unwrap_or_else(|| {
            self.note_default(name, default);
            default.to_owned()
        });
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                self.refuse(name, problem, example);
                None
            }
        }
    }

    /// Records an error.
    pub fn refuse(&mut self, name: &str, problem: impl Into<String>, example: &str) {
        self.errors.push(ConfigError::new(name, problem, &format!("{name}={example}")));
    }

    /// Records an error for every variable that looks like a setting and is none.
    pub fn refuse_unknown(&mut self) {
        let known: Vec<&str> = self.listing.names().chain(SCRIPT_VARIABLES).collect();
        let given = self.environment.variables.keys();
        let unknown =
            given.filter(|name| name.starts_with("MARIGOLD_") && !known.contains(&name.as_str()));
        for name in unknown {
            let nearest = known.iter().min_by_key(|known| distance(known, name));
            let nearest = nearest.copied().unwrap_or_default();
            let problem = format!("is not a setting; the nearest is {nearest}");
            self.errors.push(ConfigError::new(name, problem, &format!("{nearest}=…")));
        }
    }

    /// Builds the result, if there is no error. It consumes the reader, so that the listing in
    /// the result is complete.
    pub fn finish<T>(self, build: impl FnOnce(Listing) -> Option<T>) -> Result<T, ConfigErrors> {
        match build(self.listing) {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(ConfigErrors(self.errors)),
        }
    }
}

/// The Levenshtein distance: how many letters must change to make one name the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, left) in one.bytes().enumerate() {
        let mut reached = line + 1;
        let mut next = vec![reached];
        for ((before, above), right) in row.iter().zip(row.iter().skip(1)).zip(other.bytes()) {
            let replaced = before + usize::from(left != right);
            reached = replaced.min(above + 1).min(reached + 1);
            next.push(reached);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(variables: &[(&str, &str, Source)]) -> SettingsReader {
        let mut environment = Environment::default();
        for (name, value, source) in variables {
            environment.insert((*name).to_owned(), value, source.clone());
        }
        SettingsReader::new(environment)
    }

    fn listing(reader: SettingsReader) -> String {
        reader.finish(Some).unwrap().to_string()
    }

    #[test]
    fn every_setting_that_is_read_is_listed_with_its_source() {
        let mut reader = reader(&[
            ("MARIGOLD_ADDR", " 127.0.0.1:1 ", Source::Environment),
            ("DATABASE_URL", "sqlite:file.db", Source::File),
            ("MARIGOLD_SHOP_NAME", "  ", Source::File),
        ]);
        reader.raw("MARIGOLD_ADDR");
        reader.raw("DATABASE_URL");
        reader.read("MARIGOLD_SHOP_NAME", "Marigold", |name| Ok(name.to_owned()));
        reader.raw("MARIGOLD_OTP_KEYS");
        reader.note_generated("MARIGOLD_OTP_KEYS", "demo:abc", "data/otp_keys");
        reader.raw("LEPTOS_WATCH");
        let lines: Vec<_> = listing(reader).lines().map(squeeze).collect();
        assert_eq!(
            lines[1..],
            [
                "MARIGOLD_ADDR 127.0.0.1:1 environment",
                "DATABASE_URL sqlite:file.db the file .env",
                "MARIGOLD_SHOP_NAME Marigold default",
                "MARIGOLD_OTP_KEYS set (hidden) generated, kept in data/otp_keys",
                "LEPTOS_WATCH (none) default",
            ]
        );
    }

    #[test]
    fn variables_of_the_scripts_are_not_refused() {
        let mut reader = reader(&SCRIPT_VARIABLES.map(|name| (name, "x", Source::Environment)));
        reader.refuse_unknown();
        assert!(reader.errors.is_empty(), "{:?}", reader.errors);
    }

    /// A line with one space between words.
    fn squeeze(line: &str) -> String {
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn distance_counts_changed_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
