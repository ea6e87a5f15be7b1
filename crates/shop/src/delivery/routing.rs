//! Routing: a message goes to the first provider in the merchant's order of preference that
//! sends its kind by its channel, has not refused it permanently, has an approved template
//! for it, and whose circuit breaker is closed.

use std::sync::Arc;

use domain::{DeliveryStatus, Language, Timestamp};
use store::Message;

use super::{Delivery, ProviderState};
use crate::{error::Result, templates::Availability};

/// The provider for a message.
pub(super) enum Route {
    /// This one, now.
    Provider(Selection),
    /// None before that moment.
    Later { at: Timestamp, why: String },
    /// None at all.
    None { why: String },
}

/// A provider and the template that it has to use.
pub(super) struct Selection {
    pub(super) provider_state: Arc<ProviderState>,
    pub(super) language: Language,
    pub(super) template_id: Option<String>,
}

impl Delivery {
    /// Selects among all providers except those in `avoided`.
    pub(super) async fn select_provider(
        &self,
        message: &Message,
        avoided: &[&str],
    ) -> Result<Route> {
        let now = self.clock.now();
        let (mut later, mut reasons) = (None::<Timestamp>, Vec::new());
        for provider_state in &self.state.provider_states {
            if !is_asked(provider_state, message) || avoided.contains(&provider_state.name()) {
                continue;
            }
            let usable = self.templates.find_usable(&provider_state.provider, &message.new).await?;
            let (language, template_id) = match usable {
                Availability::Yes { language, id } => (language, id),
                Availability::No { why } => {
                    provider_state.record_problem(&why, now);
                    reasons.push(why);
                    continue;
                }
            };
            match provider_state.closed_at(now) {
                Some(at) => later = Some(later.map_or(at, |known| known.min(at))),
                None => {
                    let provider_state = Arc::clone(provider_state);
                    return Ok(Route::Provider(Selection {
                        provider_state,
                        language,
                        template_id,
                    }));
                }
            }
        }
        Ok(match later {
            Some(at) => {
                Route::Later { at, why: "the circuit breaker of its provider is open".into() }
            }
            None => Route::None { why: why_none(message, reasons) },
        })
    }
}

/// Whether a provider may be asked at all. A message that another one may have accepted
/// already is not sent by a second provider.
fn is_asked(provider_state: &ProviderState, message: &Message) -> bool {
    let name = provider_state.name();
    let may_have_it =
        message.provider.as_ref().filter(|_| message.status == DeliveryStatus::Queued);
    may_have_it.is_none_or(|only| only == name)
        && !message.refused_by.iter().any(|refused| refused == name)
        && provider_state.provider.carries(message.new.channel, message.new.kind)
}

fn why_none(message: &Message, reasons: Vec<String>) -> String {
    if !reasons.is_empty() {
        return reasons.join("; ");
    }
    message.failure.clone().unwrap_or_else(|| {
        let channel = message.new.channel.as_str();
        format!("no provider in MARIGOLD_PROVIDERS carries such messages by {channel}")
    })
}
