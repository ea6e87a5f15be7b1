//! Requests against the provider's own published schema.

use jsonschema::Validator;
use serde_json::Value;

/// A schema of a provider, trimmed to what is sent, in `tests/data`.
pub struct Schema(Validator);

impl Schema {
    /// Reads it from JSON.
    pub fn new(text: &str) -> Self {
        let schema: Value = serde_json::from_str(text).unwrap();
        Self(jsonschema::validator_for(&schema).unwrap())
    }

    /// Asserts that a captured request is what the provider publishes.
    pub fn assert_takes(&self, value: &Value) {
        let problems: Vec<_> = self
            .0
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{problems:#?} in {value:#}");
    }

    /// Whether the provider would take it.
    pub fn takes(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }
}

#[test]
fn a_schema_tells_the_wrong_from_the_right() {
    let schema = Schema::new(
        r#"{"type":"object","required":["to"],"additionalProperties":false,"properties":{"to":{"type":"string"}}}"#,
    );
    schema.assert_takes(&serde_json::json!({"to": "x"}));
    assert!(!schema.takes(&serde_json::json!({"to": 1})));
    assert!(!schema.takes(&serde_json::json!({"to": "x", "unknown": 1})));
}
