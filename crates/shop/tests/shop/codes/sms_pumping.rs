//! Security §4.5: flooding one phone, and SMS pumping.

use std::time::Duration;

use domain::{PhoneNumber, Purpose, Refusal};
use shop::codes::{CodeRequest, Policy};
use store::Recipient;

use super::support::{issue, refusal, request, verify};
use crate::support::{TestShop, phone};

const LOGIN: Purpose = Purpose::Login;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// A code to a phone that was never verified.
fn unverified(phone: &PhoneNumber) -> CodeRequest {
    CodeRequest { is_verified_phone: false, ..request(Purpose::Phone, 1, phone) }
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

#[tokio::test]
async fn x55_a_resend_waits_a_minute_and_there_are_three() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    for resends_left in (0..3).rev() {
        for seconds in [60, 30, 1] {
            let answer = shop.codes().resend(&visitor, LOGIN).await;
            assert_eq!(refusal(answer), Refusal::TooSoon { seconds });
            let until = if seconds == 60 { 30 } else { 29 };
            shop.clock.advance(Duration::from_secs(if seconds == 1 { 1 } else { until }));
        }
        shop.codes().resend(&visitor, LOGIN).await.unwrap();
        let view = shop.codes().status(&visitor, LOGIN).await.unwrap().unwrap();
        assert_eq!((view.resends_left, view.resend_in_seconds), (resends_left, 60));
    }
    shop.clock.advance(MINUTE);
    assert_eq!(refusal(shop.codes().resend(&visitor, LOGIN).await), Refusal::ResendsSpent);
    assert_eq!(shop.messages(&phone(1)).await.len(), 4);
}

#[tokio::test]
async fn x56_one_phone_has_one_budget_over_all_entry_points() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    for (account, purpose) in (1..).zip(Purpose::ALL).take(5) {
        issue(&shop, &visitor, &request(purpose, account, &phone(1))).await.unwrap();
    }
    for purpose in Purpose::ALL {
        let answer = issue(&shop, &shop.visitor(), &request(purpose, 1, &phone(1))).await;
        assert_eq!(refusal(answer), Refusal::TooMany { seconds: 3600 });
    }
    shop.clock.advance(MINUTE);
    let answer = shop.codes().resend(&visitor, LOGIN).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 3540 }, "a resend is a send");
}

#[tokio::test]
async fn x55_a_phone_gets_at_most_ten_messages_a_day() {
    let shop = TestShop::new().await;
    let login = request(LOGIN, 1, &phone(1));
    for _ in 0..2 {
        for _ in 0..5 {
            issue(&shop, &shop.visitor(), &login).await.unwrap();
        }
        shop.clock.advance(HOUR);
    }
    let answer = issue(&shop, &shop.visitor(), &login).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 22 * 3600 });
    shop.clock.advance(22 * HOUR);
    issue(&shop, &shop.visitor(), &login).await.unwrap();
}

#[tokio::test]
async fn x56_a_notice_counts_and_is_omitted_at_the_limit() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    for _ in 0..8 {
        let issuer = shop.codes().issuer(&visitor);
        let told = shop.db.write(move |tx| {
            Box::pin(async move {
                let kind = domain::MessageKind::AccountExists;
                issuer.notify(tx, &domain::AccountId::from_bits(1), &phone(1), kind).await
            })
        });
        told.await.unwrap();
    }
    assert_eq!(shop.messages(&phone(1)).await.len(), 5);
}

#[tokio::test]
async fn x55_a_network_address_causes_at_most_twenty_sends_an_hour() {
    let shop = TestShop::new().await;
    let address = [192, 0, 2, 1].into();
    for account in 0..20 {
        let login = request(LOGIN, account.into(), &phone(account));
        issue(&shop, &shop.visitor_at(address), &login).await.unwrap();
    }
    let login = request(LOGIN, 20, &phone(20));
    let answer = issue(&shop, &shop.visitor_at(address), &login).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 3600 });
    issue(&shop, &shop.visitor(), &login).await.unwrap();
}

#[tokio::test]
async fn x57_a_network_address_reaches_three_new_countries_a_day() {
    let shop = TestShop::new().await;
    let address = [192, 0, 2, 1].into();
    let numbers = ["+447700900001", "+12125550101", "+4915123456789", "+5511961234567"];
    let [first, second, third, fourth] = numbers.map(number);
    for to in [&first, &second, &third, &first] {
        issue(&shop, &shop.visitor_at(address), &unverified(to)).await.unwrap();
    }
    let answer = issue(&shop, &shop.visitor_at(address), &unverified(&fourth)).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 24 * 3600 });
    issue(&shop, &shop.visitor_at(address), &request(LOGIN, 1, &fourth)).await.unwrap();
    issue(&shop, &shop.visitor(), &unverified(&fourth)).await.unwrap();
}

#[tokio::test]
async fn x58_one_dial_code_has_a_budget_whatever_the_address() {
    let shop = TestShop::with_policy(Policy::default()).await;
    for last in 1..=3 {
        issue(&shop, &shop.visitor(), &unverified(&phone(last))).await.unwrap();
    }
    let answer = issue(&shop, &shop.visitor(), &unverified(&phone(4))).await;
    assert!(matches!(refusal(answer), Refusal::TooMany { seconds: 3500..=3600 }));
    issue(&shop, &shop.visitor(), &unverified(&number("+12125550101"))).await.unwrap();
    issue(&shop, &shop.visitor(), &request(LOGIN, 1, &phone(4))).await.unwrap();
}

#[tokio::test]
async fn x58_a_verified_phone_refunds_its_sends() {
    let shop =
        TestShop::with_policy(Policy { prefix_sends_per_hour: 99, ..Policy::default() }).await;
    for last in 1..=10 {
        let visitor = shop.visitor();
        issue(&shop, &visitor, &unverified(&phone(last))).await.unwrap();
        shop.clock.advance(MINUTE);
        shop.codes().resend(&visitor, Purpose::Phone).await.unwrap();
        let code = shop.last_code(&phone(last)).await;
        verify(&shop, &visitor, Purpose::Phone, &code).await.unwrap();
    }
}

#[tokio::test]
async fn x58_a_country_with_many_customers_has_a_larger_budget() {
    let policy = Policy {
        dial_code_sends_per_hour: 3,
        dial_code_sends_per_day: 20,
        prefix_sends_per_hour: 999,
        ..Policy::default()
    };
    let shop = TestShop::with_policy(policy).await;
    for last in 1..=120 {
        let visitor = shop.visitor();
        issue(&shop, &visitor, &unverified(&phone(last))).await.unwrap();
        let code = shop.last_code(&phone(last)).await;
        verify(&shop, &visitor, Purpose::Phone, &code).await.unwrap();
    }
    // 120 a day, a sixth of it, a fifth of that: four an hour.
    for last in 201..=204 {
        issue(&shop, &shop.visitor(), &unverified(&phone(last))).await.unwrap();
    }
    let answer = issue(&shop, &shop.visitor(), &unverified(&phone(205))).await;
    assert!(matches!(refusal(answer), Refusal::TooMany { .. }));
}

#[tokio::test]
async fn x59_consecutive_numbers_share_a_budget() {
    let policy = Policy { prefix_sends_per_hour: 10, ..Policy::demo() };
    let shop = TestShop::with_policy(policy).await;
    for last in 1..=10 {
        issue(&shop, &shop.visitor(), &unverified(&phone(last))).await.unwrap();
    }
    let answer = issue(&shop, &shop.visitor(), &unverified(&phone(11))).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 3600 });
    issue(&shop, &shop.visitor(), &unverified(&number("+447400123456"))).await.unwrap();
}

#[tokio::test]
async fn x60_beyond_the_days_budget_only_known_phones_get_codes() {
    let shop = TestShop::with_policy(Policy { sends_per_day: 3, ..Policy::demo() }).await;
    for last in 1..=3 {
        issue(&shop, &shop.visitor(), &unverified(&phone(last))).await.unwrap();
    }
    let answer = issue(&shop, &shop.visitor(), &unverified(&phone(4))).await;
    assert!(matches!(refusal(answer), Refusal::TooMany { seconds: 80_000..=86_400 }));
    issue(&shop, &shop.visitor(), &request(LOGIN, 1, &phone(5))).await.unwrap();
}

#[tokio::test]
async fn x60_look_ups_of_invented_names_use_up_no_budget_of_the_day() {
    let shop = TestShop::with_policy(Policy { sends_per_day: 3, ..Policy::demo() }).await;
    for number in 1..=9 {
        let invented = CodeRequest {
            to: Recipient::Decoy { subject: format!("invented-{number}") },
            ..request(Purpose::OrderLookup, number, &phone(1))
        };
        issue(&shop, &shop.visitor(), &invented).await.unwrap();
    }
    issue(&shop, &shop.visitor(), &unverified(&phone(4))).await.unwrap();
}
