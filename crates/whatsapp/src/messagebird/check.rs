//! Checks the account without sending a message.

use http::Method;

use super::{ACCESS_KEY, CONVERSATIONS, MessageBird, NAMESPACE, REST, SMS_FROM, Sender, response};
use crate::{CheckResult, SendError, http_client::Reply};

impl MessageBird {
    pub(super) async fn run_checks(&self) -> Vec<CheckResult> {
        let mut results = Vec::new();
        if let Some(sender) = &self.whatsapp {
            let url = format!("{}/webhooks?limit=1", self.conversations);
            results.extend(self.check_key("access key for WhatsApp", &url, CONVERSATIONS).await);
            results.push(self.check_namespace(sender).await);
        }
        if let Some(sender) = &self.sms_from {
            let url = format!("{}/messages?limit=1", self.rest);
            results.extend(self.check_key("access key for text messages", &url, REST).await);
            results.push(CheckResult::new("text message sender", Ok(sender.clone())));
        } else {
            let detail = format!("not offered: set {SMS_FROM} to offer them");
            results.push(CheckResult::new("text messages", Ok(detail)));
        }
        results
    }

    /// Checks that the key may use a service, and compares the clocks.
    async fn check_key(&self, subject: &str, url: &str, address: &'static str) -> Vec<CheckResult> {
        let request = self.request(Method::GET, url);
        match self.context.http_client.send(request).await {
            Ok(reply) => vec![
                CheckResult::new(subject, key_outcome(&reply, address)),
                CheckResult::clock(reply.date(), (self.context.now)()),
            ],
            Err(error) => vec![CheckResult::new(subject, Err(format!("{error}: check {address}")))],
        }
    }

    /// Checks that the templates belong to the namespace that messages name.
    async fn check_namespace(&self, sender: &Sender) -> CheckResult {
        let outcome = match self.listed().await {
            Err(error) => Err(error.to_string()),
            Ok(listed) => match listed.iter().find_map(|template| template.namespace.as_deref()) {
                Some(namespace) if namespace != sender.namespace => {
                    Err(format!("set {NAMESPACE} to {namespace}"))
                }
                Some(_) => Ok("the templates belong to it".to_owned()),
                None => Ok("the account has no template to compare it with".to_owned()),
            },
        };
        CheckResult::new("template namespace", outcome)
    }
}

fn key_outcome(reply: &Reply, address: &'static str) -> Result<String, String> {
    if reply.status.is_success() {
        return Ok("MessageBird accepts it".to_owned());
    }
    Err(match response::classify_error(reply, address) {
        SendError::Misconfigured { setting, why } => format!("{setting}: {why}"),
        other => format!("{other}; {ACCESS_KEY} could not be checked"),
    })
}
