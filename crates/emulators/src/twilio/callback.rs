//! Status callbacks: one form per status, signed with the account's token, or by a webhook rule
//! with a shared key.

use crate::delivery_plan::DeliveryStatus;
use crate::messages::{Channel, Message};
use crate::outcome::Outcome;
use crate::state::State;
use crate::webhook::{Signing, Webhook};

/// The status and the code of a failure.
pub(super) fn failure(channel: Channel, outcome: Outcome) -> (&'static str, &'static str) {
    match (channel, outcome) {
        (_, Outcome::FailsWith(code)) => ("failed", code),
        (Channel::Sms, Outcome::Unreachable) => ("undelivered", "30003"),
        (Channel::Sms, _) => ("undelivered", "30008"),
        (Channel::Whatsapp, Outcome::Experiment) => ("failed", "63032"),
        (Channel::Whatsapp, Outcome::HeldBack) => ("failed", "63049"),
        (Channel::Whatsapp, Outcome::OutsideWindow) => ("failed", "63016"),
        (Channel::Whatsapp, Outcome::Unexplained) => ("failed", "63023"),
        (Channel::Whatsapp, _) => ("undelivered", "63024"),
    }
}

/// The callback for a message's new status; none if the request did not ask for callbacks.
pub(super) fn report(
    state: &State,
    message: &Message,
    status: DeliveryStatus,
    outcome: Outcome,
) -> Option<Webhook> {
    let callback = message.callback.as_deref()?;
    // `#rc=3` asks for three repetitions; it is not part of the address.
    let (url, wishes) = callback.split_once('#').unwrap_or((callback, ""));
    let is_whatsapp = message.channel == Channel::Whatsapp;
    let (word, error) = match status {
        DeliveryStatus::Failed => {
            let (word, code) = failure(message.channel, outcome);
            (word, Some(code))
        }
        other => (other.as_str(), None),
    };
    let prefix = if is_whatsapp { "whatsapp:" } else { "" };
    let account = &state.config.account;
    let sender = if is_whatsapp { &account.twilio_from } else { &account.twilio_sms_from };
    let from = message.details.get("from").and_then(|from| from.as_str()).unwrap_or(sender);
    let mut fields = vec![
        ("SmsSid", message.id.clone()),
        ("SmsStatus", word.into()),
        ("MessageStatus", word.into()),
        ("To", format!("{prefix}{}", message.to)),
        ("MessageSid", message.id.clone()),
        ("AccountSid", account.twilio_account_sid.clone()),
        ("From", from.into()),
        ("ApiVersion", "2010-04-01".into()),
    ];
    if is_whatsapp {
        fields.push(("ChannelPrefix", "whatsapp".into()));
        fields.push(("ChannelToAddress", masked(&message.to)));
        match status {
            DeliveryStatus::Sent => fields.push(("StructuredMessage", "true".into())),
            DeliveryStatus::Delivered => fields.push(("EventType", "DELIVERED".into())),
            DeliveryStatus::Read => fields.push(("EventType", "READ".into())),
            DeliveryStatus::Failed => fields.push(("EventType", "UNDELIVERED".into())),
        }
        if matches!(status, DeliveryStatus::Sent | DeliveryStatus::Delivered) {
            fields.push(("ChannelInstallSid", "XE33333333333333333333333333333333".into()));
        }
    }
    if let Some(code) = error {
        fields.push(("ErrorCode", code.into()));
    }
    let form: Vec<(String, String)> =
        fields.into_iter().map(|(name, value)| (String::from(name), value)).collect();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let shared_key = account.twilio_webhook_shared_key.clone();
    let signing = if shared_key.is_empty() {
        Signing::Twilio { auth_token: account.twilio_auth_token.clone(), form }
    } else {
        Signing::TwilioRule { shared_key, form }
    };
    Some(Webhook {
        is_get: false,
        url: String::from(url),
        content_type: "application/x-www-form-urlencoded; charset=UTF-8",
        body,
        signing,
        at: state.now(),
        // Twilio repeats a callback only if its address asks for it.
        is_repeated: wishes.contains("rc="),
        is_accepted: std::sync::Arc::default(),
    })
}

/// The number with its last four digits masked, as Twilio's callbacks have it.
fn masked(number: &str) -> String {
    let shown = number.len().saturating_sub(4);
    format!("{}XXXX", number.get(..shown).unwrap_or_default())
}
