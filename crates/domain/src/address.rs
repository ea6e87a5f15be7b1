//! Delivery addresses.

use serde::{Deserialize, Serialize};

use crate::{Field, Problem};

/// In characters.
const MAX_LINE_LEN: usize = 100;

/// A delivery address. Each line is trimmed, has a valid length, and is there if it is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The recipient.
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
    /// Checks the input.
    ///
    /// # Errors
    /// Every line that is wrong.
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

    /// The lines as printed on a parcel, without empty ones.
    pub fn lines(&self) -> Vec<String> {
        let town = format!("{} {}", self.postcode, self.city);
        [&self.name, &self.street, &self.extra, &town, &self.country]
            .into_iter()
            .filter(|line| !line.is_empty())
            .cloned()
            .collect()
    }
}

/// A trimmed line without control characters, of at most [`MAX_LINE_LEN`] characters.
pub fn tidy(text: &str, required: bool) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= MAX_LINE_LEN
        && !text.chars().any(char::is_control)
        && !(required && text.is_empty());
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x44_every_invalid_line_is_reported_at_once() {
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
