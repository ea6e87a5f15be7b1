//! How a message fares does not show where it would tell who exists.

use std::{sync::Arc, time::Duration};

use domain::{DeliveryStatus, MessageKind};
use shop::{Shop, SimulatedFault};
use whatsapp::{MessageProvider, RateLimits};

use super::support::{Door, assert_same, walk};
use crate::{
    delivery::support::{Scripted, undeliverable},
    people::Person,
    support::{TestShop, phone},
};

/// What may happen to a message on a phone.
const FATES: [fn(&TestShop); 4] = [
    |_| {},
    |test| test.phones.mark_read(&phone(1)),
    |test| test.phones.set_fault(None, SimulatedFault::Undeliverable),
    |test| test.phones.set_fault(None, SimulatedFault::Lost),
];

async fn doors(person: &Person) -> Vec<Door> {
    let resets = [&person.email, "nobody@example.com"].map(|it| Door::Reset(it.to_owned()));
    Door::logins(person).into_iter().chain(resets).collect()
}

#[tokio::test]
async fn x47_x50_reading_losing_and_failing_does_not_show_at_login_and_reset() {
    let mut all = Vec::new();
    for fate in FATES {
        for place in 0..5 {
            let test = TestShop::new().await;
            let person = Person::new(&test, 1).await;
            fate(&test);
            let door = doors(&person).await.swap_remove(place);
            all.push((format!("{door:?}"), walk(&test, &test, &door, fate).await));
        }
    }
    let (logins, resets): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(door, _)| door.starts_with("Login"));
    assert_same(&logins);
    assert_same(&resets);
}

#[tokio::test]
async fn x47_x50_a_courier_that_takes_its_time_does_not_show_at_login_and_reset() {
    let providers: [fn() -> Arc<dyn MessageProvider>; 2] = [
        || {
            Arc::new(Scripted::new("slow").with_rate_limits(RateLimits {
                per_person: Duration::from_secs(6),
                ..RateLimits::UNLIMITED
            }))
        },
        || Arc::new(Scripted::answering("failing", &[undeliverable()])),
    ];
    for provider in providers {
        let mut all = Vec::new();
        for place in 0..5 {
            let test = TestShop::new().await;
            let person = Person::new(&test, 1).await;
            let shop: Shop = test.with_courier(provider());
            let door = doors(&person).await.swap_remove(place);
            door.ask(&shop, &test.visitor()).await.unwrap();
            shop.delivery().run_due().await;
            all.push((format!("{door:?}"), walk(&test, &shop, &door, |_| {}).await));
        }
        let (logins, resets): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(door, _)| door.starts_with("Login"));
        assert_same(&logins);
        assert_same(&resets);
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
            let door = Door::Register { number };
            let both = |test: &TestShop| {
                for number in [1, 2] {
                    test.phones.mark_read(&phone(number));
                }
            };
            let is_read = fate as usize == FATES[1] as usize;
            let mut seen = walk(&test, &test, &door, if is_read { both } else { fate }).await;
            for line in &mut seen.lines {
                *line = line.replace(&phone(number).masked(), "••• ••• ••");
            }
            let shows = |word: &str| seen.lines.iter().any(|line| line.contains(word));
            assert!(!is_read || shows("Read"), "the truth is shown");
            let notes = owner.count(&test, MessageKind::AccountExists).await;
            assert!(number == 2 || notes > 0 || !shows("Delivered"));
            all.push((format!("{door:?}"), seen));
        }
        assert_same(&all);
    }
}

#[tokio::test]
async fn x49_a_taken_phone_that_has_had_enough_is_left_in_peace() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await;
    super::support::ask_often(&test, &Door::Reset(owner.email.clone()), 5).await;
    let visitor = test.visitor();
    Door::Register { number: 1 }.ask(&test, &visitor).await.unwrap();
    for _ in 0..9 {
        test.wait(Duration::from_secs(1)).await;
    }
    assert_eq!(owner.count(&test, MessageKind::AccountExists).await, 0);
    let view = test.codes().status(&visitor, domain::Purpose::Phone).await.unwrap().unwrap();
    assert_eq!(view.delivery, DeliveryStatus::Delivered);
}
