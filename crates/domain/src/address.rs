//! Where a parcel goes.

use serde::{Deserialize, Serialize};

use crate::{Field, Problem};

/// The longest line of an address.
const LONGEST: usize = 100;

/// A delivery address, each line trimmed, present and of a sane length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Who receives it.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Flat, floor, c/o; may be empty.
    pub extra: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postcode: String,
    /// ISO 3166 country code, two capitals.
    pub country: String,
}

impl Address {
    /// Checks what was typed and says everything that is wrong at once.
    pub fn parse(typed: Self) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut line = |field, text: &str, required| match tidy(text, required) {
            Some(line) => line,
            None => {
                problems.push(Problem::Line(field));
                String::new()
            }
        };
        let address = Self {
            name: line(Field::Name, &typed.name, true),
            street: line(Field::Street, &typed.street, true),
            extra: line(Field::Extra, &typed.extra, false),
            city: line(Field::City, &typed.city, true),
            postcode: line(Field::Postcode, &typed.postcode, true),
            country: typed.country.trim().to_ascii_uppercase(),
        };
        let is_code = address.country.len() == 2
            && address.country.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code {
            problems.push(Problem::Line(Field::Country));
        }
        if problems.is_empty() { Ok(address) } else { Err(problems) }
    }

    /// The lines as printed on a parcel, empty ones left out.
    pub fn lines(&self) -> Vec<String> {
        let town = format!("{} {}", self.postcode, self.city);
        [&self.name, &self.street, &self.extra, &town, &self.country]
            .into_iter()
            .filter(|line| !line.is_empty())
            .cloned()
            .collect()
    }
}

/// A line without control characters or outer space, at most [`LONGEST`] characters.
pub fn tidy(text: &str, required: bool) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= LONGEST
        && !text.chars().any(char::is_control)
        && !(required && text.is_empty());
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x44_every_bad_line_is_named_at_once() {
        let typed = Address {
            name: "x".repeat(10_000),
            street: "\u{7}bell".into(),
            extra: String::new(),
            city: " ".into(),
            postcode: "1".into(),
            country: "Nowhere".into(),
        };
        let problems = Address::parse(typed).unwrap_err();
        let expected = [Field::Name, Field::Street, Field::City, Field::Country];
        assert_eq!(problems, expected.map(Problem::Line));
    }
}
