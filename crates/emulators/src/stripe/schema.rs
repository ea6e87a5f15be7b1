//! The parameters of an operation: which there are, and of which type. Stripe refuses every other
//! one (<https://docs.stripe.com/error-codes#parameter-unknown>).

use serde_json::{Map, Value, json};

use super::problem::Problem;

/// A parameter of an operation, or of an object in one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub name: &'static str,
    kind: Kind,
    is_required: bool,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    /// A text that an empty value removes.
    Removable,
    Integer,
    Boolean,
    OneOf(&'static [&'static str]),
    Object(&'static [Parameter]),
    /// A list of objects.
    Objects(&'static [Parameter]),
    /// A list of texts.
    Texts,
    Metadata,
    /// Seconds, or a range of them.
    Period,
    /// What only changes what a page or a receipt looks like; it is accepted as it is.
    Appearance,
    /// Stripe has it, and the emulator does not.
    Unsupported,
}

const fn parameter(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, is_required: false }
}

pub(super) const fn text(name: &'static str) -> Parameter {
    parameter(name, Kind::Text)
}

pub(super) const fn removable(name: &'static str) -> Parameter {
    parameter(name, Kind::Removable)
}

pub(super) const fn integer(name: &'static str) -> Parameter {
    parameter(name, Kind::Integer)
}

pub(super) const fn boolean(name: &'static str) -> Parameter {
    parameter(name, Kind::Boolean)
}

pub(super) const fn one_of(name: &'static str, values: &'static [&'static str]) -> Parameter {
    parameter(name, Kind::OneOf(values))
}

pub(super) const fn object(name: &'static str, fields: &'static [Parameter]) -> Parameter {
    parameter(name, Kind::Object(fields))
}

pub(super) const fn objects(name: &'static str, fields: &'static [Parameter]) -> Parameter {
    parameter(name, Kind::Objects(fields))
}

pub(super) const fn texts(name: &'static str) -> Parameter {
    parameter(name, Kind::Texts)
}

pub(super) const fn metadata() -> Parameter {
    parameter("metadata", Kind::Metadata)
}

pub(super) const fn period(name: &'static str) -> Parameter {
    parameter(name, Kind::Period)
}

pub(super) const fn appearance(name: &'static str) -> Parameter {
    parameter(name, Kind::Appearance)
}

pub(super) const fn unsupported(name: &'static str) -> Parameter {
    parameter(name, Kind::Unsupported)
}

impl Parameter {
    pub const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }
}

/// Checks the parameters of a request, and gives each its type.
///
/// # Errors
/// The first fault: unknown parameters, then wrong types, then missing ones.
pub(super) fn check(
    given: &Map<String, Value>,
    allowed: &[Parameter],
) -> Result<Map<String, Value>, Problem> {
    let mut unknown = Vec::new();
    find_unknown(given, allowed, "", &mut unknown);
    if let Some(first) = unknown.first() {
        let plural = if unknown.len() > 1 { "s" } else { "" };
        let message = format!("Received unknown parameter{plural}: {}", unknown.join(", "));
        return Err(Problem::malformed(first, message).with_code("parameter_unknown"));
    }
    convert(given, allowed, "")
}

fn path(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { String::from(name) } else { format!("{prefix}[{name}]") }
}

fn find_unknown(
    given: &Map<String, Value>,
    allowed: &[Parameter],
    prefix: &str,
    unknown: &mut Vec<String>,
) {
    for (name, value) in given {
        let here = path(prefix, name);
        match (allowed.iter().find(|each| each.name == name), value.as_object()) {
            (None, _) => unknown.push(here),
            (Some(Parameter { kind: Kind::Object(fields), .. }), Some(inner)) => {
                find_unknown(inner, fields, &here, unknown);
            }
            (Some(Parameter { kind: Kind::Objects(fields), .. }), Some(items)) => {
                for (index, item) in items {
                    if let Some(inner) = item.as_object() {
                        find_unknown(inner, fields, &path(&here, index), unknown);
                    }
                }
            }
            _ => {}
        }
    }
}

fn convert(
    given: &Map<String, Value>,
    allowed: &[Parameter],
    prefix: &str,
) -> Result<Map<String, Value>, Problem> {
    let mut converted = Map::new();
    for parameter in allowed {
        let here = path(prefix, parameter.name);
        match given.get(parameter.name) {
            Some(value) => {
                let value = parameter.convert(value, &here)?;
                converted.insert(String::from(parameter.name), value);
            }
            None if parameter.is_required => return Err(Problem::missing(&here)),
            None => {}
        }
    }
    Ok(converted)
}

impl Parameter {
    fn convert(&self, value: &Value, here: &str) -> Result<Value, Problem> {
        match (self.kind, value) {
            (Kind::Unsupported, _) => Err(unsupported_problem(here)),
            (Kind::Appearance, value) => Ok(value.clone()),
            (Kind::Removable, Value::String(text)) if text.is_empty() => Ok(Value::Null),
            (Kind::Metadata, Value::String(text)) if text.is_empty() => Ok(Value::Null),
            (Kind::Metadata, Value::Object(pairs)) => checked_metadata(pairs, here),
            (Kind::Object(fields), Value::Object(inner)) => {
                convert(inner, fields, here).map(Value::Object)
            }
            (Kind::Period, Value::Object(inner)) => convert(inner, RANGE, here).map(Value::Object),
            (Kind::Objects(fields), Value::Object(items)) => list(items, here, |item, here| {
                let inner = item.as_object().ok_or_else(|| wrong("object", here))?;
                convert(inner, fields, here).map(Value::Object)
            }),
            (Kind::Texts, Value::Object(items)) => list(items, here, |item, here| {
                item.as_str().map(|text| json!(text)).ok_or_else(|| wrong("string", here))
            }),
            (Kind::Object(_) | Kind::Metadata, Value::String(_)) => Err(wrong("object", here)),
            (Kind::Objects(_) | Kind::Texts, Value::String(_)) => Err(wrong("array", here)),
            (_, Value::String(text)) => self.convert_text(text, here),
            _ => Err(wrong("string", here)),
        }
    }

    fn convert_text(&self, text: &str, here: &str) -> Result<Value, Problem> {
        if text.is_empty() {
            let message = format!(
                "You passed an empty string for '{here}'. We assume empty values are an attempt \
                 to unset a parameter; however '{here}' cannot be unset. You should remove \
                 '{here}' from your request or supply a non-empty value."
            );
            return Err(Problem::malformed(here, message).with_code("parameter_invalid_empty"));
        }
        match self.kind {
            Kind::Integer | Kind::Period => {
                text.parse::<i64>().map(|number| json!(number)).map_err(|_| {
                    let message = format!("Invalid integer: {text}");
                    Problem::malformed(here, message).with_code("parameter_invalid_integer")
                })
            }
            Kind::Boolean => match text {
                "true" => Ok(json!(true)),
                "false" => Ok(json!(false)),
                _ => Err(Problem::malformed(here, format!("Invalid boolean: {text}"))),
            },
            Kind::OneOf(values) if !values.contains(&text) => {
                let message = format!("Invalid {here}: must be one of {}", enumerate(values));
                Err(Problem::malformed(here, message))
            }
            _ if text.len() > 5000 => {
                let message = format!("Invalid string: {here} must be at most 5000 characters");
                Err(Problem::malformed(here, message))
            }
            _ => Ok(json!(text)),
        }
    }
}

/// The fields of a range of times.
const RANGE: &[Parameter] = &[integer("gt"), integer("gte"), integer("lt"), integer("lte")];

fn wrong(kind: &str, here: &str) -> Problem {
    Problem::malformed(here, format!("Invalid {kind}"))
}

/// A parameter that the emulator would have to ignore is refused, so that nobody trusts it.
fn unsupported_problem(here: &str) -> Problem {
    let message = format!("Stripe has the parameter {here}; the emulator does not support it.");
    Problem::malformed(here, message).with_code("emulator_limitation")
}

fn list(
    items: &Map<String, Value>,
    here: &str,
    convert: impl Fn(&Value, &str) -> Result<Value, Problem>,
) -> Result<Value, Problem> {
    let mut numbered = Vec::new();
    for (index, item) in items {
        let number = index.parse::<usize>().map_err(|_| wrong("array", here))?;
        numbered.push((number, convert(item, &path(here, index))?));
    }
    numbered.sort_by_key(|(number, _)| *number);
    Ok(numbered.into_iter().map(|(_, item)| item).collect())
}

/// Metadata have up to 50 keys of 40 characters and values of 500
/// (<https://docs.stripe.com/api/metadata>).
fn checked_metadata(pairs: &Map<String, Value>, here: &str) -> Result<Value, Problem> {
    if pairs.len() > 50 {
        let message = "You can specify up to 50 metadata keys".to_owned();
        return Err(Problem::malformed(here, message));
    }
    for (key, value) in pairs {
        let value = value.as_str().ok_or_else(|| wrong("string", &path(here, key)))?;
        if key.chars().count() > 40 {
            let message = format!("Metadata keys can have up to 40 characters; '{key}' has more");
            return Err(Problem::malformed(here, message));
        }
        if value.chars().count() > 500 {
            let message = "Metadata values must have up to 500 characters".to_owned();
            return Err(Problem::malformed(&path(here, key), message));
        }
    }
    Ok(Value::Object(pairs.clone()))
}

fn enumerate(values: &[&str]) -> String {
    match values {
        [] => String::new(),
        [only] => String::from(*only),
        [first, second] => format!("{first} or {second}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Parameter, check, integer, metadata, object, objects, text, texts, unsupported};
    use crate::stripe::form;

    const FIELDS: &[Parameter] = &[
        integer("amount").required(),
        text("currency"),
        object("card", &[text("token")]),
        objects("items", &[integer("quantity")]),
        texts("types"),
        metadata(),
        unsupported("mandate"),
    ];

    fn refused(given: &str) -> (String, String) {
        let problem = check(&form::parse(given.as_bytes()), FIELDS).unwrap_err();
        let body = problem.body("req_1", 0);
        let param = body.pointer("/error/param").and_then(Value::as_str).unwrap_or_default();
        (problem.name(), param.to_owned())
    }

    #[test]
    fn each_wrong_parameter_is_refused_by_its_name() {
        for (given, code, param) in [
            ("amount=1&foo=2", "parameter_unknown", "foo"),
            ("amount=1&card[number]=2", "parameter_unknown", "card[number]"),
            ("amount=1&items[0][price]=2", "parameter_unknown", "items[0][price]"),
            ("currency=usd", "parameter_missing", "amount"),
            ("amount=1.5", "parameter_invalid_integer", "amount"),
            ("amount=0x1", "parameter_invalid_integer", "amount"),
            ("amount=", "parameter_invalid_empty", "amount"),
            ("amount=1&currency[a]=usd", "invalid_request_error", "currency"),
            ("amount=1&card=tok", "invalid_request_error", "card"),
            ("amount=1&types=card", "invalid_request_error", "types"),
            ("amount=1&mandate=x", "emulator_limitation", "mandate"),
        ] {
            assert_eq!(refused(given), (code.to_owned(), param.to_owned()), "{given}");
        }
        let long = format!("amount=1&metadata[{}]=1", "k".repeat(41));
        assert_eq!(refused(&long).1, "metadata");
        let long = format!("amount=1&metadata[k]={}", "v".repeat(501));
        assert_eq!(refused(&long).1, "metadata[k]");
    }

    #[test]
    fn right_parameters_get_their_types() {
        let given = "amount=5&items[1][quantity]=2&items[0][quantity]=1&types[]=card&metadata[a]=b";
        let converted = check(&form::parse(given.as_bytes()), FIELDS).unwrap();
        assert_eq!(
            Value::Object(converted),
            json!({ "amount": 5, "items": [{ "quantity": 1 }, { "quantity": 2 }],
                    "types": ["card"], "metadata": { "a": "b" } })
        );
    }
}
