//! Where webhooks in Meta's format are sent, and which headers authenticate them at 360dialog.

use std::sync::{Mutex, PoisonError};

use crate::config::Config;

/// An address, and the headers for it.
pub(crate) type Target = (String, Vec<(String, String)>);

/// What `…/configs/webhook` has set at 360dialog. Nothing is set: the configuration decides.
#[derive(Debug, Default)]
pub(crate) struct WebhookSubscription(Mutex<Option<Target>>);

impl WebhookSubscription {
    pub fn get(&self, config: &Config) -> Option<Target> {
        let subscribed = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        subscribed.or_else(|| {
            let mut headers = config.webhook_headers.clone();
            if headers.is_empty() {
                let secret = &config.account.dialog360_webhook_secret;
                headers.push((String::from("authorization"), format!("Bearer {secret}")));
            }
            Some((config.webhook.clone()?, headers))
        })
    }

    pub fn set(&self, url: &str, headers: Vec<(String, String)>) {
        let target = Some((String::from(url), headers));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }
}
