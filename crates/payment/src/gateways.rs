//! The gateways of a shop.

use std::{collections::HashSet, sync::Arc};

use domain::OrderToken;
use url::Url;

use crate::{Gateway, Market, Method};

/// The gateways of a shop, in the merchant's order, and where they send shoppers back to.
#[derive(Clone)]
pub struct Gateways {
    list: Arc<[Arc<dyn Gateway>]>,
    return_link: Url,
}

/// A method and the gateway that offers it.
#[derive(Clone)]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// Its gateway.
    pub gateway: Arc<dyn Gateway>,
}

impl Gateways {
    /// These gateways. The return link is the address of the shop's page to which they send
    /// shoppers back, up to the token of the order.
    pub fn new(return_link: Url, list: impl IntoIterator<Item = Arc<dyn Gateway>>) -> Self {
        Self { list: list.into_iter().collect(), return_link }
    }

    /// Each gateway.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Gateway>> {
        self.list.iter()
    }

    /// Where the shopper of an order comes back to.
    pub fn return_url(&self, order: &OrderToken) -> Url {
        let mut url = self.return_link.clone();
        url.set_path(&format!("{}{order}", url.path()));
        url
    }

    /// The gateway of this name.
    pub fn by_name(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.iter().find(|gateway| gateway.name().as_str() == name)
    }

    /// The methods of all gateways in a market, in the merchant's order. If two gateways offer a
    /// method of one word, the first of them has it.
    pub fn methods(&self, market: &Market) -> Vec<Choice> {
        let mut seen = HashSet::new();
        let offered = self.iter().flat_map(|gateway| {
            let methods = gateway.methods(market).into_iter();
            methods.map(|method| Choice { method, gateway: Arc::clone(gateway) })
        });
        offered.filter(|choice| seen.insert(choice.method.id)).collect()
    }

    /// The method of this word; `None` if no gateway offers it in this market.
    pub fn method(&self, market: &Market, id: &str) -> Option<Choice> {
        self.methods(market).into_iter().find(|choice| choice.method.id == id)
    }

    /// The origins of the pages of all gateways, each once.
    pub fn page_origins(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let origins = self.iter().flat_map(|gateway| gateway.page_origins());
        origins.filter(|origin| seen.insert(origin.clone())).collect()
    }
}
