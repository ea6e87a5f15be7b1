//! Stripe's form encoding: `a[b][0]=c` is `{"a": {"b": {"0": "c"}}}`
//! (<https://docs.stripe.com/api#intro>).

use serde_json::{Map, Value, json};

/// No parameter of Stripe is nested deeper.
const MAX_DEPTH: usize = 16;

/// Reads a form or a query as a tree of objects and texts. A list is an object whose keys are
/// numbers: the schema decides which it is.
pub(super) fn parse(encoded: &[u8]) -> Map<String, Value> {
    let mut tree = Map::new();
    for (name, value) in form_urlencoded::parse(encoded) {
        let mut keys = Vec::new();
        let (first, mut rest) = name.split_once('[').unwrap_or((&name, ""));
        keys.push(first);
        while let Some((key, after)) = rest.split_once(']') {
            keys.push(key);
            rest = after.strip_prefix('[').unwrap_or_default();
        }
        if keys.len() <= MAX_DEPTH {
            insert(&mut tree, &keys, &value);
        }
    }
    tree
}

fn insert(tree: &mut Map<String, Value>, keys: &[&str], value: &str) {
    let Some((first, rest)) = keys.split_first() else { return };
    let key = if first.is_empty() { tree.len().to_string() } else { String::from(*first) };
    if rest.is_empty() {
        tree.insert(key, json!(value));
        return;
    }
    let entry = tree.entry(key).or_insert_with(|| json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    if let Some(inner) = entry.as_object_mut() {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn brackets_nest_and_empty_brackets_count() {
        let parsed = super::parse(b"a=1&b[c]=2&b[d][]=3&b[d][]=4&e[0][f]=5&g%5Bh%5D=6");
        assert_eq!(
            Value::Object(parsed),
            json!({ "a": "1", "b": { "c": "2", "d": { "0": "3", "1": "4" } },
                    "e": { "0": { "f": "5" } }, "g": { "h": "6" } })
        );
    }
}
