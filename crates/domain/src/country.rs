//! Countries by their ISO 3166-1 codes.

/// The code of a country: two capital letters, such as `GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two capital letters. Whether a country has this code is not checked.
    pub fn parse(text: &str) -> Option<Self> {
        match *text.as_bytes() {
            [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => {
                Some(Self([first, second]))
            }
            _ => None,
        }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for CountryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_code_is_two_capital_letters() {
        assert_eq!(CountryCode::parse("GB").unwrap().to_string(), "GB");
        for text in ["", "G", "gb", "GBR", "G1", "ÄÖ", "É"] {
            assert_eq!(CountryCode::parse(text), None, "{text}");
        }
    }
}
