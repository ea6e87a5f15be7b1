//! Registration.

use std::time::Duration;

use domain::{Field, MessageKind, Problem, Purpose, Refusal};
use shop::{RegistrationForm, Visitor, codes::CodeView};

use crate::{
    people::{PASSWORD, Person, count, form, left, recorded, refusal, signed_in, wrong},
    support::{TestShop, phone, visible},
};

async fn view(test: &TestShop, visitor: &Visitor) -> CodeView {
    visible(test.codes().status(visitor, Purpose::Phone).await.unwrap().unwrap())
}

#[tokio::test]
async fn a_form_becomes_an_account_when_the_phone_is_proved() {
    let test = TestShop::new().await;
    let visitor = test.visitor();
    test.registration().begin(&visitor, form(1)).await.unwrap();
    let email = domain::EmailAddress::parse(&form(1).email).unwrap();
    let mut rows = test.db.read().await.unwrap();
    assert!(rows.accounts().find_by_email(&email).await.unwrap().is_none());
    drop(rows);

    let code = test.last_code(&phone(1)).await;
    assert_eq!(refusal(test.registration().verify(&visitor, &wrong(&code)).await), left(4));
    let sign_in = test.registration().verify(&visitor, &code).await.unwrap();
    let visitor = signed_in(&test, visitor, &sign_in).await.unwrap();
    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!((profile.name.as_str(), profile.email.as_str()), ("A Person", email.as_str()));
    assert_eq!(profile.masked_phone, phone(1).masked());
    assert_eq!(recorded(&test, "user_created").await, 1);
    assert_eq!(test.registration().verify(&visitor, &code).await.unwrap(), sign_in, "repeated");
    test.clock.advance(Duration::from_secs(30));
    assert_eq!(refusal(test.registration().verify(&visitor, &code).await), left(0));
}

#[tokio::test]
async fn every_problem_of_the_form_is_named_at_once() {
    let test = TestShop::new().await;
    let bad = RegistrationForm {
        name: " ".into(),
        email: "no address".into(),
        phone: "12".into(),
        password: "Q1W2E3R4T5Y6".into(),
    };
    let expected = vec![
        Problem::Line(Field::Name),
        Problem::EmailInvalid,
        Problem::PhoneWithoutCountryCode,
        Problem::PasswordCommon,
    ];
    let refused = refusal(test.registration().begin(&test.visitor(), bad).await);
    assert_eq!(refused, Refusal::Invalid(expected));
}

#[tokio::test]
async fn x42_a_password_too_long_is_refused_before_anything_is_hashed() {
    let test = TestShop::new().await;
    for characters in [129, 1 << 20] {
        let long = RegistrationForm { password: "a".repeat(characters), ..form(1) };
        let refused = refusal(test.registration().begin(&test.visitor(), long).await);
        assert_eq!(refused, Refusal::Invalid(vec![Problem::PasswordTooLong]));
    }
    assert_eq!(test.passwords().computed(), 0);
}

#[tokio::test]
async fn x49_a_taken_phone_or_address_looks_like_a_free_one() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await;
    let taken_phone = RegistrationForm { email: "new@example.com".into(), ..form(1) };
    let taken_email = RegistrationForm { phone: phone(11).expose().into(), ..form(1) };
    let mut seen = Vec::new();
    for form in [form(21), taken_phone, taken_email] {
        let visitor = test.visitor();
        let before = test.passwords().computed();
        test.registration().begin(&visitor, form).await.unwrap();
        assert_eq!(test.passwords().computed() - before, 1, "X-46: the same work");
        for _ in 0..20 {
            test.wait(Duration::from_secs(1)).await;
        }
        let view = CodeView { masked_phone: String::new(), ..view(&test, &visitor).await };
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(refusal(test.registration().verify(&visitor, "000000").await));
        }
        seen.push((view, answers));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    assert_eq!(owner.count(&test, MessageKind::AccountExists).await, 2);
    assert_eq!(count(&test, &phone(11), MessageKind::Code(Purpose::Phone)).await, 1);
    assert_eq!(owner.count(&test, MessageKind::Code(Purpose::Phone)).await, 0);
}

#[tokio::test]
async fn x49_the_page_shows_the_end_of_the_number_that_was_typed_taken_or_not() {
    let test = TestShop::new().await;
    Person::new(&test, 1).await;
    for number in [1, 2] {
        let visitor = test.visitor();
        test.registration().begin(&visitor, form(number)).await.unwrap();
        assert_eq!(view(&test, &visitor).await.masked_phone, phone(number).masked());
    }
}

#[tokio::test]
async fn x49_notices_to_the_owner_of_a_taken_phone_are_limited() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await;
    for _ in 0..5 {
        test.registration().begin(&test.visitor(), form(1)).await.unwrap();
    }
    for number in 100..110 {
        let same_email = RegistrationForm { phone: phone(number).expose().into(), ..form(1) };
        test.registration().begin(&test.visitor(), same_email).await.unwrap();
    }
    assert_eq!(owner.count(&test, MessageKind::AccountExists).await, 5);
}

#[tokio::test]
async fn x48_a_taken_phone_reaches_its_limit_at_the_same_try_as_a_free_one() {
    let test = TestShop::new().await;
    Person::new(&test, 1).await;
    for number in [1, 2] {
        for _ in 0..5 {
            test.registration().begin(&test.visitor(), form(number)).await.unwrap();
        }
        let refused = refusal(test.registration().begin(&test.visitor(), form(number)).await);
        assert_eq!(refused, Refusal::TooMany { seconds: 3600 });
    }
}

#[tokio::test]
async fn the_first_to_prove_a_phone_registers_it() {
    let test = TestShop::new().await;
    let (squatter, owner) = (test.visitor(), test.visitor());
    test.registration().begin(&squatter, form(1)).await.unwrap();
    let first = test.last_code(&phone(1)).await;
    let other_email = RegistrationForm { email: "owner@example.com".into(), ..form(1) };
    test.registration().begin(&owner, other_email).await.unwrap();
    let second = test.last_code(&phone(1)).await;
    test.registration().verify(&owner, &second).await.unwrap();
    assert_eq!(refusal(test.registration().verify(&squatter, &first).await), left(0));
}

#[tokio::test]
async fn x14_a_code_given_many_times_at_once_makes_one_account() {
    let test = TestShop::new().await;
    let visitor = test.visitor();
    test.registration().begin(&visitor, form(1)).await.unwrap();
    let code = test.last_code(&phone(1)).await;
    let all = (0..20).map(|_| {
        let (shop, visitor, code) = (shop::Shop::clone(&test), visitor.clone(), code.clone());
        tokio::spawn(async move { shop.registration().verify(&visitor, &code).await })
    });
    let all = futures::future::join_all(all).await;
    let sign_ins: Vec<_> = all.into_iter().filter_map(|one| one.unwrap().ok()).collect();
    assert!(!sign_ins.is_empty() && sign_ins.iter().all(|one| *one == sign_ins[0]));
    assert_eq!(recorded(&test, "user_created").await, 1);
    assert_eq!(recorded(&test, "authn_login_success").await, 1);
}

#[tokio::test]
async fn a_registration_is_deleted_with_its_code() {
    let test = TestShop::new().await;
    let visitor = test.visitor();
    test.registration().begin(&visitor, form(1)).await.unwrap();
    let code = test.last_code(&phone(1)).await;
    test.clock.advance(Duration::from_secs(601));
    assert_eq!(refusal(test.registration().verify(&visitor, &code).await), left(0));
    test.sessions().sweep().await.unwrap();
    test.registration().begin(&visitor, form(1)).await.unwrap();
    let code = test.last_code(&phone(1)).await;
    assert!(test.registration().verify(&visitor, &code).await.is_ok());
    assert!(test.sign_in().begin(&visitor, &form(1).email, PASSWORD.into(), None).await.is_ok());
}
