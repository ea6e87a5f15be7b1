//! Postal codes as people write them.

use domain::code::digit;
use regex::Regex;

/// The form of a country's postal codes.
#[derive(Debug)]
pub struct PostcodePattern {
    regex: Regex,
    example: String,
}

impl PostcodePattern {
    /// `None` if the pattern is not a regular expression.
    pub fn new(pattern: &str, example: &str) -> Option<Self> {
        let regex = Regex::new(&format!("^(?:{pattern})$")).ok()?;
        Some(Self { regex, example: example.to_owned() })
    }

    /// A code of this form.
    pub fn example(&self) -> &str {
        &self.example
    }

    /// The code in capitals and ASCII digits. A hyphen or space that is missing is put where the
    /// example has it, and the mark of the country before the code (`D-10115`) is dropped.
    pub fn read(&self, typed: &str) -> Option<String> {
        let plain = plain(typed);
        let marked = plain.split_once('-').filter(|(mark, _)| {
            (1..=3).contains(&mark.len()) && mark.bytes().all(|byte| byte.is_ascii_uppercase())
        });
        let unmarked = marked.map_or(plain.as_str(), |(_, code)| code.trim_start());
        [plain.clone(), unmarked.to_owned(), self.in_shape(unmarked)]
            .into_iter()
            .find(|code| self.regex.is_match(code))
    }

    /// The letters and digits of the text with the separators of the example.
    fn in_shape(&self, text: &str) -> String {
        let mut rest = text.chars().filter(char::is_ascii_alphanumeric);
        let mut shaped = String::new();
        for place in self.example.chars() {
            if place.is_ascii_alphanumeric() {
                shaped.extend(rest.next());
            } else {
                shaped.push(place);
            }
        }
        shaped.extend(rest);
        shaped
    }
}

fn plain(typed: &str) -> String {
    let character = |one: char| match one {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff0d}' => '-',
        '\u{ff21}'..='\u{ff3a}' => ascii_letter(one, 0xff21),
        '\u{ff41}'..='\u{ff5a}' => ascii_letter(one, 0xff41),
        _ if one.is_whitespace() => ' ',
        _ => digit(one).map_or(one, char::from),
    };
    let text: String = typed.trim_start_matches('〒').chars().map(character).collect();
    text.trim().to_ascii_uppercase()
}

/// The capital of a fullwidth letter.
fn ascii_letter(letter: char, first: u32) -> char {
    let place = u32::from(letter).saturating_sub(first);
    char::from_u32(u32::from('A').saturating_add(place)).unwrap_or(letter)
}
