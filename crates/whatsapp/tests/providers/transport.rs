//! What every provider does when the connection to it fails. "Not sent" may be repeated by
//! the shop, and "possibly sent" may not, so no provider may confuse the two.

use std::sync::Arc;

use domain::Channel;
use serde_json::json;
use whatsapp::{MessageProvider, OutgoingMessage, SendError};
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    bird, dialog360, messagebird, meta,
    support::{
        login,
        servers::{cut_off, refusing, silent},
        statuses::answering,
    },
    twilio,
};

/// A provider with its service at an address, and the message that it sends.
struct Case {
    name: &'static str,
    open: fn(&str) -> Arc<dyn MessageProvider>,
    message: fn() -> OutgoingMessage,
}

#[rustfmt::skip]
const CASES: [Case; 10] = [
    Case { name: "meta", open: meta::meta, message: whatsapp },
    Case { name: "360dialog", open: dialog360::dialog360, message: whatsapp },
    Case { name: "messagebird", open: messagebird::at, message: whatsapp },
    Case { name: "messagebird", open: messagebird::at, message: sms },
    Case { name: "bird v1", open: bird::v1_at, message: whatsapp },
    Case { name: "bird v1", open: bird::v1_at, message: sms },
    Case { name: "bird channels", open: bird::channels_at, message: whatsapp },
    Case { name: "bird channels", open: bird::channels_at, message: sms },
    Case { name: "twilio", open: twilio::at, message: twilio::whatsapp_login },
    Case { name: "twilio", open: twilio::at, message: sms },
];

fn whatsapp() -> OutgoingMessage {
    login(Channel::WhatsApp)
}

fn sms() -> OutgoingMessage {
    login(Channel::Sms)
}

impl Case {
    async fn error(&self, address: &str) -> SendError {
        let outcome = (self.open)(address).send(&(self.message)()).await;
        outcome.expect_err(self.name)
    }

    async fn error_after(&self, response: ResponseTemplate) -> SendError {
        self.error(&answering(response).await.uri()).await
    }
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    for case in &CASES {
        let error = case.error(&refusing().await).await;
        assert!(matches!(error, SendError::Retry { .. }), "{}: {error:?}", case.name);
    }
}

#[tokio::test]
async fn an_incomplete_answer_means_possibly_sent() {
    for case in &CASES {
        for reply in [
            b"".as_slice(),
            b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"messages\":[{\"id\":\"wamid.1\"",
            b"HTTP/1.1 202 Accepted\r\ncontent-length: 90\r\n\r\n{\"id\":",
            b"HTTP/1.1 201 Created\r\ncontent-length: 90\r\n\r\n{\"sid\":\"SM1",
        ] {
            let error = case.error(&cut_off(reply).await).await;
            assert_eq!(error, SendError::Unknown, "{}", case.name);
        }
    }
}

#[tokio::test]
async fn an_answer_without_a_valid_id_means_possibly_sent() {
    for case in &CASES {
        for body in [
            json!({}),
            json!([]),
            json!({ "id": "" }),
            json!({ "id": 7 }),
            json!({ "messages": [] }),
            json!({ "messages": [{ "id": "" }] }),
            json!({ "sid": null }),
            json!({ "sid": "a b" }),
        ] {
            let response = ResponseTemplate::new(202).set_body_json(&body);
            let error = case.error_after(response).await;
            assert_eq!(error, SendError::Unknown, "{}: {body}", case.name);
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_means_possibly_sent() {
    let padding = "x".repeat(2 * 1024 * 1024);
    let body = json!({
        "id": "2e15efafec384e1c82e9842075e87beb",
        "sid": "SM11111111111111111111111111111111",
        "messages": [{ "id": "wamid.1" }],
        "padding": padding,
    });
    for case in &CASES {
        let response = ResponseTemplate::new(202).set_body_json(&body);
        assert_eq!(case.error_after(response).await, SendError::Unknown, "{}", case.name);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_points_at_the_setting_of_the_address() {
    let target = MockServer::start().await;
    for case in &CASES {
        let response = ResponseTemplate::new(307).insert_header("location", target.uri());
        let error = case.error_after(response).await;
        let SendError::Misconfigured { setting, .. } = error else {
            panic!("{}: {error:?}", case.name)
        };
        assert!(setting.ends_with("_BASE_URL"), "{}: {setting}", case.name);
    }
    assert!(target.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_that_never_answers_means_possibly_sent() {
    for case in &CASES {
        let error = case.error(&silent().await).await;
        // The silent server paused the clock of the test.
        tokio::time::resume();
        assert_eq!(error, SendError::Unknown, "{}", case.name);
    }
}

#[test]
fn only_bird_v1_sends_a_repeated_message_once() {
    for case in &CASES {
        let provider = (case.open)("https://provider.example.com");
        assert_eq!(provider.repeats_safely(), case.name == "bird v1", "{}", case.name);
    }
}
