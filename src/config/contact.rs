//! How visitors reach the people behind the shop.

use domain::EmailAddress;

use super::reader::SettingsReader;

/// The longest contact.
const MAX_CONTACT_CHARS: usize = 100;
/// The contact of the demo, which nobody reads.
const OF_THE_DEMO: &str = "help@marigold.example";

/// Reads the contact, which is an e-mail address or the address of a page. Texts that ask visitors
/// to write to the shop name it, so production requires one.
pub fn read(reader: &mut SettingsReader, is_production: bool) -> Option<String> {
    let default = if is_production { "" } else { OF_THE_DEMO };
    reader.read_with_example("MARIGOLD_CONTACT", default, "help@shop.example", parse)
}

fn parse(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("is empty; visitors who need help are told to write there".into());
    }
    let is_page = text.strip_prefix("https://").is_some_and(|rest| {
        rest.contains('.') && !rest.contains(|letter: char| letter.is_whitespace())
    });
    let is_short = text.chars().count() <= MAX_CONTACT_CHARS;
    match is_short && (is_page || EmailAddress::parse(text).is_some()) {
        true => Ok(text.to_owned()),
        false => Err("is neither an e-mail address nor an https:// address of a page".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_an_email_address_or_a_page() {
        for (text, is_contact) in [
            ("help@shop.example", true),
            ("https://shop.example/contact", true),
            ("https://shop.example/contact?lang=en", true),
            ("", false),
            ("us", false),
            ("help@", false),
            ("http://shop.example", false),
            ("https://shop", false),
            ("https://shop.example/write to us", false),
            ("javascript:alert(1)", false),
            (&format!("https://{}.example", "a".repeat(100)), false),
        ] {
            assert_eq!(parse(text).is_ok(), is_contact, "{text}");
        }
    }
}
