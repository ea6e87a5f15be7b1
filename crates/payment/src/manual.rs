//! Methods that are paid outside of the shop: the code confirms the order, and the merchant records
//! the money.

use std::time::Duration;

use domain::{CountryCode, Money, PaymentId};

use crate::{
    Authorization, AuthorizeRequest, BoxFuture, CancelOutcome, CaptureOutcome, CaptureRequest,
    Gateway, GatewayError, GatewayName, GatewayReference, Market, Method, PaymentState,
    RefundOutcome, RefundRequest, Timing,
};

/// Payment to the one who delivers the parcel.
#[derive(Clone, Debug)]
pub struct CashOnDelivery {
    /// The countries where it is offered; everywhere if there are none.
    pub countries: Vec<CountryCode>,
    /// The largest total, in the shop's currency; `None` without a limit.
    pub max: Option<Money>,
}

/// Transfer to the shop's bank account, before the parcel is sent.
#[derive(Clone, Debug)]
pub struct BankTransfer {
    /// How long the money is waited for.
    pub payment_term: Duration,
}

impl CashOnDelivery {
    /// The name of the gateway, and of its only method.
    pub const NAME: GatewayName = GatewayName::new("cash-on-delivery");

    fn is_offered(&self, market: &Market) -> bool {
        let is_served = self.countries.is_empty()
            || market.country.is_some_and(|country| self.countries.contains(&country));
        let fits = self.max.is_none_or(|max| {
            max.currency() == market.currency && market.total.minor() <= max.minor()
        });
        is_served && fits
    }
}

impl BankTransfer {
    /// The name of the gateway, and of its only method.
    pub const NAME: GatewayName = GatewayName::new("bank-transfer");
}

const fn method(name: GatewayName) -> Method {
    Method { id: name.as_str(), timing: Timing::Later }
}

type Answer<'a, T> = BoxFuture<'a, Result<T, GatewayError>>;

/// What there is to ask of a gateway that is no program: nothing is held anywhere, and what the
/// merchant has recorded is done.
macro_rules! settled_by_hand {
    () => {
        fn authorize<'a>(&'a self, _: &'a AuthorizeRequest) -> Answer<'a, Authorization> {
            Box::pin(async { Ok(Authorization::Pending { reference: None }) })
        }

        fn capture<'a>(&'a self, _: &'a CaptureRequest) -> Answer<'a, CaptureOutcome> {
            Box::pin(async { Ok(CaptureOutcome::Captured) })
        }

        fn cancel<'a>(
            &'a self,
            _: &'a PaymentId,
            _: Option<&'a GatewayReference>,
        ) -> Answer<'a, CancelOutcome> {
            Box::pin(async { Ok(CancelOutcome::Canceled) })
        }

        /// The merchant gives the money back by hand.
        fn refund<'a>(&'a self, _: &'a RefundRequest) -> Answer<'a, RefundOutcome> {
            Box::pin(async { Ok(RefundOutcome::Refunded) })
        }

        fn find<'a>(
            &'a self,
            _: &'a PaymentId,
            _: Option<&'a GatewayReference>,
        ) -> Answer<'a, Option<PaymentState>> {
            Box::pin(async { Ok(None) })
        }
    };
}

impl Gateway for CashOnDelivery {
    fn name(&self) -> GatewayName {
        Self::NAME
    }

    fn methods(&self, market: &Market) -> Vec<Method> {
        self.is_offered(market).then_some(method(Self::NAME)).into_iter().collect()
    }

    settled_by_hand!();
}

impl Gateway for BankTransfer {
    fn name(&self) -> GatewayName {
        Self::NAME
    }

    fn methods(&self, _: &Market) -> Vec<Method> {
        vec![method(Self::NAME)]
    }

    fn payment_term(&self) -> Option<Duration> {
        Some(self.payment_term)
    }

    settled_by_hand!();
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::*;

    #[test]
    fn pay_on_delivery_is_offered_by_country_and_total() {
        let euro = |minor| Money::new(minor, Currency::EUR);
        let country = |code| CountryCode::parse(code);
        let (two, limit) = (&["IN", "BR"][..], Some(euro(20_000)));
        let pounds = Some(Money::new(20_000, Currency::parse("GBP").unwrap()));
        for (countries, max, place, total, is_offered) in [
            (&[][..], None, None, 0, true),
            (&[][..], None, country("GB"), i64::MAX, true),
            (two, None, country("IN"), 1, true),
            (two, None, country("BR"), 1, true),
            (two, None, country("GB"), 1, false),
            (two, None, None, 1, false),
            (&[][..], limit, country("GB"), 19_999, true),
            (&[][..], limit, country("GB"), 20_000, true),
            (&[][..], limit, country("GB"), 20_001, false),
            (two, limit, country("IN"), 20_001, false),
            (&[][..], pounds, country("GB"), 1, false),
        ] {
            let countries = countries.iter().filter_map(|code| CountryCode::parse(code)).collect();
            let gateway = CashOnDelivery { countries, max };
            let market = Market { currency: Currency::EUR, country: place, total: euro(total) };
            let offered = !gateway.methods(&market).is_empty();
            assert_eq!(offered, is_offered, "{gateway:?} {market:?}");
        }
    }
}
