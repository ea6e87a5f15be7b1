//! Security §4.2: the lifetime of a code, and §4.10: clocks that are set.

use std::{sync::Arc, time::Duration};

use domain::{AccountId, MessageKind, Purpose, Refusal, Secret, Timestamp};
use futures::future::join_all;
use shop::{
    Clock, Result,
    codes::{
        Binding, BoxFuture, Challenge, CodeRequest, Connection, Grant, KeyRing, Policy, Recipient,
    },
};

use super::support::{Open, events, issue, refusal, request, verify, wrong, wrong_or_expired};
use crate::{
    people::Person,
    support::{BEGIN, TestShop, key, phone, settings},
};

const LOGIN: Purpose = Purpose::Login;

/// Sixty-four requests give the same right code to four processes on one database.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x14_parallel_verify_accepts_exactly_one() {
    let policy = Policy { address_failures_per_minute: 64, ..Policy::demo() };
    let shop = TestShop::with_policy(policy).await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code: Arc<str> = shop.last_code(&phone(1)).await.into();
    let processes = join_all((0..4).map(|_| shop.another_process())).await;
    let tasks = (0..64).map(|number| {
        let (process, visitor, code) =
            (processes[number % 4].clone(), visitor.clone(), Arc::clone(&code));
        tokio::spawn(async move { verify(&process, &visitor, LOGIN, &code).await })
    });
    let mut opened = 0;
    for answer in join_all(tasks).await {
        match answer.unwrap() {
            Ok(_) => opened += 1,
            refused => assert!(
                matches!(refusal(refused), Refusal::WrongOrExpired { .. }),
                "the losers learn nothing else"
            ),
        }
    }
    assert_eq!((opened, events(&shop, "authn_code_success").await), (1, 1));
}

/// Of a hundred parallel guesses five are evaluated.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn x10_of_parallel_guesses_five_are_evaluated() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code: u32 = shop.last_code(&phone(1)).await.parse().unwrap();
    let tasks = (1..=100).map(|step| {
        let (process, visitor) = ((*shop).clone(), visitor.clone());
        let guess = format!("{:06}", (code + step) % 1_000_000);
        tokio::spawn(async move { verify(&process, &visitor, LOGIN, &guess).await })
    });
    for answer in join_all(tasks).await {
        refusal(answer.unwrap());
    }
    assert_eq!(events(&shop, "authn_code_fail").await, 5);
}

#[tokio::test]
async fn x15_a_used_code_is_refused_and_audited() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    verify(&shop, &visitor, LOGIN, &code).await.unwrap();
    assert_eq!(refusal(verify(&shop, &visitor, LOGIN, &code).await), wrong_or_expired(0));
    assert_eq!(events(&shop, "authn_token_reuse").await, 1);
    assert_eq!(refusal(verify(&shop, &visitor, LOGIN, &wrong(&code)).await), wrong_or_expired(0));
    assert_eq!(events(&shop, "authn_token_reuse").await, 1);
}

#[tokio::test]
async fn x15_reusing_a_code_sends_the_owner_one_notice() {
    let shop = TestShop::new().await;
    let owner = Person::with_hash(&shop, 1, Secret::new("unused".to_owned())).await;
    let told = async || owner.count(&shop, MessageKind::CodeReused).await;
    for round in 0..2 {
        let visitor = shop.visitor();
        issue(&shop, &visitor, &request(LOGIN, 1, &owner.phone)).await.unwrap();
        let code = shop.last_code(&owner.phone).await;
        verify(&shop, &visitor, LOGIN, &code).await.unwrap();
        refusal(verify(&shop, &visitor, LOGIN, &wrong(&code)).await);
        assert_eq!(told().await, round, "a wrong code is no used one");
        for _ in 0..3 {
            assert_eq!(refusal(verify(&shop, &visitor, LOGIN, &code).await), wrong_or_expired(0));
        }
        assert_eq!(told().await, round + 1, "once for each code");
    }
    let newest = shop.messages(&owner.phone).await.remove(0);
    assert!(newest.text.contains("used already") && newest.code.is_none(), "{}", newest.text);
}

#[tokio::test]
async fn x16_a_code_expires_when_its_message_says() {
    for (purpose, minutes) in [
        (LOGIN, 10),
        (Purpose::Reset, 10),
        (Purpose::Phone, 10),
        (Purpose::StepUp, 10),
        (Purpose::Payment, 5),
    ] {
        for (short_of_the_end, opens) in [(1, true), (0, false)] {
            let shop = TestShop::new().await;
            let visitor = shop.visitor();
            issue(&shop, &visitor, &request(purpose, 1, &phone(1))).await.unwrap();
            let message = shop.messages(&phone(1)).await.remove(0);
            assert!(message.text.contains(&format!("{minutes} minutes")), "{}", message.text);
            let view = shop.codes().status(&visitor, purpose).await.unwrap().unwrap();
            assert_eq!((view.minutes, view.expires_in_seconds), (minutes, minutes as u32 * 60));
            let ttl = Duration::from_secs(minutes * 60);
            shop.clock.advance(ttl - Duration::from_millis(short_of_the_end));
            let answer = verify(&shop, &visitor, purpose, &message.code.unwrap()).await;
            match opens {
                true => drop(answer.unwrap()),
                false => assert_eq!(refusal(answer), wrong_or_expired(0)),
            }
        }
    }
}

#[tokio::test]
async fn x17_every_resend_has_the_same_code_so_a_late_message_works() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let first = shop.last_code(&phone(1)).await;
    shop.clock.advance(Duration::from_secs(60));
    shop.codes().resend(&visitor, LOGIN).await.unwrap();
    let messages = shop.messages(&phone(1)).await;
    assert_eq!(messages.len(), 2);
    assert!(messages.iter().all(|message| message.code.as_deref() == Some(&first)));
    verify(&shop, &visitor, LOGIN, &first).await.unwrap();
}

#[tokio::test]
async fn x19_a_code_of_one_purpose_is_wrong_for_every_other() {
    let sends = 20;
    let policy =
        Policy { phone_sends_per_hour: sends, phone_sends_per_day: sends, ..Policy::demo() };
    let shop = TestShop::with_policy(policy).await;
    for (number, used) in (1..).zip(Purpose::ALL) {
        let visitor = shop.visitor();
        for purpose in Purpose::ALL {
            let asked = request(purpose, number.into(), &phone(number));
            issue(&shop, &visitor, &asked).await.unwrap();
        }
        let messages = shop.messages(&phone(number)).await;
        let kind = domain::MessageKind::Code(used);
        let message = messages.into_iter().find(|message| message.purpose == kind).unwrap();
        let code = message.code.unwrap();
        for other in Purpose::ALL.into_iter().filter(|other| *other != used) {
            assert_eq!(refusal(verify(&shop, &visitor, other, &code).await), wrong_or_expired(4));
        }
        verify(&shop, &visitor, used, &code).await.unwrap();
    }
}

#[tokio::test]
async fn x20_another_accounts_code_counts_against_the_challenge_it_was_given_to() {
    let shop = TestShop::new().await;
    let (alice, bob) = (shop.visitor(), shop.visitor());
    issue(&shop, &alice, &request(LOGIN, 1, &phone(1))).await.unwrap();
    issue(&shop, &bob, &request(LOGIN, 2, &phone(2))).await.unwrap();
    let alices = shop.last_code(&phone(1)).await;
    assert_eq!(refusal(verify(&shop, &bob, LOGIN, &alices).await), wrong_or_expired(4));
    let left = |view: Option<shop::codes::CodeView>| view.unwrap().attempts_left;
    assert_eq!(left(shop.codes().status(&alice, LOGIN).await.unwrap()), 5);
    assert_eq!(left(shop.codes().status(&bob, LOGIN).await.unwrap()), 4);
}

#[tokio::test]
async fn x21_a_newer_challenge_ends_the_older_one_of_its_browser() {
    let shop = TestShop::new().await;
    let (first, second) = (shop.visitor(), shop.visitor());
    issue(&shop, &first, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let old = shop.last_code(&phone(1)).await;
    shop.clock.advance(Duration::from_secs(60));
    issue(&shop, &second, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let other = shop.last_code(&phone(1)).await;
    issue(&shop, &first, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let new = shop.last_code(&phone(1)).await;
    assert_eq!(refusal(verify(&shop, &first, LOGIN, &old).await), wrong_or_expired(4));
    verify(&shop, &first, LOGIN, &new).await.unwrap();
    verify(&shop, &second, LOGIN, &other).await.unwrap();
}

#[tokio::test]
async fn x23_a_code_is_refused_in_another_browser() {
    let shop = TestShop::new().await;
    let (owner, thief) = (shop.visitor(), shop.visitor());
    issue(&shop, &owner, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    assert_eq!(refusal(verify(&shop, &thief, LOGIN, &code).await), wrong_or_expired(0));
    assert_eq!(refusal(shop.codes().resend(&thief, LOGIN).await), Refusal::NoChallenge);
    assert_eq!(shop.codes().status(&thief, LOGIN).await.unwrap(), None);
    verify(&shop, &owner, LOGIN, &code).await.unwrap();
}

#[tokio::test]
async fn x27_a_live_code_survives_a_rotation_until_its_key_is_removed() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    let ring = |keys| KeyRing::new(keys).unwrap();
    let without = shop::Settings { keys: ring(vec![key("second", 2)]), ..settings() };
    let without = shop.another(without, shop.clock.clone()).await;
    assert!(verify(&without, &visitor, LOGIN, &code).await.is_err());
    let rotated = ring(vec![key("second", 2), key("first", 1)]);
    let rotated = shop::Settings { keys: rotated, ..settings() };
    let rotated = shop.another(rotated, shop.clock.clone()).await;
    verify(&rotated, &visitor, LOGIN, &code).await.unwrap();
}

#[tokio::test]
async fn x75_a_changed_binding_refuses_the_code() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    let (old, new) = (Binding::of(&[b"1000"]), Binding::of(&[b"1001"]));
    let payment = CodeRequest { binding: old.clone(), ..request(Purpose::Payment, 1, &phone(1)) };
    issue(&shop, &visitor, &payment).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    let changed = shop.codes().verify(&visitor, Purpose::Payment, &code, Open(new)).await;
    assert_eq!(refusal(changed), Refusal::OrderChanged);
    assert_eq!(events(&shop, "sequence_fail").await, 1);
    let again = shop.codes().verify(&visitor, Purpose::Payment, &code, Open(old)).await;
    assert_eq!(refusal(again), wrong_or_expired(0));
}

/// A grant that fails.
#[derive(Clone)]
struct Refuse;

impl Grant for Refuse {
    type Output = AccountId;

    fn binding<'c>(
        &'c self,
        _: &'c mut Connection,
        _: &'c Challenge,
    ) -> BoxFuture<'c, Result<Binding>> {
        Box::pin(async { Ok(Binding::none()) })
    }

    fn grant<'c>(
        self,
        _: &'c mut Connection,
        _: &'c Challenge,
        _: Timestamp,
    ) -> BoxFuture<'c, Result<AccountId>> {
        Box::pin(async { Err(Refusal::OutOfStock { left: 0 }.into()) })
    }
}

#[tokio::test]
async fn a_failed_grant_keeps_the_code_and_the_charged_attempt() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    let failed = shop.codes().verify(&visitor, LOGIN, &code, Refuse).await;
    assert_eq!(refusal(failed), Refusal::OutOfStock { left: 0 });
    let view = shop.codes().status(&visitor, LOGIN).await.unwrap().unwrap();
    assert_eq!((view.attempts_left, view.is_live()), (4, true));
    verify(&shop, &visitor, LOGIN, &code).await.unwrap();
}

/// The client disconnects at every point of an attempt, which is charged or was not begun.
#[tokio::test]
async fn x10_a_disconnect_makes_no_attempt_free() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    for (left, turns) in (0..5).rev().zip(1..) {
        let requested_identifier = wrong(&code);
        let mut guess = Box::pin(verify(&shop, &visitor, LOGIN, &requested_identifier));
        assert!(futures::poll!(&mut guess).is_pending());
        // The attempt is begun, and the client waits a little longer each time.
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        drop(guess);
        // The writer works in order, so this waits for what was begun.
        shop.delivery().sweep().await.unwrap();
        let view = shop.codes().status(&visitor, LOGIN).await.unwrap().unwrap();
        assert_eq!(view.attempts_left, left);
    }
    assert_eq!(refusal(verify(&shop, &visitor, LOGIN, &code).await), wrong_or_expired(0));
}

#[tokio::test]
async fn x123_a_clock_set_forward_only_ends_codes_early() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    let ahead = Clock::stopped_at(BEGIN + Duration::from_secs(3600));
    let ahead = shop.another(settings(), ahead).await;
    assert_eq!(refusal(verify(&ahead, &visitor, LOGIN, &code).await), wrong_or_expired(0));
    // After the clock is set back, a challenge that was seen to be expired stays so.
    assert_eq!(refusal(verify(&shop, &visitor, LOGIN, &code).await), wrong_or_expired(0));
}

#[tokio::test]
async fn x123_a_clock_set_back_revives_no_code_and_prolongs_no_wait() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let behind = Clock::stopped_at(BEGIN - Duration::from_secs(3600));
    let behind = shop.another(settings(), behind).await;
    let view = behind.codes().status(&visitor, LOGIN).await.unwrap().unwrap();
    assert_eq!(view.resend_in_seconds, 0);
    behind.codes().resend(&visitor, LOGIN).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    verify(&shop, &visitor, LOGIN, &code).await.unwrap();
    assert_eq!(refusal(verify(&behind, &visitor, LOGIN, &code).await), wrong_or_expired(0));
}

#[tokio::test]
async fn x26_a_challenge_row_copied_to_another_account_is_worthless() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    let code = shop.last_code(&phone(1)).await;
    let mut connection = shop.db.read().await.unwrap();
    let digest = visitor.browser.digest();
    let row = connection.challenges().find_newest(&digest, LOGIN).await.unwrap().unwrap();
    drop(connection);
    let text = format!("{row:?}");
    assert!(!text.contains(&code), "no row holds a code");
    let thief = shop.visitor();
    let copy = Challenge {
        id: domain::ChallengeId::from_bits(99),
        account: AccountId::from_bits(2),
        to: Recipient::Phone(phone(2)),
        browser_digest: thief.browser.digest(),
        ..row
    };
    let copied =
        shop.db.write(move |tx| Box::pin(async move { tx.challenges().insert(&copy).await }));
    copied.await.unwrap();
    assert_eq!(refusal(verify(&shop, &thief, LOGIN, &code).await), wrong_or_expired(4));
}
