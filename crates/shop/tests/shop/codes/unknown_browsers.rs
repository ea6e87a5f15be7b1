//! What attackers can do to the codes of an owner by asking for codes and entering wrong ones:
//! each from a browser and a network address of their own.

use std::time::Duration;

use domain::{MessageKind, Purpose, Refusal};
use shop::{Visitor, codes::KNOWN_BROWSER_TTL};

use crate::{
    people::{PASSWORD, Person, count, form, left, refusal, wrong},
    support::{TestShop, phone, visible},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

const RESET: MessageKind = MessageKind::Code(Purpose::Reset);

/// A shop with one customer, whose sign-ins of an hour ago no longer count.
async fn shop() -> (TestShop, Person) {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    (test, person)
}

/// A browser that signed in before, and has signed out.
async fn known_browser(test: &TestShop, person: &Person) -> Visitor {
    let visitor = person.signed_in(test).await;
    test.sessions().sign_out(&visitor).await.unwrap();
    test.clock.advance(HOUR);
    Visitor { signed_in: None, ..visitor }
}

/// An attacker asks for a reset and uses up all attempts. Refusals are what they are.
async fn attack(test: &TestShop, identifier: &str) {
    let attacker = test.visitor();
    if test.reset().begin(&attacker, identifier).await.is_ok() {
        guess_five_times(test, &attacker).await;
    }
}

async fn guess_five_times(test: &TestShop, attacker: &Visitor) {
    test.run_outbox().await;
    for attempts_left in (0..5).rev() {
        let answer = test.reset().verify(attacker, "000000").await;
        assert_eq!(refusal(answer), left(attempts_left), "nobody waits, and nobody is told");
    }
}

/// Five attackers, each on a network of their own, who take both ways to name the account.
async fn five_attackers_guess(test: &TestShop, person: &Person) {
    for identifier in
        [&*person.email, person.phone.expose(), &*person.email, "+447700900001", "x@y.z"]
    {
        attack(test, identifier).await;
    }
}

async fn reset_code(test: &TestShop, person: &Person, visitor: &Visitor) -> String {
    test.reset().begin(visitor, &person.email).await.unwrap();
    let messages = test.messages(&person.phone).await;
    let newest = messages.into_iter().find(|message| message.purpose == RESET);
    newest.and_then(|message| message.code).expect("a code of a reset")
}

#[tokio::test]
async fn x09_attackers_at_the_reset_end_no_code_of_the_owner() {
    let (test, person) = shop().await;
    let owner = test.visitor();
    let code = reset_code(&test, &person, &owner).await;
    five_attackers_guess(&test, &person).await;
    test.reset().verify(&owner, &code).await.unwrap();
    assert!(test.reset().may_set_password(&owner).await.unwrap());
}

#[tokio::test]
async fn x09_attackers_leave_the_owner_all_five_attempts() {
    let (test, person) = shop().await;
    let owner = test.visitor();
    let code = reset_code(&test, &person, &owner).await;
    for attempts_left in (1..5).rev() {
        five_attackers_guess(&test, &person).await;
        let answer = test.reset().verify(&owner, &wrong(&code)).await;
        assert_eq!(refusal(answer), left(attempts_left));
    }
    test.reset().verify(&owner, &code).await.unwrap();
}

#[tokio::test]
async fn x09_attackers_before_the_owner_leave_a_known_browser_its_code() {
    let (test, person) = shop().await;
    let owner = known_browser(&test, &person).await;
    for _ in 0..3 {
        five_attackers_guess(&test, &person).await;
    }
    let told = refusal(test.reset().begin(&test.visitor(), &person.email).await);
    assert!(matches!(told, Refusal::TooMany { .. }), "an unknown browser has to wait");
    let code = reset_code(&test, &person, &owner).await;
    test.reset().verify(&owner, &code).await.unwrap();
}

#[tokio::test]
async fn x09_the_first_attacker_leaves_an_unknown_browser_its_code() {
    let (test, person) = shop().await;
    let attacker = test.visitor();
    test.reset().begin(&attacker, &person.email).await.unwrap();
    let owner = test.visitor();
    let code = reset_code(&test, &person, &owner).await;
    guess_five_times(&test, &attacker).await;
    test.reset().verify(&owner, &code).await.unwrap();
}

#[tokio::test]
async fn x09_attackers_use_up_no_message_that_a_sign_in_needs() {
    let (test, person) = shop().await;
    for day in 0..3 {
        for _ in 0..24 {
            five_attackers_guess(&test, &person).await;
            test.registration().begin(&test.visitor(), form(1)).await.ok();
            test.clock.advance(HOUR);
        }
        let visitor = test.visitor();
        person.enter_password(&test, &visitor).await.unwrap();
        let code = test.last_code(&person.phone).await;
        assert!(test.sign_in().verify(&visitor, &code, false).await.is_ok(), "day {day}");
    }
}

#[tokio::test]
async fn x09_registering_with_a_taken_phone_uses_up_no_code_of_its_owner() {
    let (test, person) = shop().await;
    for _ in 0..5 {
        test.registration().begin(&test.visitor(), form(1)).await.unwrap();
        let other_phone = shop::RegistrationForm { phone: phone(2).expose().into(), ..form(1) };
        test.registration().begin(&test.visitor(), other_phone).await.unwrap();
        test.run_outbox().await;
    }
    assert_eq!(person.count(&test, MessageKind::AccountExists).await, 5);
    let owner = test.visitor();
    let code = reset_code(&test, &person, &owner).await;
    test.reset().verify(&owner, &code).await.unwrap();
    assert!(person.enter_password(&test, &test.visitor()).await.is_ok());
}

#[tokio::test]
async fn x09_wrong_codes_at_a_reset_and_after_a_password_count_apart() {
    let (test, person) = shop().await;
    let (sign_in, reset) = (test.visitor(), test.visitor());
    person.enter_password(&test, &sign_in).await.unwrap();
    let sign_in_code = test.last_code(&person.phone).await;
    let code = reset_code(&test, &person, &reset).await;
    five_attackers_guess(&test, &person).await;
    assert!(test.sign_in().verify(&sign_in, &sign_in_code, false).await.is_ok());
    let thief = test.visitor();
    person.enter_password(&test, &thief).await.unwrap();
    for _ in 0..5 {
        refusal(test.sign_in().verify(&thief, "000000", false).await);
    }
    let told = refusal(person.enter_password(&test, &test.visitor()).await);
    assert_eq!(told, Refusal::TooMany { seconds: 900 });
    test.reset().verify(&reset, &code).await.unwrap();
}

#[tokio::test]
async fn x09_attackers_who_register_a_free_number_end_no_code_of_its_owner() {
    let test = TestShop::new().await;
    let owner = test.visitor();
    test.registration().begin(&owner, form(1)).await.unwrap();
    let code = test.last_code(&phone(1)).await;
    for number in 2..5 {
        let attacker = test.visitor();
        let theirs = shop::RegistrationForm { phone: phone(1).expose().into(), ..form(number) };
        test.registration().begin(&attacker, theirs).await.unwrap();
        for _ in 0..5 {
            refusal(test.registration().verify(&attacker, &wrong(&code)).await);
        }
    }
    test.registration().verify(&owner, &code).await.unwrap();
}

#[tokio::test]
async fn x09_two_unknown_browsers_have_live_resets_and_a_third_one_a_decoy() {
    let (test, person) = shop().await;
    let owner = known_browser(&test, &person).await;
    let attackers = [test.visitor(), test.visitor(), test.visitor()];
    let mut pages = Vec::new();
    for attacker in &attackers {
        test.reset().begin(attacker, &person.email).await.unwrap();
        let view = test.codes().status(attacker, Purpose::Reset).await.unwrap().unwrap();
        pages.push(visible(view));
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "it looks the same");
    assert_eq!(person.count(&test, RESET).await, 2);
    let code = reset_code(&test, &person, &owner).await;
    assert_eq!(person.count(&test, RESET).await, 3);
    test.reset().verify(&owner, &code).await.unwrap();
    // Time makes room.
    test.clock.advance(HOUR);
    test.reset().begin(&attackers[2], &person.email).await.unwrap();
    assert_eq!(person.count(&test, RESET).await, 4);
}

#[tokio::test]
async fn x09_used_up_and_ended_resets_make_room_at_once() {
    let (test, person) = shop().await;
    let attackers = [test.visitor(), test.visitor()];
    test.reset().begin(&attackers[0], &person.email).await.unwrap();
    guess_five_times(&test, &attackers[0]).await;
    let code = reset_code(&test, &person, &attackers[1]).await;
    test.reset().verify(&attackers[1], &code).await.unwrap();
    let owner = test.visitor();
    let code = reset_code(&test, &person, &owner).await;
    test.reset().verify(&owner, &code).await.unwrap();
}

#[tokio::test]
async fn x09_a_fourth_known_browser_is_told_when_there_is_room() {
    let (test, person) = shop().await;
    let mut known = Vec::new();
    for _ in 0..4 {
        known.push(known_browser(&test, &person).await);
    }
    for visitor in &known[..3] {
        test.reset().begin(visitor, &person.email).await.unwrap();
        test.wait(MINUTE).await;
    }
    let told = refusal(test.reset().begin(&known[3], &person.email).await);
    assert_eq!(told, Refusal::TooMany { seconds: 7 * 60 });
    test.clock.advance(7 * MINUTE);
    let code = reset_code(&test, &person, &known[3]).await;
    test.reset().verify(&known[3], &code).await.unwrap();
}

#[tokio::test]
async fn x09_a_browser_is_known_for_its_own_account_and_for_180_days() {
    let (test, person) = shop().await;
    let other = Person::new(&test, 2).await;
    let (known, of_other) =
        (known_browser(&test, &person).await, known_browser(&test, &other).await);
    let mut sent = 0;
    for (visitor, gets_a_code) in [(&known, true), (&of_other, false), (&test.visitor(), false)] {
        for _ in 0..3 {
            test.reset().begin(&test.visitor(), &person.email).await.unwrap();
        }
        sent += person.count(&test, RESET).await - sent;
        test.reset().begin(visitor, &person.email).await.ok();
        let more = person.count(&test, RESET).await - sent;
        assert_eq!(more == 1, gets_a_code);
        sent += more;
        test.clock.advance(DAY);
    }
    test.clock.advance(KNOWN_BROWSER_TTL - 3 * DAY);
    for _ in 0..3 {
        test.reset().begin(&test.visitor(), &person.email).await.unwrap();
    }
    let told = refusal(test.reset().begin(&known, &person.email).await);
    assert!(matches!(told, Refusal::TooMany { .. }), "it is known no longer");
}

#[tokio::test]
async fn x09_a_new_password_makes_other_browsers_unknown() {
    let (test, person) = shop().await;
    let thief = known_browser(&test, &person).await;
    let owner = person.signed_in(&test).await;
    let new = "a fresh kettle of fish";
    test.account().change_password(&owner, PASSWORD.into(), new.into()).await.unwrap();
    test.clock.advance(HOUR);
    for _ in 0..3 {
        test.reset().begin(&test.visitor(), &person.email).await.unwrap();
    }
    let told = refusal(test.reset().begin(&thief, &person.email).await);
    assert!(matches!(told, Refusal::TooMany { .. }), "the thief's browser is unknown");
    let code = reset_code(&test, &person, &Visitor { signed_in: None, ..owner.clone() }).await;
    test.reset().verify(&owner, &code).await.unwrap();
}

/// The whole attack of a day from any number of browsers and networks: six messages, and so
/// thirty guesses, have a chance. A known browser gets its code all the same.
#[tokio::test]
async fn x03_attackers_have_thirty_guesses_a_day_and_the_owner_a_code_at_any_time() {
    let (test, person) = shop().await;
    let owner = known_browser(&test, &person).await;
    let mut real = 0;
    for _ in 0..24 * 6 {
        let sent = person.count(&test, RESET).await;
        for identifier in [&*person.email, person.phone.expose()] {
            attack(&test, identifier).await;
        }
        real += person.count(&test, RESET).await - sent;
        test.clock.advance(10 * MINUTE);
    }
    assert_eq!(real, 5, "and the owner's sign-in is the sixth message of the day");
    let code = reset_code(&test, &person, &owner).await;
    test.reset().verify(&owner, &code).await.unwrap();
}

/// After a hundred wrong codes, those of the live resets included, unknown browsers get decoys
/// until a right code or a month without wrong ones.
#[tokio::test]
async fn x03_a_hundred_guesses_of_attackers_leave_the_reset_to_known_browsers() {
    let (test, person) = shop().await;
    let owner = known_browser(&test, &person).await;
    for _ in 0..20 {
        attack(&test, &person.email).await;
        test.clock.advance(4 * HOUR);
    }
    let sent = person.count(&test, RESET).await;
    assert_eq!(sent, 18, "ninety guesses had a chance");
    assert!(person.enter_password(&test, &test.visitor()).await.is_ok());
    let code = reset_code(&test, &person, &owner).await;
    test.reset().verify(&owner, &code).await.unwrap();
    test.clock.advance(31 * DAY);
    test.delivery().sweep().await.unwrap();
    let unknown = test.visitor();
    let code = reset_code(&test, &person, &unknown).await;
    test.reset().verify(&unknown, &code).await.unwrap();
    assert_eq!(count(&test, &person.phone, RESET).await, sent + 2);
}
