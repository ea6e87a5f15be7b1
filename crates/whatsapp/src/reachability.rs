//! The self-test of webhooks: the shop calls its own public address as the provider would,
//! signed with its own secret, with a call that carries no event.

use http::{Method, StatusCode};

use crate::{CheckResult, MessageProvider, ProviderContext, http_client::HttpError};

/// Calls the webhook address of a provider; `None` for a provider without webhooks.
pub async fn self_test_webhook(
    provider: &dyn MessageProvider,
    context: &ProviderContext,
) -> Option<CheckResult> {
    let url = context.webhook_url(provider.name());
    let (headers, body) = provider.self_test(&url)?;
    let request = context.http_client.request(Method::POST, &url).headers(headers).body(body);
    let outcome = match context.http_client.send(request).await {
        Ok(reply) => explain_status(reply.status, &url),
        Err(HttpError::NotSent) => Err(format!(
            "no server answers at {url}: start the shop, and check that MARIGOLD_PUBLIC_URL leads \
             to it (name, proxy, certificate)"
        )),
        Err(HttpError::NoAnswer) => {
            Err(format!("{url} does not answer: check the proxy in front of the shop"))
        }
    };
    Some(CheckResult { subject: "webhook".into(), outcome })
}

/// Explains the answer to a correctly signed call.
fn explain_status(status: StatusCode, url: &str) -> Result<String, String> {
    let advice = match status.as_u16() {
        200..=299 if url.starts_with("https://") => {
            return Ok(format!("{url} accepts a signed call"));
        }
        200..=299 => {
            return Ok(format!("{url} accepts a signed call; providers need an https address"));
        }
        300..=399 => "providers follow no redirect: set MARIGOLD_PUBLIC_URL to the final address",
        401 | 403 => {
            "the shop there has another secret or another MARIGOLD_PUBLIC_URL: start it with these \
             settings"
        }
        404 | 405 => {
            "another server answers there, or a shop without this provider: check \
             MARIGOLD_PUBLIC_URL and MARIGOLD_PROVIDERS"
        }
        503 => "the shop there is overloaded: try again in a minute",
        _ => "check the proxy and the log of the shop",
    };
    Err(format!("{url} answers with status {}: {advice}", status.as_u16()))
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
    use crate::{Accepted, BoxFuture, OutgoingMessage, SendError, http_client::HttpClient};

    /// A provider with a webhook.
    struct WithWebhook;

    impl MessageProvider for WithWebhook {
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

    fn context(public_url: &str) -> ProviderContext {
        ProviderContext {
            http_client: HttpClient::new().unwrap(),
            public_url: public_url.into(),
            template_prefix: "marigold".into(),
            now: Arc::new(|| Timestamp::from_millis(0)),
        }
    }

    async fn outcome(public_url: &str) -> Result<String, String> {
        self_test_webhook(&WithWebhook, &context(public_url)).await.unwrap().outcome
    }

    #[tokio::test]
    async fn the_self_test_calls_the_public_address_with_a_signature() {
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
        assert!(said.contains("accepts a signed call") && said.contains("need an https"), "{said}");
    }

    #[tokio::test]
    async fn every_other_answer_tells_what_to_change() {
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
        assert!(said.contains("no server answers"), "{said}");
    }
}
