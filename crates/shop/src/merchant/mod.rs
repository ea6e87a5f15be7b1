//! What the merchant does: orders, products and stock, the messages sent,
//! and accounts whose codes are switched off.
//! To everybody else none of it is there.

mod accounts;
mod messages;
mod orders;
mod products;

pub use accounts::AccountView;
pub use messages::{MerchantMessages, MessageView};
pub use orders::{MerchantOrder, MerchantOrderSummary, MerchantOrders};
pub use products::{MerchantProduct, MerchantVariant};

use domain::{Refusal, Role};

use crate::{Result, Shop, SignedIn, Visitor, audit::Event};

/// Orders or messages on a page.
const PAGE: u32 = 50;

/// What the merchant does.
pub struct Merchant<'s>(&'s Shop);

impl Shop {
    /// What the merchant does; for anybody else there is no such place (S-B09).
    pub fn merchant(&self) -> Merchant<'_> {
        Merchant(self)
    }
}

/// Whoever is no merchant finds nothing here; of a shopper who looks that is written down.
pub(crate) fn ensure_merchant(shop: &Shop, visitor: &Visitor) -> Result<()> {
    match &visitor.signed_in {
        Some(SignedIn { role: Role::Merchant, .. }) => return Ok(()),
        Some(SignedIn { account, .. }) => {
            shop.audit().note(Event::AccessRefused, Some(account), "merchant");
        }
        None => {}
    }
    Err(Refusal::NotFound.into())
}

/// Cuts a page out of one row more than fits on it, and says whether there is more.
fn cut<R>(mut rows: Vec<R>) -> (Vec<R>, bool) {
    let has_more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    (rows, has_more)
}
