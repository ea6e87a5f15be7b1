//! What one browser does must not tell another browser whether an account exists.

use domain::{Problem, Purpose, Refusal};

use super::support::{EntryPoint, codes};
use crate::{
    people::{PASSWORD, Person, form, left, refusal, wrong},
    support::{TestShop, phone, visible},
};

#[tokio::test]
async fn x47_a_reset_in_a_second_browser_does_not_show_in_the_first() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let mut all = Vec::new();
    for email in [person.email.as_str(), "nobody@example.com"] {
        let entry_point = EntryPoint::Reset(email.to_owned());
        let (first, second) = (test.visitor(), test.visitor());
        entry_point.ask(&test, &first).await.unwrap();
        entry_point.ask(&test, &second).await.unwrap();
        let mut seen = Vec::new();
        for visitor in [&first, &second] {
            let view = visible(
                test.codes().status(visitor, entry_point.purpose()).await.unwrap().unwrap(),
            );
            assert!(view.is_live());
            seen.push(format!("{view:?}"));
            seen.push(format!("{:?}", entry_point.answer(&test, visitor, "000000").await));
        }
        all.push(seen);
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(codes(&test, &person).await, 2, "and neither code ends the other");
}

#[tokio::test]
async fn x96_a_new_password_ends_older_codes_and_does_not_show_at_a_reset() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let owner = person.signed_in(&test).await;
    let sign_in = test.visitor();
    person.enter_password(&test, &sign_in).await.unwrap();
    let resets = [test.visitor(), test.visitor()];
    for (visitor, email) in resets.iter().zip([person.email.as_str(), "nobody@example.com"]) {
        test.reset().begin(visitor, email).await.unwrap();
    }
    let code = test.last_code(&person.phone).await;
    let new = "a fresh kettle of fish";
    test.account().change_password(&owner, PASSWORD.into(), new.into()).await.unwrap();
    for visitor in &resets {
        let view = test.codes().status(visitor, Purpose::Reset).await.unwrap().unwrap();
        assert!(view.is_live());
        assert_eq!(refusal(test.reset().verify(visitor, &code).await), left(4));
    }
    assert_eq!(refusal(test.sign_in().verify(&sign_in, &code, false).await), left(0));
}

#[tokio::test]
async fn x52_digits_of_a_number_show_only_after_the_right_password() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let unknown = ["person1@example.com", "nobody@example.com"];
    let resets = unknown.map(|email| EntryPoint::Reset(email.into()));
    let sign_in = EntryPoint::login(&person.email, PASSWORD);
    let masked = person.phone.masked();
    for (entry_point, expected) in
        resets.iter().map(|it| (it, "••• ••• ••")).chain([(&sign_in, &*masked)])
    {
        let visitor = test.visitor();
        entry_point.ask(&test, &visitor).await.unwrap();
        let view = test.codes().status(&visitor, entry_point.purpose()).await.unwrap().unwrap();
        assert_eq!(view.masked_phone, expected, "{entry_point:?}");
    }
}

#[tokio::test]
async fn x49_a_taken_address_is_reported_only_after_a_phone_was_proved() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await;
    let visitor = test.visitor();
    let taken = shop::RegistrationForm { email: owner.email.clone(), ..form(2) };
    test.registration().begin(&visitor, taken).await.unwrap();
    let code = test.last_code(&phone(2)).await;
    assert_eq!(refusal(test.registration().verify(&visitor, &wrong(&code)).await), left(4));
    let answer = refusal(test.registration().verify(&visitor, &code).await);
    assert_eq!(answer, Refusal::Invalid(vec![Problem::EmailTaken]));
    assert!(owner.enter_password(&test, &test.visitor()).await.is_ok(), "and nothing has changed");
}
