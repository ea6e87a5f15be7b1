//! Bird: the Channels API of workspaces (`/workspaces/…`) and the platform of
//! 2026 (`/v1/…`). The emulator serves both hosts.

mod channels;
mod events;
mod idempotency;
mod platform;
mod problem;
mod sms;
mod whatsapp;

use std::sync::Arc;

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::Message;
use crate::outcome::{Outcome, ServiceError};
use crate::protocol::Protocol;
use crate::state::State;
use crate::webhook::Webhook;

/// Bird, with the responses that it replays for repeated idempotency keys.
#[derive(Debug, Default)]
pub(crate) struct Bird {
    answers: idempotency::Answers,
}

/// Whether a path belongs to the platform of 2026.
fn is_platform(path: &str) -> bool {
    path.starts_with("/v1/")
}

impl Protocol for Bird {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        if is_platform(&request.path) {
            platform::answer(state, request, &self.answers)
        } else {
            channels::answer(state, request)
        }
    }

    fn service_error(
        &self,
        state: &State,
        request: &ApiRequest,
        failure: ServiceError,
    ) -> ApiResponse {
        if is_platform(&request.path) {
            problem::answer(state, problem::refused(failure))
        } else {
            channels::refuse(state, failure)
        }
    }

    fn status_webhook(
        &self,
        state: &State,
        message: &Message,
        status: DeliveryStatus,
        outcome: Outcome,
    ) -> Option<Webhook> {
        // The platform's identifiers have a prefix; those of the Channels API are UUIDs.
        if message.id.starts_with("wam_") || message.id.starts_with("sms_") {
            events::report(state, message, status, outcome)
        } else {
            channels::report(state, message, status, outcome)
        }
    }
}
