//! What one browser does does not show in another.

use domain::{Problem, Refusal};

use super::support::{Door, WRONG, codes};
use crate::{
    people::{PASSWORD, Person, form, left, refusal, wrong},
    support::{TestShop, phone},
};

#[tokio::test]
async fn x50_asking_in_a_second_browser_does_not_show_in_the_first() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let mut all = Vec::new();
    for door in Door::logins(&person) {
        let (first, second) = (test.visitor(), test.visitor());
        door.ask(&test, &first).await.unwrap();
        door.ask(&test, &second).await.unwrap();
        let mut seen = Vec::new();
        for visitor in [&first, &second] {
            let view = test.codes().status(visitor, door.purpose()).await.unwrap().unwrap();
            assert!(view.is_live);
            seen.push(format!("{view:?}"));
            seen.push(format!("{:?}", door.answer(&test, visitor, "000000").await));
        }
        all.push(seen);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
    assert_eq!(codes(&test, &person).await, 1, "the replaced code is not even sent");
}

#[tokio::test]
async fn x21_the_code_that_was_replaced_opens_nothing() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (first, second) = (test.visitor(), test.visitor());
    person.knock(&test, &first).await.unwrap();
    let older = test.last_code(&person.phone).await;
    person.knock(&test, &second).await.unwrap();
    let newer = test.last_code(&person.phone).await;
    for code in [&older, &newer] {
        assert!(test.sign_in().verify(&first, code, false).await.is_err());
    }
    assert_eq!(refusal(test.sign_in().verify(&second, &wrong(&newer), false).await), left(4));
    assert!(test.sign_in().verify(&second, &newer, false).await.is_ok());
}

#[tokio::test]
async fn x96_a_new_password_ends_the_codes_of_before_and_does_not_show() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let owner = person.signed_in(&test).await;
    let mut answers = Vec::new();
    let visitors = [test.visitor(), test.visitor()];
    for (visitor, password) in visitors.iter().zip([PASSWORD, WRONG]) {
        Door::login(&person.email, password).ask(&test, visitor).await.unwrap();
    }
    let code = test.last_code(&person.phone).await;
    let new = "a fresh kettle of fish";
    test.account().change_password(&owner, PASSWORD.into(), new.into()).await.unwrap();
    for visitor in &visitors {
        assert!(
            test.codes().status(visitor, domain::Purpose::Login).await.unwrap().unwrap().is_live
        );
        answers.push(refusal(test.sign_in().verify(visitor, &code, false).await));
    }
    assert_eq!(answers, [left(4), left(4)]);
}

#[tokio::test]
async fn x52_no_digit_of_a_number_is_shown_to_whoever_did_not_type_it() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let resets = ["person1@example.com", "nobody@example.com"].map(|it| Door::Reset(it.into()));
    for door in Door::logins(&person).iter().chain(&resets) {
        let visitor = test.visitor();
        door.ask(&test, &visitor).await.unwrap();
        let view = test.codes().status(&visitor, door.purpose()).await.unwrap().unwrap();
        assert_eq!(view.masked_phone, "••• ••• ••", "{door:?}");
    }
}

#[tokio::test]
async fn x49_that_an_address_has_an_account_is_said_to_whoever_has_proved_a_phone() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await;
    let visitor = test.visitor();
    let taken = shop::RegistrationForm { email: owner.email.clone(), ..form(2) };
    test.registration().begin(&visitor, taken).await.unwrap();
    let code = test.last_code(&phone(2)).await;
    assert_eq!(refusal(test.registration().verify(&visitor, &wrong(&code)).await), left(4));
    let answer = refusal(test.registration().verify(&visitor, &code).await);
    assert_eq!(answer, Refusal::Invalid(vec![Problem::EmailTaken]));
    assert!(owner.knock(&test, &test.visitor()).await.is_ok(), "and nothing has changed");
}
