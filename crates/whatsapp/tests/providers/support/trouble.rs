//! Trouble on the http_client that is the same for every provider.

use std::sync::Arc;

use domain::Channel;
use whatsapp::{MessageProvider, SendError};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::{
    login,
    servers::{cut_off, nobody, silent},
};

/// Answers everything with this.
pub async fn answering(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    server
}

/// Asserts that "surely not sent" and "may have been sent" are told apart, that no
/// redirect is followed, and that no answer is read without end.
pub async fn assert_told_apart(open: impl Fn(&str) -> Arc<dyn MessageProvider>) {
    let message = login(Channel::WhatsApp);
    let class = async |address: &str| match open(address).send(&message).await {
        Ok(_) => "accepted",
        Err(error) => error.class(),
    };
    assert_eq!(class(&nobody().await).await, "retry", "no connection");
    assert_eq!(class(&cut_off(b"").await).await, "unknown", "hung up");
    let broken = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"messages\":[{\"id\":\"wamid.1\"";
    assert_eq!(class(&cut_off(broken).await).await, "unknown", "broke off");

    let huge = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 3 << 20]);
    assert_eq!(class(&answering(huge).await.uri()).await, "unknown", "without end");
    let empty = ResponseTemplate::new(200).set_body_json(serde_json::json!({}));
    assert_eq!(class(&answering(empty).await.uri()).await, "unknown", "without a name");

    let elsewhere = answering(ResponseTemplate::new(200)).await;
    let away = ResponseTemplate::new(307).insert_header("location", elsewhere.uri());
    assert_eq!(class(&answering(away).await.uri()).await, "misconfigured", "elsewhere");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
    // Last, because the clock jumps from here on.
    assert_eq!(class(&silent().await).await, "unknown", "timed out");
}

/// Asserts what a status means where the body does not say why.
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
