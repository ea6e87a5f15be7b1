//! What consumer law asks of a shop, by the country of delivery.
//!
//! Sources: Directive 2011/83/EU, Art. 8(2) (the button that orders), Art. 9 and 10 (the right of
//! withdrawal), Art. 11a (the withdrawal function, since 2026-06-19, by Directive 2023/2673); for
//! Germany §312j and §355 f. BGB. The directive holds in the EEA, too. In the United Kingdom, the
//! Consumer Contracts Regulations 2013 say the same in reg. 14(4) and 30. Brazil: Código de Defesa
//! do Consumidor, Art. 49.

use std::time::Duration;

use domain::Timestamp;
use time::{OffsetDateTime, Weekday};

/// The member states of the European Union, Iceland, Liechtenstein and Norway.
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];
const UNITED_KINGDOM: &str = "GB";
const BRAZIL: &str = "BR";

/// When a parcel counts as delivered, after it was shipped. The shop is not told the day of
/// delivery, so this is longer than carriers take: a period that is taken for too long costs a
/// merchant little, and one that is taken for too short would call a notice late that is not.
const ASSUMED_DELIVERY_TIME: Duration = Duration::from_secs(10 * DAY_SECONDS);
const DAY_SECONDS: u64 = 24 * 60 * 60;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// A day ends last where clocks are twelve hours behind UTC.
const LAST_MIDNIGHT: Duration = Duration::from_secs(12 * 60 * 60);

/// What the button says that places an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderButton {
    /// That ordering obliges to pay, because a contract is not binding otherwise.
    BuyNow,
    /// That the order is placed.
    PlaceOrder,
}

impl OrderButton {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BuyNow => "buy_now",
            Self::PlaceOrder => "place_order",
        }
    }
}

/// The button for a delivery to this country.
pub fn order_button(country: &str) -> OrderButton {
    match is_eea(country) || country == UNITED_KINGDOM {
        true => OrderButton::BuyNow,
        false => OrderButton::PlaceOrder,
    }
}

/// The days in which a consumer may withdraw after the delivery; `None` where no law that is known
/// here gives such a right.
fn withdrawal_days(country: &str) -> Option<i64> {
    match country {
        UNITED_KINGDOM => Some(14),
        BRAZIL => Some(7),
        _ => is_eea(country).then_some(14),
    }
}

fn is_eea(country: &str) -> bool {
    EEA.contains(&country)
}

/// How a notice of withdrawal stands to the period of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalPeriod {
    /// The goods were not shipped yet, or the period was open.
    Open,
    /// The period was over, as far as the shop can tell.
    Over {
        /// When it ended.
        ended_at: Timestamp,
    },
    /// No law that is known here gives a right of withdrawal.
    None,
}

/// The state of the period at `now` for an order that was shipped to this country.
///
/// It begins on the day after the delivery, and ends with its last day, or with the next working
/// day if that is a Saturday or Sunday (Regulation 1182/71, Art. 3). Public holidays are not known
/// here. Where the consumer's clock stands is not known either, so the day ends where it ends last.
pub fn withdrawal_period(
    country: &str,
    shipped_at: Option<Timestamp>,
    now: Timestamp,
) -> WithdrawalPeriod {
    let Some(days) = withdrawal_days(country) else { return WithdrawalPeriod::None };
    let Some(shipped_at) = shipped_at else { return WithdrawalPeriod::Open };
    let delivered_at = shipped_at + ASSUMED_DELIVERY_TIME;
    let last_day = delivered_at.as_millis().div_euclid(DAY_MILLIS) + days;
    let first_day_after = last_day + days_of_weekend(last_day) + 1;
    let ended_at = Timestamp::from_millis(first_day_after * DAY_MILLIS) + LAST_MIDNIGHT;
    match now < ended_at {
        true => WithdrawalPeriod::Open,
        false => WithdrawalPeriod::Over { ended_at },
    }
}

/// How many days the next working day is away, for a day since 1970-01-01.
fn days_of_weekend(day: i64) -> i64 {
    let moment = OffsetDateTime::from_unix_timestamp(day * DAY_MILLIS / 1_000);
    match moment.map(OffsetDateTime::weekday) {
        Ok(Weekday::Saturday) => 2,
        Ok(Weekday::Sunday) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn at(moment: OffsetDateTime) -> Timestamp {
        Timestamp::from_millis(moment.unix_timestamp() * 1_000)
    }

    #[test]
    fn x182_the_button_obliges_to_pay_where_the_law_asks_for_it() {
        for country in EEA {
            assert_eq!(order_button(country), OrderButton::BuyNow, "{country}");
        }
        for (country, button) in [
            ("GB", OrderButton::BuyNow),
            ("US", OrderButton::PlaceOrder),
            ("CH", OrderButton::PlaceOrder),
            ("IN", OrderButton::PlaceOrder),
            ("BR", OrderButton::PlaceOrder),
            ("ID", OrderButton::PlaceOrder),
            ("de", OrderButton::PlaceOrder),
            ("", OrderButton::PlaceOrder),
        ] {
            assert_eq!(order_button(country), button, "{country}");
        }
    }

    #[test]
    fn a_period_ends_with_its_last_day_wherever_the_consumer_is() {
        for (country, shipped, last_moment) in [
            // Delivered on Thursday the 11th; the 14th day after it is Thursday the 25th.
            ("DE", datetime!(2026-06-01 09:00 UTC), datetime!(2026-06-26 11:59:59 UTC)),
            ("DE", datetime!(2026-06-01 23:59 UTC), datetime!(2026-06-26 11:59:59 UTC)),
            ("GB", datetime!(2026-06-02 00:00 UTC), datetime!(2026-06-27 11:59:59 UTC)),
            // The last day is a Saturday or a Sunday: the Monday after it counts.
            ("FR", datetime!(2026-06-03 12:00 UTC), datetime!(2026-06-30 11:59:59 UTC)),
            ("NO", datetime!(2026-06-04 12:00 UTC), datetime!(2026-06-30 11:59:59 UTC)),
            ("AT", datetime!(2026-06-05 12:00 UTC), datetime!(2026-06-30 11:59:59 UTC)),
            ("IE", datetime!(2026-12-20 12:00 UTC), datetime!(2027-01-14 11:59:59 UTC)),
            ("BR", datetime!(2026-06-01 09:00 UTC), datetime!(2026-06-19 11:59:59 UTC)),
        ] {
            let shipped = Some(at(shipped));
            let open = withdrawal_period(country, shipped, at(last_moment));
            assert_eq!(open, WithdrawalPeriod::Open, "{country}");
            let ended_at = at(last_moment) + Duration::from_secs(1);
            let over = withdrawal_period(country, shipped, ended_at);
            assert_eq!(over, WithdrawalPeriod::Over { ended_at }, "{country}");
        }
    }

    #[test]
    fn a_period_is_open_before_the_goods_are_shipped() {
        let late = at(datetime!(2036-01-01 00:00 UTC));
        assert_eq!(withdrawal_period("DE", None, late), WithdrawalPeriod::Open);
        assert_eq!(withdrawal_period("US", None, late), WithdrawalPeriod::None);
        assert_eq!(withdrawal_period("CH", Some(late), late), WithdrawalPeriod::None);
    }
}
