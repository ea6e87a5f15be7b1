//! The bodies and the signature of Meta's webhooks.

use serde_json::{Value, json};

use super::graph::SENDER;
use crate::delivery_plan::DeliveryStatus;
use crate::messages::Message;
use crate::outcome::Outcome;
use crate::provider::Provider;
use crate::state::State;
use crate::templates::{ReviewDecision, Template};
use crate::webhook::{Signing, Webhook};

/// A webhook in Meta's format. Meta signs it; 360dialog passes it on with the headers that the
/// merchant has configured instead. No other provider sends it, and without an address it is not sent.
pub(crate) fn signed(state: &State, body: &Value) -> Option<Webhook> {
    let (url, signing) = match state.config.provider {
        Provider::Meta => {
            let app_secret = state.config.account.meta_app_secret.clone();
            (state.config.webhook.clone()?, Signing::Meta { app_secret })
        }
        Provider::Dialog360 => {
            let (url, headers) = state.subscription.get(&state.config)?;
            (url, Signing::Headers(headers))
        }
        Provider::Twilio
        | Provider::Messagebird
        | Provider::Bird
        | Provider::BirdChannels
        | Provider::Stripe => return None,
    };
    Some(Webhook::json(url, crate::json::ascii(body), signing, state.now()))
}

/// The code, title and details of a failure.
fn failure(outcome: Outcome) -> (i64, &'static str, &'static str) {
    match outcome {
        Outcome::Experiment => (
            130_472,
            "User's number is part of an experiment",
            "Failed to send message because this user's phone number is part of an experiment",
        ),
        Outcome::HeldBack => (
            131_049,
            "This message was not delivered to maintain healthy ecosystem engagement.",
            "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
        ),
        Outcome::OutsideWindow => (
            131_047,
            "Re-engagement message",
            "Message failed to send because more than 24 hours have passed since the customer last \
             replied to this number.",
        ),
        Outcome::Unexplained => {
            (131_000, "Something went wrong", "Message failed to send due to an unknown error.")
        }
        _ => (131_026, "Message undeliverable", "Message Undeliverable."),
    }
}

/// The webhook for a message's new status.
pub(crate) fn status(
    state: &State,
    message: &Message,
    status: DeliveryStatus,
    outcome: Outcome,
) -> Value {
    let mut report = json!({
        "id": message.id,
        "status": status.as_str(),
        "timestamp": state.now().to_string(),
        "recipient_id": message.digits(),
    });
    if let Some(reference) = &message.reference {
        crate::json::put(&mut report, "biz_opaque_callback_data", json!(reference));
    }
    let mut contact = json!({
        "profile": { "name": "Emulator" },
        "wa_id": message.digits(),
        "user_id": user(message),
    });
    if status == DeliveryStatus::Failed {
        let (code, title, details) = failure(outcome);
        crate::json::put(
            &mut report,
            "errors",
            json!([{
                "code": code,
                "title": title,
                "message": title,
                "error_data": { "details": details },
                "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
            }]),
        );
    } else {
        crate::json::put(&mut report, "recipient_user_id", json!(user(message)));
    }
    if matches!(status, DeliveryStatus::Sent | DeliveryStatus::Delivered) {
        crate::json::put(
            &mut report,
            "pricing",
            json!({
                "billable": true,
                "pricing_model": "PMP",
                "type": "regular",
                "category": message.details.get("category"),
            }),
        );
    }
    if state.fault_toggles.get().lacks_recipient {
        for (value, key) in [(&mut report, "recipient_id"), (&mut contact, "wa_id")] {
            value.as_object_mut().map(|object| object.remove(key));
        }
    }
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": SENDER,
            "phone_number_id": state.config.account.meta_phone_number_id,
        },
        "contacts": [contact],
        "statuses": [report],
    });
    envelope(state, json!({ "field": "messages", "value": value }), None)
}

/// The recipient's business-scoped user id; it is the same in every message to them.
fn user(message: &Message) -> String {
    user_of(message.digits())
}

/// The business-scoped user id of the person with this number.
fn user_of(digits: &str) -> String {
    format!("GB.13491{digits}")
}

/// The webhook that says that a person has another number, or, if the person withholds numbers,
/// other ids. It carries no contacts.
pub(crate) fn user_change(state: &State, from: &str, to: &str, is_withheld: bool) -> Value {
    let mut system = json!({
        "type": "user_changed_number",
        "body": format!("User Emulator changed from {from} to {to}"),
        "wa_id": to,
        "user_id": user_of(to),
        "previous_user_id": user_of(from),
    });
    let mut message = json!({
        "id": state.identifiers.wamid(from),
        "timestamp": state.now().to_string(),
        "type": "system",
    });
    if is_withheld {
        crate::json::put(&mut system, "type", json!("user_changed_user_id"));
        crate::json::put(&mut system, "body", json!("The id of the user Emulator changed"));
        system.as_object_mut().map(|object| object.remove("wa_id"));
    } else {
        crate::json::put(&mut message, "from", json!(from));
    }
    crate::json::put(&mut message, "system", system);
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": SENDER,
            "phone_number_id": state.config.account.meta_phone_number_id,
        },
        "messages": [message],
    });
    envelope(state, json!({ "field": "messages", "value": value }), None)
}

/// The webhook for a template's new status.
pub(crate) fn template(state: &State, template: &Template, decision: ReviewDecision) -> Value {
    let mut value = json!({
        "event": decision.as_str(),
        "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": "NONE",
    });
    match decision {
        ReviewDecision::Rejected(reason) => {
            crate::json::put(&mut value, "reason", json!(reason));
            crate::json::put(
                &mut value,
                "rejection_info",
                json!({
                    "reason": "The template does not follow the format.",
                    "recommendation": "Change the template and hand it in again.",
                }),
            );
        }
        ReviewDecision::Paused => {
            crate::json::put(
                &mut value,
                "other_info",
                json!({ "title": "FIRST_PAUSE", "description": "Paused for 3 hours." }),
            );
        }
        ReviewDecision::Disabled => {
            crate::json::put(&mut value, "disable_info", json!({ "disable_date": state.now() }));
        }
        ReviewDecision::Approved => {}
    }
    let change = json!({ "field": "message_template_status_update", "value": value });
    envelope(state, change, Some(state.now()))
}

fn envelope(state: &State, change: Value, time: Option<i64>) -> Value {
    let mut entry = json!({ "id": state.config.account.meta_waba_id, "changes": [change] });
    if let Some(time) = time {
        crate::json::put(&mut entry, "time", json!(time));
    }
    json!({ "object": "whatsapp_business_account", "entry": [entry] })
}
