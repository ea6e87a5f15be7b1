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
use crate::webhook::Report;
use crate::world::World;

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
    fn answer(&self, world: &Arc<World>, call: &Call) -> Answer {
        if is_platform(&call.path) {
            platform::answer(world, call, &self.answers)
        } else {
            channels::answer(world, call)
        }
    }

    fn refuse(&self, world: &World, call: &Call, refusal: Refusal) -> Answer {
        if is_platform(&call.path) {
            problem::answer(world, problem::refused(refusal))
        } else {
            channels::refuse(world, refusal)
        }
    }

    fn report(
        &self,
        world: &World,
        message: &Message,
        status: Status,
        outcome: Outcome,
    ) -> Option<Report> {
        // Messages of the Channels API have UUIDs; those of the platform, prefixes.
        if message.id.starts_with("wam_") || message.id.starts_with("sms_") {
            events::report(world, message, status, outcome)
        } else {
            channels::report(world, message, status, outcome)
        }
    }
}
