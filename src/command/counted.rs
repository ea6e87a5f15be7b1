//! A courier whose sends are counted.

use std::sync::Arc;

use domain::{Channel, MessageKind};
use marigold::health::Metrics;
use whatsapp::{
    Accepted, BoxFuture, CallbackAnswer, CallbackRequest, CodeEnd, Courier, Finding, Outgoing,
    Pace, Refused, SendError, Templates,
};

/// The courier, and where its sends are counted. All but `send` passes through.
pub struct Counted(pub Arc<dyn Courier>, pub Arc<Metrics>);

impl Courier for Counted {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn carries(&self, channel: Channel, kind: MessageKind) -> bool {
        self.0.carries(channel, kind)
    }

    fn pace(&self) -> Pace {
        self.0.pace()
    }

    fn repeats_safely(&self) -> bool {
        self.0.repeats_safely()
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            let answer = self.0.send(message).await;
            let outcome = answer.as_ref().map_or_else(SendError::class, |_| "accepted");
            self.1.count_send(self.name(), outcome);
            answer
        })
    }

    fn keeps_codes(&self) -> bool {
        self.0.keeps_codes()
    }

    fn code_ended<'a>(&'a self, provider_message_id: &'a str, end: CodeEnd) -> BoxFuture<'a, ()> {
        self.0.code_ended(provider_message_id, end)
    }

    fn callback(&self, request: &CallbackRequest<'_>) -> Result<CallbackAnswer, Refused> {
        self.0.callback(request)
    }

    fn self_test(&self, url: &str) -> Option<(axum::http::HeaderMap, Vec<u8>)> {
        self.0.self_test(url)
    }

    fn needs_template(&self, channel: Channel, kind: MessageKind) -> bool {
        self.0.needs_template(channel, kind)
    }

    fn templates(&self) -> Option<&dyn Templates> {
        self.0.templates()
    }

    fn check(&self) -> BoxFuture<'_, Vec<Finding>> {
        self.0.check()
    }
}
