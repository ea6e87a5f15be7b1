//! Security §4.1: guessing codes, and the limits against it.

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
async fn the_right_code_is_accepted() {
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

/// Gives five wrong codes in a new challenge.
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

/// A policy under which only failures are limited.
fn generous_policy() -> Policy {
    Policy { phone_sends_per_hour: 1_000, phone_sends_per_day: 1_000, ..Policy::demo() }
}

#[tokio::test]
async fn x03_new_challenges_bring_no_attempts_and_a_hundred_failures_disable_codes() {
    for is_decoy in [false, true] {
        let shop = TestShop::with_policy(generous_policy()).await;
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
async fn x09_wrong_codes_for_a_free_number_keep_its_owner_from_joining_never() {
    const PHONE: Purpose = Purpose::Phone;
    for is_decoy in [false, true] {
        let shop = TestShop::with_policy(generous_policy()).await;
        let free = CodeRequest { is_verified_phone: false, ..request(PHONE, 1, &phone(1)) };
        let join = if is_decoy { decoy(free) } else { free };
        let owner = shop.visitor();
        issue(&shop, &owner, &join).await.unwrap();
        let owners = if is_decoy { "000000".into() } else { shop.last_code(&phone(1)).await };
        for _ in 0..21 {
            let visitor = shop.visitor();
            issue(&shop, &visitor, &join).await.unwrap();
            let code = if is_decoy { "000000".into() } else { shop.last_code(&phone(1)).await };
            for left in (0..5).rev() {
                let answer = verify(&shop, &visitor, PHONE, &wrong(&code)).await;
                assert_eq!(refusal(answer), wrong_or_expired(left));
            }
        }
        assert_eq!(verify(&shop, &owner, PHONE, &owners).await.is_ok(), !is_decoy);
    }
}

#[tokio::test]
async fn x03_the_right_code_clears_earlier_failures() {
    let shop = TestShop::with_policy(generous_policy()).await;
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
async fn x04_failures_of_one_network_address_are_limited_over_accounts() {
    let shop =
        TestShop::with_policy(Policy { address_sends_per_hour: 1_000, ..generous_policy() }).await;
    let address = [192, 0, 2, 1].into();
    for number in 0..60 {
        let visitor = shop.visitor_at(address);
        issue(&shop, &visitor, &request(LOGIN, number.into(), &phone(number))).await.unwrap();
        let code = shop.last_code(&phone(number)).await;
        let answer = verify(&shop, &visitor, LOGIN, &wrong(&code)).await;
        assert_eq!(refusal(answer), wrong_or_expired(4), "no account is locked");
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
async fn x04_parallel_guesses_of_one_address_are_limited_as_sequential_ones() {
    let shop =
        TestShop::with_policy(Policy { address_sends_per_hour: 1_000, ..generous_policy() }).await;
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
async fn x05_parallel_guesses_at_one_phone_are_five_for_all_purposes() {
    let shop = TestShop::with_policy(generous_policy()).await;
    let mut tasks = Vec::new();
    for purpose in [LOGIN, Purpose::StepUp, Purpose::Payment] {
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
async fn x05_another_network_address_does_not_reset_a_phones_failures() {
    let shop = TestShop::with_policy(generous_policy()).await;
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
async fn x13_failures_survive_a_restart() {
    let shop = TestShop::new().await;
    fail_five_times(&shop, false).await;
    let restarted = shop.another_process().await;
    let (issuer, again) = (restarted.codes().issuer(&shop.visitor()), request(LOGIN, 1, &phone(1)));
    let answer =
        shop.db.write(move |tx| Box::pin(async move { issuer.issue(tx, &again).await })).await;
    assert_eq!(refusal(answer), Refusal::TooMany { seconds: 900 });
}

#[tokio::test]
async fn sr06_the_owner_is_warned_once_half_way_to_disabled_codes() {
    let policy = Policy { failures_before_disabling: 20, ..generous_policy() };
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
async fn sr06_a_warning_beyond_the_phones_limit_is_sent_later() {
    let policy =
        Policy { phone_sends_per_hour: 2, failures_before_disabling: 20, ..generous_policy() };
    let shop = TestShop::with_policy(policy).await;
    let hash = domain::Secret::new("unused".to_owned());
    let person = Person::with_hash(&shop, 1, hash).await;
    let warnings = async || person.count(&shop, MessageKind::CodesSoonOff).await;
    fail_five_times(&shop, false).await;
    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    // This code and the next reach the limit of the phone.
    issue(&shop, &shop.visitor(), &request(LOGIN, 1, &phone(1))).await.unwrap();
    fail_five_times(&shop, false).await;
    assert_eq!(warnings().await, 0, "half way, and the phone is at its limit");

    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    for _ in 0..5 {
        refusal(verify(&shop, &visitor, LOGIN, &wrong(&code)).await);
        assert_eq!(warnings().await, 1, "with the first failure below the limit, and once");
    }
    shop.clock.advance(Duration::from_secs(2 * 60 * 60));
    fail_five_times(&shop, false).await;
    assert_eq!(warnings().await, 1, "nor when the codes go off");
}

#[tokio::test]
async fn sr06_decoys_and_phones_at_their_limit_get_no_warning() {
    let shop = TestShop::with_policy(generous_policy()).await;
    for _ in 0..19 {
        fail_five_times(&shop, true).await;
        shop.clock.advance(Duration::from_secs(60 * 60));
    }
    assert!(shop.messages(&phone(1)).await.is_empty());

    // Each round uses two of the messages of a day: the code, and the notice of the wrong codes.
    let policy = Policy { phone_sends_per_hour: 2, ..Policy::demo() };
    let shop = TestShop::with_policy(Policy { failures_before_disabling: 10, ..policy }).await;
    let hash = domain::Secret::new("unused".to_owned());
    let person = Person::with_hash(&shop, 1, hash).await;
    fail_five_times(&shop, false).await;
    assert_eq!(person.count(&shop, MessageKind::CodesSoonOff).await, 1, "the rarer notice first");
    assert_eq!(person.count(&shop, MessageKind::SignInRefused).await, 0);
}

#[tokio::test]
async fn x09_only_the_merchant_enables_codes_again() {
    let shop = TestShop::with_policy(generous_policy()).await;
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
    let off_since = async || {
        let account = shop.merchant(&merchant).unwrap().account(&person.email).await.unwrap();
        account.unwrap().codes_off_since
    };
    let shown = off_since().await.unwrap();
    shop.merchant(&merchant).unwrap().re_enable_codes(&person.id, shown).await.unwrap();
    assert_eq!(off_since().await, None);
    issue(&shop, &shop.visitor(), &login).await.unwrap();
}
