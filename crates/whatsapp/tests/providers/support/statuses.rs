//! Error replies with an unreadable body, which several providers classify equally.

use std::sync::Arc;

use domain::Channel;
use whatsapp::{MessageProvider, SendError};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::login;

/// A server with this answer to every request.
pub async fn answering(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    server
}

/// Asserts the class of each status for replies with an unreadable body.
pub async fn assert_statuses(open: impl Fn(&str) -> Arc<dyn MessageProvider>) {
    let message = login(Channel::WhatsApp);
    for (status, class) in [
        (408, "retry"),
        (429, "retry"),
        (500, "retry"),
        (502, "retry"),
        (503, "retry"),
        (401, "misconfigured"),
        (403, "misconfigured"),
        (400, "fail_over"),
        (402, "fail_over"),
        (404, "misconfigured"),
        (413, "fail_over"),
    ] {
        for body in ["", "<html>no", "{}"] {
            let response = ResponseTemplate::new(status)
                .insert_header("retry-after", "17")
                .set_body_string(body);
            let server = answering(response).await;
            let error = open(&server.uri()).send(&message).await.unwrap_err();
            assert_eq!(error.class(), class, "{status} {body:?}");
            if let SendError::Retry { after_seconds, .. } = error {
                assert_eq!(after_seconds, Some(17), "{status}");
            }
        }
    }
}
