//! The network between the shop and PostgreSQL fails at a point of a payment: packets are lost, or
//! arrive after the shop has given up. Afterwards the statements of the gateway, the orders and
//! the stock must agree. Without `TEST_DATABASE_URL` nothing runs.
//!
//! A normal run tries some points of the confirmation; `MARIGOLD_CHAOS_PARTITIONS=all`, which
//! `make chaos` sets, tries every packet.

use std::time::Duration;

use domain::VariantId;
use shop::{Dependencies, Shop};
use store::{Db, OpenOptions};
use test_shop::Options;
use test_support::{Cut, Proxy, Swallowed};

use crate::{
    commerce::{Person, products_on_sale, shopper},
    killed::check_sums,
    support::TestShop,
};

/// The variable that says how many points are tried.
const PARTITIONS: &str = "MARIGOLD_CHAOS_PARTITIONS";
/// How many points a normal run tries.
const FEW: usize = 9;
/// How long the shop waits for PostgreSQL here, so that the test does not take long.
const TIMEOUT: Duration = Duration::from_millis(500);
/// How long a confirmation may take in any case: a few connections and statements.
const MAX_CONFIRMATION: Duration = Duration::from_secs(20);
/// The phones of fiction, which are as many as shoppers.
const MAX_SHOPPERS: usize = 1_000;
const PIECES: u32 = 10_000;
/// Longer than the lease of a payment and than an authorisation.
const LATER: Duration = Duration::from_secs(6 * 60);

/// A failure of the network, and what becomes of what it swallowed.
type Failure = (Cut, Swallowed);

/// Every failure at the packets of a confirmation, or an even choice of them.
fn failures(packets: u64, wanted: usize) -> Vec<Failure> {
    let of_packet = |number| {
        [
            (Cut::Request(number), Swallowed::Lost),
            (Cut::Request(number), Swallowed::Late),
            (Cut::Answer(number), Swallowed::Lost),
        ]
    };
    let all: Vec<_> = (1..=packets).flat_map(of_packet).collect();
    let step = all.len().div_ceil(wanted).max(1);
    // A step that three divides would choose the same failure at every point.
    let step = if step > 1 && step.is_multiple_of(3) { step + 1 } else { step };
    all.into_iter().step_by(step).collect()
}

struct Shoppers<'s> {
    shop: &'s TestShop,
    variant: VariantId,
    count: u32,
}

impl Shoppers<'_> {
    /// A new shopper with an order and its code.
    async fn next(&mut self) -> (Person, String) {
        let person = shopper(self.shop, self.count).await;
        self.count += 1;
        let code = person.order(self.shop, &self.variant, "demo_approve").await;
        (person, code)
    }
}

/// The same shop behind the proxy.
async fn behind(proxy: &Proxy, shop: &TestShop) -> Shop {
    let options = OpenOptions {
        acquire_timeout: TIMEOUT,
        statement_timeout: TIMEOUT,
        max_connections: 4,
        ..OpenOptions::default()
    };
    let db = Db::open_with(&proxy.database(), &options).await.unwrap();
    Shop::new(Dependencies { db, ..shop.dependencies(vec![shop.phones.clone()]) })
}

/// How many packets a confirmation sends over a connection that works.
async fn packets_of_a_payment(shoppers: &mut Shoppers<'_>, far: &Shop, proxy: &Proxy) -> u64 {
    for _ in 0..5 {
        let (person, code) = shoppers.next().await;
        proxy.restore(Swallowed::Lost).await;
        if far.checkout().confirm(&person.visitor, &code).await.is_ok() {
            return proxy.packets();
        }
    }
    panic!("no payment succeeds without a failure");
}

#[expect(clippy::disallowed_methods, reason = "a setting of the test")]
fn wanted() -> usize {
    std::env::var(PARTITIONS).map_or(FEW, |_| MAX_SHOPPERS - 10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn x172_a_network_cut_anywhere_in_a_payment_leaves_sums_that_agree() {
    test_support::with_postgres_database(async |address| {
        let options = Options { database: Some(address.clone()), ..Options::default() };
        let shop = TestShop::build(options).await;
        let variant = products_on_sale(&shop, 1_000, PIECES).await;
        let proxy = Proxy::start(&address).await;
        let far = behind(&proxy, &shop).await;
        let mut shoppers = Shoppers { shop: &shop, variant: variant.clone(), count: 0 };
        let packets = packets_of_a_payment(&mut shoppers, &far, &proxy).await;
        let (mut answered, mut failed) = (0, 0);
        for (cut, swallowed) in failures(packets, wanted()) {
            let (person, code) = shoppers.next().await;
            proxy.cut(cut);
            let confirming = far.checkout();
            let confirming = confirming.confirm(&person.visitor, &code);
            let confirmed = tokio::time::timeout(MAX_CONFIRMATION, confirming).await;
            let confirmed = confirmed.unwrap_or_else(|_| panic!("{cut:?} is waited for too long"));
            proxy.restore(swallowed).await;
            if confirmed.is_ok() {
                answered += 1
            } else {
                failed += 1
            }
            // The shopper tries again, over a network that works.
            let again = shop.checkout().confirm(&person.visitor, &code).await;
            assert!(
                confirmed.is_err() || again.is_ok(),
                "{cut:?}: an order that was answered as paid is not: {again:?}"
            );
        }
        // What was found at the gateway in one run is settled by the next at the latest.
        for _ in 0..2 {
            shop.clock.advance(LATER);
            shop.payments().reconcile_pending().await.unwrap();
        }
        let paid = check_sums(&shop, &variant, shoppers.count, PIECES).await;
        println!(
            "{packets} packets a payment: {} cuts, {answered} answered, {failed} failed; {paid} of \
             {} orders are paid, each charged once",
            answered + failed,
            shoppers.count
        );
        assert!(failed > 0, "the cuts had no effect");
    })
    .await;
}

#[test]
fn a_choice_of_failures_has_all_kinds() {
    for packets in [7, 40, 100] {
        let chosen = failures(packets, FEW);
        assert!((5..=FEW).contains(&chosen.len()), "{}", chosen.len());
        let has = |wanted: fn(&Failure) -> bool| chosen.iter().any(wanted);
        assert!(has(|(cut, _)| matches!(cut, Cut::Answer(_))), "{chosen:?}");
        assert!(has(|(_, swallowed)| *swallowed == Swallowed::Late), "{chosen:?}");
        assert_eq!(failures(packets, 1_000).len() as u64, packets * 3);
    }
}
