//! Finds the one-time code in a text, for the list of messages.

/// The code in a text: the word after `#` in the last line (an origin-bound code), or else the
/// first run of four to ten digits.
pub(crate) fn extract(text: &str) -> Option<String> {
    let bound = text
        .lines()
        .next_back()
        .filter(|line| line.starts_with('@'))
        .and_then(|line| line.split_once('#'))
        .and_then(|(_, rest)| rest.split_whitespace().next());
    bound.map(String::from).or_else(|| {
        text.split(|letter: char| !letter.is_ascii_digit())
            .find(|run| (4..=10).contains(&run.len()))
            .map(String::from)
    })
}

#[cfg(test)]
mod tests {
    use super::extract;

    #[test]
    fn an_origin_bound_code_is_preferred_to_other_numbers() {
        let text = "Order 20261 at the shop: 123456 is your code.\n\n@shop.example.com #123456";
        assert_eq!(extract(text).as_deref(), Some("123456"));
        assert_eq!(extract("123456 is your code.").as_deref(), Some("123456"));
        assert_eq!(extract("Nothing here."), None);
    }
}
