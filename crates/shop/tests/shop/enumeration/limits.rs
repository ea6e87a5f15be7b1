//! The limits of a phone hold, and show only to a visitor who has proved who they are.

use std::time::Duration;

use domain::{MessageKind, Purpose, Refusal};
use shop::codes::Policy;

use super::support::{EntryPoint, WRONG, ask_often, assert_same, codes, fail_five_times, walk};
use crate::{
    people::{PASSWORD, Person, refusal},
    support::{TestShop, phone},
};

const HOUR: Duration = Duration::from_secs(3600);

/// A shop with one person, whose phone got all the messages of an hour.
async fn exhausted() -> (TestShop, Person) {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    ask_often(&test, &EntryPoint::login(&person.email, PASSWORD), 5).await;
    (test, person)
}

#[tokio::test]
async fn x48_after_five_messages_only_the_right_password_sees_the_limit() {
    let (test, person) = exhausted().await;
    let tries = [
        (&*person.email, PASSWORD, Refusal::TooMany { seconds: 3600 }),
        (&*person.email, WRONG, Refusal::WrongCredentials),
        ("nobody@example.com", PASSWORD, Refusal::WrongCredentials),
    ];
    for (email, password, expected) in tries {
        let begun = EntryPoint::login(email, password).ask(&test, &test.visitor()).await;
        assert_eq!(refusal(begun), expected, "{email} {password}");
    }
    assert_eq!(codes(&test, &person).await, 5, "X-56: and the phone gets no sixth");
    test.clock.advance(HOUR);
    assert!(person.enter_password(&test, &test.visitor()).await.is_ok());
}

#[tokio::test]
async fn x48_after_five_messages_a_known_number_looks_unknown() {
    let mut all = Vec::new();
    for number in [1, 2] {
        let (test, person) = exhausted().await;
        let entry_point = EntryPoint::Reset(phone(number).expose().to_owned());
        let mut seen = walk(&test, &test, &entry_point, |_| {}).await;
        for line in &mut seen.lines {
            *line = line.replace(&phone(number).masked(), "••• ••• ••");
        }
        all.push((format!("{number}"), seen));
        assert_eq!(codes(&test, &person).await, 5);
    }
    assert_same(&all);
}

#[tokio::test]
async fn x48_x49_registering_a_taken_phone_shows_at_no_other_entry_point() {
    for entry_points in [
        [EntryPoint::Reset(phone(1).expose().into()), EntryPoint::Reset(phone(2).expose().into())],
        [
            EntryPoint::Reset("person1@example.com".into()),
            EntryPoint::Reset("person2@example.com".into()),
        ],
        [
            EntryPoint::login("person1@example.com", WRONG),
            EntryPoint::login("person2@example.com", WRONG),
        ],
        [EntryPoint::Register { number: 1 }, EntryPoint::Register { number: 2 }],
    ] {
        let mut all = Vec::new();
        for (number, entry_point) in (1..).zip(entry_points) {
            let test = TestShop::new().await;
            Person::new(&test, 1).await;
            ask_often(&test, &EntryPoint::Register { number }, 5).await;
            let mut seen = walk(&test, &test, &entry_point, |_| {}).await;
            for line in &mut seen.lines {
                *line = line.replace(&phone(number).masked(), "••• ••• ••");
            }
            all.push((format!("{entry_point:?}"), seen));
        }
        assert_same(&all);
    }
}

#[tokio::test]
async fn x03_during_a_wait_only_the_right_password_is_refused_with_it() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    fail_five_times(&test, &person).await;
    let refused = refusal(person.enter_password(&test, &test.visitor()).await);
    assert_eq!(refused, Refusal::TooMany { seconds: 900 });
    let wrong = EntryPoint::login(&person.email, WRONG).ask(&test, &test.visitor()).await;
    assert_eq!(refusal(wrong), Refusal::WrongCredentials);
    assert_eq!(codes(&test, &person).await, 1, "the wait holds");
    test.clock.advance(Duration::from_secs(15 * 60));
    person.signed_in(&test).await;
}

#[tokio::test]
async fn s_r06_disabled_codes_are_shown_after_the_right_password_only() {
    let policy = Policy { failures_before_disabling: 5, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let person = Person::new(&test, 1).await;
    fail_five_times(&test, &person).await;
    test.clock.advance(HOUR);
    let refused = refusal(person.enter_password(&test, &test.visitor()).await);
    assert_eq!(refused, Refusal::PhoneDisabled);
    let wrong = EntryPoint::login(&person.email, WRONG).ask(&test, &test.visitor()).await;
    assert_eq!(refusal(wrong), Refusal::WrongCredentials);
    let entry_points =
        [&*person.email, "nobody@example.com"].map(|it| EntryPoint::Reset(it.into()));
    let mut all = Vec::new();
    for entry_point in entry_points {
        let seen = walk(&test, &test, &entry_point, |_| {}).await;
        all.push((format!("{entry_point:?}"), seen));
    }
    assert_same(&all);
    let login = MessageKind::Code(Purpose::Login);
    assert_eq!(person.count(&test, login).await, 1, "and no code of a sign-in since");
}

#[tokio::test]
async fn s_r06_a_signed_in_visitor_sees_why_no_code_is_sent() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let owner = person.signed_in(&test).await;
    fail_five_times(&test, &person).await;
    let told = refusal(test.account().begin_step_up(&owner, PASSWORD.into()).await);
    assert_eq!(told, Refusal::TooMany { seconds: 900 });
}

#[tokio::test]
async fn x56_a_phone_gets_five_codes_an_hour_over_all_entry_points() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let entry_points = [
        EntryPoint::Register { number: 1 },
        EntryPoint::login(&person.email, PASSWORD),
        EntryPoint::Reset(person.email.clone()),
    ];
    for round in 0..5 {
        for entry_point in &entry_points {
            let asked = entry_point.ask(&test, &test.visitor()).await;
            let is_told = match entry_point {
                EntryPoint::Login { .. } => round == 4,
                EntryPoint::Reset(_) => round >= 3,
                _ => false,
            };
            assert_eq!(asked.is_err(), is_told, "{round} {entry_point:?}");
            test.run_outbox().await;
        }
    }
    let expected = [(Purpose::Login, 4), (Purpose::Reset, 1), (Purpose::Phone, 0)];
    for (purpose, expected) in expected {
        assert_eq!(person.count(&test, MessageKind::Code(purpose)).await, expected, "{purpose:?}");
    }
    assert_eq!(person.count(&test, MessageKind::AccountExists).await, 5, "these count apart");
    test.clock.advance(HOUR);
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    assert_eq!(codes(&test, &person).await, 6, "what was not sent did not count");
}
