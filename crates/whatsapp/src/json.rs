//! JSON of webhook calls, read piece by piece.
//!
//! A call carries many items, and one that cannot be read must not affect its neighbours. So a
//! value stays text until one of its fields is asked for, and nothing else of it is parsed. An
//! item of an unknown form, half of a surrogate pair in a message that was cut, or deep nesting
//! elsewhere in the call does no harm.

use std::{borrow::Cow, collections::HashMap};

use serde_json::value::RawValue;

use crate::WebhookError;

/// A value whose syntax is known to be right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<'a>(&'a str);

/// The body of a call as text. Bytes that are not UTF-8 are replaced, so that they damage only
/// the string that they are in.
pub(crate) fn decode(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body)
}

impl<'a> Json<'a> {
    /// Reads the body of a call.
    pub(crate) fn parse(text: &'a str) -> Result<Self, WebhookError> {
        serde_json::from_str(text).map(Self::of).map_err(|_| WebhookError::Malformed)
    }

    /// A value that was read as part of another one.
    pub(crate) fn of(value: &'a RawValue) -> Self {
        Self(value.get().trim())
    }

    /// Whether the value is an object.
    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// The field of this name, if the value is an object that has it. Null counts as missing.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let fields: HashMap<String, &'a RawValue> = serde_json::from_str(self.0).ok()?;
        fields.get(name).copied().map(Self::of).filter(|value| value.0 != "null")
    }

    /// The value at a JSON pointer without escapes, such as `/data/metadata/ref`.
    pub(crate) fn at(self, pointer: &str) -> Option<Self> {
        pointer.split('/').skip(1).try_fold(self, Self::get)
    }

    /// The items, if the value is an array.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let items: Vec<&'a RawValue> = serde_json::from_str(self.0).unwrap_or_default();
        items.into_iter().map(Self::of)
    }

    /// The items of the array in the field of this name.
    pub(crate) fn items_of(self, name: &str) -> impl Iterator<Item = Self> {
        self.get(name).into_iter().flat_map(Self::items)
    }

    /// The string at a pointer.
    pub(crate) fn text_at(self, pointer: &str) -> Option<String> {
        serde_json::from_str(self.at(pointer)?.0).ok()
    }

    /// The number at a pointer. Providers write some of their codes as strings.
    pub(crate) fn number_at(self, pointer: &str) -> Option<u32> {
        let value = self.at(pointer)?;
        let text: Option<String> = serde_json::from_str(value.0).ok();
        text.as_deref().unwrap_or(value.0).trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    #[test]
    fn text_that_is_not_json_is_malformed() {
        for text in ["", " ", "{", "{} {}", "{\"a\":}", "{\"a\":1,}", "{'a':1}", "[1,]", "a=b"] {
            let read = Json::parse(text).map(|_| ());
            assert_eq!(read, Err(WebhookError::Malformed), "{text}");
        }
        for text in ["{}", " {\"a\": 1}\n", "{\"a\":{},\"a\":[]}", "[]", "7", "null"] {
            assert!(Json::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_field_is_found_whatever_its_neighbours_hold() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for neighbour in
            ["null", "1e999", "\"\\ud83d\"", "[[],{}]", "\"\\u0000\"", "{\"\":1}", "-0.0", &deep]
        {
            let text = format!(r#"{{"x":{neighbour},"a":{{"x":{neighbour},"b":"found"}}}}"#);
            assert_eq!(read(&text).text_at("/a/b").as_deref(), Some("found"), "{neighbour:.20}");
            let list = format!(r#"{{"list":[{neighbour},{{"b":"found"}}]}}"#);
            let found = read(&list).items_of("list").filter_map(|item| item.text_at("/b"));
            assert_eq!(found.collect::<Vec<_>>(), ["found"], "{neighbour:.20}");
        }
    }

    #[test]
    fn a_number_may_be_a_string_and_everything_else_is_none() {
        for (value, expected) in [
            ("131026", Some(131_026)),
            ("\"131026\"", Some(131_026)),
            ("\" 131026 \"", Some(131_026)),
            ("0", Some(0)),
            ("null", None),
            ("\"\"", None),
            ("\"words\"", None),
            ("-1", None),
            ("1.5", None),
            ("18446744073709551616", None),
            ("true", None),
            ("[131026]", None),
            ("{\"code\":131026}", None),
        ] {
            let text = format!(r#"{{"code":{value}}}"#);
            assert_eq!(read(&text).number_at("/code"), expected, "{value}");
        }
        assert_eq!(read("{}").number_at("/code"), None);
    }

    #[test]
    fn bytes_that_are_not_text_damage_only_their_string() {
        let text = decode(b"{\"name\":\"\xff\xfe\",\"id\":\"m1\"}");
        assert_eq!(read(&text).text_at("/id").as_deref(), Some("m1"));
    }
}
