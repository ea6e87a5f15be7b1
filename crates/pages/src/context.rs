//! What pages need of the installation besides the shop.

use std::sync::Arc;

use domain::MessagePrice;
use leptos::prelude::use_context;
use shop::{DemoMailbox, Simulator, providers::ProviderContext};

/// The facts of this installation that pages show. The server puts it into the context of
/// every page.
#[derive(Clone, Default)]
pub struct PageContext {
    /// The simulated phones; `None` with real providers.
    pub simulator: Option<Arc<Simulator>>,
    /// The mailbox of the demo; `None` if e-mails go elsewhere or nowhere.
    pub mailbox: Option<Arc<DemoMailbox>>,
    /// The context of providers, to test the webhooks of the shop as they would call them.
    pub common: Option<ProviderContext>,
    /// Scheme and authority of the public address, without a slash at the end.
    pub origin: Arc<str>,
    /// The prices of messages, as the merchant configured them.
    pub message_prices: Arc<[MessagePrice]>,
}

impl PageContext {
    /// The context of the page that is rendered; an empty one outside of a page.
    pub(crate) fn current() -> Self {
        use_context().unwrap_or_default()
    }
}
