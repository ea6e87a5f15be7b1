//! Resetting a password.

use std::time::Duration;

use domain::{MessageKind, Problem, Purpose, Refusal};
use shop::{
    Shop, SignInStep, Visitor,
    codes::{CodeView, Policy},
};

use crate::{
    people::{PASSWORD, Person, again, left, recorded, refusal, wrong},
    support::{TestShop, phone, visible},
};

const NEW: &str = "another horse battery";

async fn view(test: &TestShop, visitor: &Visitor) -> CodeView {
    visible(test.codes().status(visitor, Purpose::Reset).await.unwrap().unwrap())
}

/// A visitor who has given the right reset code.
async fn permitted(test: &TestShop, person: &Person) -> Visitor {
    let visitor = test.visitor();
    test.reset().begin(&visitor, &person.email).await.unwrap();
    let code = test.last_code(&person.phone).await;
    test.reset().verify(&visitor, &code).await.unwrap();
    visitor
}

#[tokio::test]
async fn a_code_lets_this_browser_set_a_new_password() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for identifier in [" Person1@example.com", "+44 7700 900001", "0044 (7700) 900-001"] {
        let visitor = test.visitor();
        test.reset().begin(&visitor, identifier).await.unwrap();
        assert!(!test.reset().may_set_password(&visitor).await.unwrap());
        let code = test.last_code(&person.phone).await;
        test.reset().verify(&visitor, &code).await.unwrap();
        assert!(test.reset().may_set_password(&visitor).await.unwrap(), "{identifier}");
    }
    test.clock.advance(Duration::from_secs(3600));
    let visitor = permitted(&test, &person).await;
    test.reset().set_password(&visitor, NEW.into()).await.unwrap();
    assert_eq!(person.count(&test, MessageKind::PasswordChanged).await, 1, "S-A21");
    assert_eq!(recorded(&test, "authn_password_change").await, 1);
    let refused = person.enter_password(&test, &test.visitor()).await;
    assert_eq!(refusal(refused), Refusal::WrongCredentials, "the old one");
    assert_eq!(person.count(&test, MessageKind::Code(Purpose::Login)).await, 0);
}

#[tokio::test]
async fn an_identifier_that_is_neither_email_nor_phone_is_refused() {
    let test = TestShop::new().await;
    for (requested_identifier, problem) in [
        ("a@b@c", Problem::EmailInvalid),
        ("robin", Problem::EmailInvalid),
        ("robin.shopper", Problem::EmailInvalid),
        ("07700 900111", Problem::PhoneWithoutCountryCode),
        ("12", Problem::PhoneWithoutCountryCode),
        ("", Problem::PhoneInvalid),
    ] {
        let refused = refusal(test.reset().begin(&test.visitor(), requested_identifier).await);
        assert_eq!(refused, problem.into(), "{requested_identifier}");
    }
}

#[tokio::test]
async fn x47_an_unknown_account_sees_what_a_known_one_sees() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let groups =
        [[person.email.as_str(), "nobody@example.com"], [person.phone.expose(), "+447700900099"]];
    for group in groups {
        let mut seen = Vec::new();
        for identifier in group {
            let visitor = test.visitor();
            let before = test.passwords().computed();
            test.reset().begin(&visitor, identifier).await.unwrap();
            assert_eq!(test.passwords().computed(), before);
            let mut views = vec![view(&test, &visitor).await];
            for _ in 0..20 {
                test.wait(Duration::from_secs(1)).await;
            }
            views.push(view(&test, &visitor).await);
            let known = test.messages(&person.phone).await.into_iter().find_map(|one| one.code);
            let guess = wrong(&known.unwrap_or_else(|| "000000".into()));
            let mut answers = Vec::new();
            for _ in 0..6 {
                answers.push(refusal(test.reset().verify(&visitor, &guess).await));
            }
            views.push(view(&test, &visitor).await);
            for view in &mut views {
                if identifier.starts_with('+') {
                    assert!(view.masked_phone.ends_with(&identifier[identifier.len() - 2..]));
                    view.masked_phone.clear();
                }
            }
            seen.push((views, answers));
        }
        assert_eq!(seen[0], seen[1]);
        test.clock.advance(Duration::from_secs(3600));
    }
    assert!(test.phones.messages(&phone(99)).is_empty());
}

#[tokio::test]
async fn x52_a_reset_by_email_shows_no_digit_of_the_number() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for identifier in [person.email.as_str(), "nobody@example.com"] {
        let visitor = test.visitor();
        test.reset().begin(&visitor, identifier).await.unwrap();
        assert!(!view(&test, &visitor).await.masked_phone.contains(|c: char| c.is_ascii_digit()));
    }
}

#[tokio::test]
async fn x48_an_unknown_account_reaches_its_limit_at_the_same_try() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for identifier in [person.email.as_str(), "nobody@example.com", "+447700900099"] {
        for _ in 0..3 {
            test.reset().begin(&test.visitor(), identifier).await.unwrap();
        }
        let refused = refusal(test.reset().begin(&test.visitor(), identifier).await);
        assert_eq!(refused, Refusal::TooMany { seconds: 3600 }, "{identifier}");
    }
}

#[tokio::test]
async fn s_n07_a_reset_code_is_refused_after_ten_minutes() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = test.visitor();
    test.reset().begin(&visitor, &person.email).await.unwrap();
    let code = test.last_code(&person.phone).await;
    test.clock.advance(Duration::from_secs(601));
    assert_eq!(refusal(test.reset().verify(&visitor, &code).await), left(0));
    assert!(!test.reset().may_set_password(&visitor).await.unwrap());
}

#[tokio::test]
async fn the_permission_ends_after_ten_minutes() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = permitted(&test, &person).await;
    test.clock.advance(Duration::from_secs(599));
    assert!(test.reset().may_set_password(&visitor).await.unwrap());
    test.clock.advance(Duration::from_secs(1));
    assert!(!test.reset().may_set_password(&visitor).await.unwrap());
    let refused = refusal(test.reset().set_password(&visitor, NEW.into()).await);
    assert_eq!(refused, Refusal::NoChallenge);
}

#[tokio::test]
async fn parallel_uses_of_the_permission_set_one_password() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = permitted(&test, &person).await;
    let all = (0..10).map(|number| {
        let (shop, visitor) = (Shop::clone(&test), visitor.clone());
        let password = format!("{NEW} {number}");
        tokio::spawn(async move { shop.reset().set_password(&visitor, password).await })
    });
    let all = futures::future::join_all(all).await;
    assert_eq!(all.into_iter().filter(|one| one.as_ref().unwrap().is_ok()).count(), 1);
    assert_eq!(person.count(&test, MessageKind::PasswordChanged).await, 1);
}

#[tokio::test]
async fn a_refused_password_does_not_use_the_permission() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = permitted(&test, &person).await;
    for (password, problem) in [
        ("short", Problem::PasswordTooShort),
        ("qwerty123456", Problem::PasswordCommon),
        (person.email.as_str(), Problem::PasswordCommon),
        ("marigold-2026", Problem::PasswordCommon),
    ] {
        let refused = refusal(test.reset().set_password(&visitor, password.into()).await);
        assert_eq!(refused, problem.into());
    }
    test.reset().set_password(&visitor, NEW.into()).await.unwrap();
}

#[tokio::test]
async fn x95_a_reset_ends_every_sign_in_and_every_trusted_device() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (one, token) = person.trusted(&test).await;
    let two = person.signed_in(&test).await;
    let visitor = permitted(&test, &person).await;
    assert!(again(&test, &one).await.is_some());
    test.reset().set_password(&visitor, NEW.into()).await.unwrap();
    assert!(again(&test, &one).await.is_none());
    assert!(again(&test, &two).await.is_none());
    let browser = test.visitor();
    let step = test.sign_in().begin(&browser, &person.email, NEW.into(), Some(&token)).await;
    assert!(matches!(step.unwrap(), SignInStep::CodeNeeded));
}

#[tokio::test]
async fn x96_older_codes_and_permissions_end_with_a_new_password() {
    let policy = Policy { phone_sends_per_hour: 10, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let person = Person::new(&test, 1).await;
    let other = permitted(&test, &person).await;
    let login = test.visitor();
    person.enter_password(&test, &login).await.unwrap();
    let login_code = test.last_code(&person.phone).await;
    let visitor = permitted(&test, &person).await;
    let late = test.visitor();
    test.reset().begin(&late, &person.email).await.unwrap();
    let late_code = test.last_code(&person.phone).await;

    test.reset().set_password(&visitor, NEW.into()).await.unwrap();
    assert_eq!(refusal(test.reset().verify(&late, &late_code).await), left(4));
    assert_eq!(refusal(test.sign_in().verify(&login, &login_code, false).await), left(0));
    assert!(!test.reset().may_set_password(&other).await.unwrap());
}

#[tokio::test]
async fn x97_s_a14_a_reset_does_not_sign_in_and_the_next_sign_in_needs_a_code() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = permitted(&test, &person).await;
    test.reset().set_password(&visitor, NEW.into()).await.unwrap();
    assert_eq!(recorded(&test, "authn_login_success").await, 0);
    let step = test.sign_in().begin(&visitor, &person.email, NEW.into(), None).await.unwrap();
    assert!(matches!(step, SignInStep::CodeNeeded));
    let code = test.last_code(&person.phone).await;
    assert!(test.sign_in().verify(&visitor, &code, false).await.is_ok());
}

#[tokio::test]
async fn x98_a_reset_code_only_sets_a_password_in_its_own_browser() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = permitted(&test, &person).await;
    assert_eq!(refusal(test.account().profile(&visitor).await), Refusal::SignInNeeded);
    assert_eq!(refusal(test.sessions().list(&visitor).await), Refusal::SignInNeeded);
    let change = test.account().change_password(&visitor, PASSWORD.into(), NEW.into()).await;
    assert_eq!(refusal(change), Refusal::SignInNeeded);
    let other = test.visitor();
    assert!(!test.reset().may_set_password(&other).await.unwrap());
    let refused = refusal(test.reset().set_password(&other, NEW.into()).await);
    assert_eq!(refused, Refusal::NoChallenge);
    assert!(test.reset().may_set_password(&visitor).await.unwrap());
}
