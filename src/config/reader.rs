//! Reads settings one by one and collects what is wrong with them.

use std::collections::BTreeMap;

/// Variables that belong to the build scripts and not to the shop.
const SCRIPTS_OWN: [&str; 2] = ["MARIGOLD_TOOLS", "MARIGOLD_RELEASES"];

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}. For example: {example}")]
pub struct Wrong {
    name: String,
    problem: String,
    example: String,
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
    variables: BTreeMap<String, String>,
    known: Vec<&'static str>,
    wrong: Vec<Wrong>,
}

impl Reader {
    /// A reader of these variables.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self { variables, known: SCRIPTS_OWN.to_vec(), wrong: Vec::new() }
    }

    /// A variable that is not checked; empty counts as absent.
    pub fn raw(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.variables.get(name).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty())
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
        let value = self.raw(name).unwrap_or_else(|| default.to_owned());
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                self.refuse(name, problem, example);
                None
            }
        }
    }

    /// Notes a problem.
    pub fn refuse(&mut self, name: &str, problem: impl Into<String>, example: &str) {
        let example = format!("{name}={example}");
        self.wrong.push(Wrong { name: name.into(), problem: problem.into(), example });
    }

    /// Notes every variable that looks like a setting and is none.
    pub fn refuse_unknown(&mut self) {
        let unknown: Vec<String> = self
            .variables
            .keys()
            .filter(|name| name.starts_with("MARIGOLD_") && !self.known.contains(&name.as_str()))
            .cloned()
            .collect();
        for name in unknown {
            let nearest = self.known.iter().min_by_key(|known| distance(known, &name));
            let nearest = nearest.copied().unwrap_or_default();
            let problem = format!("is not a setting; the nearest is {nearest}");
            self.wrong.push(Wrong { name, problem, example: format!("{nearest}=…") });
        }
    }

    /// The result, if nothing was wrong.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, WrongSettings> {
        match value {
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
    use super::distance;

    #[test]
    fn distance_counts_changed_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
