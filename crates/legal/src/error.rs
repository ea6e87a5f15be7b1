//! Why legal pages cannot be used. The sentences are for the merchant.

/// Why the pages cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The folder cannot be read.
    #[error("is a folder that cannot be read: {0}")]
    Folder(String),
    /// Some files cannot be used; each with its name.
    #[error("has pages that cannot be used: {}", listed(.0))]
    Pages(Vec<(String, PageProblem)>),
    /// There are no pages but the samples.
    #[error(
        "is not set, so the pages terms, privacy, imprint, returns and contact are samples, \
         with which no shop may sell. Copy the folder legal/ and write your own"
    )]
    Samples,
}

/// What is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageProblem {
    /// There is no such file.
    #[error("is missing")]
    Missing,
    /// It cannot be read.
    #[error("cannot be read ({0})")]
    Unreadable(String),
    /// It does not begin with its title.
    #[error("does not begin with a title (# Title)")]
    NoTitle,
    /// It has a second heading of the first level.
    #[error("has a second title (#) in line {line}")]
    SecondTitle {
        /// The line, from 1.
        line: usize,
    },
    /// It has HTML.
    #[error("has HTML in line {line}, which is not allowed")]
    Html {
        /// The line, from 1.
        line: usize,
    },
    /// It has a picture.
    #[error("has a picture in line {line}, which is not allowed")]
    Picture {
        /// The line, from 1.
        line: usize,
    },
    /// It has a link that leads to no page, e-mail address or phone number.
    #[error("has a link in line {line} that is not https:, mailto:, tel:, / or #")]
    Link {
        /// The line, from 1.
        line: usize,
    },
    /// It has a placeholder that there is not.
    #[error(
        "has the unknown placeholder {{{name}}} in line {line}; there are {{shop}} and {{contact}}"
    )]
    Placeholder {
        /// The name of the placeholder.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// It still says that it is a sample.
    #[error("still says that it is a sample")]
    Sample,
    /// A part of a sample was not filled in.
    #[error("has [[{0}]] to fill in")]
    Unfinished(String),
}

fn listed(problems: &[(String, PageProblem)]) -> String {
    let each = problems.iter().map(|(file, problem)| format!("{file} {problem}"));
    each.collect::<Vec<_>>().join("; ")
}
