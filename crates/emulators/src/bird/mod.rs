//! Bird: the Channels API of workspaces (`/workspaces/…`) and the platform of
//! 2026 (`/v1/…`), two hosts in one.

mod channels;
mod events;
mod idempotency;
mod platform;
mod problem;
mod sms;
mod whatsapp;

use std::sync::Arc;

use crate::call::{Answer, Call};
use crate::outcome::Outcome;
use crate::phones::Message;
use crate::plan::Status;
use crate::protocol::{Protocol, Refusal};
use crate::state::State;
use crate::webhook::Report;

/// Bird's words, and the answers that a repeated key gets again.
#[derive(Debug, Default)]
pub(crate) struct Bird {
    answers: idempotency::Answers,
}

/// Whether a call is for the platform of 2026.
fn is_platform(path: &str) -> bool {
    path.starts_with("/v1/")
}

impl Protocol for Bird {
    fn answer(&self, state: &Arc<State>, call: &Call) -> Answer {
        if is_platform(&call.path) {
            platform::answer(state, call, &self.answers)
        } else {
            channels::answer(state, call)
        }
    }

    fn refuse(&self, state: &State, call: &Call, refusal: Refusal) -> Answer {
        if is_platform(&call.path) {
            problem::answer(state, problem::refused(refusal))
        } else {
            channels::refuse(state, refusal)
        }
    }

    fn report(
        &self,
        state: &State,
        message: &Message,
        status: Status,
        outcome: Outcome,
    ) -> Option<Report> {
        // Messages of the Channels API have UUIDs; those of the platform, prefixes.
        if message.id.starts_with("wam_") || message.id.starts_with("sms_") {
            events::report(state, message, status, outcome)
        } else {
            channels::report(state, message, status, outcome)
        }
    }
}
