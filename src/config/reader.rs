//! Reads and checks settings one by one, and records each with its value and its errors. Only
//! the reader sees the variables, so none can be read without being listed.

use super::{
    environment::{Environment, Variable},
    error::{ConfigError, ConfigErrors},
    listing::{self, Listing, Source},
};

/// Variables that only the scripts read.
const SCRIPT_VARIABLES: [&str; 7] = [
    "MARIGOLD_TOOLS",
    "MARIGOLD_RELEASES",
    "MARIGOLD_TARGET",
    "MARIGOLD_PROGRAM",
    "MARIGOLD_CHAOS_CODES",
    "MARIGOLD_CHAOS_PARTITIONS",
    "MARIGOLD_CHAOS_RESTARTS",
];

/// Settings that have a new name, each with it.
const RENAMED: [(&str, &str); 4] = [
    ("MARIGOLD_OTP_LIFE_SECONDS", "MARIGOLD_OTP_TTL_SECONDS"),
    ("MARIGOLD_OTP_PAYMENT_LIFE_SECONDS", "MARIGOLD_OTP_PAYMENT_TTL_SECONDS"),
    ("MARIGOLD_OTP_LONGEST_WAIT_SECONDS", "MARIGOLD_OTP_MAX_WAIT_SECONDS"),
    ("MARIGOLD_GATEWAY", "MARIGOLD_GATEWAYS"),
];

/// Beginnings of settings that other programs have too.
const FOREIGN_PREFIXES: [&str; 9] = [
    "META_",
    "TWILIO_",
    "D360_",
    "MESSAGEBIRD_",
    "BIRD_",
    "STRIPE_",
    "DATABASE_",
    "LEPTOS_",
    "RUST_LOG",
];

/// How many letters a misspelt name may differ in.
const MAX_MISSPELLING: usize = 3;

/// The list of all settings.
const ALL_SETTINGS: &str = include_str!("../../.env.example");

/// All settings with the values of the list, those of providers that are not in use too.
fn published_values() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = ALL_SETTINGS.lines().filter_map(|line| line.strip_prefix('#')?.split_once('='));
    lines.filter(|(name, _)| !name.contains(' '))
}

/// The names of all settings.
fn known_names() -> impl Iterator<Item = &'static str> {
    published_values().map(|(name, _)| name)
}

/// A variable that is not read, and the setting that it resembles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspicious {
    /// The name of the variable.
    pub name: String,
    /// The name of the setting.
    pub meant: String,
}

impl std::fmt::Display for Suspicious {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is not a setting and is not read; the nearest is {}", self.name, self.meant)
    }
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

    /// Whether the shop is to run in production.
    pub fn is_production(&self) -> bool {
        self.environment.variables.get("MARIGOLD_ENV").is_some_and(|it| it.value == "production")
    }

    /// Refuses a secret in production that is the one of `.env.example`, which everybody knows.
    pub fn refuse_published_secret(&mut self, name: &'static str) {
        let given = self.environment.variables.get(name).map(|given| given.value.as_str());
        let published = published_values().find(|(known, _)| *known == name);
        let is_published = given.is_some() && given == published.map(|(_, value)| value);
        let is_known = self.errors.iter().any(|error| error.name == name);
        if self.is_production() && is_published && listing::is_secret(name) && !is_known {
            let problem = "is the one of .env.example, which everybody knows";
            self.refuse(name, problem, "a value of your own");
        }
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
        let given = self.raw(name);
        if given.is_none() {
            self.note_default(name, default);
        }
        match parse(given.as_deref().unwrap_or(default)) {
            Ok(parsed) => Some(parsed),
            Err(problem) if given.is_none() => {
                self.refuse(name, format!("is not set, and its default {problem}"), example);
                None
            }
            Err(problem) => {
                self.refuse(name, problem, example);
                None
            }
        }
    }

    /// Records an error. The example is left out if it is the value that is refused.
    pub fn refuse(&mut self, name: &str, problem: impl Into<String>, example: &str) {
        let is_refused = self.listing.value(name).is_some_and(|value| value == example);
        let line = format!("{name}={example}");
        let example = (!is_refused).then_some(line);
        self.errors.push(ConfigError { name: name.into(), problem: problem.into(), example });
    }

    /// Records an error for every variable that looks like a setting and is none, or is no text.
    pub fn refuse_unknown(&mut self) {
        let known: Vec<&str> = self.listing.names().chain(SCRIPT_VARIABLES).collect();
        let given = self.environment.variables.keys();
        let unknown =
            given.filter(|name| name.starts_with("MARIGOLD_") && !known.contains(&name.as_str()));
        for name in unknown {
            let renamed = RENAMED.iter().find(|(old, _)| old == name).map(|(_, new)| *new);
            let nearest = known.iter().min_by_key(|known| distance(known, name)).copied();
            let meant = renamed.or(nearest).unwrap_or_default();
            let problem = match renamed {
                Some(_) => format!("is now called {meant}"),
                None => format!("is not a setting; the nearest is {meant}"),
            };
            self.errors.push(ConfigError::new(name, problem, &format!("{meant}=…")));
        }
        for name in &self.environment.unreadable {
            if name.starts_with("MARIGOLD_") || known.contains(&name.as_str()) {
                let problem = "is not UTF-8, so it cannot be read".to_owned();
                self.errors.push(ConfigError { name: name.clone(), problem, example: None });
            }
        }
    }

    /// The variables that look like a misspelt setting, each with the setting that it resembles.
    /// Their beginning is not ours alone, so they may be of another program: they are no errors.
    pub fn suspicious(&self) -> Vec<Suspicious> {
        let known: Vec<&str> = known_names().chain(self.listing.names()).collect();
        let given = self.environment.variables.keys().filter(|name| {
            FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
                && !known.contains(&name.as_str())
        });
        let nearest = |name: &String| {
            let meant = known.iter().min_by_key(|known| distance(known, name))?;
            let is_near = distance(meant, name) <= MAX_MISSPELLING;
            is_near.then(|| Suspicious { name: name.clone(), meant: (*meant).to_owned() })
        };
        given.filter_map(nearest).collect()
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

    #[test]
    fn a_renamed_setting_is_refused_with_its_new_name() {
        let mut reader = reader(&RENAMED.map(|(old, _)| (old, "600", Source::Environment)));
        reader.refuse_unknown();
        let mut errors: Vec<_> = reader.errors.iter().map(ToString::to_string).collect();
        errors.sort();
        let mut expected =
            RENAMED.map(|(old, new)| format!("{old} is now called {new}. For example: {new}=…"));
        expected.sort();
        assert_eq!(errors, expected);
    }

    #[test]
    fn a_misspelt_name_with_a_foreign_beginning_is_named_with_the_nearest() {
        for (name, meant) in [
            ("META_ACCES_TOKEN", Some("META_ACCESS_TOKEN")),
            ("DATABASE_URI", Some("DATABASE_URL")),
            ("TWILIO_AUTHTOKEN", Some("TWILIO_AUTH_TOKEN")),
            ("TWILIO_ACOUNT_SID", Some("TWILIO_ACCOUNT_SID")),
            ("D360_APIKEY", Some("D360_API_KEY")),
            ("MESSAGEBIRD_ACCESSKEY", Some("MESSAGEBIRD_ACCESS_KEY")),
            ("BIRD_WORKSPACEID", Some("BIRD_WORKSPACE_ID")),
            ("LEPTOS_SITEROOT", Some("LEPTOS_SITE_ROOT")),
            ("RUST_LOGS", Some("RUST_LOG")),
            ("META_ACCESS_TOKEN", None),
            ("DATABASE_URL", None),
            ("DATABASE_HOST_OF_ANOTHER_PROGRAM", None),
            ("META_PIXEL", None),
            ("STRIPE_SECRETKEY", Some("STRIPE_SECRET_KEY")),
            ("STRIPE_WEBHOOK_SECRETS", Some("STRIPE_WEBHOOK_SECRET")),
            ("STRIPE_PUBLISHABLE_KEY", None),
            ("PATH", None),
        ] {
            let reader = reader(&[(name, "x", Source::Environment)]);
            let found = reader.suspicious().into_iter().map(|found| found.meant).next();
            assert_eq!(found.as_deref(), meant, "{name}");
        }
    }

    #[test]
    fn a_setting_that_is_not_utf_8_is_refused() {
        for (name, is_refused) in [
            ("MARIGOLD_ENV", true),
            ("MARIGOLD_ANYTHING", true),
            ("DATABASE_URL", true),
            ("LS_COLORS", false),
        ] {
            let mut environment = Environment::default();
            environment.unreadable.insert(name.to_owned());
            let mut reader = SettingsReader::new(environment);
            reader.raw("DATABASE_URL");
            reader.refuse_unknown();
            let said = reader.finish(|_| Some(())).err().map(|error| error.to_string());
            assert_eq!(said.is_some_and(|said| said.contains("not UTF-8")), is_refused, "{name}");
        }
    }

    #[test]
    fn a_refused_value_is_never_suggested() {
        let mut reader = reader(&[("MARIGOLD_GATEWAYS", "demo", Source::Environment)]);
        reader.read::<()>("MARIGOLD_GATEWAYS", "demo", |_| Err("is refused".into()));
        reader.read::<()>("MARIGOLD_ENV", "demo", |_| Err("is refused".into()));
        reader.read_with_example::<()>("MARIGOLD_ADDR", "x", "y", |_| Err("is refused".into()));
        let said: Vec<_> = reader.errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "MARIGOLD_GATEWAYS is refused",
                "MARIGOLD_ENV is not set, and its default is refused",
                "MARIGOLD_ADDR is not set, and its default is refused. For example: MARIGOLD_ADDR=y",
            ]
        );
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
