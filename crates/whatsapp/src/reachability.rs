//! Whether calls of providers arrive: the shop calls its own public address as
//! the provider would, signed with the shop's own secret, about a message that
//! nobody knows.

use http::{Method, StatusCode};

use crate::{CheckResult, Common, MessageProvider, wire::WireError};

/// What was looked at.
const SUBJECT: &str = "callbacks";

/// Calls the address that a provider was given; `None` for a provider that calls
/// back to nowhere.
pub async fn prove_callbacks(
    provider: &dyn MessageProvider,
    common: &Common,
) -> Option<CheckResult> {
    let url = common.callback_url(provider.name());
    let (headers, body) = provider.self_test(&url)?;
    let request = common.wire.request(Method::POST, &url).headers(headers).body(body);
    let outcome = match common.wire.ask(request).await {
        Ok(reply) => judge(reply.status, &url),
        Err(WireError::NotSent) => Err(format!(
            "nothing answers at {url}: open the shop, and see that MARIGOLD_PUBLIC_URL leads to it \
             (name, proxy, certificate)"
        )),
        Err(WireError::NoAnswer) => {
            Err(format!("no answer came from {url}: look at the proxy in front of the shop"))
        }
    };
    Some(CheckResult { subject: SUBJECT.into(), outcome })
}

/// What an answer to a call that was rightly signed says about the way to the shop.
fn judge(status: StatusCode, url: &str) -> Result<String, String> {
    let advice = match status.as_u16() {
        200..=299 if url.starts_with("https://") => {
            return Ok(format!("{url} takes a signed call"));
        }
        200..=299 => {
            return Ok(format!(
                "{url} takes a signed call; from outside only an https address can be reached"
            ));
        }
        300..=399 => "providers follow no redirect: give the final address as MARIGOLD_PUBLIC_URL",
        401 | 403 => {
            "the shop there has another secret or another MARIGOLD_PUBLIC_URL: open it with these \
             settings"
        }
        404 | 405 => {
            "another server answers there, or a shop without this provider: see \
             MARIGOLD_PUBLIC_URL and MARIGOLD_PROVIDERS"
        }
        503 => "the shop there is busy: try again in a minute",
        _ => "look at the proxy and at the log of the shop",
    };
    Err(format!("{url} answers {}: {advice}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{Channel, MessageKind, Timestamp};
    use http::HeaderMap;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{body_string, header, method, path},
    };

    use super::*;
    use crate::{Accepted, BoxFuture, OutgoingMessage, SendError, wire::Wire};

    /// A provider that calls back.
    struct Caller;

    impl MessageProvider for Caller {
        fn name(&self) -> &'static str {
            "caller"
        }

        fn carries(&self, _: Channel, _: MessageKind) -> bool {
            false
        }

        fn send<'a>(
            &'a self,
            _: &'a OutgoingMessage,
        ) -> BoxFuture<'a, Result<Accepted, SendError>> {
            Box::pin(async { Err(SendError::Unknown) })
        }

        fn self_test(&self, url: &str) -> Option<(HeaderMap, Vec<u8>)> {
            let signed = format!("signed {url}").parse().unwrap();
            Some((HeaderMap::from_iter([("x-signature".parse().unwrap(), signed)]), b"{}".into()))
        }
    }

    fn common(public_url: &str) -> Common {
        Common {
            wire: Wire::new().unwrap(),
            public_url: public_url.into(),
            template_prefix: "marigold".into(),
            now: Arc::new(|| Timestamp::from_millis(0)),
        }
    }

    async fn outcome(public_url: &str) -> Result<String, String> {
        prove_callbacks(&Caller, &common(public_url)).await.unwrap().outcome
    }

    #[tokio::test]
    async fn the_call_goes_to_the_public_address_as_the_provider_would_sign_it() {
        let shop = MockServer::start().await;
        let url = format!("{}/webhooks/caller", shop.uri());
        Mock::given(method("POST"))
            .and(path("/webhooks/caller"))
            .and(header("x-signature", format!("signed {url}").as_str()))
            .and(body_string("{}"))
            .respond_with(ResponseTemplate::new(200))
            .expect(1)
            .mount(&shop)
            .await;
        let said = outcome(&shop.uri()).await.unwrap();
        assert!(said.contains("takes a signed call") && said.contains("only an https"), "{said}");
    }

    #[tokio::test]
    async fn every_other_answer_says_what_to_change() {
        for (status, advice) in [
            (301, "no redirect"),
            (401, "another secret"),
            (404, "MARIGOLD_PROVIDERS"),
            (502, "proxy"),
            (503, "try again"),
        ] {
            let shop = MockServer::start().await;
            Mock::given(method("POST"))
                .respond_with(ResponseTemplate::new(status))
                .mount(&shop)
                .await;
            let said = outcome(&shop.uri()).await.unwrap_err();
            assert!(said.contains(&status.to_string()) && said.contains(advice), "{said}");
        }
        let said = outcome("http://127.0.0.1:1").await.unwrap_err();
        assert!(said.contains("nothing answers"), "{said}");
    }
}
