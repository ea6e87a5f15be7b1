//! `POST /{phone number}/messages`, with Meta's checks in Meta's order.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::graph::{GraphError, SENDER, error, service_error};
use crate::http::{ApiRequest, ApiResponse};
use crate::json::{digits, is_phone_number, text, unknown_key};
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::rate_limits::RateLimitExceeded;
use crate::state::State;
use crate::templates::{ReviewDecision, Template};

/// In characters (Meta, "Authentication templates").
const MAX_CODE_LEN: usize = 15;

/// The keys that a message may have at its top level.
const KNOWN_FIELDS: [&str; 10] = [
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "template",
    "text",
    "context",
    "biz_opaque_callback_data",
    "message_activity_sharing",
];

/// A message that has passed every check.
struct Checked {
    to: String,
    template: Option<(Template, Vec<String>)>,
    outcome: Outcome,
}

/// Checks a message and accepts it.
pub(crate) fn send(state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
    let body = request.json().unwrap_or_default();
    let checked = match check(state, &body) {
        Ok(checked) => checked,
        Err(problem) => return error(state, problem),
    };
    if let Some(failure) = checked.outcome.service_error() {
        return service_error(state, failure);
    }
    accept(state, &body, checked)
}

fn check(state: &State, body: &Value) -> Result<Checked, GraphError> {
    shape(body)?;
    let to = recipient(body)?;
    let kind = body.get("type").map_or(Some("text"), Value::as_str).unwrap_or_default();
    let mut outcome = match &to {
        Recipient::Number(number) => Outcome::for_recipient(number),
        Recipient::Dropped(_) => Outcome::Silence,
    };
    let to = to.into_digits();
    let template = match kind {
        "template" => Some(template(state, body)?),
        "text" => {
            if text(body, "/text/body").is_none_or(str::is_empty) {
                return Err(parameter("The parameter text['body'] is required."));
            }
            if outcome != Outcome::Silence {
                outcome = Outcome::OutsideWindow;
            }
            None
        }
        other => {
            return Err(GraphError::new(400, 131_051, "Unsupported message type")
                .details(format!("Message type {other} is not supported by this emulator.")));
        }
    };
    state.rate_limiter.try_send(&digits(&to), Instant::now()).map_err(
        |exceeded| match exceeded {
            RateLimitExceeded::Throughput => GraphError::new(400, 130_429, "Rate limit hit")
                .details("Cloud API message throughput has been reached."),
            RateLimitExceeded::Pair => GraphError::new(
                400,
                131_056,
                "(Business Account, Consumer Account) pair rate limit hit",
            )
            .details(
                "Message failed to send because there were too many messages sent from this \
                     phone number to the same phone number in a short period of time.",
            ),
        },
    )?;
    Ok(Checked { to, template, outcome })
}

fn parameter(title: &str) -> GraphError {
    GraphError::new(400, 100, title)
}

fn invalid(details: impl Into<String>) -> GraphError {
    GraphError::new(400, 131_009, "Parameter value is not valid").details(details)
}

fn missing(details: impl Into<String>) -> GraphError {
    GraphError::new(400, 131_008, "Required parameter is missing").details(details)
}

/// Checks the top level: only known keys, and values of the right type.
fn shape(body: &Value) -> Result<(), GraphError> {
    if body.get("messaging_product") != Some(&json!("whatsapp")) {
        return Err(parameter("The parameter messaging_product is required."));
    }
    refuse_unknown(body, "root", &KNOWN_FIELDS)?;
    for key in ["recipient_type", "to", "recipient", "type", "biz_opaque_callback_data"] {
        if body.get(key).is_some_and(|value| !value.is_string()) {
            return Err(parameter(&format!("Param {key} must be a string.")));
        }
    }
    let is_kind = |kind: &Value| {
        let kind = kind.as_str().unwrap_or_default();
        ["individual", "group"].iter().any(|known| kind.eq_ignore_ascii_case(known))
    };
    if body.get("recipient_type").is_some_and(|kind| !is_kind(kind)) {
        let details = "Param recipient_type must be one of {INDIVIDUAL, GROUP}";
        return Err(parameter(details));
    }
    let echo = text(body, "/biz_opaque_callback_data").unwrap_or_default();
    if echo.chars().count() > 512 {
        return Err(invalid("biz_opaque_callback_data is longer than 512 characters"));
    }
    Ok(())
}

fn refuse_unknown(value: &Value, place: &str, known: &[&str]) -> Result<(), GraphError> {
    unknown_key(value, known).map_or(Ok(()), |key| {
        let title = "Invalid parameter";
        Err(parameter(title).details(format!("Unexpected key \"{key}\" on param \"{place}\".")))
    })
}

/// Where a message goes.
enum Recipient {
    /// To a phone number.
    Number(String),
    /// Nowhere: a user id was given as a number. Meta cuts its prefix, takes the rest for a
    /// number, answers 200, and drops the message.
    Dropped(String),
}

impl Recipient {
    fn into_digits(self) -> String {
        match self {
            Self::Number(number) => number,
            Self::Dropped(id) => digits(&id),
        }
    }
}

/// Whether a text is a business-scoped user id: a country, a dot, and letters and digits.
fn is_user_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    })
}

fn recipient(body: &Value) -> Result<Recipient, GraphError> {
    if body.get("recipient").is_some() && body.get("to").is_none() {
        let details = "Authentication templates take a phone number only.";
        let title =
            "Business-scoped User ID (BSUID) recipients are not supported for this message.";
        return Err(GraphError::new(400, 131_062, title).details(details));
    }
    let to = text(body, "/to").filter(|to| !to.is_empty());
    let to = to.ok_or_else(|| missing("The parameter to is required."))?;
    if is_user_id(to) {
        return Ok(Recipient::Dropped(String::from(to)));
    }
    if !is_phone_number(to) {
        return Err(invalid("Parameter value is not valid: to"));
    }
    if digits(to) == SENDER {
        return Err(GraphError::new(400, 131_021, "Recipient cannot be sender")
            .details("Sender and recipient phone number is the same"));
    }
    Ok(Recipient::Number(String::from(to)))
}

/// The template and the parameters of its body.
fn template(state: &State, body: &Value) -> Result<(Template, Vec<String>), GraphError> {
    let wanted = body.get("template").filter(|value| value.is_object());
    let wanted = wanted.ok_or_else(|| parameter("The parameter template is required."))?;
    refuse_unknown(wanted, "template", &["name", "language", "components", "namespace"])?;
    let name = text(wanted, "/name");
    let name = name.ok_or_else(|| parameter("The parameter template['name'] is required."))?;
    let language = text(wanted, "/language/code");
    let language =
        language.ok_or_else(|| parameter("The parameter template['language'] is required."))?;
    if let Some(object) = wanted.get("language") {
        refuse_unknown(object, "template['language']", &["code", "policy"])?;
        if object.get("policy").is_some() && !is_word(object, "/policy", "deterministic") {
            return Err(parameter("Param policy must be one of {DETERMINISTIC}"));
        }
    }
    let template = usable(state, name, language)?;
    let parameters = fill(&template, wanted.get("components"))?;
    Ok((template, parameters))
}

/// The approved template of that name in that language.
fn usable(state: &State, name: &str, language: &str) -> Result<Template, GraphError> {
    let absent = || {
        GraphError::new(404, 132_001, "Template name does not exist in the translation")
            .details(format!("template name ({name}) does not exist in {language}"))
    };
    let template = state.templates.find(name, language).ok_or_else(absent)?;
    match template.decision() {
        Some(ReviewDecision::Approved) => Ok(template),
        Some(ReviewDecision::Paused) => Err(GraphError::new(400, 132_015, "Template is Paused")
            .details("Template is paused due to low quality so it cannot be sent.")),
        Some(ReviewDecision::Disabled) => {
            Err(GraphError::new(400, 132_016, "Template is Disabled")
                .details("Template has been paused too many times due to low quality."))
        }
        Some(ReviewDecision::Rejected(_)) | None => Err(absent()),
    }
}

/// The parameters of the body. Those of the button are checked only.
pub(crate) fn fill(
    template: &Template,
    components: Option<&Value>,
) -> Result<Vec<String>, GraphError> {
    let none = Vec::new();
    let components = match components {
        None => &none,
        Some(Value::Array(list)) => list,
        Some(_) => return Err(parameter("Param template['components'] must be an array.")),
    };
    for component in components {
        let known = ["type", "sub_type", "index", "parameters"];
        refuse_unknown(component, "template['components']", &known)?;
        let parameters = component.get("parameters").and_then(Value::as_array);
        for each in parameters.into_iter().flatten() {
            refuse_unknown(each, "parameters", &["type", "text", "parameter_name"])?;
        }
        if !["body", "button", "header"].iter().any(|kind| is_word(component, "/type", kind)) {
            return Err(parameter("Param type must be one of {HEADER, BODY, BUTTON}"));
        }
    }
    let of_kind = |kind: &str| {
        components.iter().filter(|each| is_word(each, "/type", kind)).collect::<Vec<_>>()
    };
    let bodies = of_kind("body");
    let given = bodies.first().and_then(|body| body.get("parameters")?.as_array()).unwrap_or(&none);
    let expected = template.body_parameters();
    if given.len() != expected || bodies.len() > 1 || !of_kind("header").is_empty() {
        let title = "Number of parameters does not match the expected number of params";
        let details = format!(
            "body: number of localizable_params ({}) does not match the expected number of params \
             ({expected})",
            given.len()
        );
        return Err(GraphError::new(400, 132_000, title).details(details));
    }
    let values = texts(given)?;
    let code = values.first().map(String::as_str).unwrap_or_default();
    button(template, &of_kind("button"), code)?;
    if template.category == "AUTHENTICATION" && code.chars().count() > MAX_CODE_LEN {
        let details = "template parameter at index 0 exceeds the maximum length in the \
                       AUTHENTICATION category (15 characters).";
        return Err(parameters_wrong().details(details));
    }
    Ok(values)
}

/// Whether the text at a pointer is this word, which Meta takes in any case.
fn is_word(value: &Value, pointer: &str, word: &str) -> bool {
    text(value, pointer).is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// The parameters' texts. Every parameter must be a text that is not empty.
fn texts(parameters: &[Value]) -> Result<Vec<String>, GraphError> {
    let value = |each: &Value| {
        is_word(each, "/type", "text")
            .then(|| text(each, "/text"))
            .flatten()
            .filter(|text| !text.is_empty())
            .map(String::from)
    };
    parameters.iter().map(|each| value(each).ok_or_else(mismatch)).collect()
}

fn mismatch() -> GraphError {
    GraphError::new(400, 132_012, "Parameter format does not match format in the created template")
        .details("body: parameter at index 0 is not of the expected type text")
}

fn parameters_wrong() -> GraphError {
    GraphError::new(400, 132_018, "There's an issue with the parameters in your template")
}

/// Checks the code button: it is there if the template has one, and it carries the same code.
fn button(template: &Template, buttons: &[&Value], code: &str) -> Result<(), GraphError> {
    let wanted = "buttons: Button at index 0 of type Url requires a parameter";
    if !template.has_code_button() {
        return match buttons {
            [] => Ok(()),
            _ => Err(parameters_wrong().details("The template has no button with a parameter.")),
        };
    }
    let [button] = buttons else { return Err(missing(wanted)) };
    if !is_word(button, "/sub_type", "url") {
        return Err(
            parameters_wrong().details("buttons: sub_type of button at index 0 must be url")
        );
    }
    if button.get("index").is_none_or(|index| *index != json!("0") && *index != json!(0)) {
        return Err(missing("buttons: index of the button must be 0"));
    }
    let none = Vec::new();
    let given = button.get("parameters").and_then(Value::as_array).unwrap_or(&none);
    match texts(given)?.as_slice() {
        [] => Err(missing(wanted)),
        [value] if value == code => Ok(()),
        [_] => Err(parameters_wrong().details("The button's code differs from the body's.")),
        _ => Err(GraphError::new(
            400,
            132_000,
            "Number of parameters does not match the expected number of params",
        )
        .details("buttons: more than one parameter for the button at index 0")),
    }
}

fn accept(state: &Arc<State>, body: &Value, checked: Checked) -> ApiResponse {
    let digits = digits(&checked.to);
    let id = state.identifiers.wamid(&digits);
    let mut message = Message::new(id.clone(), &digits, Channel::Whatsapp, state.now());
    message.reference = text(body, "/biz_opaque_callback_data").map(String::from);
    let mut sent = json!({ "id": id });
    if let Some((template, parameters)) = checked.template {
        crate::json::put(&mut sent, "message_status", json!("accepted"));
        message.text = template.text(&parameters);
        message.time_to_live = template.time_to_live;
        message.details = json!({ "category": template.category.to_lowercase() });
        let is_code = template.category == "AUTHENTICATION";
        message.code = parameters.into_iter().next().filter(|_| is_code);
        message.template = Some(template.name);
        message.language = Some(template.language);
    } else {
        message.text = text(body, "/text/body").map(String::from);
        message.details = json!({ "category": "service" });
    }
    let answer = json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": checked.to, "wa_id": digits }],
        "messages": [sent],
    });
    ApiResponse::json(200, &answer).accepting(message, checked.outcome)
}
