//! Checks values against the JSON Schemas that the providers publish.
//!
//! Only the keywords of JSON Schema 2020-12 that these schemas use are implemented. A
//! schema with another keyword fails the test, so that no rule is silently ignored.

use regex::Regex;
use serde_json::{Map, Value};

/// Keywords without a rule of their own: annotations, and what other keywords read.
const WITHOUT_RULE: [&str; 6] = ["$comment", "$defs", "$schema", "else", "format", "then"];

/// A schema of a provider, reduced to what the shop sends, from `tests/data`.
pub struct Schema(Value);

impl Schema {
    /// Parses a schema.
    pub fn new(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap())
    }

    /// Asserts that a value matches the schema.
    pub fn assert_takes(&self, value: &Value) {
        let problems = problems(&self.0, &self.0, value);
        assert!(problems.is_empty(), "{problems:#?} in {value:#}");
    }

    /// Whether a value matches the schema.
    pub fn takes(&self, value: &Value) -> bool {
        problems(&self.0, &self.0, value).is_empty()
    }
}

/// What is wrong with a value, by its path; `root` is the schema that `$ref` refers to.
fn problems(root: &Value, schema: &Value, value: &Value) -> Vec<String> {
    match schema {
        Value::Bool(true) => Vec::new(),
        Value::Bool(false) => vec![": no value is allowed here".to_owned()],
        _ => {
            let keywords = schema.as_object().expect("a schema is an object or a boolean");
            let check = |(keyword, rule)| keyword_problems(root, keywords, keyword, rule, value);
            keywords.iter().flat_map(check).collect()
        }
    }
}

fn keyword_problems(
    root: &Value,
    keywords: &Map<String, Value>,
    keyword: &String,
    rule: &Value,
    value: &Value,
) -> Vec<String> {
    let check = |schema| problems(root, schema, value);
    let check_inner = |key: &dyn ToString, schema, inner| {
        let add_path = |problem| format!("/{}{problem}", key.to_string());
        problems(root, schema, inner).into_iter().map(add_path).collect::<Vec<_>>()
    };
    let is_right = match keyword.as_str() {
        "type" => list(rule).any(|name| is_of_type(name, value)),
        "const" => rule == value,
        "enum" => list(rule).any(|allowed| allowed == value),
        "pattern" => value.as_str().is_none_or(|text| regex(rule).is_match(text)),
        "minLength" => length(value).is_none_or(|length| length >= number(rule)),
        "maxLength" => length(value).is_none_or(|length| length <= number(rule)),
        "minimum" => value.as_f64().is_none_or(|value| value >= number(rule)),
        "maximum" => value.as_f64().is_none_or(|value| value <= number(rule)),
        "minItems" => !value.is_array() || items(value).count() as f64 >= number(rule),
        "maxItems" => !value.is_array() || items(value).count() as f64 <= number(rule),
        "required" => list(rule).all(|name| has(value, name)),
        "dependentRequired" => entries(rule)
            .filter(|(name, _)| value.get(name).is_some())
            .all(|(_, names)| list(names).all(|name| has(value, name))),
        "oneOf" => list(rule).filter(|schema| check(schema).is_empty()).count() == 1,
        "anyOf" => list(rule).any(|schema| check(schema).is_empty()),
        "allOf" => return list(rule).flat_map(check).collect(),
        "$ref" => return check(resolve(root, rule)),
        "if" => {
            let branch = if check(rule).is_empty() { "then" } else { "else" };
            return keywords.get(branch).map(check).unwrap_or_default();
        }
        "properties" => {
            let known =
                entries(rule).filter_map(|(name, schema)| Some((name, schema, value.get(name)?)));
            return known
                .flat_map(|(name, schema, inner)| check_inner(name, schema, inner))
                .collect();
        }
        "additionalProperties" => {
            let is_known =
                |name: &str| keywords.get("properties").is_some_and(|it| it.get(name).is_some());
            let others = entries(value).filter(|(name, _)| !is_known(name));
            return others.flat_map(|(name, inner)| check_inner(name, rule, inner)).collect();
        }
        "prefixItems" => {
            let pairs = items(value).zip(items(rule)).enumerate();
            return pairs.flat_map(|(at, (item, schema))| check_inner(&at, schema, item)).collect();
        }
        "items" => {
            let prefix = keywords.get("prefixItems").map_or(0, |rule| items(rule).count());
            let others = items(value).enumerate().skip(prefix);
            return others.flat_map(|(at, item)| check_inner(&at, rule, item)).collect();
        }
        _ => {
            assert!(WITHOUT_RULE.contains(&keyword.as_str()), "unknown keyword {keyword}");
            true
        }
    };
    if is_right { Vec::new() } else { vec![format!(": {keyword} {rule}")] }
}

/// The items of an array, or the value itself.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Whether an object has a property; values of other types have no required properties.
fn has(value: &Value, name: &Value) -> bool {
    !value.is_object() || value.get(name.as_str().unwrap()).is_some()
}

fn number(rule: &Value) -> f64 {
    rule.as_f64().unwrap()
}

fn length(value: &Value) -> Option<f64> {
    value.as_str().map(|text| text.chars().count() as f64)
}

fn regex(rule: &Value) -> Regex {
    Regex::new(rule.as_str().unwrap()).unwrap()
}

/// The part of the schema that a reference such as `#/$defs/body` names.
fn resolve<'a>(root: &'a Value, reference: &Value) -> &'a Value {
    let pointer = reference.as_str().and_then(|text| text.strip_prefix('#')).unwrap();
    root.pointer(pointer).unwrap_or_else(|| panic!("{reference} does not exist"))
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{other} is not a type"),
    }
}

mod tests {
    use serde_json::{Value, json};

    use super::Schema;

    #[track_caller]
    fn assert_tells_apart(schema: &Value, right: &[Value], wrong: &[Value]) {
        let schema = Schema::new(&schema.to_string());
        right.iter().for_each(|value| schema.assert_takes(value));
        wrong.iter().for_each(|value| assert!(!schema.takes(value), "{value}"));
    }

    #[test]
    fn objects_are_checked_property_by_property() {
        assert_tells_apart(
            &json!({
                "type": "object",
                "required": ["to"],
                "dependentRequired": { "a": ["b"] },
                "properties": { "to": { "type": "string" }, "a": true, "b": true, "c": false },
                "additionalProperties": false,
            }),
            &[
                json!({ "to": "x" }),
                json!({ "to": "x", "b": 1 }),
                json!({ "to": "x", "a": 1, "b": 1 }),
            ],
            &[
                json!("x"),
                json!({}),
                json!({ "to": 1 }),
                json!({ "to": "x", "a": 1 }),
                json!({ "to": "x", "c": 1 }),
                json!({ "to": "x", "unknown": 1 }),
            ],
        );
    }

    #[test]
    fn strings_and_numbers_are_checked_against_their_limits() {
        let text =
            json!({ "type": "string", "pattern": "^[a-z]+$", "minLength": 2, "maxLength": 3 });
        assert_tells_apart(
            &text,
            &[json!("ab"), json!("abc")],
            &[json!("a"), json!("abcd"), json!("AB")],
        );
        let number = json!({ "type": "integer", "minimum": 1, "maximum": 3 });
        assert_tells_apart(
            &number,
            &[json!(1), json!(3)],
            &[json!(0), json!(4), json!(1.5), json!("1")],
        );
        let nullable = json!({ "type": ["string", "null"] });
        assert_tells_apart(&nullable, &[json!("x"), json!(null)], &[json!(1)]);
        let known = json!({ "enum": ["a", 1] });
        assert_tells_apart(&known, &[json!("a"), json!(1)], &[json!("b")]);
        assert_tells_apart(&json!({ "const": "a" }), &[json!("a")], &[json!("b")]);
    }

    #[test]
    fn items_of_arrays_are_checked_by_position() {
        assert_tells_apart(
            &json!({
                "type": "array",
                "minItems": 1,
                "maxItems": 3,
                "prefixItems": [{ "type": "string" }],
                "items": { "type": "integer" },
            }),
            &[json!(["x"]), json!(["x", 1, 2])],
            &[json!([]), json!([1]), json!(["x", "y"]), json!(["x", 1, 2, 3])],
        );
    }

    #[test]
    fn combined_schemas_and_references_are_checked() {
        let (a, b) = (json!({ "required": ["a"] }), json!({ "$ref": "#/$defs/b" }));
        let combined = |keyword: &str| json!({ "type": "object", keyword: [a, b], "$defs": { "b": { "required": ["b"] } } });
        let (neither, one, both) = (json!({}), json!({ "a": 1 }), json!({ "a": 1, "b": 1 }));
        let all = [neither.clone(), one.clone(), both.clone()];
        assert_tells_apart(&combined("oneOf"), &all[1..2], &[neither.clone(), both.clone()]);
        assert_tells_apart(&combined("anyOf"), &all[1..], &all[..1]);
        assert_tells_apart(&combined("allOf"), &all[2..], &all[..2]);
        let conditional =
            json!({ "if": a, "then": { "required": ["b"] }, "else": { "type": "object" } });
        assert_tells_apart(&conditional, &[neither, both], &[one]);
    }

    #[test]
    #[should_panic = "unknown keyword uniqueItems"]
    fn an_unknown_keyword_fails_the_test() {
        Schema::new(r#"{ "uniqueItems": true }"#).assert_takes(&json!([]));
    }
}
