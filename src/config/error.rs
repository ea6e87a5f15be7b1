//! Why the settings cannot be used.

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}{}", for_example(.example.as_deref()))]
pub struct ConfigError {
    pub(super) name: String,
    pub(super) problem: String,
    pub(super) example: Option<String>,
}

fn for_example(example: Option<&str>) -> String {
    example.map_or(String::new(), |example| format!(". For example: {example}"))
}

impl ConfigError {
    /// `problem` follows the name in the message; `example` is a valid line.
    pub(super) fn new(name: &str, problem: impl Into<String>, example: &str) -> Self {
        Self { name: name.into(), problem: problem.into(), example: Some(example.into()) }
    }
}

/// Every setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} of the settings cannot be used:\n{}", .0.len(), lines(.0))]
pub struct ConfigErrors(pub Vec<ConfigError>);

fn lines(errors: &[ConfigError]) -> String {
    errors.iter().map(|one| format!("  {one}\n")).collect()
}
