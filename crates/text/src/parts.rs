//! Messages for HTML, in which each variable is an element of its own.
//!
//! A name or an amount may be written in the other direction than the sentence around it. HTML
//! isolates it with `<bdi>`; plain texts and attributes have no isolation marks (see `bundle`).

use crate::{Text, Value};

/// U+2068 FIRST STRONG ISOLATE, and U+2069 POP DIRECTIONAL ISOLATE. They mark the variables
/// while a message is formatted, and are in no part.
const ISOLATE: char = '\u{2068}';
const END: char = '\u{2069}';

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The words of the message.
    Plain(String),
    /// The content of a variable, which belongs into `<bdi>`.
    Isolated(String),
}

impl Text {
    /// The parts of a message. Use [`crate::message_parts!`], which the tests check.
    #[doc(hidden)]
    pub fn parts(&self, key: &str, variables: Vec<(&'static str, Value<'_>)>) -> Vec<Part> {
        let marked = variables.into_iter().map(|(name, value)| (name, marked(value))).collect();
        split(&self.format(key, marked))
    }
}

/// Numbers are not marked: they decide about plurals.
fn marked(value: Value<'_>) -> Value<'_> {
    match value {
        Value::String(text) => {
            let text = text.replace([ISOLATE, END], "");
            Value::from(format!("{ISOLATE}{text}{END}"))
        }
        other => other,
    }
}

fn split(message: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in message.split_inclusive(END) {
        let (plain, isolated) = piece.split_once(ISOLATE).unwrap_or((piece, ""));
        if !plain.is_empty() {
            parts.push(Part::Plain(plain.to_owned()));
        }
        if let Some(isolated) = isolated.strip_suffix(END) {
            parts.push(Part::Isolated(isolated.to_owned()));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PageLanguage, message_parts};

    fn plain(text: &str) -> Part {
        Part::Plain(text.to_owned())
    }

    fn isolated(text: &str) -> Part {
        Part::Isolated(text.to_owned())
    }

    #[test]
    fn each_variable_of_a_message_is_a_part_of_its_own() {
        let text = Text::default();
        assert_eq!(
            message_parts!(text, "product-prices", low = "€1.00", high = "€2.00"),
            [isolated("€1.00"), plain(" to "), isolated("€2.00")]
        );
        assert_eq!(
            message_parts!(text, "catalogue-from", price = "€1.00"),
            [plain("from "), isolated("€1.00")]
        );
        assert_eq!(message_parts!(text, "layout-cart", count = 2), [plain("Cart (items: 2)")]);
    }

    #[test]
    fn marks_in_a_variable_cannot_end_its_part() {
        let price = "a\u{2069} b\u{2068}";
        assert_eq!(
            message_parts!(Text::default(), "catalogue-from", price = price),
            [plain("from "), isolated("a b")]
        );
    }

    #[test]
    fn brackets_of_the_pseudo_language_are_around_all_parts() {
        let text = Text::new(PageLanguage::Pseudo);
        assert_eq!(
            message_parts!(text, "catalogue-from", price = "€1.00"),
            [plain("⟦from "), isolated("€1.00"), plain("⟧")]
        );
    }
}
