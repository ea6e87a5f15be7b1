//! The checked parameters of a request.

use serde_json::{Map, Value, json};

/// The parameters after [`super::schema::check`], by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters(pub Map<String, Value>);

impl Parameters {
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(String::from)
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// The value, or null.
    pub fn value(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// The object, or an empty one.
    pub fn object(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_else(|| json!({}))
    }

    pub fn pointer(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.strip_prefix('/')?.split_once('/')?;
        self.0.get(first)?.pointer(&format!("/{rest}"))
    }

    /// The texts of a list.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.0.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).map(String::from).collect())
    }

    /// Metadata for a new object.
    pub fn metadata(&self) -> Value {
        changed_metadata(&json!({}), self.0.get("metadata"))
    }

    /// The metadata of an object after a change: an empty value removes a key, and an empty
    /// parameter removes all (<https://docs.stripe.com/api/metadata>).
    pub fn change_metadata(&self, metadata: &mut Value) {
        *metadata = changed_metadata(metadata, self.0.get("metadata"));
    }

    /// Replaces a field if the parameter is given.
    pub fn change(&self, name: &str, field: &mut Value) {
        if let Some(value) = self.0.get(name) {
            field.clone_from(value);
        }
    }
}

/// See [`Parameters::change_metadata`].
pub(super) fn changed_metadata(old: &Value, change: Option<&Value>) -> Value {
    let mut metadata = old.as_object().cloned().unwrap_or_default();
    match change {
        None => {}
        Some(Value::Object(pairs)) => {
            for (key, value) in pairs {
                if value.as_str().is_some_and(str::is_empty) {
                    metadata.remove(key);
                } else {
                    metadata.insert(key.clone(), value.clone());
                }
            }
        }
        Some(_) => metadata.clear(),
    }
    Value::Object(metadata)
}
