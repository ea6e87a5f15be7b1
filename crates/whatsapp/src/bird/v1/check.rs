//! Checks the workspace without sending a message.

use domain::Channel;
use http::Method;
use serde_json::Value;

use super::{BASE_URL, BirdV1, FROM, MANAGED, NAME, SMS_FROM, TEMPLATE, response};
use crate::CheckResult;

impl BirdV1 {
    pub(super) async fn run_checks(&self) -> Vec<CheckResult> {
        let mut results = self.check_key().await;
        results.push(self.check_webhook().await);
        results.push(self.describe_template());
        let sms = match &self.sms_from {
            Some(from) => format!("from {from}"),
            None => format!("not offered: set {SMS_FROM} to offer them"),
        };
        results.push(CheckResult::new("text messages", Ok(sms)));
        results
    }

    /// Checks the key, and compares the clocks.
    async fn check_key(&self) -> Vec<CheckResult> {
        let request = self.request(Method::GET, "/v1/whatsapp/messages?limit=1");
        match self.context.http_client.send(request).await {
            Ok(reply) => {
                let outcome = if reply.status.is_success() {
                    Ok("Bird accepts it".to_owned())
                } else {
                    Err(response::classify_error(&reply, Channel::Sms).to_string())
                };
                let clock = CheckResult::clock(reply.date(), (self.context.now)());
                vec![CheckResult::new("API key", outcome), clock]
            }
            Err(error) => {
                vec![CheckResult::new("API key", Err(format!("{error}: check {BASE_URL}")))]
            }
        }
    }

    /// Checks that Bird sends events to the shop: a message cannot name a webhook itself.
    async fn check_webhook(&self) -> CheckResult {
        let ours = self.context.webhook_url(NAME);
        let outcome = match self
            .context
            .http_client
            .send(self.request(Method::GET, "/v1/webhooks"))
            .await
        {
            Ok(reply) if reply.status.is_success() => {
                let list: Value = reply.json().unwrap_or_default();
                let endpoints = list.get("data").and_then(Value::as_array);
                let is_there = endpoints.is_some_and(|endpoints| {
                    endpoints.iter().any(|it| it.get("url").and_then(Value::as_str) == Some(&ours))
                });
                let missing = "add a webhook in Bird's dashboard, for the events whatsapp.* and sms.*, with the address";
                if is_there { Ok(ours) } else { Err(format!("{missing} {ours}")) }
            }
            Ok(reply) => Err(response::classify_error(&reply, Channel::Sms).to_string()),
            Err(error) => Err(error.to_string()),
        };
        CheckResult::new("webhook at Bird", outcome)
    }

    /// Describes the template, which Bird offers no API to manage.
    fn describe_template(&self) -> CheckResult {
        let slug = &self.template;
        let detail = if slug.starts_with(MANAGED) {
            format!("{slug} is Bird's own template with Bird's number; it is approved already")
        } else {
            format!(
                "{slug} is created and approved in Bird's dashboard under WhatsApp, Templates, in \
                 each language of the shop; see {TEMPLATE} and {FROM}"
            )
        };
        CheckResult::new("templates", Ok(detail))
    }
}
