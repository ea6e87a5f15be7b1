//! Trusted devices.

use std::time::Duration;

use domain::{DeviceId, Purpose, Refusal};
use shop::{Result, SignInStep};

use crate::{
    people::{PASSWORD, Person, again, recorded, refusal, signed_in},
    support::TestShop,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Signs in with a device's token in a new browser.
async fn use_token(test: &TestShop, person: &Person, token: &str) -> Result<SignInStep> {
    let email = &person.email;
    test.sign_in().begin(&test.visitor(), email, PASSWORD.into(), Some(token)).await
}

/// The next token; `None` if this one is refused.
async fn next(test: &TestShop, person: &Person, token: &str) -> Option<String> {
    match use_token(test, person, token).await.unwrap() {
        SignInStep::SignedIn { device_token, .. } => Some(device_token.expose().clone()),
        SignInStep::CodeNeeded => None,
    }
}

#[tokio::test]
async fn a_trusted_device_needs_the_password_and_no_code() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (_, token) = person.trusted(&test).await;
    let sent = test.messages(&person.phone).await.len();
    let step = use_token(&test, &person, &token).await.unwrap();
    let SignInStep::SignedIn { sign_in, .. } = step else { panic!("a code was asked for") };
    assert!(signed_in(&test, test.visitor(), &sign_in).await.is_some());
    assert_eq!(test.messages(&person.phone).await.len(), sent);

    let wrong = test
        .sign_in()
        .begin(&test.visitor(), &person.email, "wrong horse battery".into(), Some(&token))
        .await;
    assert_eq!(refusal(wrong), Refusal::WrongCredentials);
}

#[tokio::test]
async fn a_browser_is_trusted_only_on_request() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (visitor, done) = person.enter_code(&test, false).await;
    assert!(done.device_token.is_none());
    assert!(test.devices().list(&visitor).await.unwrap().is_empty());
}

#[tokio::test]
async fn x107_a_token_is_128_bits_and_rows_keep_only_a_digest() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (_, token) = person.trusted(&test).await;
    assert_eq!(token.len(), 32);
    let mut rows = test.db.read().await.unwrap();
    let now = test.clock.now();
    assert!(!rows.devices().is_trusted(&token, &person.id, now).await.unwrap());
}

#[tokio::test]
async fn x107_a_token_works_once_and_the_next_one_after_it() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (_, first) = person.trusted(&test).await;
    let second = next(&test, &person, &first).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(next(&test, &person, &first).await, None, "a stolen copy is worthless");
    assert!(next(&test, &person, &second).await.is_some());
}

#[tokio::test]
async fn x107_a_token_used_in_parallel_opens_one_sign_in() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (_, token) = person.trusted(&test).await;
    let before = recorded(&test, "authn_login_success").await;
    let all = (0..5).map(|_| {
        let (shop, visitor) = (shop::Shop::clone(&test), test.visitor());
        let (email, token) = (person.email.clone(), token.clone());
        tokio::spawn(async move {
            shop.sign_in().begin(&visitor, &email, PASSWORD.into(), Some(&token)).await
        })
    });
    let all = futures::future::join_all(all).await;
    let is_in = |step: &SignInStep| matches!(step, SignInStep::SignedIn { .. });
    let won = all.into_iter().flatten().flatten().filter(is_in).count();
    assert_eq!(won, 1);
    assert_eq!(recorded(&test, "authn_login_success").await - before, 1);
}

#[tokio::test]
async fn x107_a_token_of_another_account_or_altered_is_refused() {
    let test = TestShop::new().await;
    let (one, two) = (Person::new(&test, 1).await, Person::new(&test, 2).await);
    let (_, token) = one.trusted(&test).await;
    assert_eq!(next(&test, &two, &token).await, None);
    let last = if token.ends_with('0') { '1' } else { '0' };
    let changed = format!("{}{last}", &token[..31]);
    for bad in [changed.as_str(), "", "' or 1=1 --", &token.to_uppercase(), &"0".repeat(10_000)] {
        if bad != token {
            assert_eq!(next(&test, &one, bad).await, None, "{bad}");
            test.clock.advance(Duration::from_secs(3600));
        }
    }
    assert!(next(&test, &one, &token).await.is_some());
}

#[tokio::test]
async fn x107_trust_ends_after_thirty_days_however_often_it_is_used() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (_, mut token) = person.trusted(&test).await;
    for _ in 0..29 {
        test.clock.advance(DAY);
        token = next(&test, &person, &token).await.unwrap();
    }
    test.clock.advance(DAY);
    assert_eq!(next(&test, &person, &token).await, None);
}

#[tokio::test]
async fn s_a06_a_device_is_listed_and_revoked_by_its_owner() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (visitor, token) = person.trusted(&test).await;
    let list = test.devices().list(&visitor).await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].expires_at, test.clock.now() + 30 * DAY);
    test.devices().revoke(&visitor, &list[0].id).await.unwrap();
    assert!(test.devices().list(&visitor).await.unwrap().is_empty());
    assert_eq!(next(&test, &person, &token).await, None);
    let refused = refusal(test.devices().revoke(&visitor, &list[0].id).await);
    assert_eq!(refused, Refusal::NotFound);
}

#[tokio::test]
async fn x116_the_device_of_another_account_is_not_found() {
    let test = TestShop::new().await;
    let owner = Person::new(&test, 1).await;
    let (visitor, token) = owner.trusted(&test).await;
    let other = Person::new(&test, 2).await.signed_in(&test).await;
    let id = test.devices().list(&visitor).await.unwrap()[0].id.clone();
    for id in [id, DeviceId::from_bits(99)] {
        assert_eq!(refusal(test.devices().revoke(&other, &id).await), Refusal::NotFound);
    }
    assert!(next(&test, &owner, &token).await.is_some());
}

#[tokio::test]
async fn x92_a_trusted_device_does_not_replace_a_step_up() {
    let test = TestShop::new().await;
    let person = Person::new(&test, 1).await;
    let (_, token) = person.trusted(&test).await;
    let visitor = test.visitor();
    let step =
        test.sign_in().begin(&visitor, &person.email, PASSWORD.into(), Some(&token)).await.unwrap();
    let SignInStep::SignedIn { sign_in, .. } = step else { panic!("a code was asked for") };
    let visitor = signed_in(&test, visitor, &sign_in).await.unwrap();
    let refused = refusal(test.account().begin_phone_change(&visitor, "+447700900050").await);
    assert_eq!(refused, Refusal::StepUpNeeded);

    test.account().begin_step_up(&visitor, PASSWORD.into()).await.unwrap();
    let view = test.codes().status(&visitor, Purpose::StepUp).await.unwrap().unwrap();
    assert!(view.is_live(), "the code is asked for, trusted or not");
    let visitor = again(&test, &visitor).await.unwrap();
    let refused = refusal(test.account().begin_phone_change(&visitor, "+447700900050").await);
    assert_eq!(refused, Refusal::StepUpNeeded);
}
