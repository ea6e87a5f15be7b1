//! Who sells, as invoices state it.

use super::reader::SettingsReader;

/// The longest line, and the most lines.
const MAX_LINE_CHARS: usize = 100;
const MAX_LINES: usize = 10;

/// Reads the lines: name, address, and numbers for taxes. Without them, invoices state the name of
/// the shop alone, which the law of most countries does not accept.
pub fn read(reader: &mut SettingsReader, shop_name: Option<&str>) -> Option<Vec<String>> {
    let (name, example) =
        (shop_name.unwrap_or("Marigold"), "Ada Ltd; 1 Test Street; London E1 1AA; VAT GB123456789");
    reader.read_with_example("MARIGOLD_INVOICE_SELLER", name, example, parse)
}

fn parse(text: &str) -> Result<Vec<String>, String> {
    let lines: Vec<_> = text.split(';').map(|line| line.trim().to_owned()).collect();
    let is_line = |line: &String| {
        let length = line.chars().count();
        (1..=MAX_LINE_CHARS).contains(&length) && !line.chars().any(char::is_control)
    };
    match lines.len() <= MAX_LINES && lines.iter().all(is_line) {
        true => Ok(lines),
        false => Err("is not up to ten lines of up to 100 characters, separated by `;`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_seller_are_separated_by_semicolons() {
        assert_eq!(
            parse("Ada Ltd; 1 Test Street ;VAT 1").unwrap(),
            ["Ada Ltd", "1 Test Street", "VAT 1"]
        );
        assert_eq!(parse("Marigold").unwrap(), ["Marigold"]);
        for text in ["", ";", "Ada;;London", "Ada;", "a\u{7}b", &"x".repeat(101), &"x;".repeat(10)]
        {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
