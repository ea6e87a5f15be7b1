//! Webhooks of Bird's platform, in the format of Standard Webhooks.

use serde_json::{Value, json};

use crate::delivery_plan::DeliveryStatus;
use crate::format::iso;
use crate::json::put;
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::state::State;
use crate::webhook::{Signing, Webhook};

/// The workspace of the API key.
const WORKSPACE: &str = "ws_01hzx3v9k2m4n6p8q0r2s4t6v8";

/// The webhook for a message's new status.
pub(super) fn report(
    state: &State,
    message: &Message,
    status: DeliveryStatus,
    outcome: Outcome,
) -> Option<Webhook> {
    let url = state.config.webhook.clone()?;
    let now = iso(state.now());
    let is_sms = message.channel == Channel::Sms;
    let (kind, word) = match (is_sms, status) {
        (true, DeliveryStatus::Failed) => ("sms", "undelivered"),
        (true, _) => ("sms", status.as_str()),
        (false, _) => ("whatsapp", status.as_str()),
    };
    let mut data = if is_sms { sms(message) } else { whatsapp(message) };
    if status == DeliveryStatus::Failed {
        put(&mut data, "error", failure(state, message, outcome));
    }
    let body = json!({ "type": format!("{kind}.{word}"), "timestamp": now, "data": data });
    let signing = Signing::StandardWebhooks {
        secret: state.config.account.bird_v1_webhook_secret.clone(),
        id: state.identifiers.crockford("msg"),
    };
    Some(Webhook::json(url, body.to_string(), signing, state.now()))
}

fn whatsapp(message: &Message) -> Value {
    json!({
        "whatsapp_id": message.id,
        "workspace_id": WORKSPACE,
        "direction": "outbound",
        "from": { "phone_number": message.details.get("from") },
        "to": { "phone_number": message.to },
        "tags": message.details.get("tags"),
        "metadata": message.details.get("metadata"),
    })
}

fn sms(message: &Message) -> Value {
    json!({
        "sms_id": message.id,
        "workspace_id": WORKSPACE,
        "requested_language": null,
        "resolved_language": null,
        "template_id": null,
        "template_version_id": null,
        "template_content_hash": null,
        "to": message.to,
        "from": message.details.get("from"),
        "tags": message.details.get("tags"),
        "metadata": message.details.get("metadata"),
    })
}

/// Why a message failed: in the webhook, and when the message is read later.
pub(super) fn failure(state: &State, message: &Message, outcome: Outcome) -> Value {
    let now = iso(state.now());
    if message.channel == Channel::Sms {
        let (code, description) = match outcome {
            Outcome::Unreachable => ("unreachable", "The handset could not be reached."),
            _ => ("unknown", "The carrier gave no reason."),
        };
        return json!({ "code": code, "description": description, "carrier_error_code": null,
            "occurred_at": now });
    }
    let (code, number) = match outcome {
        Outcome::Experiment => ("undeliverable", Some("130472")),
        Outcome::HeldBack => ("undeliverable", Some("131049")),
        Outcome::OutsideWindow => ("service_window_expired", Some("131047")),
        Outcome::FailsWith("131056") => ("rate_limited", Some("131056")),
        Outcome::FailsWith(number) => ("undeliverable", Some(number)),
        Outcome::Unexplained => ("internal_error", None),
        _ => ("undeliverable", Some("131026")),
    };
    json!({ "code": code, "description": "Message could not be delivered.",
        "meta_error_code": number, "occurred_at": now })
}
