//! Hashing passwords under load.

use std::num::NonZeroUsize;

use domain::Refusal;
use futures::stream::{FuturesUnordered, StreamExt};
use shop::{Dependencies, Entropy, HashingCost, Passwords, Shop};

use crate::{
    people::{PASSWORD, refusal},
    support::{TestShop, settings},
};

/// The capacity of the pool: one password that is hashed, and 32 that wait.
const CAPACITY: u64 = 33;

#[tokio::test]
async fn x43_parallel_sign_ins_are_served_or_refused_with_a_wait() {
    let test = TestShop::new().await;
    let shop = Shop::new(Dependencies {
        db: test.db.clone(),
        providers: vec![test.phones.clone()],
        gateways: test_shop::gateways(test.gateway.clone()),
        clock: test.clock.clone(),
        entropy: Entropy::system(),
        passwords: Passwords::with_cost(HashingCost::CHEAP_FOR_TESTS, None, NonZeroUsize::MIN),
        settings: settings(),
    });
    let held = shop.passwords().hold_one_hasher().await;
    let mut asked: FuturesUnordered<_> = (0..200)
        .map(|number| {
            let (shop, visitor) = (shop.clone(), test.visitor());
            let email = format!("nobody{number}@example.com");
            tokio::spawn(async move {
                shop.sign_in().begin(&visitor, &email, PASSWORD.into(), None).await
            })
        })
        .collect();
    for _ in CAPACITY..200 {
        let turned_away = asked.next().await.unwrap().unwrap();
        assert_eq!(refusal(turned_away), Refusal::Busy { seconds: 2 });
    }
    drop(held);
    while let Some(served) = asked.next().await {
        assert_eq!(refusal(served.unwrap()), Refusal::WrongCredentials);
    }
    assert_eq!(shop.passwords().computed(), CAPACITY, "a refused sign-in costs no hash");
    let visitor = test.visitor();
    let later = shop.sign_in().begin(&visitor, "nobody@example.com", PASSWORD.into(), None).await;
    assert_eq!(refusal(later), Refusal::WrongCredentials);
}
