//! Whether the account is in order, asked without sending anything.

use http::Method;

use super::{ACCESS_KEY, CONVERSATIONS, MessageBird, NAMESPACE, REST, SMS_FROM, Sender, response};
use crate::{CheckResult, SendError, wire::Reply};

impl MessageBird {
    pub(super) async fn findings(&self) -> Vec<CheckResult> {
        let mut findings = Vec::new();
        if let Some(sender) = &self.whatsapp {
            let url = format!("{}/webhooks?limit=1", self.conversations);
            findings.extend(self.access("access key for WhatsApp", &url, CONVERSATIONS).await);
            findings.push(self.namespace(sender).await);
        }
        if let Some(sender) = &self.sms_from {
            let url = format!("{}/messages?limit=1", self.rest);
            findings.extend(self.access("access key for text messages", &url, REST).await);
            findings.push(CheckResult::new("text message sender", Ok(sender.clone())));
        } else {
            let detail = format!("none: set {SMS_FROM} to offer them");
            findings.push(CheckResult::new("text messages", Ok(detail)));
        }
        findings
    }

    /// Whether the key opens a service, and whether the clocks agree.
    async fn access(&self, subject: &str, url: &str, address: &'static str) -> Vec<CheckResult> {
        let request = self.request(Method::GET, url);
        match self.common.wire.ask(request).await {
            Ok(reply) => vec![
                CheckResult::new(subject, taken(&reply, address)),
                CheckResult::clock(reply.date(), (self.common.now)()),
            ],
            Err(error) => vec![CheckResult::new(subject, Err(format!("{error}: see {address}")))],
        }
    }

    /// Whether the templates belong to the namespace that messages will name.
    async fn namespace(&self, sender: &Sender) -> CheckResult {
        let outcome = match self.listed().await {
            Err(error) => Err(error.to_string()),
            Ok(listed) => match listed.iter().find_map(|template| template.namespace.as_deref()) {
                Some(namespace) if namespace != sender.namespace => {
                    Err(format!("set {NAMESPACE} to {namespace}"))
                }
                Some(_) => Ok("the templates' own".to_owned()),
                None => Ok("no template to compare it with".to_owned()),
            },
        };
        CheckResult::new("template namespace", outcome)
    }
}

fn taken(reply: &Reply, address: &'static str) -> Result<String, String> {
    if reply.status.is_success() {
        return Ok("taken".to_owned());
    }
    Err(match response::classify(reply, address) {
        SendError::Misconfigured { setting, why } => format!("{setting}: {why}"),
        other => format!("{other}; {ACCESS_KEY} could not be tried"),
    })
}
