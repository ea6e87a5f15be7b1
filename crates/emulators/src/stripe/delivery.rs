//! Events as webhooks (<https://docs.stripe.com/webhooks>). Stripe guarantees neither their order
//! nor that each arrives once, and the emulator can be told how badly it behaves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::context::Store;
use super::events::Event;
use crate::faults::{as_share, drawn_number};
use crate::state::{State, pause};
use crate::webhook::{self, Signing, Webhook};

/// How webhooks misbehave.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Behaviour {
    /// Milliseconds before each webhook.
    delay: u64,
    /// Up to so many milliseconds more, drawn for each one. It changes their order.
    jitter: u64,
    /// The share that is lost for good.
    lost: f64,
    /// The share that is sent twice.
    doubled: f64,
    /// The same seed draws the same webhooks.
    seed: u64,
    /// They wait until they are delivered by hand.
    is_held: bool,
    /// Seconds by which the time of the signatures is wrong.
    signature_skew: i64,
}

#[derive(Debug, Default)]
pub(super) struct Delivery {
    behaviour: Mutex<Behaviour>,
    drawn: AtomicU64,
}

impl Delivery {
    pub fn behaviour(&self) -> Behaviour {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
        self.drawn.store(0, Ordering::SeqCst);
    }

    /// The webhooks of events, signed with the secrets that are valid now.
    pub fn webhooks<'a>(
        &self,
        store: &Store,
        events: impl Iterator<Item = &'a Event>,
        now: i64,
    ) -> Vec<Webhook> {
        let skew = self.behaviour().signature_skew;
        let mut webhooks = Vec::new();
        for event in events {
            for (endpoint, is_accepted) in &event.deliveries {
                let Some(endpoint) = store.endpoints.find(endpoint) else { continue };
                let signing = Signing::Stripe { secrets: endpoint.secrets(now), skew };
                let mut webhook = Webhook::json(endpoint.url.clone(), event.body(), signing, now);
                webhook.is_accepted = Arc::clone(is_accepted);
                webhooks.push(webhook);
            }
        }
        webhooks
    }

    /// Sends the webhooks of one request, as badly as it was asked for.
    pub fn send(&self, state: &Arc<State>, mut webhooks: Vec<Webhook>) {
        let behaviour = self.behaviour();
        if behaviour.is_held || webhooks.is_empty() {
            return;
        }
        if state.fault_toggles.get().is_reversed {
            webhooks.reverse();
        }
        let mut in_order = Vec::new();
        for webhook in webhooks {
            let number = drawn_number(behaviour.seed, self.drawn.fetch_add(1, Ordering::SeqCst));
            let share = as_share(number);
            if share < behaviour.lost {
                state.count("webhooks_lost");
                continue;
            }
            let copies = 1 + usize::from(share < behaviour.lost + behaviour.doubled);
            let wait = behaviour.delay + number % behaviour.jitter.max(1);
            in_order.extend(std::iter::repeat_n((Duration::from_millis(wait), webhook), copies));
        }
        if behaviour.jitter == 0 {
            spawn(state, in_order);
        } else {
            in_order.into_iter().for_each(|one| spawn(state, vec![one]));
        }
    }

    /// Sends webhooks by hand, in this order.
    pub fn send_now(state: &Arc<State>, webhooks: Vec<Webhook>) {
        spawn(state, webhooks.into_iter().map(|webhook| (Duration::ZERO, webhook)).collect());
    }
}

/// Sends webhooks one after the other, after one wait.
fn spawn(state: &Arc<State>, webhooks: Vec<(Duration, Webhook)>) {
    let sending = Arc::clone(state);
    state.spawn(async move {
        if let Some((wait, _)) = webhooks.first() {
            pause(*wait).await;
        }
        for (_, webhook) in webhooks {
            webhook::send(&sending, webhook).await;
        }
    });
}
