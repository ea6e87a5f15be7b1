//! Characters: how capital and small letters are compared, which ones people do not see, and what
//! a line of text may contain.

use unicode_normalization::UnicodeNormalization;

/// The text in small letters and in normalisation form C, for comparing. The program does this
/// and never the database, whose locale may fold ASCII only.
///
/// Case is folded letter by letter, so that capital and small letters are the same wherever they
/// stand in a word: Greek has two small sigmas for one capital.
pub fn fold_case(text: &str) -> String {
    let lower = text.nfc().flat_map(char::to_lowercase);
    lower.map(|letter| if letter == 'ς' { 'σ' } else { letter }).nfc().collect()
}

/// Whether a character shows nothing by itself: controls, white space, marks that steer
/// direction or joining, fillers and blanks of some scripts, variation selectors, tags.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || character.is_whitespace()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a character may not be in a line of text: controls, line separators, and what changes
/// the direction of the text around it, so that it reads as something else on a parcel or in the
/// merchant's list. Joiners are allowed; Persian and the scripts of India need them in names.
pub fn is_forbidden_in_line(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_marks_of_every_script_are_visible() {
        for character in "aÉ7ш字ก้अאم🌼.-'".chars() {
            assert!(!is_invisible(character) && !is_forbidden_in_line(character), "{character:?}");
        }
    }

    #[test]
    fn joiners_are_invisible_and_allowed() {
        for character in ['\u{200c}', '\u{200d}', '\u{200e}', ' '] {
            assert!(is_invisible(character) && !is_forbidden_in_line(character), "{character:?}");
        }
    }
}
