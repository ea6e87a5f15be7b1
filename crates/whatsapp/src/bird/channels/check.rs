//! Checks the channels of the workspace without sending a message.

use http::Method;

use super::{BASE_URL, BirdChannels, CHANNEL_ID, SMS_CHANNEL_ID, TEMPLATES, response};
use crate::CheckResult;

impl BirdChannels {
    pub(super) async fn run_checks(&self) -> Vec<CheckResult> {
        let mut results = self.check_channel("WhatsApp channel", &self.channel, CHANNEL_ID).await;
        match &self.sms_channel {
            Some(channel) => {
                let more =
                    self.check_channel("text message channel", channel, SMS_CHANNEL_ID).await;
                results.extend(more.into_iter().take(1));
            }
            None => results.push(CheckResult::new(
                "text messages",
                Ok(format!("not offered: set {SMS_CHANNEL_ID} to offer them")),
            )),
        }
        let templates = format!(
            "they are created and approved in Bird's dashboard under Studio, one project for each \
             kind of message with each language of the shop; {TEMPLATES} holds the ids of {}",
            self.projects.len()
        );
        results.push(CheckResult::new("templates", Ok(templates)));
        results
    }

    /// Checks that the key may use a channel, and compares the clocks.
    async fn check_channel(
        &self,
        subject: &str,
        id: &str,
        setting: &'static str,
    ) -> Vec<CheckResult> {
        let request = self.request(Method::GET, id, "?limit=1");
        match self.context.http_client.send(request).await {
            Ok(reply) => {
                let outcome = if reply.status.is_success() {
                    Ok("the key may use it".to_owned())
                } else {
                    Err(response::classify_error(&reply, setting).to_string())
                };
                let clock = CheckResult::clock(reply.date(), (self.context.now)());
                vec![CheckResult::new(subject, outcome), clock]
            }
            Err(error) => {
                vec![CheckResult::new(subject, Err(format!("{error}: check {BASE_URL}")))]
            }
        }
    }
}
