//! Asking twice, and asking in two browsers.

use std::time::Duration;

use domain::{MessageKind, Purpose, Refusal};
use shop::RegistrationForm;

use crate::{
    people::{PASSWORD, Person, again, count, form, left, refusal, wrong},
    support::{TestShop, phone},
};

const MINUTE: Duration = Duration::from_secs(60);
const OTHER_PASSWORD: &str = "another horse battery";

/// How many codes of a purpose are on a phone.
async fn codes(test: &TestShop, number: u32, purpose: Purpose) -> usize {
    count(test, &phone(number), MessageKind::Code(purpose)).await
}

#[tokio::test]
async fn codes_of_two_browsers_of_one_person_both_work() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (a, b) = (test.visitor(), test.visitor());
    person.enter_password(&test, &a).await.unwrap();
    let code_a = test.last_code(&person.phone).await;
    person.enter_password(&test, &b).await.unwrap();
    let code_b = test.last_code(&person.phone).await;
    assert!(test.sign_in().verify(&a, &code_a, false).await.is_ok());
    assert!(test.sign_in().verify(&b, &code_b, false).await.is_ok());
}

#[tokio::test]
async fn a_code_works_after_another_browser_asked_and_it_asked_again_itself() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (a, b) = (test.visitor(), test.visitor());
    for visitor in [&a, &b] {
        person.enter_password(&test, visitor).await.unwrap();
        test.run_outbox().await;
    }
    let code_b = test.last_code(&person.phone).await;
    assert_eq!(refusal(test.sign_in().verify(&a, &code_b, false).await), left(4), "not A's");
    test.clock.advance(MINUTE);
    test.codes().resend(&a, Purpose::Login).await.unwrap();
    let code_a = test.last_code(&person.phone).await;
    assert!(test.sign_in().verify(&a, &code_a, false).await.is_ok());
    assert!(test.sign_in().verify(&b, &code_b, false).await.is_ok());
}

#[tokio::test]
async fn wrong_codes_in_one_browser_leave_the_other_its_attempts() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (a, b) = (test.visitor(), test.visitor());
    for visitor in [&a, &b] {
        person.enter_password(&test, visitor).await.unwrap();
        test.run_outbox().await;
    }
    let code_b = test.last_code(&person.phone).await;
    for attempts_left in [4, 3] {
        let answer = test.sign_in().verify(&a, &wrong(&code_b), false).await;
        assert_eq!(refusal(answer), left(attempts_left));
    }
    let view = test.codes().status(&b, Purpose::Login).await.unwrap().unwrap();
    assert_eq!((view.attempts_left, view.is_live()), (5, true));
    assert!(test.sign_in().verify(&b, &code_b, false).await.is_ok());
}

#[tokio::test]
async fn a_step_up_in_one_browser_leaves_that_of_another_alone() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (a, b) = (person.signed_in(&test).await, person.signed_in(&test).await);
    test.account().begin_step_up(&a, PASSWORD.into()).await.unwrap();
    let code_a = test.last_code(&person.phone).await;
    test.account().begin_step_up(&b, PASSWORD.into()).await.unwrap();
    test.account().verify_step_up(&a, &code_a).await.unwrap();
    assert!(again(&test, &a).await.unwrap().signed_in.unwrap().stepped_up_at.is_some());
}

#[tokio::test]
async fn a_new_password_ends_the_codes_of_all_browsers() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let owner = person.signed_in(&test).await;
    let (a, b) = (test.visitor(), test.visitor());
    for visitor in [&a, &b] {
        person.enter_password(&test, visitor).await.unwrap();
    }
    test.account().change_password(&owner, PASSWORD.into(), OTHER_PASSWORD.into()).await.unwrap();
    for visitor in [&a, &b] {
        assert_eq!(refusal(test.sign_in().verify(visitor, "000000", false).await), left(0));
    }
}

/// When the form is posted again, in seconds after it was posted first, and how many codes are
/// on the phone then.
const AGAIN: [(u64, usize); 5] = [(0, 1), (1, 1), (30, 1), (59, 1), (60, 2)];

#[tokio::test]
async fn a_sign_in_posted_again_within_a_minute_sends_no_second_code() {
    for (seconds, expected) in AGAIN {
        let test = TestShop::new().await;
        let person = Person::new(&test, 1).await;
        let visitor = test.visitor();
        person.enter_password(&test, &visitor).await.unwrap();
        test.run_outbox().await;
        test.clock.advance(Duration::from_secs(seconds));
        person.enter_password(&test, &visitor).await.unwrap();
        assert_eq!(codes(&test, 1, Purpose::Login).await, expected, "{seconds} s");
        let code = test.last_code(&person.phone).await;
        assert!(test.sign_in().verify(&visitor, &code, false).await.is_ok(), "{seconds} s");
    }
}

#[tokio::test]
async fn a_reset_posted_again_within_a_minute_sends_no_second_code() {
    for (seconds, expected) in AGAIN {
        let test = TestShop::new().await;
        let person = Person::new(&test, 1).await;
        let visitor = test.visitor();
        test.reset().begin(&visitor, &person.email).await.unwrap();
        test.run_outbox().await;
        test.clock.advance(Duration::from_secs(seconds));
        test.reset().begin(&visitor, " PERSON1@example.com ").await.unwrap();
        assert_eq!(codes(&test, 1, Purpose::Reset).await, expected, "{seconds} s");
        let code = test.last_code(&person.phone).await;
        test.reset().verify(&visitor, &code).await.unwrap();
    }
}

#[tokio::test]
async fn a_registration_posted_again_within_a_minute_sends_no_second_code() {
    for (seconds, expected) in AGAIN {
        let test = TestShop::new().await;
        let visitor = test.visitor();
        test.registration().begin(&visitor, form(1)).await.unwrap();
        test.run_outbox().await;
        test.clock.advance(Duration::from_secs(seconds));
        let corrected = RegistrationForm { name: "Robin".into(), ..form(1) };
        let corrected = RegistrationForm { password: OTHER_PASSWORD.into(), ..corrected };
        test.registration().begin(&visitor, corrected).await.unwrap();
        assert_eq!(codes(&test, 1, Purpose::Phone).await, expected, "{seconds} s");
        let code = test.last_code(&phone(1)).await;
        test.registration().verify(&visitor, &code).await.unwrap();
        let email = "person1@example.com";
        let step = test.sign_in().begin(&test.visitor(), email, OTHER_PASSWORD.into(), None).await;
        assert!(step.is_ok(), "the form that was posted last counts, after {seconds} s");
    }
}

#[tokio::test]
async fn a_registration_with_other_contacts_is_another_one() {
    for (changed, number) in [
        (RegistrationForm { email: "robin@example.com".into(), ..form(1) }, 1),
        (RegistrationForm { phone: phone(2).expose().into(), ..form(1) }, 2),
    ] {
        let test = TestShop::new().await;
        let visitor = test.visitor();
        test.registration().begin(&visitor, form(1)).await.unwrap();
        let older = test.last_code(&phone(1)).await;
        test.registration().begin(&visitor, changed).await.unwrap();
        let newer = test.last_code(&phone(number)).await;
        assert_eq!(refusal(test.registration().verify(&visitor, &older).await), left(4));
        test.registration().verify(&visitor, &newer).await.unwrap();
    }
}

#[tokio::test]
async fn a_taken_phone_posted_twice_gets_one_note() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = test.visitor();
    for _ in 0..2 {
        test.registration().begin(&visitor, form(1)).await.unwrap();
    }
    assert_eq!(person.count(&test, MessageKind::AccountExists).await, 1);
}

#[tokio::test]
async fn two_accounts_in_one_browser_get_a_code_each() {
    let test = TestShop::new().await;
    let people = [Person::new(&test, 1).await, Person::new(&test, 2).await];
    let visitor = test.visitor();
    for person in &people {
        person.enter_password(&test, &visitor).await.unwrap();
        test.run_outbox().await;
    }
    let [first, second] = [test.last_code(&phone(1)).await, test.last_code(&phone(2)).await];
    assert_eq!(refusal(test.sign_in().verify(&visitor, &first, false).await), left(4));
    assert!(test.sign_in().verify(&visitor, &second, false).await.is_ok());
}

#[tokio::test]
async fn a_code_that_ended_is_followed_by_a_new_one_at_once() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    let code = test.last_code(&person.phone).await;
    test.sign_in().verify(&visitor, &code, false).await.unwrap();
    person.enter_password(&test, &visitor).await.unwrap();
    assert_eq!(codes(&test, 1, Purpose::Login).await, 2, "after the code was used");
    let code = test.last_code(&person.phone).await;
    for _ in 0..5 {
        refusal(test.sign_in().verify(&visitor, &wrong(&code), false).await);
    }
    let told = refusal(person.enter_password(&test, &visitor).await);
    assert_eq!(told, Refusal::TooMany { seconds: 900 }, "the attempts are used up");
}
