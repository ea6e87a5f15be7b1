//! Whether the workspace is in order, asked without sending anything.

use domain::Channel;
use http::Method;
use serde_json::Value;

use super::{BASE_URL, BirdV1, FROM, MANAGED, NAME, SMS_FROM, TEMPLATE, response};
use crate::CheckResult;

impl BirdV1 {
    pub(super) async fn findings(&self) -> Vec<CheckResult> {
        let mut findings = self.access().await;
        findings.push(self.webhook().await);
        findings.push(self.template());
        let sms = match &self.sms_from {
            Some(from) => format!("from {from}"),
            None => format!("none: set {SMS_FROM} to offer them"),
        };
        findings.push(CheckResult::new("text messages", Ok(sms)));
        findings
    }

    /// Whether the key opens the service, and whether the clocks agree.
    async fn access(&self) -> Vec<CheckResult> {
        let request = self.request(Method::GET, "/v1/whatsapp/messages?limit=1");
        match self.common.wire.ask(request).await {
            Ok(reply) => {
                let outcome = if reply.status.is_success() {
                    Ok("taken".to_owned())
                } else {
                    Err(response::refusal(&reply, Channel::Sms).to_string())
                };
                let clock = CheckResult::clock(reply.date(), (self.common.now)());
                vec![CheckResult::new("API key", outcome), clock]
            }
            Err(error) => {
                vec![CheckResult::new("API key", Err(format!("{error}: see {BASE_URL}")))]
            }
        }
    }

    /// Whether events are sent to the shop: no message says where its news goes.
    async fn webhook(&self) -> CheckResult {
        let ours = self.common.callback_url(NAME);
        let outcome = match self.common.wire.ask(self.request(Method::GET, "/v1/webhooks")).await {
            Ok(reply) if reply.status.is_success() => {
                let list: Value = reply.json().unwrap_or_default();
                let endpoints = list.get("data").and_then(Value::as_array);
                let is_there = endpoints.is_some_and(|endpoints| {
                    endpoints.iter().any(|it| it.get("url").and_then(Value::as_str) == Some(&ours))
                });
                let missing = "add a webhook for whatsapp.* and sms.* events at";
                if is_there { Ok(ours) } else { Err(format!("{missing} {ours}")) }
            }
            Ok(reply) => Err(response::refusal(&reply, Channel::Sms).to_string()),
            Err(error) => Err(error.to_string()),
        };
        CheckResult::new("webhook at Bird", outcome)
    }

    /// Templates are not managed by program there.
    fn template(&self) -> CheckResult {
        let slug = &self.template;
        let detail = if slug.starts_with(MANAGED) {
            format!(
                "{slug} is Bird's own: approved, from Bird's number; nothing is to be submitted"
            )
        } else {
            format!(
                "{slug} is made and approved in Bird's dashboard under WhatsApp, Templates, in each \
                 language of the shop; see {TEMPLATE} and {FROM}"
            )
        };
        CheckResult::new("templates", Ok(detail))
    }
}
