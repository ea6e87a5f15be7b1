//! Events: what happened to which object (<https://docs.stripe.com/api/events>).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::context::Context;
use super::parameters::Parameters;
use super::problem::{Answer, Problem};
use super::schema::{Parameter, boolean, integer, period, text, texts};
use super::table::Object;

/// The version in which events and responses are written.
pub(super) const API_VERSION: &str = "2026-10-28.endive";

/// The request that caused an event; none if the clock or the shopper did.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    pub request_id: Option<String>,
    pub idempotency_key: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Event {
    pub id: String,
    pub kind: &'static str,
    created: i64,
    object: Value,
    origin: Origin,
    /// The webhook endpoints that get it, and whether they have accepted it.
    pub deliveries: Vec<(String, Arc<AtomicBool>)>,
}

impl Event {
    pub fn new(
        id: String,
        kind: &'static str,
        created: i64,
        object: Value,
        origin: Origin,
        receivers: Vec<String>,
    ) -> Self {
        let deliveries = receivers.into_iter().map(|id| (id, Arc::default())).collect();
        Self { id, kind, created, object, origin, deliveries }
    }

    fn pending_webhooks(&self) -> usize {
        self.deliveries.iter().filter(|(_, is_done)| !is_done.load(Ordering::SeqCst)).count()
    }

    /// Whether an endpoint has not accepted it yet.
    pub fn is_pending(&self) -> bool {
        self.pending_webhooks() > 0
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": { "object": self.object },
            "livemode": false,
            "pending_webhooks": self.pending_webhooks(),
            "request": {
                "id": self.origin.request_id,
                "idempotency_key": self.origin.idempotency_key,
            },
            "type": self.kind,
        })
    }

    /// The body of the webhook.
    pub fn body(&self) -> String {
        self.show().to_string()
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.show().serialize(serializer)
    }
}

impl Object for Event {
    const NAME: &'static str = "event";
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

/// Events are listed for 30 days.
const RETENTION: i64 = 30 * 24 * 3600;

pub(super) const LIST: &[Parameter] = &[
    period("created"),
    boolean("delivery_success"),
    text("ending_before"),
    integer("limit"),
    text("starting_after"),
    text("type"),
    texts("types"),
];

pub(super) fn list(context: &mut Context, _: &str, parameters: &Parameters) -> Answer {
    if parameters.has("type") && parameters.has("types") {
        let message = "You may only specify one of these parameters: type, types.";
        return Err(Problem::malformed("type", message).with_code("parameters_exclusive"));
    }
    let mut kinds = parameters.texts("types").unwrap_or_default();
    kinds.extend(parameters.owned("type"));
    let is_delivered =
        parameters.has("delivery_success").then(|| parameters.is_true("delivery_success"));
    let oldest = context.now - RETENTION;
    context.store.events.list("/v1/events", parameters, |event| {
        event.created > oldest
            && (kinds.is_empty() || kinds.iter().any(|kind| matches(kind, event.kind)))
            && is_delivered.is_none_or(|wanted| wanted != event.is_pending())
    })
}

pub(super) fn retrieve(context: &mut Context, id: &str, _: &Parameters) -> Answer {
    Ok(json!(context.store.events.get(id, "id")?))
}

/// Whether a type is the pattern's: `*` at the end stands for anything.
pub(super) fn matches(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => pattern == kind,
    }
}
