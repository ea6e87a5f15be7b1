//! `expand[]`: shows an object instead of its id (<https://docs.stripe.com/api/expanding_objects>).

use serde_json::{Map, Value};

use super::context::Store;
use super::problem::Problem;
use super::table::whole;

/// `expand` allows four levels.
const MAX_DEPTH: usize = 4;

/// Takes `expand` out of the parameters of a request.
pub(super) fn take(parameters: &mut Map<String, Value>) -> Result<Vec<String>, Problem> {
    match parameters.remove("expand") {
        None => Ok(Vec::new()),
        Some(Value::Object(items)) => {
            Ok(items.values().filter_map(Value::as_str).map(String::from).collect())
        }
        Some(_) => Err(Problem::malformed("expand", "Invalid array")),
    }
}

/// Expands each path in an answer.
///
/// # Errors
/// When a path leads to nothing that can be expanded.
pub(super) fn apply(store: &Store, answer: &mut Value, paths: &[String]) -> Result<(), Problem> {
    for path in paths {
        let keys: Vec<&str> = path.split('.').collect();
        if keys.len() > MAX_DEPTH {
            let message = format!("You cannot expand more than {MAX_DEPTH} levels of a property");
            return Err(Problem::malformed("expand", message));
        }
        if !expand(store, answer, &keys) {
            let message = format!("This property cannot be expanded ({path}).");
            return Err(Problem::malformed("expand", message));
        }
    }
    Ok(())
}

fn expand(store: &Store, value: &mut Value, keys: &[&str]) -> bool {
    let Some((key, rest)) = keys.split_first() else { return true };
    if let Some(items) = value.as_array_mut() {
        return items.iter_mut().all(|item| expand(store, item, keys));
    }
    let lists = hidden_list(store, value, key);
    let Some(object) = value.as_object_mut() else { return value.is_null() };
    if let Some(list) = lists {
        object.insert((*key).to_owned(), list);
    }
    let Some(field) = object.get_mut(*key) else { return false };
    if let Some(shown) = field.as_str().and_then(|id| store.show(id)) {
        *field = shown;
    }
    // A field that is null now may be an object's id another time.
    (field.is_object() || field.is_array() || field.is_null()) && expand(store, field, rest)
}

/// Lists that are shown only when they are expanded.
fn hidden_list(store: &Store, value: &Value, key: &str) -> Option<Value> {
    let id = value.get("id")?.as_str()?;
    match (value.get("object")?.as_str()?, key) {
        ("checkout.session", "line_items") => {
            let items = &store.sessions.find(id)?.line_items;
            Some(whole(&format!("/v1/checkout/sessions/{id}/line_items"), items))
        }
        ("charge", "refunds") => {
            let refunds = store.refunds.all().iter().rev().filter(|refund| refund.charge == id);
            let shown: Vec<Value> =
                refunds.filter_map(|refund| serde_json::to_value(refund).ok()).collect();
            Some(whole(&format!("/v1/charges/{id}/refunds"), &shown))
        }
        _ => None,
    }
}
