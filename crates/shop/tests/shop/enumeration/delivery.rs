//! The delivery of a message does not show where it would tell whether an account exists.

use std::{sync::Arc, time::Duration};

use domain::{DeliveryStatus, MessageKind};
use shop::{Shop, SimulatedFault};
use whatsapp::{MessageProvider, RateLimits};

use super::support::{EntryPoint, assert_same, walk};
use crate::{
    delivery::support::{Scripted, undeliverable},
    people::Person,
    support::{TestShop, phone},
};

/// What happens to a message at its phone.
const FATES: [fn(&TestShop); 4] = [
    |_| {},
    |test| test.phones.mark_read(&phone(1)),
    |test| test.phones.set_fault(None, SimulatedFault::Undeliverable),
    |test| test.phones.set_fault(None, SimulatedFault::Lost),
];

/// A password reset for an account, and one for an address without an account.
fn resets(person: &Person) -> [EntryPoint; 2] {
    [&person.email, "nobody@example.com"].map(|it| EntryPoint::Reset(it.to_owned()))
}

#[tokio::test]
async fn x47_the_delivery_status_does_not_show_at_a_reset() {
    let mut all = Vec::new();
    for fate in FATES {
        for place in 0..2 {
            let test = TestShop::new().await;
            let person = Person::new(&test, 1).await;
            fate(&test);
            let entry_point = resets(&person)[place].clone();
            let seen = walk(&test, &test, &entry_point, fate).await;
            all.push((format!("{entry_point:?}"), seen));
        }
    }
    assert_same(&all);
}

#[tokio::test]
async fn x47_a_slow_or_failing_provider_does_not_show_at_a_reset() {
    let providers: [fn() -> Arc<dyn MessageProvider>; 2] = [
        || {
            Arc::new(Scripted::new("slow").with_rate_limits(RateLimits {
                per_person: Duration::from_secs(6),
                ..RateLimits::UNLIMITED
            }))
        },
        || Arc::new(Scripted::with_answers("failing", &[undeliverable()])),
    ];
    for provider in providers {
        let mut all = Vec::new();
        for place in 0..2 {
            let test = TestShop::new().await;
            let person = Person::new(&test, 1).await;
            let shop: Shop = test.with_provider(provider());
            let entry_point = resets(&person)[place].clone();
            entry_point.ask(&shop, &test.visitor()).await.unwrap();
            shop.delivery().run_due().await;
            let seen = walk(&test, &shop, &entry_point, |_| {}).await;
            all.push((format!("{entry_point:?}"), seen));
        }
        assert_same(&all);
    }
}

#[tokio::test]
async fn x49_the_page_of_a_registration_follows_a_real_message_taken_or_free() {
    for fate in FATES {
        let mut all = Vec::new();
        for number in [1, 2] {
            let test = TestShop::new().await;
            let owner = Person::new(&test, 1).await;
            fate(&test);
            let entry_point = EntryPoint::Register { number };
            let both = |test: &TestShop| {
                for number in [1, 2] {
                    test.phones.mark_read(&phone(number));
                }
            };
            let is_read = fate as usize == FATES[1] as usize;
            let mut seen =
                walk(&test, &test, &entry_point, if is_read { both } else { fate }).await;
            for line in &mut seen.lines {
                *line = line.replace(&phone(number).masked(), "••• ••• ••");
            }
            let shows = |word: &str| seen.lines.iter().any(|line| line.contains(word));
            assert!(!is_read || shows("Read"), "the truth is shown");
            let notes = owner.count(&test, MessageKind::AccountExists).await;
            assert!(number == 2 || notes > 0 || !shows("Delivered"));
            all.push((format!("{entry_point:?}"), seen));
        }
        assert_same(&all);
    }
}

#[tokio::test]
async fn x49_a_taken_phone_at_its_limit_gets_no_notice_and_the_page_is_the_same() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await;
    for number in 10..15 {
        let entry_point = EntryPoint::RegisterWith { email: owner.email.clone(), number };
        super::support::ask_often(&test, &entry_point, 1).await;
    }
    let notices = owner.count(&test, MessageKind::AccountExists).await;
    let visitor = test.visitor();
    EntryPoint::Register { number: 1 }.ask(&test, &visitor).await.unwrap();
    for _ in 0..9 {
        test.wait(Duration::from_secs(1)).await;
    }
    assert_eq!(owner.count(&test, MessageKind::AccountExists).await, notices);
    let view = test.codes().status(&visitor, domain::Purpose::Phone).await.unwrap().unwrap();
    assert_eq!(view.delivery, DeliveryStatus::Delivered);
}
