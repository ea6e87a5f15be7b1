//! The lifetime and the end of sign-ins.

use std::time::Duration;

use domain::{MessageKind, Refusal, SignInId};
use shop::{SignInStep, codes::Policy};
use test_support::secret_scan::register_secret;

use crate::{
    people::{PASSWORD, Person, again, refusal, signed_in},
    support::TestShop,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn s_s03_a_sign_in_ends_after_half_an_hour_without_use() {
    let test = TestShop::new().await;
    let visitor = Person::new(&test, 1).await.signed_in(&test).await;
    for _ in 0..10 {
        test.clock.advance(29 * MINUTE);
        assert!(again(&test, &visitor).await.is_some());
    }
    test.clock.advance(30 * MINUTE);
    assert!(again(&test, &visitor).await.is_none());
}

#[tokio::test]
async fn s_s03_a_sign_in_ends_after_twelve_hours_of_use() {
    let test = TestShop::new().await;
    let visitor = Person::new(&test, 1).await.signed_in(&test).await;
    for _ in 0..71 {
        test.clock.advance(10 * MINUTE);
        assert!(again(&test, &visitor).await.is_some());
    }
    test.clock.advance(10 * MINUTE);
    assert!(again(&test, &visitor).await.is_none());
}

#[tokio::test]
async fn x94_an_unknown_sign_in_id_is_refused() {
    let test = TestShop::new().await;
    let visitor = test.visitor();
    assert!(signed_in(&test, visitor, &SignInId::from_bits(7)).await.is_none());
}

#[tokio::test]
async fn x94_each_login_makes_a_new_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (one, two) = (person.signed_in(&test).await, person.signed_in(&test).await);
    assert_ne!(one.signed_in.unwrap().id, two.signed_in.unwrap().id);
}

#[tokio::test]
async fn x94_an_unknown_or_deleted_session_cannot_be_saved() {
    let test = TestShop::new().await;
    let (sessions, until) = (test.sessions(), test.clock.now() + MINUTE);
    assert!(!sessions.save_data("aa", "{}", until).await.unwrap());
    assert_eq!(sessions.load_data("aa").await.unwrap(), None);
    assert!(sessions.create_data("aa", "{}", until).await.unwrap());
    assert!(!sessions.create_data("aa", "{1}", until).await.unwrap());
    assert!(sessions.save_data("aa", "{2}", until).await.unwrap());
    assert_eq!(sessions.load_data("aa").await.unwrap(), Some(("{2}".to_owned(), until)));
    sessions.delete_data("aa").await.unwrap();
    assert!(!sessions.save_data("aa", "{3}", until).await.unwrap());
    assert_eq!(sessions.load_data("aa").await.unwrap(), None);

    sessions.create_data("bb", "{}", until).await.unwrap();
    test.clock.advance(MINUTE);
    assert_eq!(sessions.load_data("bb").await.unwrap(), None);
    sessions.sweep().await.unwrap();
    assert!(sessions.create_data("bb", "{}", until + MINUTE).await.unwrap());
}

#[tokio::test]
async fn s_s04_signing_out_ends_the_row_and_not_only_the_cookie() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (one, two) = (person.signed_in(&test).await, person.signed_in(&test).await);
    test.sessions().sign_out(&one).await.unwrap();
    assert!(again(&test, &one).await.is_none());
    assert!(again(&test, &two).await.is_some());
    test.sessions().sign_out(&one).await.unwrap();
    test.sessions().sign_out(&test.visitor()).await.unwrap();
}

#[tokio::test]
async fn s_s06_sign_ins_are_listed_and_ended_one_by_one_or_together() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let mut visitors = Vec::new();
    for _ in 0..4 {
        visitors.push(person.signed_in(&test).await);
        test.clock.advance(MINUTE);
    }
    let mine = visitors.pop().unwrap();
    let list = test.sessions().list(&mine).await.unwrap();
    assert_eq!(list.len(), 4);
    assert_eq!(list.iter().filter(|one| one.is_current).count(), 1);
    assert!(list.iter().all(|one| one.user_agent == "Mozilla/5.0 (test)"));

    let first = visitors[0].signed_in.clone().unwrap().id;
    test.sessions().end(&mine, &first).await.unwrap();
    assert!(again(&test, &visitors[0]).await.is_none());
    assert!(again(&test, &visitors[1]).await.is_some());
    assert_eq!(refusal(test.sessions().end(&mine, &first).await), Refusal::NotFound);

    test.sessions().end_others(&mine).await.unwrap();
    assert!(again(&test, &visitors[1]).await.is_none());
    assert!(again(&test, &visitors[2]).await.is_none());
    assert!(again(&test, &mine).await.is_some());
}

#[tokio::test]
async fn x116_the_sign_in_of_another_account_is_not_found() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await.signed_in(&test).await;
    let other = Person::new(&test, 2).await.signed_in(&test).await;
    let id = owner.signed_in.clone().unwrap().id;
    assert_eq!(refusal(test.sessions().end(&other, &id).await), Refusal::NotFound);
    test.sessions().end_others(&other).await.unwrap();
    assert!(again(&test, &owner).await.is_some());
    assert_eq!(test.sessions().list(&other).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_expired_rows_are_deleted() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let visitor = person.signed_in(&test).await;
    test.sessions().sweep().await.unwrap();
    assert!(again(&test, &visitor).await.is_some());
    test.clock.advance(12 * 60 * MINUTE);
    test.sessions().sweep().await.unwrap();
    let visitor = person.signed_in(&test).await;
    assert_eq!(test.sessions().list(&visitor).await.unwrap().len(), 1);
}

#[tokio::test]
async fn s_s03_the_oldest_sign_in_beyond_twenty_ends_and_its_owner_is_told() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (first, mut token) = person.trusted(&test).await;
    let mut last = first.clone();
    for number in 2..=21 {
        assert!(again(&test, &first).await.is_some(), "before sign-in {number}");
        test.clock.advance(MINUTE);
        let browser = test.visitor();
        let step =
            test.sign_in().begin(&browser, &person.email, PASSWORD.into(), Some(&token)).await;
        let SignInStep::SignedIn { sign_in, device_token } = step.unwrap() else {
            panic!("the device is trusted");
        };
        register_secret(device_token.expose());
        token = device_token.expose().clone();
        last = signed_in(&test, test.visitor(), &sign_in).await.unwrap();
        let told = usize::from(number == 21);
        assert_eq!(person.count(&test, MessageKind::SignInDisplaced).await, told, "{number}");
    }
    assert!(again(&test, &first).await.is_none());
    assert_eq!(test.sessions().list(&last).await.unwrap().len(), 20);
    let displaced = test.sessions().list_displaced(&last).await.unwrap();
    assert_eq!(
        displaced.iter().map(|one| &one.id).collect::<Vec<_>>(),
        [&first.signed_in.unwrap().id]
    );
    test.clock.advance(12 * 60 * MINUTE);
    let again_in = person.signed_in(&test).await;
    assert!(test.sessions().list_displaced(&again_in).await.unwrap().is_empty());
}

#[tokio::test]
async fn s_s03_ended_and_expired_sign_ins_displace_none() {
    let policy = Policy { max_sign_ins: 2, phone_sends_per_hour: 50, ..Policy::demo() };
    let test = TestShop::with_policy(policy).await;
    let (person, other) = (Person::new(&test, 1).await, Person::new(&test, 2).await);
    let kept = person.signed_in(&test).await;
    for _ in 0..3 {
        let visitor = person.signed_in(&test).await;
        test.sessions().sign_out(&visitor).await.unwrap();
    }
    for _ in 0..2 {
        other.signed_in(&test).await;
    }
    assert!(again(&test, &kept).await.is_some(), "two are open at most, and others' do not count");
    test.clock.advance(MINUTE * 31);
    let (one, two) = (person.signed_in(&test).await, person.signed_in(&test).await);
    assert_eq!(person.count(&test, MessageKind::SignInDisplaced).await, 0);
    assert!(again(&test, &one).await.is_some() && again(&test, &two).await.is_some());
}
