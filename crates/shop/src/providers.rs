//! What the front door says to couriers, and they to it: the shop's own names for
//! what the messaging room has.

pub use whatsapp::{
    CheckResult, MessageProvider, ProviderContext, TemplateError, TemplateStatus, WebhookError,
    WebhookRequest, WebhookResponse, reachability::self_test_webhook,
};
