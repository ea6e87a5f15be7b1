//! What each provider implements; the server, the faults and the webhooks are common to all.

use std::sync::Arc;

use serde_json::Value;

use crate::delivery_plan::DeliveryStatus;
use crate::http::{ApiRequest, ApiResponse};
use crate::messages::Message;
use crate::outcome::{Outcome, ServiceError};
use crate::state::State;
use crate::webhook::Webhook;

/// A provider's API. What only providers of messages have, has a default.
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
        _state: &State,
        _message: &Message,
        _status: DeliveryStatus,
        _outcome: Outcome,
    ) -> Option<Webhook> {
        None
    }

    /// Why a message failed, as it is shown when the message is read later; null if the
    /// provider does not show it.
    fn failure(&self, _state: &State, _message: &Message, _outcome: Outcome) -> Value {
        Value::Null
    }

    /// Whether faults are injected into this request. They are not into pages for a browser.
    fn may_fail(&self, _request: &ApiRequest) -> bool {
        true
    }

    /// The response to a request for the emulator itself that only this provider has.
    fn control(&self, _state: &Arc<State>, _request: &ApiRequest) -> Option<ApiResponse> {
        None
    }

    /// The heading and the content of the first part of the page for people; none: messages.
    fn page(&self, _state: &State) -> Option<(&'static str, String)> {
        None
    }
}
