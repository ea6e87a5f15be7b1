//! The limits of a phone hold, and show to nobody but its owner.

use std::time::Duration;

use domain::{MessageKind, Purpose, Refusal};
use shop::codes::Policy;

use super::support::{Door, WRONG, ask_often, assert_same, codes, fail_five_times, walk};
use crate::{
    people::{PASSWORD, Person, refusal},
    support::{TestShop, phone},
};

const HOUR: Duration = Duration::from_secs(3600);

/// A shop with one person, after five resets of that person's.
async fn exhausted() -> (TestShop, Person) {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    ask_often(&test, &Door::Reset(person.email.clone()), 5).await;
    (test, person)
}

#[tokio::test]
async fn x48_x50_after_five_resets_a_right_password_is_answered_like_a_wrong_one() {
    let mut all = Vec::new();
    for place in 0..3 {
        let (test, person) = exhausted().await;
        let door = Door::logins(&person)[place].clone();
        all.push((format!("{door:?}"), walk(&test, &test, &door, |_| {}).await));
        assert_eq!(codes(&test, &person).await, 5, "X-56: and the phone has had its five");
    }
    assert_same(&all);
}

#[tokio::test]
async fn x48_after_five_resets_by_address_the_number_is_answered_like_an_unknown_one() {
    let mut all = Vec::new();
    for number in [1, 2] {
        let (test, person) = exhausted().await;
        let door = Door::Reset(phone(number).expose().to_owned());
        let mut seen = walk(&test, &test, &door, |_| {}).await;
        for line in &mut seen.lines {
            *line = line.replace(&phone(number).masked(), "••• ••• ••");
        }
        all.push((format!("{number}"), seen));
        assert_eq!(codes(&test, &person).await, 5);
    }
    assert_same(&all);
}

#[tokio::test]
async fn x48_x49_registering_often_with_a_taken_phone_shows_at_no_other_door() {
    for doors in [
        [Door::Reset(phone(1).expose().into()), Door::Reset(phone(2).expose().into())],
        [Door::Reset("person1@example.com".into()), Door::Reset("person2@example.com".into())],
        [
            Door::login("person1@example.com", PASSWORD),
            Door::login("person2@example.com", PASSWORD),
        ],
        [Door::Register { number: 1 }, Door::Register { number: 2 }],
    ] {
        let mut all = Vec::new();
        for (number, door) in (1..).zip(doors) {
            let test = TestShop::new().await;
            Person::new(&test, 1).await;
            ask_often(&test, &Door::Register { number }, 5).await;
            let mut seen = walk(&test, &test, &door, |_| {}).await;
            for line in &mut seen.lines {
                *line = line.replace(&phone(number).masked(), "••• ••• ••");
            }
            all.push((format!("{door:?}"), seen));
        }
        assert_same(&all);
    }
}

#[tokio::test]
async fn x48_x50_while_codes_wait_a_right_password_is_answered_like_a_wrong_one() {
    let mut all = Vec::new();
    for place in 0..3 {
        let test = TestShop::new().await;
        let person = Person::new(&test, 1).await;
        fail_five_times(&test, &person).await;
        let door = Door::logins(&person)[place].clone();
        all.push((format!("{door:?}"), walk(&test, &test, &door, |_| {}).await));
        assert_eq!(codes(&test, &person).await, 1, "X-03: the wait holds");
    }
    assert_same(&all);
}

#[tokio::test]
async fn x48_a_wait_that_begins_elsewhere_makes_the_right_code_wrong_and_says_no_more() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (owner, stranger) = (test.visitor(), test.visitor());
    person.knock(&test, &owner).await.unwrap();
    let code = test.last_code(&person.phone).await;
    Door::login(&person.email, WRONG).ask(&test, &stranger).await.unwrap();
    let reset = test.visitor();
    let door = Door::Reset(person.email.clone());
    door.ask(&test, &reset).await.unwrap();
    for _ in 0..5 {
        refusal(door.answer(&test, &reset, "000000").await);
    }
    let answer = refusal(test.sign_in().verify(&owner, &code, false).await);
    assert_eq!(answer, Refusal::WrongOrExpired { left: 4 });
    assert_eq!(answer, refusal(test.sign_in().verify(&stranger, &code, false).await));

    test.clock.advance(Duration::from_secs(15 * 60));
    assert!(person.knock(&test, &owner).await.is_ok());
    let code = test.last_code(&person.phone).await;
    assert!(test.sign_in().verify(&owner, &code, false).await.is_ok(), "after the wait");
}

#[tokio::test]
async fn x48_codes_that_are_switched_off_show_to_nobody_but_the_owner() {
    let policy = || Policy { failures_before_disabling: 5, ..Policy::demo() };
    let mut all = Vec::new();
    for place in 0..3 {
        let test = TestShop::with_policy(policy()).await;
        let person = Person::new(&test, 1).await;
        let owner = person.signed_in(&test).await;
        fail_five_times(&test, &person).await;
        test.clock.advance(HOUR);
        let told = test.account().begin_step_up(&owner, PASSWORD.into()).await;
        let is_told = matches!(told, Err(shop::Error::Refused(Refusal::SignInNeeded)));
        assert!(is_told || refusal(told) == Refusal::PhoneDisabled, "idle, or told the truth");
        let door = Door::logins(&person)[place].clone();
        all.push((format!("{door:?}"), walk(&test, &test, &door, |_| {}).await));
        assert_eq!(codes(&test, &person).await, 2, "and none since");
    }
    assert_same(&all);
}

#[tokio::test]
async fn s_r06_whoever_is_signed_in_is_told_why_no_code_comes() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let owner = person.signed_in(&test).await;
    fail_five_times(&test, &person).await;
    let told = refusal(test.account().begin_step_up(&owner, PASSWORD.into()).await);
    assert_eq!(told, Refusal::TooMany { seconds: 900 });
}

#[tokio::test]
async fn x50_the_place_of_a_right_password_among_wrong_ones_does_not_show() {
    let mut all = Vec::new();
    for guess in [PASSWORD, WRONG] {
        let test = TestShop::new().await;
        let person = Person::new(&test, 1).await;
        let (visitor, mut answers) = (test.visitor(), Vec::new());
        for attempt in 0..12 {
            let other = format!("another horse battery {attempt}");
            let password = if attempt == 4 { guess.to_owned() } else { other };
            let begun = test.sign_in().begin(&visitor, &person.email, password, None).await;
            answers.push(format!("{begun:?}"));
        }
        all.push(answers);
    }
    assert_eq!(all[0], all[1]);
}

#[tokio::test]
async fn x50_what_the_owner_typed_does_not_show_in_another_browser() {
    let mut all = Vec::new();
    for guess in [PASSWORD, WRONG] {
        let test = TestShop::new().await;
        let person = Person::new(&test, 1).await;
        let owner = test.visitor();
        for _ in 0..4 {
            person.knock(&test, &owner).await.unwrap();
        }
        let door = Door::login(&person.email, guess);
        all.push((guess.to_owned(), walk(&test, &test, &door, |_| {}).await));
    }
    assert_same(&all);
}

#[tokio::test]
async fn x56_a_phone_gets_five_messages_an_hour_whatever_strangers_do() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for _ in 0..3 {
        let others = [Door::Reset(person.email.clone()), Door::Register { number: 1 }];
        for door in Door::logins(&person).iter().chain(&others) {
            ask_often(&test, door, 1).await;
        }
    }
    assert_eq!(test.messages(&person.phone).await.len(), 5);
    test.clock.advance(HOUR);
    let visitor = test.visitor();
    person.knock(&test, &visitor).await.unwrap();
    assert_eq!(test.messages(&person.phone).await.len(), 6, "what was not sent did not count");
    let kinds = [MessageKind::Code(Purpose::Login), MessageKind::AccountExists];
    for kind in kinds {
        assert!(person.count(&test, kind).await > 0);
    }
}

#[tokio::test]
async fn x09_whoever_uses_up_the_limits_of_a_phone_does_not_end_the_code_its_owner_has() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let owner = test.visitor();
    let door = Door::Reset(person.email.clone());
    ask_often(&test, &Door::Reset(person.phone.expose().into()), 4).await;
    door.ask(&test, &owner).await.unwrap();
    let code = test.last_code(&person.phone).await;
    ask_often(&test, &door, 4).await;
    door.answer(&test, &owner, &code).await.unwrap();
}
