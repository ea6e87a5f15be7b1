//! The merchant's side: orders, products and stock, the log of messages, message templates,
//! accounts whose codes are switched off, and owners who lost their phone.
//!
//! Every use case is a method of [`Merchant`], and only [`Shop::merchant`](crate::Shop::merchant)
//! makes one, after it has checked the role. So nothing of the merchant's compiles without the
//! check.
//!
//! Every change of a product or an order names what the merchant was shown. If that has changed, it is
//! refused with [`Refusal::Outdated`], which has both values, so that nobody's work is overwritten
//! unseen.

mod accounts;
mod messages;
mod order_actions;
mod orders;
mod phone_changes;
mod products;
mod templates;
mod withdrawals;

pub use accounts::AccountView;
pub use messages::{MerchantMessages, MessageView};
pub use orders::{
    DisputeView, HistoryView, MerchantOrder, MerchantOrderSummary, MerchantOrders, OrderActions,
};
pub use phone_changes::OpenPhoneChange;
pub use products::{MerchantProduct, MerchantVariant};
pub use withdrawals::{MerchantWithdrawal, MerchantWithdrawals};

use domain::{AccountId, Refusal, Role};
use store::Db;

use crate::{
    audit::{Audit, Event},
    clock::Clock,
    delivery::Delivery,
    entropy::Entropy,
    error::Result,
    limits::Limits,
    orders::Orders,
    payments::Payments,
    phone_change_requests::PhoneChangeRequests,
    templates::{TemplateJobs, Templates},
    visitor::{SignedIn, Visitor},
};

/// How many orders or messages a page shows.
const PAGE_SIZE: u32 = 50;

/// The proof that the visitor is the merchant, with the use cases that need it.
///
/// It cannot be made without the check of the role, because its constructor is private:
///
/// ```compile_fail,E0603
/// let merchant = shop::merchant::Merchant;
/// ```
pub struct Merchant<'s>(MerchantDependencies<'s>, AccountId);

/// What the use cases of the merchant need.
pub(crate) struct MerchantDependencies<'s> {
    pub(crate) db: &'s Db,
    pub(crate) clock: &'s Clock,
    pub(crate) entropy: &'s Entropy,
    pub(crate) audit: &'s Audit,
    pub(crate) limits: &'s Limits,
    pub(crate) orders: Orders<'s>,
    pub(crate) payments: &'s Payments,
    pub(crate) delivery: &'s Delivery,
    pub(crate) templates: &'s Templates,
    pub(crate) phone_changes: PhoneChangeRequests,
    pub(crate) template_jobs: &'s TemplateJobs,
}

impl<'s> Merchant<'s> {
    /// Checks the role. A shopper who tries is recorded in the audit log (S-L02).
    pub(crate) fn authorise(
        dependencies: MerchantDependencies<'s>,
        visitor: &Visitor,
    ) -> Result<Self> {
        match &visitor.signed_in {
            Some(SignedIn { role: Role::Merchant, account, .. }) => {
                return Ok(Self(dependencies, account.clone()));
            }
            Some(SignedIn { account, .. }) => {
                dependencies.audit.note(Event::AccessRefused, Some(account), "merchant");
            }
            None => {}
        }
        Err(Refusal::NotFound.into())
    }

    /// The merchant's account.
    const fn own_account(&self) -> &AccountId {
        &self.1
    }
}

/// Cuts a list that was read with one row too many to the size of a page; says whether there
/// is another page.
fn cut<R>(mut rows: Vec<R>) -> (Vec<R>, bool) {
    let has_more = rows.len() > PAGE_SIZE as usize;
    rows.truncate(PAGE_SIZE as usize);
    (rows, has_more)
}
