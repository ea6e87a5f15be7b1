//! Bird: the platform of 2026 (`/v1/…`), and the Channels API of workspaces (`/workspaces/…`).

mod channel_problem;
mod channels;
mod events;
mod fields;
mod idempotency;
mod platform;
mod problem;
mod projects;
mod sms;
mod whatsapp;

use std::sync::Arc;

use serde_json::Value;

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::Message;
use crate::outcome::{Outcome, ServiceError};
use crate::protocol::Protocol;
use crate::state::State;
use crate::webhook::Webhook;

/// The platform of 2026, with the responses that it replays for repeated idempotency keys.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    answers: idempotency::Answers,
}

impl Protocol for Platform {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        platform::answer(state, request, &self.answers)
    }

    fn service_error(&self, state: &State, _: &ApiRequest, failure: ServiceError) -> ApiResponse {
        problem::answer(state, problem::refused(failure))
    }

    fn status_webhook(
        &self,
        state: &State,
        message: &Message,
        status: DeliveryStatus,
        outcome: Outcome,
    ) -> Option<Webhook> {
        events::report(state, message, status, outcome)
    }

    fn failure(&self, state: &State, message: &Message, outcome: Outcome) -> Value {
        events::failure(state, message, outcome)
    }
}

/// The Channels API of workspaces.
#[derive(Debug)]
pub(crate) struct Channels;

impl Protocol for Channels {
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse {
        channels::answer(state, request)
    }

    fn service_error(&self, state: &State, _: &ApiRequest, failure: ServiceError) -> ApiResponse {
        channel_problem::refuse(state, failure)
    }

    fn status_webhook(
        &self,
        state: &State,
        message: &Message,
        status: DeliveryStatus,
        outcome: Outcome,
    ) -> Option<Webhook> {
        channels::report(state, message, status, outcome)
    }
}
