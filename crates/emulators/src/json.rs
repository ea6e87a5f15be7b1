//! Helpers for JSON and phone numbers that several providers use.

use serde_json::Value;

/// The first key that is not in the list, if the value is an object.
pub(crate) fn unknown_key<'a>(value: &'a Value, known: &[&str]) -> Option<&'a str> {
    let object = value.as_object()?;
    object.keys().map(String::as_str).find(|key| !known.contains(key))
}

/// The text at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// Sets a key of an object. A value that is no object stays as it is.
pub(crate) fn put(value: &mut Value, key: &str, content: impl Into<Value>) {
    if let Some(object) = value.as_object_mut() {
        object.insert(String::from(key), content.into());
    }
}

/// JSON whose every character is ASCII: others are `\uXXXX` in lower-case
/// hexadecimal, as Meta writes its webhooks.
pub(crate) fn ascii(value: &Value) -> String {
    let mut ascii = String::new();
    for letter in value.to_string().chars() {
        if letter.is_ascii() {
            ascii.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

/// Whether a text is a phone number: digits, perhaps after a plus sign, in
/// the length of E.164 and not beginning with 0.
pub(crate) fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

/// The digits of a phone number.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn other_letters_are_escaped_as_meta_does() {
        let value = json!({"name": "Zoë 😀"});
        assert_eq!(super::ascii(&value), r#"{"name":"Zo\u00eb \ud83d\ude00"}"#);
    }
}
