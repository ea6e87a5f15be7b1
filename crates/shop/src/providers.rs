//! The types of the crate `whatsapp` that the HTTP layer needs, so that it depends on the shop
//! alone.

pub use whatsapp::{
    CheckResult, MessageProvider, ProviderContext, TemplateError, TemplateStatus, WebhookError,
    WebhookRequest, WebhookResponse, reachability::self_test_webhook,
};
