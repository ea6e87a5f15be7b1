//! Changes of the password and the phone.

use std::time::Duration;

use domain::{ChallengeId, Field, MessageKind, Problem, Purpose, Refusal};
use shop::{PhoneChangeStage, RegistrationForm, SignInStep, Visitor, codes::Policy};

use crate::{
    people::{PASSWORD, Person, again, count, form, left, recorded, refusal, wrong},
    support::{TestShop, phone},
};

const NEW: &str = "another horse battery";
const NEW_PHONE: &str = "+44 7700 900050";

/// Gives password and code again, and returns the visitor of the next request.
async fn step_up(test: &TestShop, person: &Person, visitor: Visitor) -> Visitor {
    test.account().begin_step_up(&visitor, PASSWORD.into()).await.unwrap();
    let code = test.last_code(&person.phone).await;
    test.account().verify_step_up(&visitor, &code).await.unwrap();
    again(test, &visitor).await.unwrap()
}

async fn stage(test: &TestShop, visitor: &Visitor) -> PhoneChangeStage {
    test.account().phone_change_stage(visitor).await.unwrap()
}

#[tokio::test]
async fn s_p02_a_new_password_needs_the_current_one() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let account = test.account();
    let refused = account.change_password(&visitor, "wrong horse battery".into(), NEW.into()).await;
    assert_eq!(refusal(refused), Refusal::WrongPassword);
    let refused = account.change_password(&visitor, PASSWORD.into(), "short".into()).await;
    assert_eq!(refusal(refused), Problem::PasswordTooShort.into());
    account.change_password(&visitor, PASSWORD.into(), NEW.into()).await.unwrap();
    assert_eq!(person.count(&test, MessageKind::PasswordChanged).await, 1, "S-A21");
    assert_eq!(recorded(&test, "authn_password_change").await, 1);

    let refused = person.enter_password(&test, &test.visitor()).await;
    assert_eq!(refusal(refused), Refusal::WrongCredentials, "the old one");
    assert_eq!(person.count(&test, MessageKind::Code(Purpose::Login)).await, 1);
    test.sign_in().begin(&test.visitor(), &person.email, NEW.into(), None).await.unwrap();
    assert_eq!(person.count(&test, MessageKind::Code(Purpose::Login)).await, 2);
}

#[tokio::test]
async fn wrong_current_passwords_of_a_session_are_limited() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    for attempt in 0..10 {
        let guess = format!("wrong horse battery {attempt}");
        let refused = test.account().begin_step_up(&visitor, guess).await;
        assert_eq!(refusal(refused), Refusal::WrongPassword);
    }
    let refused = test.account().change_password(&visitor, PASSWORD.into(), NEW.into()).await;
    assert_eq!(refusal(refused), Refusal::TooMany { seconds: 900 });
    assert!(
        person.enter_password(&test, &test.visitor()).await.is_ok(),
        "the owner is not kept out"
    );
}

#[tokio::test]
async fn x95_a_new_password_ends_every_other_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (mine, token) = person.trusted(&test).await;
    let other = person.signed_in(&test).await;
    let reset = test.visitor();
    test.reset().begin(&reset, &person.email).await.unwrap();
    let reset_code = test.last_code(&person.phone).await;

    test.account().change_password(&mine, PASSWORD.into(), NEW.into()).await.unwrap();
    assert!(again(&test, &mine).await.is_some());
    assert!(again(&test, &other).await.is_none());
    assert!(test.devices().list(&mine).await.unwrap().is_empty());
    let browser = test.visitor();
    let step = test.sign_in().begin(&browser, &person.email, NEW.into(), Some(&token)).await;
    assert!(matches!(step.unwrap(), SignInStep::CodeNeeded));
    let refused = refusal(test.reset().verify(&reset, &reset_code).await);
    assert_eq!(refused, left(4), "X-96: dead, and it does not show");
}

#[tokio::test]
async fn s_s07_a_new_phone_needs_password_and_both_codes() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (visitor, token) = person.trusted(&test).await;
    let other = person.signed_in(&test).await;
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::Password);
    let refused = test.account().begin_phone_change(&visitor, NEW_PHONE).await;
    assert_eq!(refusal(refused), Refusal::StepUpNeeded);

    test.account().begin_step_up(&visitor, PASSWORD.into()).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::StepUpCode);
    let code = test.last_code(&person.phone).await;
    let refused = test.account().verify_step_up(&visitor, &wrong(&code)).await;
    assert_eq!(refusal(refused), left(4));
    test.account().verify_step_up(&visitor, &code).await.unwrap();
    let visitor = again(&test, &visitor).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::NewPhone);

    test.account().begin_phone_change(&visitor, NEW_PHONE).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::NewPhoneCode);
    let code = test.last_code(&phone(50)).await;
    let refused = test.account().verify_phone_change(&visitor, &wrong(&code)).await;
    assert_eq!(refusal(refused), left(4));
    test.account().verify_phone_change(&visitor, &code).await.unwrap();

    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!(profile.masked_phone, phone(50).masked());
    assert_eq!(person.count(&test, MessageKind::PhoneChanged).await, 1, "S-A21: the old phone");
    assert_eq!(count(&test, &phone(50), MessageKind::Code(Purpose::Phone)).await, 1);
    assert!(again(&test, &visitor).await.is_some());
    assert!(again(&test, &other).await.is_none(), "X-95");
    let browser = test.visitor();
    let step = test.sign_in().begin(&browser, &person.email, PASSWORD.into(), Some(&token)).await;
    assert!(matches!(step.unwrap(), SignInStep::CodeNeeded), "X-95");
    assert_eq!(count(&test, &phone(50), MessageKind::Code(Purpose::Login)).await, 1);
}

#[tokio::test]
async fn s_r05_a_step_up_expires_after_five_minutes() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    test.clock.advance(Duration::from_secs(299));
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::NewPhone);
    test.clock.advance(Duration::from_secs(1));
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::Password);
    let refused = test.account().begin_phone_change(&visitor, NEW_PHONE).await;
    assert_eq!(refusal(refused), Refusal::StepUpNeeded);
}

#[tokio::test]
async fn s_s07_each_change_of_phone_needs_a_new_step_up() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    test.account().begin_phone_change(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    test.account().verify_phone_change(&visitor, &code).await.unwrap();

    let visitor = again(&test, &visitor).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::Password);
    let refused = test.account().begin_phone_change(&visitor, "+447700900051").await;
    assert_eq!(refusal(refused), Refusal::StepUpNeeded);
    let moved = Person { phone: phone(50), ..person };
    let visitor = step_up(&test, &moved, visitor).await;
    test.account().begin_phone_change(&visitor, "+447700900051").await.unwrap();
    let code = test.last_code(&phone(51)).await;
    test.account().verify_phone_change(&visitor, &code).await.unwrap();
    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!(profile.masked_phone, phone(51).masked());
}

#[tokio::test]
async fn s_r05_the_new_phones_code_needs_a_fresh_step_up_and_stays_valid() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    test.account().begin_phone_change(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    test.clock.advance(Duration::from_secs(300));
    let refused = test.account().verify_phone_change(&visitor, &code).await;
    assert_eq!(refusal(refused), Refusal::StepUpNeeded);
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::Password);
    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!(profile.masked_phone, person.phone.masked());

    let visitor = step_up(&test, &person, visitor).await;
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::NewPhoneCode);
    test.account().verify_phone_change(&visitor, &code).await.unwrap();
}

#[tokio::test]
async fn a_mistyped_new_number_can_be_replaced() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    test.account().begin_phone_change(&visitor, "+447700900051").await.unwrap();
    let mistyped = test.last_code(&phone(51)).await;
    test.account().start_phone_change_again(&visitor).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::NewPhone);
    assert_eq!(refusal(test.account().verify_phone_change(&visitor, &mistyped).await), left(0));

    test.account().begin_phone_change(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    test.account().verify_phone_change(&visitor, &code).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_step_up_needs_the_password_again() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    test.registration().begin(&visitor, form(50)).await.unwrap();
    test.account().begin_step_up(&visitor, PASSWORD.into()).await.unwrap();
    let code = test.last_code(&person.phone).await;
    for _ in 0..2 {
        test.account().start_phone_change_again(&visitor).await.unwrap();
        assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::Password);
    }
    assert_eq!(refusal(test.account().verify_step_up(&visitor, &code).await), left(0));
    let registering = test.codes().status(&visitor, Purpose::Phone).await.unwrap().unwrap();
    assert!(registering.is_live());
    step_up(&test, &person, visitor).await;
}

#[tokio::test]
async fn x09_a_released_number_is_not_disabled_for_its_next_account() {
    let policy = Policy { failures_before_disabling: 5, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    test.account().begin_phone_change(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    let other_browser = test.visitor();
    person.enter_password(&test, &other_browser).await.unwrap();
    let login = test.last_code(&person.phone).await;
    for _ in 0..5 {
        refusal(test.sign_in().verify(&other_browser, &wrong(&login), false).await);
    }
    assert_eq!(recorded(&test, "authn_code_fail_max").await, 1);
    test.account().verify_phone_change(&visitor, &code).await.unwrap();

    test.clock.advance(Duration::from_secs(60 * 60));
    let next = test.visitor();
    let theirs = RegistrationForm { email: "next@example.com".into(), ..form(1) };
    test.registration().begin(&next, theirs).await.unwrap();
    let code = test.last_code(&phone(1)).await;
    test.registration().verify(&next, &code).await.unwrap();
}

#[tokio::test]
async fn a_step_up_is_valid_for_one_sign_in_only() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (one, two) = (person.signed_in(&test).await, person.signed_in(&test).await);
    step_up(&test, &person, one).await;
    let two = again(&test, &two).await.unwrap();
    let refused = test.account().begin_phone_change(&two, NEW_PHONE).await;
    assert_eq!(refusal(refused), Refusal::StepUpNeeded);
}

#[tokio::test]
async fn x20_a_right_code_of_another_account_is_no_step_up() {
    let test = TestShop::new().await;
    let (owner, thief) = (Person::new(&test, 1).await, Person::new(&test, 2).await);
    let visitor = owner.signed_in(&test).await;
    let browser = visitor.browser.clone();
    let thiefs = Visitor { browser, ..thief.signed_in(&test).await };
    test.account().begin_step_up(&thiefs, PASSWORD.into()).await.unwrap();
    let code = test.last_code(&thief.phone).await;
    assert_eq!(refusal(test.account().verify_step_up(&visitor, &code).await), left(0));
    let visitor = again(&test, &visitor).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::Password);
}

#[tokio::test]
async fn x19_so12_login_and_step_up_codes_are_not_interchangeable() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    person.enter_password(&test, &visitor).await.unwrap();
    let login = test.last_code(&person.phone).await;
    assert_eq!(refusal(test.account().verify_step_up(&visitor, &login).await), left(0));

    test.account().begin_step_up(&visitor, PASSWORD.into()).await.unwrap();
    let message = test.messages(&person.phone).await.remove(0);
    assert_eq!(message.purpose, MessageKind::Code(Purpose::StepUp));
    assert!(message.text.contains("confirm a change"), "{}", message.text);
    let step_up = message.code.unwrap();
    let refused = test.sign_in().verify(&visitor, &step_up, true).await;
    assert_eq!(refusal(refused), left(4), "nor does it trust a device");
    assert_eq!(refusal(test.account().verify_step_up(&visitor, &login).await), left(4));
    test.account().verify_step_up(&visitor, &step_up).await.unwrap();
}

#[tokio::test]
async fn x19_registration_and_phone_change_codes_are_not_interchangeable() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    test.registration().begin(&visitor, form(50)).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    assert_eq!(refusal(test.account().verify_phone_change(&visitor, &code).await), left(0));

    let visitor = step_up(&test, &person, visitor).await;
    test.account().begin_phone_change(&visitor, "+447700900051").await.unwrap();
    let code = test.last_code(&phone(51)).await;
    assert_eq!(refusal(test.registration().verify(&visitor, &code).await), left(0));
    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!(profile.masked_phone, person.phone.masked());
}

#[tokio::test]
async fn x49_a_taken_new_phone_looks_free_and_its_owner_gets_a_notice() {
    let test = TestShop::new().await;
    let (person, owner) = (Person::new(&test, 1).await, Person::new(&test, 2).await);
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    let mut seen = Vec::new();
    for number in [owner.phone.clone(), phone(50)] {
        test.account().begin_phone_change(&visitor, number.expose()).await.unwrap();
        assert_eq!(stage(&test, &visitor).await, PhoneChangeStage::NewPhoneCode);
        let mut view = test.codes().status(&visitor, Purpose::Phone).await.unwrap().unwrap();
        assert_eq!(view.masked_phone, number.masked());
        view.masked_phone.clear();
        view.challenge = ChallengeId::from_bits(0);
        let answer = refusal(test.account().verify_phone_change(&visitor, "12345x").await);
        seen.push((view, answer));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(owner.count(&test, MessageKind::AccountExists).await, 1);
    assert_eq!(owner.count(&test, MessageKind::Code(Purpose::Phone)).await, 0);
}

#[tokio::test]
async fn a_phone_registered_in_the_meantime_is_refused() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    test.account().begin_phone_change(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    Person::new(&test, 50).await;
    assert_eq!(refusal(test.account().verify_phone_change(&visitor, &code).await), left(0));
    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!(profile.masked_phone, person.phone.masked());
    assert_eq!(person.count(&test, MessageKind::PhoneChanged).await, 0);
}

#[tokio::test]
async fn the_current_number_is_refused_as_a_new_one() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let visitor = step_up(&test, &person, visitor).await;
    let refused = test.account().begin_phone_change(&visitor, person.phone.expose()).await;
    assert_eq!(refusal(refused), Problem::Choice(Field::Phone).into());
}
