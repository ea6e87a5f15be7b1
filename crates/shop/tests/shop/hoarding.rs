//! Strangers who order and do not pay: they hold little stock for a short time, and leave a shopper
//! her piece and her code.

use std::{net::Ipv4Addr, time::Duration};

use domain::{OrderStatus, Refusal, VariantId};
use shop::{ClientAddress, Placed, Shop};
use test_shop::Options;

use crate::{
    commerce::{
        FaultyGateway, GatewayFault, Person, products_on_sale, refusal, shopper, stock,
        with_gateway,
    },
    support::TestShop,
};

const STRANGERS: u32 = 200;
/// A shopper who is none of them.
const SHE: u32 = 900;
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Runs `body` on a new SQLite file, and on a new PostgreSQL database if there is a server.
async fn on_both(body: impl AsyncFn(TestShop)) {
    body(TestShop::new().await).await;
    test_support::with_postgres_database(async |address| {
        let options = Options { database: Some(address), ..Options::default() };
        body(TestShop::build(options).await).await;
    })
    .await;
}

/// A shopper with an account and a phone, on one of so many networks.
async fn stranger(shop: &TestShop, number: u32, networks: u32) -> Person {
    let mut person = shopper(shop, number).await;
    let network = u8::try_from(number % networks).unwrap();
    person.visitor.address = ClientAddress::of(Ipv4Addr::new(198, 51, 100, network).into());
    person
}

/// Orders one piece and confirms it with the code, at a shop whose gateway may be out of reach.
async fn confirm_one(shop: &TestShop, far: &Shop, person: &Person, thing: &VariantId) -> bool {
    person.add_to_cart(shop, thing, 1).await;
    person.fill_checkout(shop, "demo_approve").await;
    match shop.checkout().place(&person.visitor).await {
        Ok(placed) => assert!(matches!(placed, Placed::CodeSent)),
        Err(error) => {
            let refused = refusal::<()>(Err(error));
            assert!(matches!(refused, Refusal::TooMany { .. }), "{refused:?}");
            return false;
        }
    }
    let code = shop.last_code(&person.phone).await;
    match far.checkout().confirm(&person.visitor, &code).await {
        Ok(_) => true,
        Err(error) => {
            let refused = refusal::<()>(Err(error));
            assert!(matches!(refused, Refusal::TooMany { .. }), "{refused:?}");
            false
        }
    }
}

#[tokio::test]
async fn x171_orders_of_200_strangers_without_a_code_hold_no_piece() {
    on_both(async |shop: TestShop| {
        let thing = products_on_sale(&shop, 10_00, 1).await;
        for number in 0..STRANGERS {
            let stranger = stranger(&shop, number, 10).await;
            stranger.order(&shop, &thing, "demo_approve").await;
        }
        assert_eq!(stock(&shop, &thing).await, 1, "the last piece is free");
        let she = shopper(&shop, SHE).await;
        she.buy(&shop, &thing).await;
        assert_eq!(she.status(&shop).await, OrderStatus::Paid);
    })
    .await;
}

#[tokio::test]
async fn x171_payments_of_200_strangers_that_hang_leave_her_a_piece_and_a_code() {
    on_both(async |shop: TestShop| {
        let thing = products_on_sale(&shop, 10_00, 100).await;
        let gateway = FaultyGateway::new(&shop, GatewayFault::NeverArrives);
        let far = with_gateway(&shop, gateway.clone());
        let mut held = 0;
        for number in 0..STRANGERS {
            // An address asks for twenty codes an hour, and may come back in the next one.
            if number % 80 == 79 {
                shop.clock.advance(HOUR);
            }
            let stranger = stranger(&shop, number, 4).await;
            held += u32::from(confirm_one(&shop, &far, &stranger, &thing).await);
        }
        assert_eq!(held, 80, "twenty of each network");
        assert_eq!(stock(&shop, &thing).await, 20);
        let she = shopper(&shop, SHE).await;
        she.buy(&shop, &thing).await;
        assert_eq!(she.status(&shop).await, OrderStatus::Paid);
        // What is held becomes free once the gateway says that nothing was charged.
        gateway.set(GatewayFault::None);
        shop.clock.advance(HOUR);
        far.payments().reconcile_pending().await.unwrap();
        assert_eq!(stock(&shop, &thing).await, 99);
    })
    .await;
}

#[tokio::test]
async fn x171_accounts_of_one_browser_hold_three_orders_until_one_is_decided() {
    on_both(async |shop: TestShop| {
        let thing = products_on_sale(&shop, 10_00, 100).await;
        let gateway = FaultyGateway::new(&shop, GatewayFault::NeverArrives);
        let far = with_gateway(&shop, gateway.clone());
        let browser = shop.visitor().browser;
        let mut held = Vec::new();
        for number in 0..6 {
            let mut person = shopper(&shop, number).await;
            person.visitor.browser = browser.clone();
            held.push(confirm_one(&shop, &far, &person, &thing).await);
            // The next order is another one, not the same form sent twice.
            shop.clock.advance(Duration::from_secs(61));
        }
        assert_eq!(held, [true, true, true, false, false, false]);
        gateway.set(GatewayFault::None);
        shop.clock.advance(HOUR);
        far.payments().reconcile_pending().await.unwrap();
        let mut later = shopper(&shop, 7).await;
        later.visitor.browser = browser;
        assert!(confirm_one(&shop, &shop, &later, &thing).await, "the others are decided");
    })
    .await;
}
