//! A courier whose sends are counted.

use std::sync::Arc;

use domain::{Channel, MessageKind};
use marigold::health::Metrics;
use whatsapp::{
    Accepted, BoxFuture, CheckResult, MessageProvider, OutgoingMessage, RateLimits, SendError,
    Templates, VerificationOutcome, WebhookError, WebhookRequest, WebhookResponse,
};

/// The courier, and where its sends are counted. All but `send` passes through.
pub struct MeteredProvider(pub Arc<dyn MessageProvider>, pub Arc<Metrics>);

impl MessageProvider for MeteredProvider {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn carries(&self, channel: Channel, kind: MessageKind) -> bool {
        self.0.carries(channel, kind)
    }

    fn rate_limits(&self) -> RateLimits {
        self.0.rate_limits()
    }

    fn repeats_safely(&self) -> bool {
        self.0.repeats_safely()
    }

    fn send<'a>(
        &'a self,
        message: &'a OutgoingMessage,
    ) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            let answer = self.0.send(message).await;
            let outcome = answer.as_ref().map_or_else(SendError::class, |_| "accepted");
            self.1.count_send(self.name(), outcome);
            answer
        })
    }

    fn tracks_verifications(&self) -> bool {
        self.0.tracks_verifications()
    }

    fn report_outcome<'a>(
        &'a self,
        provider_message_id: &'a str,
        end: VerificationOutcome,
    ) -> BoxFuture<'a, ()> {
        self.0.report_outcome(provider_message_id, end)
    }

    fn read_webhook(&self, request: &WebhookRequest<'_>) -> Result<WebhookResponse, WebhookError> {
        self.0.read_webhook(request)
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

    fn check(&self) -> BoxFuture<'_, Vec<CheckResult>> {
        self.0.check()
    }
}
