//! Reads settings one by one, and collects which ones were read and what is wrong with
//! them. Nothing else sees the variables, so nothing can be read and not be listed.

use super::{
    environment::{Environment, Given},
    listing::{Listing, Source},
};

/// Variables that belong to the scripts and not to the shop.
const SCRIPTS_OWN: [&str; 5] = [
    "MARIGOLD_TOOLS",
    "MARIGOLD_RELEASES",
    "MARIGOLD_TARGET",
    "MARIGOLD_PROGRAM",
    "MARIGOLD_CHAOS_CODES",
];

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}. For example: {example}")]
pub struct Wrong {
    name: String,
    problem: String,
    example: String,
}

impl Wrong {
    /// A setting's name, what is wrong with it, and an example of a right one.
    pub(super) fn new(name: &str, problem: impl Into<String>, example: &str) -> Self {
        Self { name: name.into(), problem: problem.into(), example: example.into() }
    }
}

/// Every setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} of the settings cannot be used:\n{}", .0.len(), lines(.0))]
pub struct WrongSettings(pub Vec<Wrong>);

fn lines(wrong: &[Wrong]) -> String {
    wrong.iter().map(|one| format!("  {one}\n")).collect()
}

/// The variables, and what was found out about them so far.
pub struct Reader {
    environment: Environment,
    listing: Listing,
    wrong: Vec<Wrong>,
}

impl Reader {
    /// A reader of these variables.
    pub fn new(mut environment: Environment) -> Self {
        let wrong = environment.problem.take().into_iter().collect();
        Self { environment, listing: Listing::default(), wrong }
    }

    /// Settings that are read from now on are listed under this title.
    pub fn begin_group(&mut self, title: impl Into<std::borrow::Cow<'static, str>>) {
        self.listing.begin_group(title);
    }

    /// A variable that is not checked; empty counts as absent.
    pub fn raw(&mut self, name: &'static str) -> Option<String> {
        let given = self.environment.variables.get(name).filter(|given| !given.value.is_empty());
        let shown = given.map(|Given { value, source }| (value.as_str(), source.clone()));
        self.listing.record(name, shown);
        given.map(|given| given.value.clone())
    }

    /// AuditBuffer the value that holds because a variable is not set.
    pub fn note_default(&mut self, name: &'static str, value: &str) {
        self.listing.replace_default(name, value, Source::Default);
    }

    /// AuditBuffer that a secret which is not set was generated, and the file that keeps it.
    pub fn note_generated(&mut self, name: &'static str, secret: &str, file: &'static str) {
        self.listing.replace_default(name, secret, Source::Generated(file));
    }

    /// A checked variable; the default serves as the example.
    pub fn read<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.read_with_example(name, default, default, parse)
    }

    /// A checked variable whose default is no good example.
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

    /// AuditBuffer a problem.
    pub fn refuse(&mut self, name: &str, problem: impl Into<String>, example: &str) {
        self.wrong.push(Wrong::new(name, problem, &format!("{name}={example}")));
    }

    /// AuditBuffer every variable that looks like a setting and is none.
    pub fn refuse_unknown(&mut self) {
        let known: Vec<&str> = self.listing.names().chain(SCRIPTS_OWN).collect();
        let given = self.environment.variables.keys();
        let unknown =
            given.filter(|name| name.starts_with("MARIGOLD_") && !known.contains(&name.as_str()));
        for name in unknown {
            let nearest = known.iter().min_by_key(|known| distance(known, name));
            let nearest = nearest.copied().unwrap_or_default();
            let problem = format!("is not a setting; the nearest is {nearest}");
            self.wrong.push(Wrong::new(name, problem, &format!("{nearest}=…")));
        }
    }

    /// Builds the result, if nothing was wrong. It takes the reader away, so that the
    /// listing which the result is given is complete.
    pub fn finish<T>(self, build: impl FnOnce(Listing) -> Option<T>) -> Result<T, WrongSettings> {
        match build(self.listing) {
            Some(value) if self.wrong.is_empty() => Ok(value),
            _ => Err(WrongSettings(self.wrong)),
        }
    }
}

/// How many letters must change to turn one name into the other (Levenshtein).
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

    fn reader(variables: &[(&str, &str, Source)]) -> Reader {
        let mut environment = Environment::default();
        for (name, value, source) in variables {
            environment.insert((*name).to_owned(), value, source.clone());
        }
        Reader::new(environment)
    }

    fn listing(reader: Reader) -> String {
        reader.finish(Some).unwrap().to_string()
    }

    #[test]
    fn whatever_is_read_is_listed_with_its_source() {
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
        let mut reader = reader(&SCRIPTS_OWN.map(|name| (name, "x", Source::Environment)));
        reader.refuse_unknown();
        assert!(reader.wrong.is_empty(), "{:?}", reader.wrong);
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
