//! Who carries a message: the first courier in the merchant's order that carries
//! its kind by its channel, has not refused it for good, has an approved template
//! for it, and is not being left alone.

use std::sync::Arc;

use domain::{DeliveryStatus, Language, Timestamp};
use store::Message;

use super::{Carrier, Delivery};
use crate::{Result, templates::Usable};

/// Who carries a message.
pub(super) enum Choice {
    /// This one, now.
    Carrier(Chosen),
    /// Nobody before that moment.
    Later { at: Timestamp, why: String },
    /// Nobody, and why.
    Nobody { why: String },
}

/// A courier and the template it is to use.
pub(super) struct Chosen {
    pub(super) carrier: Arc<Carrier>,
    pub(super) language: Language,
    pub(super) template_id: Option<String>,
}

impl Delivery<'_> {
    /// Chooses among all couriers but those in `avoided`.
    pub(super) async fn choose(&self, message: &Message, avoided: &[&str]) -> Result<Choice> {
        let now = self.0.clock().now();
        let (mut later, mut reasons) = (None::<Timestamp>, Vec::new());
        for carrier in self.0.carriers() {
            if !is_asked(carrier, message) || avoided.contains(&carrier.name()) {
                continue;
            }
            let usable = self.0.templates().find_usable(&carrier.courier, &message.new).await?;
            let (language, template_id) = match usable {
                Usable::Yes { language, id } => (language, id),
                Usable::No { why } => {
                    carrier.alarm(&why, now);
                    reasons.push(why);
                    continue;
                }
            };
            match carrier.closed_at(now) {
                Some(at) => later = Some(later.map_or(at, |known| known.min(at))),
                None => {
                    let carrier = Arc::clone(carrier);
                    return Ok(Choice::Carrier(Chosen { carrier, language, template_id }));
                }
            }
        }
        Ok(match later {
            Some(at) => Choice::Later { at, why: "its provider is left alone for a while".into() },
            None => Choice::Nobody { why: why_nobody(message, reasons) },
        })
    }
}

/// Whether a courier is to be asked at all. A message that one may have taken
/// already is nobody else's.
fn is_asked(carrier: &Carrier, message: &Message) -> bool {
    let name = carrier.name();
    let may_have_it =
        message.provider.as_ref().filter(|_| message.status == DeliveryStatus::Queued);
    may_have_it.is_none_or(|only| only == name)
        && !message.refused_by.iter().any(|refused| refused == name)
        && carrier.courier.carries(message.new.channel, message.new.kind)
}

fn why_nobody(message: &Message, reasons: Vec<String>) -> String {
    if !reasons.is_empty() {
        return reasons.join("; ");
    }
    message.failure.clone().unwrap_or_else(|| {
        let channel = message.new.channel.as_str();
        format!("no provider in MARIGOLD_PROVIDERS carries such messages by {channel}")
    })
}
