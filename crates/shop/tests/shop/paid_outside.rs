//! Orders that are paid outside of the shop: the code confirms them, and the merchant records the
//! money.

use std::{sync::Arc, time::Duration};

use domain::{
    CountryCode, Field, OrderId, OrderStatus, PaymentStatus, Problem, Refusal, VariantId,
};
use payment::{BankTransfer, CashOnDelivery, Gateway};
use shop::{
    NextStep, consumer_law::WithdrawalPeriod, merchant::MerchantOrder, withdrawals::WithdrawalForm,
};
use test_shop::Options;

use crate::{
    commerce::{
        Person, euro, merchant, products_on_sale, refusal, set_stock, shopper, stock, wrong,
    },
    support::{TestShop, on_both_engines},
};

const ON_DELIVERY: &str = "cash-on-delivery";
const TRANSFER: &str = "bank-transfer";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const STOCK: u32 = 5;

struct Scene {
    shop: TestShop,
    seller: Person,
    thing: VariantId,
}

impl Scene {
    async fn new(database: Option<String>) -> Self {
        let on_delivery = CashOnDelivery {
            countries: CountryCode::parse("GB").into_iter().collect(),
            max: Some(euro(50_00)),
        };
        let gateways: Vec<Arc<dyn Gateway>> =
            vec![Arc::new(on_delivery), Arc::new(BankTransfer { payment_term: DAY * 7 })];
        let shop = TestShop::build(Options { gateways, database, ..Options::default() }).await;
        let thing = products_on_sale(&shop, 10_00, STOCK).await;
        let seller = merchant(&shop, 99).await;
        Self { shop, seller, thing }
    }

    /// A confirmed order of one thing.
    async fn confirmed(&self, person: &Person, method: &str) -> OrderId {
        let code = person.order(&self.shop, &self.thing, method).await;
        assert!(self.shop.checkout().confirm(&person.visitor, &wrong(&code)).await.is_err());
        self.shop.checkout().confirm(&person.visitor, &code).await.unwrap();
        self.desk().orders(None).await.unwrap().orders[0].id.clone()
    }

    fn desk(&self) -> shop::merchant::Merchant<'_> {
        self.shop.merchant(&self.seller.visitor).unwrap()
    }

    async fn order(&self, id: &OrderId) -> MerchantOrder {
        self.desk().order(id).await.unwrap()
    }

    async fn stock(&self) -> u32 {
        stock(&self.shop, &self.thing).await
    }
}

on_both_engines!(a_parcel_is_paid_on_delivery_and_confirmed_by_the_code, async |db| {
    let scene = Scene::new(db).await;
    let person = shopper(&scene.shop, 1).await;
    let id = scene.confirmed(&person, ON_DELIVERY).await;
    let order = scene.order(&id).await;
    let expected = (OrderStatus::Confirmed, Some(PaymentStatus::Expected));
    assert_eq!(((order.status, order.payment), scene.stock().await), (expected, STOCK - 1));
    assert!(scene.shop.carts().view(&person.visitor, None).await.unwrap().lines.is_empty());
    assert!(order.may.ship && order.may.receive && order.may.cancel && !order.may.refund);
    assert_eq!(scene.desk().orders_to_ship().await.unwrap(), 1);
    scene.shop.clock.advance(DAY * 60);
    assert_eq!(scene.shop.payments().reconcile_pending().await.unwrap(), 0, "there is no deadline");
    scene.desk().ship(&id, order.version).await.unwrap();
    let order = scene.order(&id).await;
    assert!(order.may.receive && order.may.refuse && !order.may.cancel);
    assert_eq!(scene.desk().orders_to_ship().await.unwrap(), 0);
    scene.desk().mark_received(&id, order.version).await.unwrap();
    let order = scene.order(&id).await;
    let paid = (OrderStatus::Shipped, Some(PaymentStatus::Captured));
    assert_eq!((order.status, order.payment), paid);
    assert_eq!(order.captured, Some(euro(14_90)));
    let again = scene.desk().mark_received(&id, order.version).await;
    assert_eq!(refusal(again), Refusal::NotPossible);
    scene.desk().refund(&id, order.version).await.unwrap();
    assert_eq!(scene.order(&id).await.status, OrderStatus::Refunded);
});

on_both_engines!(a_phone_with_refused_parcels_pays_before_delivery, async |db| {
    let scene = Scene::new(db).await;
    let (person, other) = (shopper(&scene.shop, 1).await, shopper(&scene.shop, 2).await);
    for (refused, restocks) in [(1, true), (2, false)] {
        let id = scene.confirmed(&person, ON_DELIVERY).await;
        let order = scene.order(&id).await;
        let early = scene.desk().mark_parcel_refused(&id, order.version, true).await;
        assert_eq!(refusal(early), Refusal::NotPossible, "it was not sent yet");
        scene.desk().ship(&id, order.version).await.unwrap();
        let shown = scene.order(&id).await.version;
        scene.desk().mark_parcel_refused(&id, shown, restocks).await.unwrap();
        let order = scene.order(&id).await;
        assert_eq!(order.status, OrderStatus::Cancelled, "{refused}");
        assert_eq!(order.payment, Some(PaymentStatus::Declined));
        scene.shop.clock.advance(Duration::from_secs(61));
    }
    assert_eq!(scene.stock().await, STOCK - 1, "one of two came back");
    person.add_to_cart(&scene.shop, &scene.thing, 1).await;
    let offered = scene.shop.checkout().view(&person.visitor).await.unwrap().methods;
    assert!(offered.iter().all(|method| method.id != ON_DELIVERY));
    scene.shop.checkout().set_shipping(&person.visitor, "standard").await.unwrap();
    let chosen = scene.shop.checkout().set_method(&person.visitor, ON_DELIVERY).await;
    assert_eq!(refusal(chosen), Refusal::Invalid(vec![Problem::Choice(Field::Payment)]));
    scene.confirmed(&other, ON_DELIVERY).await;
});

on_both_engines!(pay_on_delivery_ends_where_the_cart_outgrows_its_limit, async |db| {
    let scene = Scene::new(db).await;
    let person = shopper(&scene.shop, 1).await;
    let code = person.order(&scene.shop, &scene.thing, ON_DELIVERY).await;
    person.add_to_cart(&scene.shop, &scene.thing, 4).await;
    let confirm = scene.shop.checkout().confirm(&person.visitor, &code).await;
    assert_eq!(refusal(confirm), Refusal::OrderChanged);
    let place = scene.shop.checkout().place(&person.visitor).await;
    assert_eq!(refusal(place), Refusal::Invalid(vec![Problem::Choice(Field::Payment)]));
    assert_eq!(scene.stock().await, STOCK);
});

on_both_engines!(a_transfer_is_waited_for_and_then_the_parcel_is_sent, async |db| {
    let scene = Scene::new(db).await;
    let person = shopper(&scene.shop, 1).await;
    let confirmed_at = scene.shop.clock.now();
    let id = scene.confirmed(&person, TRANSFER).await;
    let token = scene.shop.orders().list(&person.visitor).await.unwrap()[0].token.clone();
    let step = scene.shop.checkout().next_step(&person.visitor, &token).await.unwrap();
    assert_eq!(step, NextStep::Transfer { until: confirmed_at + DAY * 7 });
    let order = scene.order(&id).await;
    assert!(!order.may.ship && order.may.receive);
    assert_eq!(scene.desk().orders_to_ship().await.unwrap(), 0, "its money has to come first");
    let ship = scene.desk().ship(&id, order.version).await;
    assert_eq!(refusal(ship), Refusal::NotPossible, "not before the money is there");
    scene.desk().mark_received(&id, order.version).await.unwrap();
    let order = scene.order(&id).await;
    assert_eq!(order.status, OrderStatus::Paid);
    assert_eq!(scene.desk().orders_to_ship().await.unwrap(), 1);
    scene.desk().ship(&id, order.version).await.unwrap();
    scene.shop.clock.advance(DAY * 30);
    scene.shop.payments().reconcile_pending().await.unwrap();
    assert_eq!(scene.order(&id).await.status, OrderStatus::Shipped, "the deadline is met");
});

on_both_engines!(a_transfer_that_does_not_come_frees_the_stock_once, async |db| {
    let scene = Scene::new(db).await;
    let person = shopper(&scene.shop, 1).await;
    let id = scene.confirmed(&person, TRANSFER).await;
    scene.shop.clock.advance(DAY * 7 - Duration::from_secs(1));
    assert_eq!(scene.shop.payments().reconcile_pending().await.unwrap(), 0);
    assert_eq!(scene.stock().await, STOCK - 1);
    let shown = scene.order(&id).await.version;
    scene.shop.clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        scene.shop.payments().reconcile_pending().await.unwrap();
        scene.shop.clock.advance(DAY);
    }
    let order = scene.order(&id).await;
    let ended = (OrderStatus::Cancelled, Some(PaymentStatus::Expired));
    assert_eq!(((order.status, order.payment), scene.stock().await), (ended, STOCK));
    assert!(matches!(refusal(scene.desk().mark_received(&id, shown).await), Refusal::Outdated(_)));
    let late = scene.desk().mark_received(&id, order.version).await;
    assert_eq!(refusal(late), Refusal::NotPossible);
});

on_both_engines!(a_confirmed_order_that_is_not_paid_yet_can_be_withdrawn_from, async |db| {
    let scene = Scene::new(db).await;
    let person = shopper(&scene.shop, 1).await;
    for (open, method) in [(1, ON_DELIVERY), (2, TRANSFER)] {
        let id = scene.confirmed(&person, method).await;
        assert!(scene.order(&id).await.status.is_contract());
        let form = WithdrawalForm {
            name: "Ada Buyer".into(),
            order_number: scene.order(&id).await.number,
            contact: "person1@example.com".into(),
        };
        let (withdrawals, visitor) = (scene.shop.withdrawals(), scene.shop.visitor());
        withdrawals.confirm(&visitor, withdrawals.new_id().unwrap(), &form).await.unwrap();
        let notices = scene.desk().withdrawals_of(&id).await.unwrap();
        assert_eq!(notices.len(), 1, "{method}");
        assert_eq!(notices[0].period, Some(WithdrawalPeriod::Open), "{method}");
        assert_eq!(scene.desk().open_withdrawals().await.unwrap(), open);
        scene.shop.clock.advance(Duration::from_secs(61));
    }
});

on_both_engines!(x171_a_phone_owes_ten_orders_at_a_time_and_may_pay_others, async |db| {
    let scene = Scene::new(db).await;
    set_stock(&scene.shop, &scene.thing, 30).await;
    let person = shopper(&scene.shop, 1).await;
    let order = async |method: &str| -> shop::Result<()> {
        person.add_to_cart(&scene.shop, &scene.thing, 1).await;
        person.fill_checkout(&scene.shop, method).await;
        scene.shop.checkout().place(&person.visitor).await?;
        let code = scene.shop.last_code(&person.phone).await;
        scene.shop.checkout().confirm(&person.visitor, &code).await?;
        scene.shop.clock.advance(DAY);
        Ok(())
    };
    for number in 1..=10 {
        let placed = order(if number % 3 == 0 { TRANSFER } else { ON_DELIVERY }).await;
        assert!(placed.is_ok(), "{number}: {placed:?}");
    }
    let held = scene.stock().await;
    assert!(matches!(refusal(order(ON_DELIVERY).await), Refusal::TooMany { .. }));
    assert_eq!(scene.stock().await, held);
    let orders = scene.desk().orders(None).await.unwrap().orders;
    let is_due = |status| status == OrderStatus::Confirmed;
    let mut due = orders.into_iter().filter(|order| is_due(order.status));
    let (newest, before) = (due.next().unwrap().id, due.next().unwrap().id);
    assert!(order("demo_approve").await.is_ok(), "an order that is paid at once");
    for id in [newest, before] {
        let shown = scene.order(&id).await.version;
        scene.desk().mark_received(&id, shown).await.unwrap();
    }
    assert!(order(ON_DELIVERY).await.is_ok(), "two of the others were paid");
});
