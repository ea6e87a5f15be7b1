//! When a payment needs a code, by the merchant's policy.

use domain::{HistoryKind, Money};
use payment::Timing;
use store::{Connection, KnownPurchase};

use crate::{draft::Terms, error::Result};

/// The merchant's policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PaymentCodePolicy {
    /// Every payment needs a code.
    #[default]
    Always,
    /// A payment of at least so many minor units of the shop's currency needs one.
    From(i64),
    /// A payment needs one unless browser, delivery address and means of payment are known from an
    /// earlier paid order of the account.
    NewOnly,
}

/// Whether a payment needs a code, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CodeDecision {
    pub is_required: bool,
    /// The word that the history of the order keeps.
    pub reason: &'static str,
}

impl CodeDecision {
    const fn required(reason: &'static str) -> Self {
        Self { is_required: true, reason }
    }

    const fn waived(reason: &'static str) -> Self {
        Self { is_required: false, reason }
    }

    /// What the history of the order says of it.
    pub const fn kind(self) -> HistoryKind {
        if self.is_required { HistoryKind::CodeRequired } else { HistoryKind::CodeWaived }
    }
}

/// Decides for the terms of an order that is placed from this browser.
pub(super) async fn decide(
    tx: &mut Connection,
    policy: PaymentCodePolicy,
    terms: &Terms,
    timing: Timing,
    browser_digest: &str,
) -> Result<CodeDecision> {
    let account = terms.buyer.account().filter(|_| policy == PaymentCodePolicy::NewOnly);
    let mut known = match account {
        Some(account) => {
            let (address, method) = (&terms.address, &terms.method);
            tx.orders().find_known(account, browser_digest, address, method).await?
        }
        None => KnownPurchase::default(),
    };
    // The shop does not learn which card is typed on the gateway's page.
    known.method &= timing != Timing::AuthorizeFirst;
    Ok(decision(policy, terms.quote.total(), known))
}

fn decision(policy: PaymentCodePolicy, total: Money, known: KnownPurchase) -> CodeDecision {
    match policy {
        PaymentCodePolicy::Always => CodeDecision::required("always"),
        PaymentCodePolicy::From(minor) if total.minor() >= minor => {
            CodeDecision::required("from_amount")
        }
        PaymentCodePolicy::From(_) => CodeDecision::waived("below_amount"),
        PaymentCodePolicy::NewOnly if !known.browser => CodeDecision::required("new_browser"),
        PaymentCodePolicy::NewOnly if !known.address => CodeDecision::required("new_address"),
        PaymentCodePolicy::NewOnly if !known.method => CodeDecision::required("new_method"),
        PaymentCodePolicy::NewOnly => CodeDecision::waived("known"),
    }
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::*;

    #[test]
    fn the_policy_decides_by_amount_browser_address_and_method() {
        let known = |browser, address, method| KnownPurchase { browser, address, method };
        let nothing = known(false, false, false);
        for (policy, minor, known, expected) in [
            (
                PaymentCodePolicy::Always,
                0,
                known(true, true, true),
                CodeDecision::required("always"),
            ),
            (PaymentCodePolicy::From(50_00), 49_99, nothing, CodeDecision::waived("below_amount")),
            (PaymentCodePolicy::From(50_00), 50_00, nothing, CodeDecision::required("from_amount")),
            (PaymentCodePolicy::From(50_00), 50_01, nothing, CodeDecision::required("from_amount")),
            (PaymentCodePolicy::From(0), 0, nothing, CodeDecision::required("from_amount")),
            (PaymentCodePolicy::NewOnly, 1, nothing, CodeDecision::required("new_browser")),
            (
                PaymentCodePolicy::NewOnly,
                1,
                known(false, true, true),
                CodeDecision::required("new_browser"),
            ),
            (
                PaymentCodePolicy::NewOnly,
                1,
                known(true, false, true),
                CodeDecision::required("new_address"),
            ),
            (
                PaymentCodePolicy::NewOnly,
                1,
                known(true, true, false),
                CodeDecision::required("new_method"),
            ),
            (PaymentCodePolicy::NewOnly, 1, known(true, true, true), CodeDecision::waived("known")),
        ] {
            let total = Money::new(minor, Currency::EUR);
            assert_eq!(decision(policy, total, known), expected, "{policy:?} {minor} {known:?}");
        }
    }
}
