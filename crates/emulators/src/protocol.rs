//! What each provider implements; the server, the faults and the webhooks are common to all.

use std::sync::Arc;

use serde_json::Value;

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::Message;
use crate::outcome::{Outcome, ServiceError};
use crate::state::State;
use crate::webhook::Webhook;

/// A provider's API.
pub(crate) trait Protocol: Send + Sync {
    /// The response to a request. An accepted message travels in the response: the server
    /// stores it and starts its delivery, so that injected faults can change both.
    fn handle(&self, state: &Arc<State>, request: &ApiRequest) -> ApiResponse;

    /// A failure of the service, in the provider's format.
    fn service_error(
        &self,
        state: &State,
        request: &ApiRequest,
        failure: ServiceError,
    ) -> ApiResponse;

    /// The webhook for a message's new status; none if the provider does not send one.
    fn status_webhook(
        &self,
        state: &State,
        message: &Message,
        status: DeliveryStatus,
        outcome: Outcome,
    ) -> Option<Webhook>;

    /// Why a message failed, as it is shown when the message is read later; null if the
    /// provider does not show it.
    fn failure(&self, _state: &State, _message: &Message, _outcome: Outcome) -> Value {
        Value::Null
    }
}
