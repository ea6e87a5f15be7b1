//! Webhook endpoints and their secrets (<https://docs.stripe.com/api/webhook_endpoints>).

use serde::Serialize;
use serde_json::{Value, json};

use super::context::Context;
use super::events::{self, API_VERSION};
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::schema::{
    Parameter, boolean, integer, metadata, one_of, removable, text, texts, unsupported,
};
use super::table::Object;

/// A rolled secret stays valid for a day at most (<https://docs.stripe.com/webhooks#roll-endpoint-secrets>).
const ROLLED_SECRET_TTL: i64 = 24 * 3600;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Endpoint {
    pub id: String,
    pub object: &'static str,
    pub created: i64,
    pub livemode: bool,
    pub api_version: Option<String>,
    pub application: Value,
    pub description: Value,
    pub enabled_events: Vec<String>,
    pub metadata: Value,
    pub status: &'static str,
    pub url: String,
    #[serde(skip)]
    pub secret: String,
    /// The secret before, and until when it signs too.
    #[serde(skip)]
    pub rolled: Option<(String, i64)>,
}

impl Object for Endpoint {
    const NAME: &'static str = "webhook_endpoint";
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Endpoint {
    /// The endpoint that the emulator is started with.
    pub fn configured(id: String, url: &str, secret: &str, now: i64) -> Self {
        Self {
            id,
            object: Self::NAME,
            created: now,
            livemode: false,
            api_version: Some(String::from(API_VERSION)),
            application: Value::Null,
            description: Value::Null,
            enabled_events: vec![String::from("*")],
            metadata: json!({}),
            status: "enabled",
            url: String::from(url),
            secret: String::from(secret),
            rolled: None,
        }
    }

    /// Whether events of this type are sent here.
    pub fn wants(&self, kind: &str) -> bool {
        let is_wanted = self.enabled_events.iter().any(|each| events::matches(each, kind));
        self.status == "enabled" && is_wanted
    }

    /// The secrets that sign now.
    pub fn secrets(&self, now: i64) -> Vec<String> {
        let mut secrets = vec![self.secret.clone()];
        if let Some((rolled, until)) = &self.rolled
            && now < *until
        {
            secrets.push(rolled.clone());
        }
        secrets
    }

    /// Gives the endpoint a new secret. The old one signs too for up to a day.
    pub fn roll(&mut self, secret: String, now: i64) {
        let old = std::mem::replace(&mut self.secret, secret);
        self.rolled = Some((old, now + ROLLED_SECRET_TTL));
    }
}

pub(super) const CREATE: &[Parameter] = &[
    one_of("api_version", &[API_VERSION]),
    unsupported("connect"),
    removable("description"),
    texts("enabled_events").required(),
    metadata(),
    text("url").required(),
];

pub(super) const UPDATE: &[Parameter] = &[
    removable("description"),
    boolean("disabled"),
    texts("enabled_events"),
    metadata(),
    text("url"),
];

pub(super) const LIST: &[Parameter] =
    &[text("ending_before"), integer("limit"), text("starting_after")];

pub(super) fn create(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let url = checked_url(parameters.text("url").unwrap_or_default())?;
    let secret = format!("whsec_{}", context.identifiers.hex());
    let id = context.new_id("we");
    let mut endpoint = Endpoint::configured(id, url, &secret, context.now);
    endpoint.api_version = parameters.owned("api_version");
    endpoint.description = parameters.value("description");
    endpoint.enabled_events = parameters.texts("enabled_events").unwrap_or_default();
    endpoint.metadata = parameters.metadata();
    context.store.endpoints.put(endpoint.clone());
    // The secret is in this response only.
    let mut shown = json!(endpoint);
    crate::json::put(&mut shown, "secret", secret);
    Ok(shown)
}

pub(super) fn update(context: &mut Context, id: &str, parameters: &Parameters) -> Answer {
    let mut endpoint = context.store.endpoints.get(id, "id")?;
    if let Some(url) = parameters.text("url") {
        endpoint.url = String::from(checked_url(url)?);
    }
    if let Some(events) = parameters.texts("enabled_events") {
        endpoint.enabled_events = events;
    }
    if parameters.has("disabled") {
        endpoint.status = if parameters.is_true("disabled") { "disabled" } else { "enabled" };
    }
    parameters.change("description", &mut endpoint.description);
    parameters.change_metadata(&mut endpoint.metadata);
    context.store.endpoints.put(endpoint.clone());
    Ok(json!(endpoint))
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    Ok(json!(existing(context, id)?))
}

pub(super) fn delete(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    let mut endpoint = existing(context, id)?;
    endpoint.status = "deleted";
    context.store.endpoints.put(endpoint);
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    let exists = |endpoint: &Endpoint| endpoint.status != "deleted";
    context.store.endpoints.list("/v1/webhook_endpoints", parameters, exists)
}

fn existing(context: &Context, id: &str) -> Result<Endpoint, Problem> {
    let endpoint = context.store.endpoints.get(id, "id")?;
    if endpoint.status == "deleted" {
        return Err(Problem::no_such(Endpoint::NAME, id, "id"));
    }
    Ok(endpoint)
}

/// In test mode an endpoint may be on this machine, over http.
fn checked_url(url: &str) -> Result<&str, Problem> {
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(url);
    }
    let message = "Invalid URL: An explicit scheme (such as https) must be provided.";
    Err(Problem::invalid(message).with_code("url_invalid").at("url"))
}
