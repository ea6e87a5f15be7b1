//! Security §4.4: a decoy looks like a real challenge.

use std::time::Duration;

use domain::{Purpose, Refusal};
use shop::{
    Visitor,
    codes::{CodeRequest, CodeView, Recipient},
};

use super::support::{decoy, issue, refusal, request, verify};
use crate::support::{TestShop, phone, visible};

const RESET: Purpose = Purpose::Reset;

async fn view(shop: &TestShop, visitor: &Visitor) -> CodeView {
    visible(shop.codes().status(visitor, RESET).await.unwrap().unwrap())
}

/// Everything a visitor can see of one code, from asking to its end.
async fn walk(shop: &TestShop, request: &CodeRequest) -> Vec<String> {
    let visitor = shop.visitor();
    let mut seen = vec![format!("{:?}", issue(shop, &visitor, request).await)];
    seen.push(format!("{:?}", view(shop, &visitor).await));
    for _ in 0..8 {
        shop.wait(Duration::from_secs(2)).await;
    }
    seen.push(format!("{:?}", view(shop, &visitor).await));
    seen.push(format!("{:?}", shop.codes().resend(&visitor, RESET).await));
    for _ in 0..5 {
        shop.clock.advance(Duration::from_secs(60));
        seen.push(format!("{:?}", shop.codes().resend(&visitor, RESET).await));
        for _ in 0..3 {
            shop.wait(Duration::from_secs(2)).await;
        }
        seen.push(format!("{:?}", view(shop, &visitor).await));
    }
    for _ in 0..7 {
        seen.push(format!("{:?}", verify(shop, &visitor, RESET, "000000").await));
    }
    seen.push(format!("{:?}", shop.codes().resend(&visitor, RESET).await));
    seen.push(format!("{:?}", view(shop, &visitor).await));
    seen.push(format!("{:?}", issue(shop, &shop.visitor(), request).await));
    seen
}

#[tokio::test]
async fn x47_a_decoy_shows_every_step_of_a_real_code() {
    let real = walk(&TestShop::new().await, &request(RESET, 1, &phone(1))).await;
    let shop = TestShop::new().await;
    let fake = walk(&shop, &decoy(request(RESET, 1, &phone(1)))).await;
    for (real, fake) in real.iter().zip(&fake) {
        assert_eq!(real, fake);
    }
    assert!(shop.phones.chats().is_empty(), "and nothing was sent");
}

#[tokio::test]
async fn x48_a_decoy_is_limited_at_the_same_send() {
    for is_decoy in [false, true] {
        let shop = TestShop::new().await;
        let real = request(RESET, 1, &phone(1));
        let asked = if is_decoy { decoy(real) } else { real };
        for _ in 0..3 {
            issue(&shop, &shop.visitor(), &asked).await.unwrap();
        }
        let answer = issue(&shop, &shop.visitor(), &asked).await;
        assert_eq!(refusal(answer), Refusal::TooMany { seconds: 3600 }, "decoy: {is_decoy}");
    }
}

#[tokio::test]
async fn x48_a_decoy_does_not_count_against_the_real_number() {
    let shop = TestShop::new().await;
    let real = request(RESET, 1, &phone(1));
    for _ in 0..3 {
        issue(&shop, &shop.visitor(), &decoy(real.clone())).await.unwrap();
    }
    issue(&shop, &shop.visitor(), &real).await.unwrap();
}

#[tokio::test]
async fn x52_a_page_without_digits_shows_none_real_or_decoy() {
    let shop = TestShop::new().await;
    for to in [Recipient::Phone(phone(1)), Recipient::Decoy { subject: "a".to_owned() }] {
        let visitor = shop.visitor();
        let issuer = shop.codes().issuer(&visitor).without_digits();
        let asked = CodeRequest { to, ..request(RESET, 1, &phone(1)) };
        let issued =
            shop.db.write(move |tx| Box::pin(async move { issuer.issue(tx, &asked).await }));
        issued.await.unwrap();
        assert_eq!(view(&shop, &visitor).await.masked_phone, "••• ••• ••");
    }
}
