//! The settings in force with their values and sources, for `check-config`. The reader
//! records all that it reads, so no setting is missing; secrets are hidden when they are
//! recorded, so none can be printed.

use std::{borrow::Cow, fmt};

/// What is shown in place of a secret.
const HIDDEN: &str = "set (hidden)";
/// What is shown for a setting that is not set and has no default.
const NONE: &str = "(none)";
/// The endings of the names of secrets.
const SECRET_SUFFIXES: [&str; 5] = ["_KEY", "_KEYS", "_SECRET", "_TOKEN", "_PASSWORD"];
/// The width that a column of values may have. Longer values shift the rest of their line.
const MAX_COLUMN_WIDTH: usize = 32;

/// The source of the value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A variable of the environment.
    Environment,
    /// A line of the file `.env`.
    File,
    /// The default of the program.
    Default,
    /// A file in which the demo keeps a secret that it generated.
    Generated(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::File => f.write_str("the file .env"),
            Self::Default => f.write_str("default"),
            Self::Generated(file) => write!(f, "generated, kept in {file}"),
        }
    }
}

/// A setting as it is printed.
#[derive(Clone, Debug)]
struct Setting {
    group: Cow<'static, str>,
    name: &'static str,
    shown: String,
    source: Source,
}

/// The settings in force, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    group: Cow<'static, str>,
    settings: Vec<Setting>,
}

impl Listing {
    /// Settings that are read from now on belong to this group.
    pub(super) fn begin_group(&mut self, group: impl Into<Cow<'static, str>>) {
        self.group = group.into();
    }

    /// Records a setting once, however often it is read; `None` if it is not set.
    pub(super) fn record(&mut self, name: &'static str, given: Option<(&str, Source)>) {
        if self.names().any(|known| known == name) {
            return;
        }
        let (shown, source) = match given {
            Some((value, source)) => (show(name, value), source),
            None => (NONE.to_owned(), Source::Default),
        };
        self.settings.push(Setting { group: self.group.clone(), name, shown, source });
    }

    /// Records what replaces a setting that is not set.
    pub(super) fn replace_default(&mut self, name: &str, value: &str, source: Source) {
        let unset = self
            .settings
            .iter_mut()
            .find(|setting| setting.name == name && setting.source == Source::Default);
        if let Some(setting) = unset {
            setting.shown = show(name, value);
            setting.source = source;
        }
    }

    /// The value of a setting as it is printed; `None` if it was not read.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.setting(name).map(|setting| setting.shown.as_str())
    }

    /// The source of a setting; that of a default if it was not read.
    pub(super) fn source(&self, name: &str) -> Source {
        self.setting(name).map_or(Source::Default, |setting| setting.source.clone())
    }

    fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// The names of the settings.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.settings.iter().map(|setting| setting.name)
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, group) in self.settings.chunk_by(|a, b| a.group == b.group).enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write_group(group, f)?;
        }
        Ok(())
    }
}

/// A group: its title, and a line for each setting, in columns.
fn write_group(group: &[Setting], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let width = |text: &str| text.chars().count();
    let names = group.iter().map(|setting| width(setting.name)).max().unwrap_or_default();
    let values = group.iter().map(|setting| width(&setting.shown));
    let values = values.filter(|width| *width <= MAX_COLUMN_WIDTH).max().unwrap_or_default();
    if let Some(first) = group.first() {
        writeln!(f, "{}", first.group)?;
    }
    for Setting { name, shown, source, .. } in group {
        writeln!(f, "  {name:names$}  {shown:values$}  {source}")?;
    }
    Ok(())
}

/// Whether the setting of this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    SECRET_SUFFIXES.iter().any(|end| name.ends_with(end))
}

/// The value on one line, without secrets.
fn show(name: &str, value: &str) -> String {
    if value.is_empty() {
        return NONE.to_owned();
    }
    if is_secret(name) {
        return HIDDEN.to_owned();
    }
    hide_in_url(value).replace(char::is_control, " ")
}

/// A URL without its password and parameters, one of which may be a password too. In a
/// malformed URL the password may contain `@`, `/` or `?`, so everything up to the last `@`
/// counts as user and password.
fn hide_in_url(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => (hide_password(user) + "@", place),
        None => (String::new(), rest),
    };
    let (place, parameters) = match place.split_once('?') {
        Some((place, _)) => (place, "?(hidden)"),
        None => (place, ""),
    };
    format!("{scheme}://{user}{place}{parameters}")
}

fn hide_password(user: &str) -> String {
    match user.split_once(':') {
        Some((name, _)) => format!("{name}:(hidden)"),
        None => user.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password_and_parameters() {
        for (url, shown) in [
            ("sqlite:data/marigold.db", "sqlite:data/marigold.db"),
            ("postgres://db.example/shop", "postgres://db.example/shop"),
            ("postgres://ada@db.example/shop", "postgres://ada@db.example/shop"),
            ("postgres://ada:hunter2@db.example/shop", "postgres://ada:(hidden)@db.example/shop"),
            ("postgres://ada:hun@ter/2@db/shop", "postgres://ada:(hidden)@db/shop"),
            ("postgres://db/shop?password=hunter2", "postgres://db/shop?(hidden)"),
            ("postgres://ada:hun?ter@db/shop", "postgres://ada:(hidden)@db/shop"),
        ] {
            assert_eq!(show("DATABASE_URL", url), shown);
        }
    }

    #[test]
    fn a_setting_is_a_line_under_the_title_of_its_group() {
        let mut listing = Listing::default();
        listing.begin_group("Shop");
        listing.record("MARIGOLD_SHOP_NAME", Some(("Ada\n& Sons", Source::File)));
        listing.record("MARIGOLD_COUNTRIES", None);
        listing.replace_default("MARIGOLD_COUNTRIES", "44", Source::Default);
        listing.begin_group("Provider meta");
        listing.record("META_ACCESS_TOKEN", Some(("EAAG0123", Source::Environment)));
        listing.record("META_BASE_URL", Some((&"x".repeat(40), Source::Environment)));
        listing.record("META_OTHER", None);
        assert_eq!(
            listing.to_string(),
            format!(
                "Shop\n  \
                   MARIGOLD_SHOP_NAME  Ada & Sons  the file .env\n  \
                   MARIGOLD_COUNTRIES  44          default\n\n\
                 Provider meta\n  \
                   META_ACCESS_TOKEN  set (hidden)  environment\n  \
                   META_BASE_URL      {}  environment\n  \
                   META_OTHER         (none)        default\n",
                "x".repeat(40)
            )
        );
    }

    #[test]
    fn a_setting_that_is_set_keeps_its_value_and_source() {
        let mut listing = Listing::default();
        listing.record("MARIGOLD_ADDR", Some(("127.0.0.1:1", Source::File)));
        listing.record("MARIGOLD_ADDR", None);
        listing.replace_default("MARIGOLD_ADDR", "127.0.0.1:2", Source::Default);
        let shown = listing.to_string();
        assert_eq!(shown.matches("MARIGOLD_ADDR").count(), 1);
        assert!(shown.contains("127.0.0.1:1  the file .env"), "{shown}");
    }
}
