//! Signing in.

use std::{net::IpAddr, time::Duration};

use domain::{DeliveryStatus, MessageKind, Problem, Purpose, Refusal};
use shop::{
    Shop, SignInStep, SimulatedFault, Visitor,
    codes::{CodeView, Policy},
};

use crate::{
    people::{PASSWORD, Person, left, recorded, refusal, signed_in, wrong},
    support::{TestShop, phone, visible},
};

const CODE: MessageKind = MessageKind::Code(Purpose::Login);
const QUARTER: Duration = Duration::from_secs(15 * 60);
/// A password that no account has.
const WRONG: &str = "wrong horse battery";

async fn begin(
    test: &TestShop,
    visitor: &Visitor,
    email: &str,
    password: &str,
) -> shop::Result<SignInStep> {
    test.sign_in().begin(visitor, email, password.into(), None).await
}

async fn view(test: &TestShop, visitor: &Visitor) -> CodeView {
    visible(test.codes().status(visitor, Purpose::Login).await.unwrap().unwrap())
}

#[tokio::test]
async fn password_and_code_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let signed_in = visitor.signed_in.unwrap();
    assert_eq!((signed_in.account, signed_in.name.as_str()), (person.id, "A Person"));
    assert_eq!(signed_in.stepped_up_at, None);
    for event in ["authn_password_success", "authn_code_success", "authn_login_success"] {
        assert_eq!(recorded(&test, event).await, 1, "{event}");
    }
}

#[tokio::test]
async fn x45_unknown_disabled_and_wrong_are_refused_alike_and_nothing_is_sent() {
    let test = TestShop::new().await;
    let (person, disabled) = (Person::new(&test, 1).await, Person::disabled(&test, 2).await);
    let tries = [
        (person.email.as_str(), WRONG),
        (person.email.as_str(), ""),
        (disabled.email.as_str(), PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("nobody@example.com", ""),
    ];
    for (email, password) in tries {
        let (before, visitor) = (test.passwords().computed(), test.visitor());
        let refused = refusal(begin(&test, &visitor, email, password).await);
        assert_eq!(refused, Refusal::WrongCredentials, "{email} {password}");
        assert_eq!(test.passwords().computed() - before, 1, "X-46: {email} {password}");
        assert_eq!(test.codes().status(&visitor, Purpose::Login).await.unwrap(), None);
        assert_eq!(test.delivery().run_due().await, 0, "X-51: nothing leaves");
        assert_eq!(refusal(test.sign_in().verify(&visitor, "000000", false).await), left(0));
    }
    assert!(test.phones.chats().is_empty());
}

#[tokio::test]
async fn the_page_after_the_right_password_tells_where_the_code_went_and_how_far() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (before, visitor) = (test.passwords().computed(), test.visitor());
    let step = person.enter_password(&test, &visitor).await.unwrap();
    assert!(matches!(step, SignInStep::CodeNeeded));
    assert_eq!(test.passwords().computed() - before, 1);
    let page = view(&test, &visitor).await;
    assert_eq!((page.masked_phone, page.delivery), (person.phone.masked(), DeliveryStatus::Queued));
    test.run_outbox().await;
    assert_eq!(view(&test, &visitor).await.delivery, DeliveryStatus::Delivered);
    test.phones.mark_read(&person.phone);
    test.run_outbox().await;
    assert_eq!(view(&test, &visitor).await.delivery, DeliveryStatus::Read);
}

#[tokio::test]
async fn a_sign_in_code_that_whatsapp_cannot_deliver_is_offered_by_text_message() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    test.phones.set_fault(None, SimulatedFault::Undeliverable);
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    assert_eq!(view(&test, &visitor).await.sms_in_seconds, Some(30));
    test.run_outbox().await;
    let page = view(&test, &visitor).await;
    assert_eq!((page.delivery, page.sms_in_seconds), (DeliveryStatus::Failed, Some(0)));
    assert!(page.problem.is_some());
    test.phones.set_fault(None, SimulatedFault::None);
    test.codes().send_by_sms(&visitor, Purpose::Login).await.unwrap();
    let code = test.last_code(&person.phone).await;
    assert!(test.sign_in().verify(&visitor, &code, false).await.is_ok());
}

#[tokio::test]
async fn x42_a_password_too_long_is_refused_before_anything_is_hashed() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let before = test.passwords().computed();
    for email in [person.email.as_str(), "nobody@example.com"] {
        let refused = refusal(begin(&test, &test.visitor(), email, &"a".repeat(1 << 20)).await);
        assert_eq!(refused, Problem::PasswordTooLong.into());
    }
    let refused = refusal(begin(&test, &test.visitor(), "no address", PASSWORD).await);
    assert_eq!(refused, Problem::EmailInvalid.into());
    assert_eq!(test.passwords().computed(), before);
}

#[tokio::test]
async fn x51_nothing_is_sent_before_the_password_is_right() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for _ in 0..5 {
        let refused = begin(&test, &test.visitor(), &person.email, WRONG).await;
        assert_eq!(refusal(refused), Refusal::WrongCredentials);
    }
    assert_eq!(person.count(&test, CODE).await, 0);
    person.enter_password(&test, &test.visitor()).await.unwrap();
    assert_eq!(person.count(&test, CODE).await, 1);
}

#[tokio::test]
async fn x05_x48_wrong_passwords_make_an_address_wait_known_or_not_from_anywhere() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for email in [person.email.as_str(), "nobody@example.com"] {
        for attempt in 0..10 {
            let guess = format!("wrong horse battery {attempt}");
            let refused = begin(&test, &test.visitor(), email, &guess).await;
            assert_eq!(refusal(refused), Refusal::WrongCredentials);
        }
        let before = test.passwords().computed();
        let refused = refusal(begin(&test, &test.visitor(), email, PASSWORD).await);
        assert_eq!(refused, Refusal::TooMany { seconds: 900 }, "{email}");
        assert_eq!(test.passwords().computed(), before, "and costs nothing");
    }
    assert_eq!(recorded(&test, "authn_login_fail").await, 18);
    assert_eq!(recorded(&test, "authn_login_lock").await, 2);
    test.clock.advance(QUARTER);
    person.signed_in(&test).await;
}

#[tokio::test]
async fn a_right_password_uses_up_no_attempt_and_clears_none() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for attempt in 0..9 {
        let guess = format!("wrong horse battery {attempt}");
        refusal(begin(&test, &test.visitor(), &person.email, &guess).await);
        if attempt % 3 == 0 {
            person.signed_in(&test).await;
        }
    }
    person.enter_password(&test, &test.visitor()).await.unwrap();
    let refused = refusal(begin(&test, &test.visitor(), &person.email, WRONG).await);
    assert_eq!(refused, Refusal::WrongCredentials);
    let refused = refusal(person.enter_password(&test, &test.visitor()).await);
    assert_eq!(refused, Refusal::TooMany { seconds: 900 });
}

#[tokio::test]
async fn right_passwords_stay_counted_once_their_codes_are_refused() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let mut checked: u64 = 0;
    for _ in 0..40 {
        let _ = person.enter_password(&test, &test.visitor()).await;
        checked = recorded(&test, "authn_password_success").await;
    }
    let policy = Policy::demo();
    let sent = u64::from(policy.phone_sends_per_hour);
    let attempts = u64::from(policy.password_failures);
    assert_eq!(checked, sent + attempts);
}

#[tokio::test]
async fn x10_parallel_password_attempts_are_counted_one_by_one() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let all = (0..25).map(|attempt| {
        let (shop, visitor, email) = (Shop::clone(&test), test.visitor(), person.email.clone());
        let guess = format!("wrong horse battery {attempt}");
        tokio::spawn(async move { shop.sign_in().begin(&visitor, &email, guess, None).await })
    });
    let mut checked = 0;
    for one in futures::future::join_all(all).await {
        match refusal(one.unwrap()) {
            Refusal::WrongCredentials => checked += 1,
            refused => assert!(matches!(refused, Refusal::TooMany { .. }), "{refused:?}"),
        }
    }
    assert_eq!(checked, 10);
}

#[tokio::test]
async fn x04_a_network_address_that_tries_many_accounts_is_stopped() {
    let test = TestShop::new().await;
    let address: IpAddr = "192.0.2.7".parse().unwrap();
    let person = Person::new(&test, 1).await;
    let (_, token) = person.trusted(&test).await;
    let mut answers = Vec::new();
    for number in 0..30 {
        let visitor = test.visitor_at(address);
        let email = format!("nobody{number}@example.com");
        answers.push(refusal(begin(&test, &visitor, &email, PASSWORD).await));
    }
    assert!(answers[..20].iter().all(|one| *one == Refusal::WrongCredentials), "twenty an hour");
    assert!(answers[20..].iter().all(|one| *one == Refusal::TooMany { seconds: 3600 }));
    let elsewhere = begin(&test, &test.visitor(), "nobody0@example.com", PASSWORD).await;
    assert_eq!(refusal(elsewhere), Refusal::WrongCredentials);
    let (email, trusted) = (&person.email, test.visitor_at(address));
    let step = test.sign_in().begin(&trusted, email, PASSWORD.into(), Some(&token)).await;
    assert!(matches!(step.unwrap(), SignInStep::SignedIn { .. }), "X-09: a trusted device");
}

#[tokio::test]
async fn x09_failing_on_purpose_locks_the_owner_out_of_no_trusted_device() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (_, token) = person.trusted(&test).await;
    for attempt in 0..1000 {
        let guess = format!("wrong horse battery {attempt}");
        let refused = refusal(begin(&test, &test.visitor(), &person.email, &guess).await);
        assert_eq!(matches!(refused, Refusal::TooMany { .. }), attempt >= 10);
    }
    let visitor = test.visitor();
    assert!(matches!(
        refusal(person.enter_password(&test, &visitor).await),
        Refusal::TooMany { .. }
    ));
    let step =
        test.sign_in().begin(&visitor, &person.email, PASSWORD.into(), Some(&token)).await.unwrap();
    assert!(matches!(step, SignInStep::SignedIn { .. }), "the owner's browser is let in");

    test.reset().begin(&visitor, &person.email).await.unwrap();
    let code = test.last_code(&person.phone).await;
    assert!(test.reset().verify(&visitor, &code).await.is_ok(), "and the way back is open");
}

#[tokio::test]
async fn x09_wrong_codes_and_wrong_passwords_are_counted_apart() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    for attempt in 0..9 {
        let guess = format!("wrong horse battery {attempt}");
        refusal(begin(&test, &test.visitor(), &person.email, &guess).await);
    }
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    let code = test.last_code(&person.phone).await;
    for tries_left in [4, 3, 2, 1] {
        let answer = test.sign_in().verify(&visitor, &wrong(&code), false).await;
        assert_eq!(refusal(answer), left(tries_left));
    }
    assert!(test.sign_in().verify(&visitor, &code, false).await.is_ok());
}

#[tokio::test]
async fn x25_a_password_alone_does_not_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    assert_eq!(refusal(test.account().profile(&visitor).await), Refusal::SignInNeeded);
    assert_eq!(refusal(test.sessions().list(&visitor).await), Refusal::SignInNeeded);
    assert_eq!(refusal(test.devices().list(&visitor).await), Refusal::SignInNeeded);
    test.last_code(&person.phone).await;
    let owner = person.signed_in(&test).await;
    assert_eq!(test.sessions().list(&owner).await.unwrap().len(), 1, "no other sign-in exists");
}

#[tokio::test]
async fn x14_a_code_given_many_times_at_once_signs_in_once() {
    let policy = Policy { address_failures_per_minute: 64, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let person = Person::new(&test, 1).await;
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    let code = test.last_code(&person.phone).await;
    let all = (0..64).map(|_| {
        let (shop, visitor, code) = (Shop::clone(&test), visitor.clone(), code.clone());
        tokio::spawn(async move { shop.sign_in().verify(&visitor, &code, true).await })
    });
    let mut done = Vec::new();
    for one in futures::future::join_all(all).await {
        match one.unwrap() {
            Ok(sign_in) => done.push(sign_in),
            refused => assert_eq!(refusal(refused), left(0)),
        }
    }
    // Repetitions lead to the sign-in and trust no further device.
    assert!(done.iter().all(|one| one.sign_in == done[0].sign_in));
    assert_eq!(done.iter().filter(|one| one.device_token.is_some()).count(), 1);
    assert_eq!(recorded(&test, "authn_login_success").await, 1);
    let visitor = signed_in(&test, visitor, &done[0].sign_in).await.unwrap();
    assert_eq!(test.sessions().list(&visitor).await.unwrap().len(), 1);
    assert_eq!(test.devices().list(&visitor).await.unwrap().len(), 1);
}

#[tokio::test]
async fn x20_a_code_of_one_account_is_wrong_for_another() {
    let test = TestShop::new().await;
    let (one, two) = (Person::new(&test, 1).await, Person::new(&test, 2).await);
    let (first, second) = (test.visitor(), test.visitor());
    one.enter_password(&test, &first).await.unwrap();
    two.enter_password(&test, &second).await.unwrap();
    let code = test.last_code(&one.phone).await;
    assert_ne!(code, test.last_code(&two.phone).await);
    assert_eq!(refusal(test.sign_in().verify(&second, &code, false).await), left(4));
    assert!(test.sign_in().verify(&first, &code, false).await.is_ok());
}

#[tokio::test]
async fn s_a19_wrong_codes_after_a_right_password_send_one_notice() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    let code = wrong(&test.last_code(&person.phone).await);
    for tries in 1..=8 {
        assert!(test.sign_in().verify(&visitor, &code, false).await.is_err());
        let expected = usize::from(tries >= 5);
        assert_eq!(person.count(&test, MessageKind::SignInRefused).await, expected, "{tries}");
    }
}

#[tokio::test]
async fn s_a19_wrong_codes_after_a_wrong_password_send_no_notice() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = test.visitor();
    refusal(begin(&test, &visitor, &person.email, WRONG).await);
    for _ in 0..5 {
        assert!(test.sign_in().verify(&visitor, "000000", false).await.is_err());
    }
    assert!(test.messages(&person.phone).await.is_empty());
}

#[tokio::test]
async fn an_address_is_the_same_in_any_case() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    begin(&test, &test.visitor(), " PERSON1@Example.COM ", PASSWORD).await.unwrap();
    assert_eq!(person.count(&test, CODE).await, 1);
    assert_eq!(person.phone, phone(1));
}
