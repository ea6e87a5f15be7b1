//! The code in a larger text: the whole message, a code in quotation marks or with a full stop.
//!
//! A code is a group of exactly six digits, or two groups of three with one separator between
//! them. No code is what belongs to a larger number: digits beside a letter or underscore of the
//! Latin alphabet (`x546371`), beside a decimal mark (`546371.50`), or in a phone number, which
//! begins with a plus sign and may have spaces.

use super::{CODE_DIGITS, Code, digit, is_separator};

/// A group of digits, and the characters between it and the group before, or the begin of the
/// text.
struct Group {
    digits: Vec<u8>,
    gap: Vec<char>,
}

/// Every different code in a text, in its order.
pub(super) fn codes(text: &str) -> Vec<Code> {
    let (groups, end) = groups(text);
    let mut codes: Vec<Code> = Vec::new();
    let mut is_phone = false;
    let mut rest = groups.as_slice();
    let mut is_first = true;
    while let [group, others @ ..] = rest {
        is_phone = is_international(&group.gap) || (is_phone && joins(&group.gap));
        let (digits, others) = match others {
            [half, others @ ..] if is_half(group) && is_half(half) && is_one_step(&half.gap) => {
                ([&*group.digits, &*half.digits].concat(), others)
            }
            _ => (group.digits.clone(), others),
        };
        let is_apart = !is_phone
            && !matches!(group.gap.as_slice(), [.., last] if is_word(*last))
            && (is_first || !is_decimal_mark(&group.gap))
            && match others.first() {
                Some(next) => !begins_word(&next.gap) && !is_decimal_mark(&next.gap),
                None => !begins_word(&end),
            };
        let code = <[u8; CODE_DIGITS]>::try_from(digits).ok().filter(|_| is_apart).map(Code);
        codes.extend(code.filter(|code| !codes.contains(code)));
        (rest, is_first) = (others, false);
    }
    codes
}

/// The groups of digits of a text, and what follows the last.
fn groups(text: &str) -> (Vec<Group>, Vec<char>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut gap = Vec::new();
    for character in text.chars() {
        match (digit(character), groups.last_mut()) {
            (Some(digit), Some(group)) if gap.is_empty() => group.digits.push(digit),
            (Some(digit), _) => {
                groups.push(Group { digits: vec![digit], gap: std::mem::take(&mut gap) });
            }
            (None, _) => gap.push(character),
        }
    }
    (groups, gap)
}

fn is_half(group: &Group) -> bool {
    group.digits.len() * 2 == CODE_DIGITS
}

fn is_one_step(gap: &[char]) -> bool {
    matches!(gap, [one] if is_separator(*one))
}

fn is_international(gap: &[char]) -> bool {
    matches!(gap, [.., '+' | '\u{ff0b}'] | [.., '+' | '\u{ff0b}', '('])
}

/// Whether a phone number goes on after this gap: a space, a hyphen, a bracket.
fn joins(gap: &[char]) -> bool {
    let is_inside = |one: &char| *one != '\n' && (is_separator(*one) || matches!(one, '(' | ')'));
    gap.len() <= 2 && gap.iter().all(is_inside)
}

fn is_decimal_mark(gap: &[char]) -> bool {
    matches!(gap, ['.' | ','])
}

fn begins_word(gap: &[char]) -> bool {
    matches!(gap, [first, ..] if is_word(*first))
}

/// A letter of the Latin alphabet, or an underscore. Other scripts may write a code without a
/// space before it.
const fn is_word(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

#[cfg(test)]
mod tests {
    use crate::{Code, code::CodeFormat};

    fn read(text: &str) -> Result<String, CodeFormat> {
        Code::parse(text).map(|code| code.expose_text())
    }

    #[test]
    fn the_one_code_of_a_larger_paste_is_taken() {
        for text in [
            "546371.",
            "\"546371\"",
            "546·371",
            "“546 371”",
            "546\u{202f}371",
            "5 4 6 3 7 1",
            "5•4•6•3•7•1",
            "code: 546371",
            "(546371)",
            "*546371*",
            "#546371",
            "546371 546371",
            "546-371, again: 546371",
            "Your OTP for logging into Marigold is 546371. This code is valid for 10 minutes.",
            "Use 546371 to pay 1234.50 EUR to Shop. Valid for 5 minutes.\n\n@shop.example #546371",
            "Mit 546371 zahlen Sie 1234,50 EUR an Marigold. Der Code gilt 5 Minuten.",
            "Il tuo codice è 546\u{a0}371, valido 10 minuti",
            "您的验证码是546371，请勿告诉他人。",
            "استخدم ٥٤٦٣٧١ لدفع 21.40 EUR",
            "मैरीगोल्ड कोड ५४६३७१ 10 मिनट",
            "コード：５４６３７１。",
            "\u{feff}\u{200e}Code\u{a0}546371\u{200f}",
            "546371 is your code. Not you? Call +44 7700 900111 or +1 (212) 555 0100.",
            "[10:30, 28/11/2026] Marigold: 546371",
            "546371 10",
            "Call (+44) 7700 900111.\n546371",
        ] {
            assert_eq!(read(text).as_deref(), Ok("546371"), "{text:?}");
        }
    }

    #[test]
    fn two_different_codes_are_asked_about() {
        for text in [
            "546371 and 111222",
            "546371 111222",
            "546371\n111222",
            "546371, 546371, 546372",
            "546 371 / 111 222",
            "The code was 546371. It is 546-372 now.",
            "٥٤٦٣٧١ 111222",
            "546371?111222",
        ] {
            assert_eq!(read(text), Err(CodeFormat::Several), "{text:?}");
        }
    }

    #[test]
    fn part_of_a_larger_number_is_no_code() {
        for (text, expected) in [
            ("1234567", CodeFormat::Length),
            ("546371546371", CodeFormat::Length),
            ("54637", CodeFormat::Length),
            ("54637.", CodeFormat::NotDigits),
            ("x546371", CodeFormat::NotDigits),
            ("546371st", CodeFormat::NotDigits),
            ("546371_", CodeFormat::NotDigits),
            ("1e546371", CodeFormat::NotDigits),
            ("546371.50", CodeFormat::NotDigits),
            ("1,546371", CodeFormat::NotDigits),
            ("1,546,371", CodeFormat::NotDigits),
            ("+546371", CodeFormat::NotDigits),
            ("+44 7700 900111", CodeFormat::NotDigits),
            ("call +44 7700 900111", CodeFormat::NotDigits),
            ("call (+44) 7700 900111", CodeFormat::NotDigits),
            ("+1 (212) 555-0100", CodeFormat::NotDigits),
            ("28.11.26", CodeFormat::NotDigits),
            ("10:30:15", CodeFormat::NotDigits),
            ("no digits", CodeFormat::NotDigits),
        ] {
            assert_eq!(read(text), Err(expected), "{text:?}");
        }
    }
}
