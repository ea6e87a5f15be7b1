//! One guess at each of many accounts, each from another network address.

use std::time::Duration;

use domain::{MessageKind, Purpose::Login};
use shop::{
    audit::Event,
    codes::{AttemptStats, Policy},
};

use super::support::{decoy, issue, refusal, request, verify, wrong};
use crate::support::{TestShop, phone};

/// A shop that checks for spraying from the twentieth wrong code in ten minutes on, and whose
/// sends are not limited.
async fn shop() -> TestShop {
    TestShop::with_policy(Policy { alert_failures: 20, ..Policy::demo() }).await
}

/// A visitor at a new network address guesses at the account of this number.
async fn guess(shop: &TestShop, number: u32) {
    let visitor = shop.visitor();
    issue(shop, &visitor, &decoy(request(Login, number.into(), &phone(number)))).await.unwrap();
    refusal(verify(shop, &visitor, Login, "123456").await);
}

/// The owner of this number gives a wrong or the right code.
async fn enter(shop: &TestShop, number: u32, mistypes: bool) {
    let visitor = shop.visitor();
    issue(shop, &visitor, &request(Login, number.into(), &phone(number))).await.unwrap();
    let code = shop.last_code(&phone(number)).await;
    if mistypes {
        refusal(verify(shop, &visitor, Login, &wrong(&code)).await);
    }
    verify(shop, &visitor, Login, &code).await.unwrap();
}

async fn alerts(shop: &TestShop) -> u64 {
    let mut rows = shop.db.read().await.unwrap();
    rows.audit().count(Event::GuessingSuspected.as_str()).await.unwrap()
}

#[tokio::test]
async fn x04_one_attempt_at_each_of_many_accounts_raises_one_alert_and_no_lock() {
    let shop = shop().await;
    for number in 0..19 {
        guess(&shop, number).await;
    }
    assert_eq!(shop.codes().watch_for_spraying().await.unwrap(), None, "a few prove nothing");
    guess(&shop, 19).await;
    let seen = shop.codes().watch_for_spraying().await.unwrap();
    assert_eq!(seen, Some(AttemptStats { right: 0, wrong: 20 }));
    let other_process = shop.another_process().await;
    for node in [&*shop, &other_process] {
        assert_eq!(node.codes().watch_for_spraying().await.unwrap(), None, "it was said already");
    }
    assert_eq!(alerts(&shop).await, 1);
    for number in 0..20 {
        enter(&shop, number, false).await;
        let messages = shop.messages(&phone(number)).await;
        assert!(messages.iter().all(|message| message.purpose == MessageKind::Code(Login)));
    }
}

#[tokio::test]
async fn x04_the_alert_repeats_while_the_guessing_continues() {
    let shop = shop().await;
    for round in 0..2 {
        for number in 0..20 {
            guess(&shop, round * 20 + number).await;
        }
        assert!(shop.codes().watch_for_spraying().await.unwrap().is_some(), "round {round}");
        shop.clock.advance(Duration::from_secs(600));
    }
    assert_eq!(shop.codes().watch_for_spraying().await.unwrap(), None);
    assert_eq!(alerts(&shop).await, 2);
}

#[tokio::test]
async fn x04_occasional_wrong_codes_raise_no_alert() {
    let shop = shop().await;
    for number in 0..40 {
        enter(&shop, number, number % 2 == 0).await;
    }
    assert_eq!(shop.codes().watch_for_spraying().await.unwrap(), None);
    assert_eq!(alerts(&shop).await, 0);
}

#[tokio::test]
async fn x04_one_password_tried_at_each_of_many_addresses_raises_one_alert() {
    let shop = shop().await;
    for number in 0..20 {
        let email = format!("person{number}@example.com");
        let password = "wrong horse battery".to_owned();
        let tried = shop.sign_in().begin(&shop.visitor(), &email, password, None).await;
        refusal(tried);
    }
    let seen = shop.codes().watch_for_spraying().await.unwrap();
    assert_eq!(seen, Some(AttemptStats { right: 0, wrong: 20 }));
    assert_eq!(shop.codes().watch_for_spraying().await.unwrap(), None);
    assert_eq!(alerts(&shop).await, 1);
}
