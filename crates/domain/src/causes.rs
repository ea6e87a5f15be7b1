//! An error with everything that caused it, in one line for the log.

use std::{error::Error, fmt};

/// Displays an error and its causes: `the store failed: a statement failed: disk I/O error`.
///
/// The log takes it as a field (`error = %Causes(&error)`). An error that is a field itself loses
/// its causes where the log is JSON, because the formatter writes its first line only.
pub struct Causes<'e>(pub &'e dyn Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as &dyn Error)
        }
    }

    #[test]
    fn an_error_is_shown_with_all_its_causes() {
        let disk = Layer("no space left", None);
        let commit = Layer("the commit failed", Some(Box::new(disk)));
        let store = Layer("the store failed", Some(Box::new(commit)));
        assert_eq!(
            Causes(&store).to_string(),
            "the store failed: the commit failed: no space left"
        );
        assert_eq!(Causes(&Layer("alone", None)).to_string(), "alone");
    }
}
