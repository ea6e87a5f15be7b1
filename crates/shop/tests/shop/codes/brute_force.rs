//! Security §4.1: guessing and limits.

use std::time::Duration;

use domain::{MessageKind, Purpose, Refusal};
use futures::future::join_all;
use shop::codes::{CodeRequest, Policy};

use super::support::{decoy, events, issue, refusal, request, verify, wrong, wrong_or_expired};
use crate::{
    people::Person,
    support::{TestShop, phone},
};

const LOGIN: Purpose = Purpose::Login;

#[tokio::test]
async fn the_right_code_opens() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    let login = request(LOGIN, 1, &phone(1));
    issue(&shop, &visitor, &login).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    assert_eq!(verify(&shop, &visitor, LOGIN, &code).await.unwrap(), login.account);
}

#[tokio::test]
async fn x01_the_right_code_is_refused_after_five_wrong_ones() {
    let shop = TestShop::new().await;
    for is_decoy in [false, true] {
        let visitor = shop.visitor();
        let number = phone(if is_decoy { 2 } else { 1 });
        let real = request(LOGIN, 1, &number);
        let login = if is_decoy { decoy(real) } else { real };
        issue(&shop, &visitor, &login).await.unwrap();
        let code = if is_decoy { "000000".into() } else { shop.last_code(&number).await };
        for left in (0..5).rev() {
            let answer = verify(&shop, &visitor, LOGIN, &wrong(&code)).await;
            assert_eq!(refusal(answer), wrong_or_expired(left), "decoy: {is_decoy}");
        }
        let answer = verify(&shop, &visitor, LOGIN, &code).await;
        assert_eq!(refusal(answer), wrong_or_expired(0), "decoy: {is_decoy}");
    }
}

#[tokio::test]
async fn x02_a_resend_brings_no_new_attempts() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    for left in (1..5).rev() {
        let answer = verify(&shop, &visitor, LOGIN, &wrong(&code)).await;
        assert_eq!(refusal(answer), wrong_or_expired(left));
    }
    shop.clock.advance(Duration::from_secs(60));
    shop.codes().resend(&visitor, LOGIN).await.unwrap();
    assert_eq!(shop.last_code(&phone(1)).await, code, "the same code");
    let answer = verify(&shop, &visitor, LOGIN, &wrong(&code)).await;
    assert_eq!(refusal(answer), wrong_or_expired(0));
    assert_eq!(refusal(verify(&shop, &visitor, LOGIN, &code).await), wrong_or_expired(0));
}

/// Five wrong codes in a challenge of its own.
async fn fail_five_times(shop: &TestShop, is_decoy: bool) {
    let visitor = shop.visitor();
    let real = request(LOGIN, 1, &phone(1));
    let login = if is_decoy { decoy(real) } else { real };
    issue(shop, &visitor, &login).await.unwrap();
    let code = if is_decoy { "000000".into() } else { shop.last_code(&phone(1)).await };
    for _ in 0..5 {
        refusal(verify(shop, &visitor, LOGIN, &wrong(&code)).await);
    }
}

/// A policy under which only failures stop anybody.
fn patient() -> Policy {
    Policy { phone_sends_per_hour: 1_000, phone_sends_per_day: 1_000, ..Policy::demo() }
}

#[tokio::test]
async fn x03_new_challenges_bring_no_attempts_and_a_hundred_failures_disable_codes() {
    for is_decoy in [false, true] {
        let shop = TestShop::with_policy(patient()).await;
        let login = request(LOGIN, 1, &phone(1));
        let login = if is_decoy { decoy(login) } else { login };
        for minutes in [15, 30, 60, 60] {
            fail_five_times(&shop, is_decoy).await;
            let answer = issue(&shop, &shop.visitor(), &login).await;
            assert_eq!(refusal(answer), Refusal::TooMany { seconds: minutes * 60 });
            shop.clock.advance(Duration::from_secs(u64::from(minutes) * 60));
        }
        for _ in 4..20 {
            fail_five_times(&shop, is_decoy).await;
            shop.clock.advance(Duration::from_secs(60 * 60));
        }
        let answer = issue(&shop, &shop.visitor(), &login).await;
        assert_eq!(refusal(answer), Refusal::PhoneDisabled, "decoy: {is_decoy}");
    }
}

#[tokio::test]
async fn x09_a_number_without_an_account_only_waits_and_its_owner_can_still_join() {
    const PHONE: Purpose = Purpose::Phone;
    for is_decoy in [false, true] {
        let shop = TestShop::with_policy(patient()).await;
        let free = CodeRequest { is_verified_phone: false, ..request(PHONE, 1, &phone(1)) };
        let join = if is_decoy { decoy(free) } else { free };
        for _ in 0..21 {
            let visitor = shop.visitor();
            issue(&shop, &visitor, &join).await.unwrap();
            let code = if is_decoy { "000000".into() } else { shop.last_code(&phone(1)).await };
            for _ in 0..5 {
                refusal(verify(&shop, &visitor, PHONE, &wrong(&code)).await);
            }
            let answer = refusal(issue(&shop, &shop.visitor(), &join).await);
            assert!(matches!(answer, Refusal::TooMany { .. }), "decoy: {is_decoy}, {answer:?}");
            shop.clock.advance(Duration::from_secs(60 * 60));
        }
        let owner = shop.visitor();
        issue(&shop, &owner, &join).await.unwrap();
        if !is_decoy {
            let code = shop.last_code(&phone(1)).await;
            verify(&shop, &owner, PHONE, &code).await.unwrap();
        }
    }
}

#[tokio::test]
async fn x03_the_right_code_forgets_the_wrong_ones() {
    let shop = TestShop::with_policy(patient()).await;
    for _ in 0..5 {
        let visitor = shop.visitor();
        issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
        let code = shop.last_code(&phone(1)).await;
        for _ in 0..4 {
            refusal(verify(&shop, &visitor, LOGIN, &wrong(&code)).await);
        }
        verify(&shop, &visitor, LOGIN, &code).await.unwrap();
    }
}

#[tokio::test]
async fn x04_one_address_may_not_guess_at_many_accounts() {
    let shop = TestShop::with_policy(Policy { address_sends_per_hour: 1_000, ..patient() }).await;
    let address = [192, 0, 2, 1].into();
    for number in 0..60 {
        let visitor = shop.visitor_at(address);
        issue(&shop, &visitor, &request(LOGIN, number.into(), &phone(number))).await.unwrap();
        let code = shop.last_code(&phone(number)).await;
        let answer = verify(&shop, &visitor, LOGIN, &wrong(&code)).await;
        assert_eq!(refusal(answer), wrong_or_expired(4), "nobody is locked out");
    }
    let visitor = shop.visitor_at(address);
    issue(&shop, &visitor, &request(LOGIN, 61, &phone(61))).await.unwrap();
    let code = shop.last_code(&phone(61)).await;
    let answer = verify(&shop, &visitor, LOGIN, &code).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 60 });
    shop.clock.advance(Duration::from_secs(60));
    verify(&shop, &visitor, LOGIN, &code).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x04_guesses_of_one_address_at_once_are_no_more_than_one_after_the_other() {
    let shop = TestShop::with_policy(Policy { address_sends_per_hour: 1_000, ..patient() }).await;
    let mut tasks = Vec::new();
    for number in 0..80 {
        let visitor = shop.visitor_at([192, 0, 2, 1].into());
        issue(&shop, &visitor, &request(LOGIN, number.into(), &phone(number))).await.unwrap();
        let guess = wrong(&shop.last_code(&phone(number)).await);
        let process = (*shop).clone();
        tasks.push(async move { verify(&process, &visitor, LOGIN, &guess).await });
    }
    for answer in join_all(tasks.into_iter().map(tokio::spawn)).await {
        refusal(answer.unwrap());
    }
    assert_eq!(events(&shop, "authn_code_fail").await, 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x05_guesses_at_one_phone_at_once_are_five_over_all_purposes() {
    let shop = TestShop::with_policy(patient()).await;
    let mut tasks = Vec::new();
    for purpose in [LOGIN, Purpose::Reset, Purpose::Phone] {
        let visitor = shop.visitor();
        issue(&shop, &visitor, &request(purpose, 1, &phone(1))).await.unwrap();
        let guess = wrong(&shop.last_code(&phone(1)).await);
        for _ in 0..5 {
            let (process, visitor, guess) = ((*shop).clone(), visitor.clone(), guess.clone());
            tasks.push(async move { verify(&process, &visitor, purpose, &guess).await });
        }
    }
    for answer in join_all(tasks.into_iter().map(tokio::spawn)).await {
        refusal(answer.unwrap());
    }
    assert_eq!(events(&shop, "authn_code_fail").await, 5);
}

#[tokio::test]
async fn x05_changing_the_address_changes_nothing_for_the_phone() {
    let shop = TestShop::with_policy(patient()).await;
    for _ in 0..5 {
        let visitor = shop.visitor();
        issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
        let code = shop.last_code(&phone(1)).await;
        refusal(verify(&shop, &visitor, LOGIN, &wrong(&code)).await);
    }
    let answer = issue(&shop, &shop.visitor(), &request(LOGIN, 1, &phone(1))).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 900 });
}

#[tokio::test]
async fn x13_a_restart_forgets_nothing() {
    let shop = TestShop::new().await;
    fail_five_times(&shop, false).await;
    let restarted = shop.emulator().await;
    let (issuer, again) = (restarted.codes().issuer(&shop.visitor()), request(LOGIN, 1, &phone(1)));
    let answer =
        shop.db.write(move |tx| Box::pin(async move { issuer.issue(tx, &again).await })).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 900 });
}

#[tokio::test]
async fn sr06_the_owner_is_warned_once_half_way_to_codes_being_switched_off() {
    let policy = Policy { failures_before_disabling: 20, ..patient() };
    let shop = TestShop::with_policy(policy).await;
    let hash = domain::Secret::new("unused".to_owned());
    let person = Person::with_hash(&shop, 1, hash).await;
    let warnings = async || person.count(&shop, MessageKind::CodesSoonOff).await;
    for round in 1..=3 {
        fail_five_times(&shop, false).await;
        assert_eq!(warnings().await, usize::from(round >= 2), "after {}", round * 5);
        shop.clock.advance(Duration::from_secs(60 * 60));
    }
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    verify(&shop, &visitor, LOGIN, &code).await.unwrap();
    for round in 1..=3 {
        fail_five_times(&shop, false).await;
        let expected = 1 + usize::from(round >= 2);
        assert_eq!(warnings().await, expected, "the right code began a new count");
        shop.clock.advance(Duration::from_secs(60 * 60));
    }
}

#[tokio::test]
async fn sr06_a_warning_the_phone_has_no_room_for_comes_as_soon_as_it_has() {
    let policy = Policy { phone_sends_per_hour: 2, failures_before_disabling: 20, ..patient() };
    let shop = TestShop::with_policy(policy).await;
    let hash = domain::Secret::new("unused".to_owned());
    let person = Person::with_hash(&shop, 1, hash).await;
    let warnings = async || person.count(&shop, MessageKind::CodesSoonOff).await;
    fail_five_times(&shop, false).await;
    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    // This code and the next are all that the phone gets for now.
    issue(&shop, &shop.visitor(), &request(LOGIN, 1, &phone(1))).await.unwrap();
    fail_five_times(&shop, false).await;
    assert_eq!(warnings().await, 0, "half way, and no room");

    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    for _ in 0..5 {
        refusal(verify(&shop, &visitor, LOGIN, &wrong(&code)).await);
        assert_eq!(warnings().await, 1, "with the first failure that found room, and once");
    }
    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    fail_five_times(&shop, false).await;
    assert_eq!(warnings().await, 1, "nor when the codes go off");
}

#[tokio::test]
async fn sr06_decoys_and_phones_that_have_had_enough_are_not_warned() {
    let shop = TestShop::with_policy(patient()).await;
    for _ in 0..19 {
        fail_five_times(&shop, true).await;
        shop.clock.advance(Duration::from_secs(60 * 60));
    }
    assert!(shop.messages(&phone(1)).await.is_empty());

    // Each round takes two of the day's messages: the code, and the word that it was wrong.
    let policy = Policy { phone_sends_per_hour: 2, ..Policy::demo() };
    let shop = TestShop::with_policy(Policy { failures_before_disabling: 10, ..policy }).await;
    let hash = domain::Secret::new("unused".to_owned());
    let person = Person::with_hash(&shop, 1, hash).await;
    fail_five_times(&shop, false).await;
    assert_eq!(person.count(&shop, MessageKind::CodesSoonOff).await, 1, "the rarer news first");
    assert_eq!(person.count(&shop, MessageKind::SignInRefused).await, 0);
}

#[tokio::test]
async fn x09_only_the_merchant_switches_codes_on_again() {
    let shop = TestShop::with_policy(patient()).await;
    let hash = domain::Secret::new("unused".to_owned());
    let person = Person::with_hash(&shop, 1, hash).await;
    for _ in 0..20 {
        fail_five_times(&shop, false).await;
        shop.clock.advance(Duration::from_secs(60 * 60));
    }
    let login = request(LOGIN, 1, &phone(1));
    assert_eq!(refusal(issue(&shop, &shop.visitor(), &login).await), Refusal::PhoneDisabled);
    let merchant = shop::SignedIn {
        id: domain::SignInId::from_bits(1),
        account: domain::AccountId::from_bits(99),
        role: domain::Role::Merchant,
        name: "Merchant".to_owned(),
        email: domain::EmailAddress::parse("merchant@example.com").unwrap(),
        stepped_up_at: None,
    };
    let merchant = shop::Visitor { signed_in: Some(merchant), ..shop.visitor() };
    let codes_are_off = async || {
        let account = shop.merchant(&merchant).unwrap().account(&person.email).await.unwrap();
        account.unwrap().codes_are_off
    };
    assert!(codes_are_off().await);
    shop.merchant(&merchant).unwrap().re_enable_codes(&person.id).await.unwrap();
    assert!(!codes_are_off().await);
    issue(&shop, &shop.visitor(), &login).await.unwrap();
}
