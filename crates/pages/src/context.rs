//! What pages need to know of the installation besides the shop.

use std::sync::Arc;

use domain::MessagePrice;
use leptos::prelude::use_context;
use shop::{Simulator, providers::Common};

/// The facts of this installation that pages show. The server puts it into the context of
/// every page.
#[derive(Clone, Default)]
pub struct PageContext {
    /// The simulated phones, where there are no real ones.
    pub simulator: Option<Arc<Simulator>>,
    /// What providers are given, to call the shop's webhooks as they would.
    pub common: Option<Common>,
    /// Scheme and authority of the public address, without a slash at the end.
    pub origin: Arc<str>,
    /// What messages cost, as the merchant configured it.
    pub message_prices: Arc<[MessagePrice]>,
}

impl PageContext {
    /// The context of the page that is rendered; an empty one outside of a page.
    pub(crate) fn current() -> Self {
        use_context().unwrap_or_default()
    }
}
