//! Whether the workspace is in order, asked without sending anything.

use http::Method;

use super::{BASE_URL, BirdChannels, CHANNEL_ID, SMS_CHANNEL_ID, TEMPLATES, response};
use crate::CheckResult;

impl BirdChannels {
    pub(super) async fn findings(&self) -> Vec<CheckResult> {
        let mut findings = self.channel("WhatsApp channel", &self.channel, CHANNEL_ID).await;
        match &self.sms_channel {
            Some(channel) => {
                let more = self.channel("text message channel", channel, SMS_CHANNEL_ID).await;
                findings.extend(more.into_iter().take(1));
            }
            None => findings.push(CheckResult::new(
                "text messages",
                Ok(format!("none: set {SMS_CHANNEL_ID} to offer them")),
            )),
        }
        let templates = format!(
            "made and approved in Bird's dashboard under Studio, one project for each kind in each \
             language of the shop, their ids in {TEMPLATES}; {} are set",
            self.projects.len()
        );
        findings.push(CheckResult::new("templates", Ok(templates)));
        findings
    }

    /// Whether the key opens a channel, and whether the clocks agree.
    async fn channel(&self, subject: &str, id: &str, setting: &'static str) -> Vec<CheckResult> {
        let request = self.request(Method::GET, id, "?limit=1");
        match self.common.wire.ask(request).await {
            Ok(reply) => {
                let outcome = if reply.status.is_success() {
                    Ok("open".to_owned())
                } else {
                    Err(response::refusal(&reply, setting).to_string())
                };
                let clock = CheckResult::clock(reply.date(), (self.common.now)());
                vec![CheckResult::new(subject, outcome), clock]
            }
            Err(error) => vec![CheckResult::new(subject, Err(format!("{error}: see {BASE_URL}")))],
        }
    }
}
