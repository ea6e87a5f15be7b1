//! Checks of fields that messages of both channels have.

use serde_json::Value;

use super::problem::Problem;

/// Rejects keys that the schema does not have.
pub(super) fn refuse_unknown(value: &Value, place: &str, known: &[&str]) -> Result<(), Problem> {
    crate::json::unknown_key(value, known).map_or(Ok(()), |key| {
        let parameter = if place.is_empty() { String::from(key) } else { format!("{place}.{key}") };
        Err(Problem::field(parameter, "unknown field"))
    })
}

/// Checks the tags and the metadata, which messages of both channels may have.
pub(super) fn labels(body: &Value) -> Result<(), Problem> {
    let is_label = |text: Option<&str>, max_len: usize| {
        text.is_some_and(|text| {
            (1..=max_len).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        })
    };
    if let Some(tags) = body.get("tags") {
        let tags = tags.as_array().filter(|tags| tags.len() <= 20);
        for tag in tags.ok_or_else(|| Problem::field("tags", "must be a list of at most 20"))? {
            refuse_unknown(tag, "tags", &["name", "value"])?;
            if !is_label(crate::json::text(tag, "/name"), 32)
                || !is_label(crate::json::text(tag, "/value"), 64)
            {
                return Err(Problem::field(
                    "tags",
                    "name and value must be of A-Z, a-z, 0-9, _ and -",
                ));
            }
        }
    }
    if body.get("metadata").is_some_and(|metadata| !metadata.is_object()) {
        return Err(Problem::field("metadata", "must be an object"));
    }
    Ok(())
}
