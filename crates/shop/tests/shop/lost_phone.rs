//! Recovery codes, and the way back into an account whose phone is lost.

use std::time::Duration;

use domain::{Field, MessageKind, Problem, Purpose, RecoveryCode, Refusal};
use futures::future::join_all;
use sha2::{Digest, Sha256};
use shop::{NewPhoneStage, RecoveryCodesStage, SignInStep, Visitor, codes::Policy};
use test_support::secret_scan::register_secret;

use crate::{
    people::{PASSWORD, Person, again, count, left, recorded, refusal, signed_in, wrong},
    support::{TestShop, phone},
};

const NEW_PHONE: &str = "+44 7700 900050";
const MINUTE: Duration = Duration::from_secs(60);

/// The refusal of a wrong recovery code with so many attempts left.
const fn wrong_recovery_code(left: u32) -> Refusal {
    Refusal::WrongRecoveryCode { left }
}

async fn stage(test: &TestShop, visitor: &Visitor) -> RecoveryCodesStage {
    test.recovery_codes().view(visitor).await.unwrap().stage
}

/// The codes that the page shows.
async fn shown(test: &TestShop, visitor: &Visitor) -> Vec<String> {
    let codes = test.recovery_codes().shown(visitor).await.unwrap();
    let codes: Vec<_> = codes.iter().map(RecoveryCode::expose_text).collect();
    codes.iter().for_each(register_secret);
    codes
}

/// Makes codes in a new sign-in and saves them.
async fn saved_codes(test: &TestShop, person: &Person) -> Vec<String> {
    let visitor = person.signed_in(test).await;
    test.recovery_codes().make(&visitor).await.unwrap();
    let codes = shown(test, &visitor).await;
    test.recovery_codes().mark_saved(&visitor).await.unwrap();
    codes
}

/// A browser that has given the password, and is asked for a recovery code.
async fn without_phone(test: &TestShop, person: &Person) -> Visitor {
    let visitor = test.visitor();
    person.enter_password(test, &visitor).await.unwrap();
    test.lost_phone().begin(&visitor).await.unwrap();
    visitor
}

/// A recovery code that no account has.
fn unknown_code(number: u128) -> String {
    RecoveryCode::from_bits(number).expose_text()
}

#[tokio::test]
async fn s_a15_password_and_recovery_code_lead_to_a_new_phone_and_then_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let (elsewhere, token) = person.trusted(&test).await;

    let visitor = without_phone(&test, &person).await;
    assert!(test.lost_phone().awaits_code(&visitor).await.unwrap());
    assert_eq!(test.lost_phone().stage(&visitor).await.unwrap(), NewPhoneStage::NotPermitted);
    test.lost_phone().verify_code(&visitor, &codes[3].to_lowercase()).await.unwrap();
    assert_eq!(recorded(&test, "authn_recovery_code_success").await, 1);
    assert_eq!(person.count(&test, MessageKind::RecoveryCodeUsed).await, 1);

    assert_eq!(test.lost_phone().stage(&visitor).await.unwrap(), NewPhoneStage::Number);
    test.lost_phone().begin_new_phone(&visitor, NEW_PHONE).await.unwrap();
    assert_eq!(test.lost_phone().stage(&visitor).await.unwrap(), NewPhoneStage::Code);
    let code = test.last_code(&phone(50)).await;
    let refused = test.lost_phone().verify_new_phone(&visitor, &wrong(&code)).await;
    assert_eq!(refusal(refused), left(4));
    let sign_in = test.lost_phone().verify_new_phone(&visitor, &code).await.unwrap();

    let visitor = signed_in(&test, visitor, &sign_in).await.unwrap();
    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!(profile.masked_phone, phone(50).masked());
    assert_eq!(person.count(&test, MessageKind::PhoneChanged).await, 1, "S-A21");
    assert!(again(&test, &elsewhere).await.is_none(), "X-95");
    let browser = test.visitor();
    let step = test.sign_in().begin(&browser, &person.email, PASSWORD.into(), Some(&token)).await;
    assert!(matches!(step.unwrap(), SignInStep::CodeNeeded), "X-95");
    assert_eq!(count(&test, &phone(50), MessageKind::Code(Purpose::Login)).await, 1);
    assert_eq!(test.recovery_codes().view(&visitor).await.unwrap().unused, 9);
    let repeated = test.lost_phone().verify_new_phone(&visitor, &code).await;
    assert_eq!(repeated.unwrap(), sign_in);
    test.clock.advance(MINUTE);
    let refused = test.lost_phone().verify_new_phone(&visitor, &code).await;
    assert_eq!(refusal(refused), left(0), "the permission is spent");
}

#[tokio::test]
async fn s_a02_rows_keep_only_digests_of_saved_recovery_codes() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    assert_eq!(codes.len(), 10);
    let mut rows = test.db.read().await.unwrap();
    let set = rows.recovery_codes().find_set(&person.id).await.unwrap().unwrap();
    assert!(set.nonce.is_none() && set.saved_at.is_some(), "nobody can derive them again");
    for code in codes {
        let digest = Sha256::digest(code.replace('-', ""));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(rows.recovery_codes().is_unused(&person.id, &digest).await.unwrap());
    }
}

#[tokio::test]
async fn x150_a_recovery_code_given_many_times_at_once_is_accepted_once() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(without_phone(&test, &person).await);
        test.clock.advance(MINUTE);
    }
    let (shop, code) = (&test, &codes[0]);
    let all = browsers.iter().flat_map(|browser| {
        (0..3).map(move |_| async move { shop.lost_phone().verify_code(browser, code).await })
    });
    let accepted = join_all(all).await.into_iter().filter(Result::is_ok).count();
    assert!((1..=3).contains(&accepted), "by one browser, which may repeat it: {accepted}");
    assert_eq!(recorded(&test, "authn_recovery_code_success").await, 1);
    let mut permitted = 0;
    for browser in &browsers {
        let stage = test.lost_phone().stage(browser).await.unwrap();
        permitted += u32::from(stage == NewPhoneStage::Number);
    }
    assert_eq!(permitted, 1, "one browser may set a phone");

    test.clock.advance(60 * MINUTE);
    let visitor = without_phone(&test, &person).await;
    let refused = test.lost_phone().verify_code(&visitor, code).await;
    assert_eq!(refusal(refused), wrong_recovery_code(4), "used");
    test.lost_phone().verify_code(&visitor, &codes[1]).await.unwrap();
}

#[tokio::test]
async fn x151_after_a_recovery_code_only_a_new_phone_can_be_set() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let visitor = without_phone(&test, &person).await;
    test.lost_phone().verify_code(&visitor, &codes[0]).await.unwrap();

    assert_eq!(refusal(test.account().profile(&visitor).await), Refusal::SignInNeeded);
    assert_eq!(refusal(test.recovery_codes().make(&visitor).await), Refusal::SignInNeeded);
    assert_eq!(refusal(test.sessions().list(&visitor).await), Refusal::SignInNeeded);
    let refused = test.account().change_password(&visitor, PASSWORD.into(), "x".into()).await;
    assert_eq!(refusal(refused), Refusal::SignInNeeded);
    assert_eq!(refusal(test.reset().set_password(&visitor, PASSWORD.into()).await), NO_CODE);

    let thief = test.visitor();
    let refused = test.lost_phone().begin_new_phone(&thief, NEW_PHONE).await;
    assert_eq!(refusal(refused), NO_CODE, "another browser");
    // The code, which lasts ten minutes, is still right when the permission ends.
    test.clock.advance(14 * MINUTE);
    test.lost_phone().begin_new_phone(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    test.clock.advance(MINUTE);
    let refused = test.lost_phone().verify_new_phone(&visitor, &code).await;
    assert_eq!(refusal(refused), NO_CODE, "after a quarter of an hour");
    assert_eq!(recorded(&test, "user_updated").await, 0);
}

const NO_CODE: Refusal = Refusal::NoChallenge;

#[tokio::test]
async fn x151_a_right_code_from_the_old_phone_ends_the_permission() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let thief = without_phone(&test, &person).await;
    test.lost_phone().verify_code(&thief, &codes[0]).await.unwrap();
    person.signed_in(&test).await;
    let refused = test.lost_phone().begin_new_phone(&thief, NEW_PHONE).await;
    assert_eq!(refusal(refused), NO_CODE);
}

#[tokio::test]
async fn x151_a_new_password_ends_the_permission_to_set_a_phone() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let owner = person.signed_in(&test).await;
    let visitor = without_phone(&test, &person).await;
    test.lost_phone().verify_code(&visitor, &codes[0]).await.unwrap();
    let new = "another horse battery".to_owned();
    test.account().change_password(&owner, PASSWORD.into(), new).await.unwrap();
    let refused = test.lost_phone().begin_new_phone(&visitor, NEW_PHONE).await;
    assert_eq!(refusal(refused), NO_CODE);
}

#[tokio::test]
async fn x152_wrong_recovery_codes_end_the_challenge_and_then_wait() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let visitor = without_phone(&test, &person).await;
    for attempt in 0..5 {
        let refused = test.lost_phone().verify_code(&visitor, &unknown_code(attempt)).await;
        let left = 4 - u32::try_from(attempt).unwrap();
        assert_eq!(refusal(refused), wrong_recovery_code(left));
    }
    let refused = test.lost_phone().verify_code(&visitor, &codes[0]).await;
    assert_eq!(refusal(refused), wrong_recovery_code(0), "X-01");
    assert_eq!(person.count(&test, MessageKind::SignInRefused).await, 1, "S-A19");

    test.clock.advance(MINUTE);
    let browser = test.visitor();
    person.enter_password(&test, &browser).await.unwrap();
    let refused = test.lost_phone().begin(&browser).await;
    assert_eq!(refusal(refused), Refusal::TooMany { seconds: 840 }, "X-03");
    let code = test.last_code(&person.phone).await;
    test.sign_in().verify(&browser, &code, false).await.expect("the phone is not locked");

    test.clock.advance(14 * MINUTE);
    let visitor = without_phone(&test, &person).await;
    test.lost_phone().verify_code(&visitor, &codes[0]).await.unwrap();
}

#[tokio::test]
async fn x152_what_is_no_recovery_code_costs_no_attempt() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let visitor = without_phone(&test, &person).await;
    for typed in ["", "123456", &codes[0][..28], "not a code at all"] {
        let refused = test.lost_phone().verify_code(&visitor, typed).await;
        assert_eq!(refusal(refused), Problem::RecoveryCode.into(), "{typed:.6}");
    }
    test.lost_phone().verify_code(&visitor, &codes[0]).await.unwrap();
}

#[tokio::test]
async fn x152_each_method_takes_its_own_code_only() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let visitor = test.visitor();
    let refused = test.lost_phone().verify_code(&visitor, &codes[0]).await;
    assert_eq!(refusal(refused), wrong_recovery_code(0), "no password was given");
    assert_eq!(refusal(test.lost_phone().begin(&visitor).await), NO_CODE);

    person.enter_password(&test, &visitor).await.unwrap();
    let code = test.last_code(&person.phone).await;
    let refused = test.lost_phone().verify_code(&visitor, &codes[0]).await;
    assert_eq!(refusal(refused), wrong_recovery_code(4), "the page asks for the phone's code");
    test.lost_phone().begin(&visitor).await.unwrap();
    test.lost_phone().begin(&visitor).await.expect("twice is once");
    let refused = test.sign_in().verify(&visitor, &code, false).await;
    assert_eq!(refusal(refused), left(4), "the code of the phone is replaced");
    assert!(test.codes().status(&visitor, Purpose::Login).await.unwrap().is_none());
    assert_eq!(refusal(test.codes().resend(&visitor, Purpose::Login).await), NO_CODE);
    let refused = test.codes().send_by_sms(&visitor, Purpose::Login).await;
    assert_eq!(refusal(refused), NO_CODE);
    test.lost_phone().verify_code(&visitor, &codes[0]).await.unwrap();
}

#[tokio::test]
async fn x152_an_account_whose_phone_is_disabled_takes_a_recovery_code() {
    let policy = Policy { failures_before_disabling: 5, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let person = Person::new(&test, 1).await;
    let codes = saved_codes(&test, &person).await;
    let visitor = test.visitor();
    person.enter_password(&test, &visitor).await.unwrap();
    let code = wrong(&test.last_code(&person.phone).await);
    for _ in 0..5 {
        refusal(test.sign_in().verify(&visitor, &code, false).await);
    }
    test.clock.advance(60 * MINUTE);
    let visitor = test.visitor();
    let refused = person.enter_password(&test, &visitor).await;
    assert_eq!(refusal(refused), Refusal::PhoneDisabled);
    assert!(test.lost_phone().awaits_code(&visitor).await.unwrap());
    test.lost_phone().verify_code(&visitor, &codes[0]).await.unwrap();
    test.lost_phone().begin_new_phone(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    test.lost_phone().verify_new_phone(&visitor, &code).await.unwrap();
    person.enter_password(&test, &test.visitor()).await.expect("codes go to the new phone");
}

#[tokio::test]
async fn x153_new_recovery_codes_need_a_step_up_and_void_the_old_ones() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let old = saved_codes(&test, &person).await;
    let visitor = person.signed_in(&test).await;
    assert_eq!(stage(&test, &visitor).await, RecoveryCodesStage::Password);
    assert_eq!(refusal(test.recovery_codes().make(&visitor).await), Refusal::StepUpNeeded);

    test.account().begin_step_up(&visitor, PASSWORD.into()).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, RecoveryCodesStage::StepUpCode);
    let code = test.last_code(&person.phone).await;
    test.account().verify_step_up(&visitor, &code).await.unwrap();
    let visitor = again(&test, &visitor).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, RecoveryCodesStage::Ready);
    test.recovery_codes().make(&visitor).await.unwrap();
    let new = shown(&test, &visitor).await;
    test.recovery_codes().make(&visitor).await.expect("a double click");
    assert_eq!(shown(&test, &visitor).await, new, "makes one set");
    assert_eq!(recorded(&test, "authn_recovery_codes_created").await, 2);
    test.recovery_codes().mark_saved(&visitor).await.unwrap();
    test.recovery_codes().mark_saved(&visitor).await.expect("a double click");
    let visitor = again(&test, &visitor).await.unwrap();
    assert_eq!(stage(&test, &visitor).await, RecoveryCodesStage::Password, "it is used up");

    let browser = without_phone(&test, &person).await;
    let refused = test.lost_phone().verify_code(&browser, &old[0]).await;
    assert_eq!(refusal(refused), wrong_recovery_code(4));
    test.lost_phone().verify_code(&browser, &new[0]).await.unwrap();
}

#[tokio::test]
async fn x153_recovery_codes_are_shown_to_the_sign_in_that_made_them_and_briefly() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (trusted, token) = person.trusted(&test).await;
    test.clock.advance(6 * MINUTE);
    assert_eq!(stage(&test, &trusted).await, RecoveryCodesStage::Password, "too long ago");
    let browser = test.visitor();
    let step = test.sign_in().begin(&browser, &person.email, PASSWORD.into(), Some(&token)).await;
    let Ok(SignInStep::SignedIn { sign_in, .. }) = step else { panic!("a trusted device") };
    let device = signed_in(&test, browser, &sign_in).await.unwrap();
    assert_eq!(refusal(test.recovery_codes().make(&device).await), Refusal::StepUpNeeded);

    let visitor = person.signed_in(&test).await;
    assert_eq!(stage(&test, &visitor).await, RecoveryCodesStage::Ready);
    test.recovery_codes().make(&visitor).await.unwrap();
    let codes = shown(&test, &visitor).await;
    assert_eq!(refusal(test.recovery_codes().shown(&device).await), Refusal::NotFound);
    assert_eq!(refusal(test.recovery_codes().mark_saved(&device).await), Refusal::NotPossible);
    test.clock.advance(10 * MINUTE);
    assert_eq!(refusal(test.recovery_codes().shown(&visitor).await), Refusal::NotFound);
    assert_eq!(refusal(test.recovery_codes().mark_saved(&visitor).await), Refusal::NotPossible);
    test.sessions().sweep().await.unwrap();
    let mut rows = test.db.read().await.unwrap();
    let set = rows.recovery_codes().find_set(&person.id).await.unwrap().unwrap();
    assert!(set.nonce.is_none(), "X-135");
    drop(rows);
    let browser = without_phone(&test, &person).await;
    let verified = test.lost_phone().verify_code(&browser, &codes[0]).await;
    verified.expect("whoever wrote them down can use them");
}

#[tokio::test]
async fn recovery_codes_are_offered_until_saved_and_again_when_few_are_left() {
    let (phone_sends_per_hour, phone_sends_per_day) = (100, 100);
    let policy = Policy { phone_sends_per_hour, phone_sends_per_day, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    let is_offered = async || test.recovery_codes().are_offered(&visitor).await.unwrap();
    assert!(is_offered().await);
    test.recovery_codes().make(&visitor).await.unwrap();
    assert!(is_offered().await, "they are not saved yet");
    let codes = shown(&test, &visitor).await;
    test.recovery_codes().mark_saved(&visitor).await.unwrap();
    assert!(!is_offered().await);
    for code in &codes[..8] {
        assert!(!is_offered().await);
        test.clock.advance(15 * MINUTE);
        let browser = without_phone(&test, &person).await;
        test.lost_phone().verify_code(&browser, code).await.unwrap();
    }
    assert!(is_offered().await, "two are left");
}

#[tokio::test]
async fn a_taken_or_unchanged_number_is_no_new_phone() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let other = Person::new(&test, 2).await;
    let codes = saved_codes(&test, &person).await;
    let visitor = without_phone(&test, &person).await;
    test.lost_phone().verify_code(&visitor, &codes[0]).await.unwrap();
    let refused = test.lost_phone().begin_new_phone(&visitor, person.phone.expose()).await;
    assert_eq!(refusal(refused), Problem::Choice(Field::Phone).into());
    test.lost_phone().begin_new_phone(&visitor, other.phone.expose()).await.unwrap();
    assert_eq!(other.count(&test, MessageKind::AccountExists).await, 1, "X-49");
    let refused = test.lost_phone().verify_new_phone(&visitor, "123456").await;
    assert_eq!(refusal(refused), left(4), "it looks as usual");

    test.lost_phone().start_again(&visitor).await.unwrap();
    assert_eq!(test.lost_phone().stage(&visitor).await.unwrap(), NewPhoneStage::Number);
    test.lost_phone().begin_new_phone(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    test.lost_phone().verify_new_phone(&visitor, &code).await.unwrap();
}
