//! Hashing, under load.

use std::num::NonZeroUsize;

use domain::Refusal;
use shop::{Entropy, Parts, Passwords, Shop};

use crate::{
    people::{PASSWORD, refusal},
    support::{TestShop, settings},
};

#[tokio::test]
async fn x43_two_hundred_sign_ins_at_once_are_served_or_told_to_come_back() {
    let test = TestShop::new().await;
    let shop = Shop::new(Parts {
        db: test.db.clone(),
        couriers: vec![test.phones.clone()],
        gateway: test.bank.clone(),
        clock: test.clock.clone(),
        entropy: Entropy::system(),
        passwords: Passwords::new(NonZeroUsize::MIN),
        settings: settings(),
    });
    let all = (0..200).map(|number| {
        let (shop, visitor) = (shop.clone(), test.visitor());
        let email = format!("nobody{number}@example.com");
        tokio::spawn(
            async move { shop.sign_in().begin(&visitor, &email, PASSWORD.into(), None).await },
        )
    });
    let mut served = 0;
    for one in futures::future::join_all(all).await {
        match one.unwrap() {
            Ok(_) => served += 1,
            refused => assert_eq!(refusal(refused), Refusal::Busy { seconds: 2 }),
        }
    }
    assert!((33..200).contains(&served), "{served}");
    assert_eq!(shop.passwords().computed(), served, "whoever was refused cost no hash");
    let visitor = test.visitor();
    let later = shop.sign_in().begin(&visitor, "nobody@example.com", PASSWORD.into(), None).await;
    assert!(later.is_ok());
}
