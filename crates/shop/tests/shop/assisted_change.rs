//! Changes of phone that the merchant starts for owners without phone and recovery codes.

use std::time::Duration;

use domain::{EmailAddress, MessageKind, Outdated, Purpose, Refusal};
use shop::{NewPhoneStage, Visitor, codes::Policy};
use store::transaction;

use crate::{
    people::{PASSWORD, Person, recorded, refusal, signed_in, wrong},
    support::{TestShop, phone},
};

const NEW_PHONE: &str = "+44 7700 900050";
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A person, and the merchant.
async fn people(test: &TestShop) -> (Person, Visitor) {
    let person = Person::new(test, 1).await;
    let merchant = Person::merchant(test, 9).await.signed_in(test).await;
    (person, merchant)
}

async fn start(test: &TestShop, merchant: &Visitor, person: &Person) -> shop::Result<()> {
    test.merchant(merchant).unwrap().start_phone_change(merchant, &person.id).await
}

/// Gives the password in a new browser, and has no phone.
async fn without_phone(test: &TestShop, person: &Person) -> Visitor {
    let visitor = test.visitor();
    person.enter_password(test, &visitor).await.unwrap();
    test.lost_phone().begin(&visitor).await.unwrap();
    visitor
}

/// Whether the account has an open change.
async fn is_open(test: &TestShop, merchant: &Visitor, person: &Person) -> bool {
    let view = test.merchant(merchant).unwrap().account(&person.email).await.unwrap().unwrap();
    view.phone_change.is_some()
}

#[tokio::test]
async fn s_a15_after_a_day_the_owner_sets_a_new_phone_with_the_password() {
    let test = TestShop::new().await;
    let (person, merchant) = people(&test).await;
    start(&test, &merchant, &person).await.unwrap();
    assert_eq!(person.count(&test, MessageKind::PhoneChangeRequested).await, 1);
    assert_eq!(recorded(&test, "authn_phone_change_requested").await, 1);
    let open = test.merchant(&merchant).unwrap().phone_changes().await.unwrap();
    assert_eq!(open[0].email.as_str(), person.email);
    assert!(!open[0].view.is_ready, "the staff sees the wait");

    test.clock.advance(DAY);
    let visitor = without_phone(&test, &person).await;
    assert!(test.lost_phone().assisted(&visitor).await.unwrap().unwrap().is_ready);
    test.lost_phone().use_assisted(&visitor).await.unwrap();
    assert_eq!(test.lost_phone().stage(&visitor).await.unwrap(), NewPhoneStage::Number);
    test.lost_phone().begin_new_phone(&visitor, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    let sign_in = test.lost_phone().verify_new_phone(&visitor, &code).await.unwrap();
    let visitor = signed_in(&test, visitor, &sign_in).await.unwrap();
    let profile = test.account().profile(&visitor).await.unwrap();
    assert_eq!(profile.masked_phone, phone(50).masked());
    assert_eq!(person.count(&test, MessageKind::PhoneChanged).await, 1, "S-A21");
    assert!(!is_open(&test, &merchant, &person).await);
}

#[tokio::test]
async fn x156_nothing_opens_before_the_wait_is_over_or_after_a_week() {
    let test = TestShop::new().await;
    let (person, merchant) = people(&test).await;
    let visitor = without_phone(&test, &person).await;
    let refused = test.lost_phone().use_assisted(&visitor).await;
    assert_eq!(refusal(refused), Refusal::NotPossible, "nothing was started");
    start(&test, &merchant, &person).await.unwrap();
    let refused = test.lost_phone().use_assisted(&visitor).await;
    assert_eq!(refusal(refused), Refusal::NotPossible);
    test.clock.advance(DAY - Duration::from_secs(1));
    let visitor = without_phone(&test, &person).await;
    let refused = test.lost_phone().use_assisted(&visitor).await;
    assert_eq!(refusal(refused), Refusal::NotPossible, "a second too early");
    let other = test.visitor();
    test.clock.advance(Duration::from_secs(1));
    let refused = test.lost_phone().use_assisted(&other).await;
    assert_eq!(refusal(refused), Refusal::NoChallenge, "no password was given");
    test.clock.advance(WEEK);
    let visitor = without_phone(&test, &person).await;
    let refused = test.lost_phone().use_assisted(&visitor).await;
    assert_eq!(refusal(refused), Refusal::NotPossible, "a week too late");
    assert_eq!(recorded(&test, "authn_phone_change_permitted").await, 0);
}

#[tokio::test]
async fn x157_any_right_code_from_the_old_phone_stops_the_change() {
    let test = TestShop::new().await;
    let (person, merchant) = people(&test).await;
    start(&test, &merchant, &person).await.unwrap();
    let owner = test.visitor();
    person.enter_password(&test, &owner).await.unwrap();
    assert!(is_open(&test, &merchant, &person).await, "the password alone stops nothing");
    let code = test.last_code(&person.phone).await;
    refusal(test.sign_in().verify(&owner, &wrong(&code), false).await);
    assert!(is_open(&test, &merchant, &person).await, "nor does a wrong code");
    test.sign_in().verify(&owner, &code, false).await.unwrap();
    assert!(!is_open(&test, &merchant, &person).await);
    assert_eq!(recorded(&test, "authn_phone_change_stopped").await, 1);

    let refused = start(&test, &merchant, &person).await;
    assert_eq!(refusal(refused), Refusal::NotPossible, "a bribed employee does not begin again");
    test.clock.advance(WEEK);
    start(&test, &merchant, &person).await.unwrap();
    let reset = test.visitor();
    test.reset().begin(&reset, &person.email).await.unwrap();
    let code = test.last_code(&person.phone).await;
    test.reset().verify(&reset, &code).await.unwrap();
    assert!(!is_open(&test, &merchant, &person).await, "a reset code is from the old phone, too");
}

#[tokio::test]
async fn x157_the_owner_stops_a_thief_who_is_about_to_set_a_phone() {
    let test = TestShop::new().await;
    let (person, merchant) = people(&test).await;
    start(&test, &merchant, &person).await.unwrap();
    test.clock.advance(DAY);
    let thief = without_phone(&test, &person).await;
    test.lost_phone().use_assisted(&thief).await.unwrap();
    test.lost_phone().begin_new_phone(&thief, NEW_PHONE).await.unwrap();
    let code = test.last_code(&phone(50)).await;
    person.signed_in(&test).await;
    let refused = test.lost_phone().verify_new_phone(&thief, &code).await;
    assert_eq!(refusal(refused), Refusal::NoChallenge);
    assert_eq!(recorded(&test, "user_updated").await, 0);
}

#[tokio::test]
async fn x158_the_notice_comes_though_a_thief_used_up_the_phones_messages() {
    let policy = Policy { phone_sends_per_hour: 1, phone_sends_per_day: 1, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let (person, merchant) = people(&test).await;
    person.enter_password(&test, &test.visitor()).await.unwrap();
    let thief = person.enter_password(&test, &test.visitor()).await;
    assert!(matches!(refusal(thief), Refusal::TooMany { .. }));
    start(&test, &merchant, &person).await.unwrap();
    assert_eq!(person.count(&test, MessageKind::PhoneChangeRequested).await, 1);
}

#[tokio::test]
async fn x158_the_notice_goes_to_a_confirmed_address_too() {
    let test = TestShop::new().await;
    let (person, merchant) = people(&test).await;
    let account = person.id.clone();
    let email = EmailAddress::parse(&person.email).unwrap();
    let now = test.clock.now();
    let confirm =
        transaction!(test.db, |tx| tx.email_confirmations().confirm(&account, &email, now).await);
    assert!(confirm.await.unwrap());
    start(&test, &merchant, &person).await.unwrap();
    test.email_delivery().run_due().await.unwrap();
    let body = test.mailbox.received().remove(0).text.body;
    assert!(body.contains("another phone after 24 hours"), "{body}");
}

#[tokio::test]
async fn x159_a_shopper_starts_none_and_a_merchants_account_has_none() {
    let test = TestShop::new().await;
    let (person, merchant) = people(&test).await;
    let shopper = person.signed_in(&test).await;
    assert!(test.merchant(&shopper).is_err(), "S-B09");
    let colleague = Person::merchant(&test, 8).await;
    let refused = start(&test, &merchant, &colleague).await;
    assert_eq!(refusal(refused), Refusal::NotPossible);
    let disabled = Person::disabled(&test, 7).await;
    assert_eq!(refusal(start(&test, &merchant, &disabled).await), Refusal::NotPossible);
    start(&test, &merchant, &person).await.unwrap();
    let at = test.clock.now();
    let outdated = |shown, now| Refusal::Outdated(Outdated::PhoneChange { shown, now });
    let twice = refusal(start(&test, &merchant, &person).await);
    assert_eq!(twice, outdated(None, Some(at)), "twice");
    let shop = test.merchant(&merchant).unwrap();
    shop.cancel_phone_change(&merchant, &person.id, at).await.unwrap();
    let refused = shop.cancel_phone_change(&merchant, &person.id, at).await;
    assert_eq!(refusal(refused), outdated(Some(at), None));
    test.clock.advance(HOUR);
    start(&test, &merchant, &person).await.expect("the merchant's cancelling blocks nothing");
}

#[tokio::test]
async fn x157_a_new_password_ends_the_change() {
    let test = TestShop::new().await;
    let (person, merchant) = people(&test).await;
    let owner = person.signed_in(&test).await;
    start(&test, &merchant, &person).await.unwrap();
    let new = "another horse battery".to_owned();
    test.account().change_password(&owner, PASSWORD.into(), new).await.unwrap();
    assert!(!is_open(&test, &merchant, &person).await);
    assert_eq!(person.count(&test, MessageKind::Code(Purpose::Login)).await, 1);
}
