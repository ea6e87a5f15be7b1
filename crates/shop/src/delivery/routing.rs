//! Who carries a message: the first courier in the merchant's order that carries
//! its kind by its channel, has not refused it for good, has an approved template
//! for it, and is not being left alone.

use std::sync::Arc;

use domain::{DeliveryStatus, Language, Timestamp};
use store::Message;

use super::{Delivery, ProviderState};
use crate::{Result, templates::Availability};

/// Who carries a message.
pub(super) enum Route {
    /// This one, now.
    ProviderState(Chosen),
    /// Nobody before that moment.
    Later { at: Timestamp, why: String },
    /// Nobody, and why.
    None { why: String },
}

/// A courier and the template it is to use.
pub(super) struct Chosen {
    pub(super) provider_state: Arc<ProviderState>,
    pub(super) language: Language,
    pub(super) template_id: Option<String>,
}

impl Delivery<'_> {
    /// Chooses among all couriers but those in `avoided`.
    pub(super) async fn choose(&self, message: &Message, avoided: &[&str]) -> Result<Route> {
        let now = self.0.clock().now();
        let (mut later, mut reasons) = (None::<Timestamp>, Vec::new());
        for provider_state in self.0.provider_states() {
            if !is_asked(provider_state, message) || avoided.contains(&provider_state.name()) {
                continue;
            }
            let usable =
                self.0.templates().find_usable(&provider_state.provider, &message.new).await?;
            let (language, template_id) = match usable {
                Availability::Yes { language, id } => (language, id),
                Availability::No { why } => {
                    provider_state.alarm(&why, now);
                    reasons.push(why);
                    continue;
                }
            };
            match provider_state.closed_at(now) {
                Some(at) => later = Some(later.map_or(at, |known| known.min(at))),
                None => {
                    let provider_state = Arc::clone(provider_state);
                    return Ok(Route::ProviderState(Chosen {
                        provider_state,
                        language,
                        template_id,
                    }));
                }
            }
        }
        Ok(match later {
            Some(at) => Route::Later { at, why: "its provider is left alone for a while".into() },
            None => Route::None { why: why_nobody(message, reasons) },
        })
    }
}

/// Whether a courier is to be asked at all. A message that one may have taken
/// already is nobody else's.
fn is_asked(provider_state: &ProviderState, message: &Message) -> bool {
    let name = provider_state.name();
    let may_have_it =
        message.provider.as_ref().filter(|_| message.status == DeliveryStatus::Queued);
    may_have_it.is_none_or(|only| only == name)
        && !message.refused_by.iter().any(|refused| refused == name)
        && provider_state.provider.carries(message.new.channel, message.new.kind)
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
