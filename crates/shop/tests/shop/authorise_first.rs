//! Methods that are authorised at the gateway before the code: no message is paid for a declined
//! card, no money moves without the code, and nothing is left held.

use std::{sync::Arc, time::Duration};

use domain::{
    DeclineReason, HistoryKind, OrderStatus, OrderToken, PaymentStatus, Purpose, Refusal, VariantId,
};
use payment::{CallbackError, GatewayStatus, RawCallback};
use shop::{
    NextStep, PaymentCodePolicy, Placed, Returned, Settings, Shop, Visitor, payments::TakenCallback,
};
use test_shop::{CARD, CARD_SIGNATURE, CardFault, CardGateway, CardStep, Options, SAVED_CARD};

use crate::{
    commerce::{Person, merchant, products_on_sale, refusal, shopper, stock, wrong},
    people,
    support::{TestShop, on_both_engines, on_each_engine, settings},
};

pub const STOCK: u32 = 3;
/// After this time the gateway's page is closed.
pub const PAGE_CLOSED: Duration = Duration::from_secs(35 * 60);
/// After this time an authorised payment is no longer held.
pub const HOLD_OVER: Duration = Duration::from_secs(30 * 60);
/// After this time the lease of a payment has ended.
pub const LEASE_OVER: Duration = Duration::from_secs(31);

/// A shop with the gateway of cards, and a shopper who can place an order of one thing.
pub struct Scene {
    pub shop: TestShop,
    pub cards: Arc<CardGateway>,
    person: Person,
    thing: VariantId,
}

impl Scene {
    pub async fn new(database: Option<String>) -> Self {
        Self::with(database, settings(), CARD).await
    }

    pub async fn with(database: Option<String>, settings: Settings, method: &str) -> Self {
        let cards = Arc::new(CardGateway::default());
        let gateways = vec![cards.clone() as Arc<dyn payment::Gateway>];
        let options = Options { settings, gateways, database, ..Options::default() };
        let shop = TestShop::build(options).await;
        let thing = products_on_sale(&shop, 10_00, STOCK).await;
        let person = shopper(&shop, 1).await;
        person.add_to_cart(&shop, &thing, 1).await;
        person.fill_checkout(&shop, method).await;
        Self { shop, cards, person, thing }
    }

    pub fn visitor(&self) -> &Visitor {
        &self.person.visitor
    }

    pub async fn place(&self) -> Placed {
        self.shop.checkout().place(self.visitor()).await.unwrap()
    }

    /// Places the order, completes the gateway's page and comes back. Returns the code.
    pub async fn authorised(&self) -> String {
        assert!(matches!(self.place().await, Placed::AtGateway(_)));
        self.cards.approve(&self.cards.newest().id);
        assert_eq!(self.come_back().await, Returned::EnterCode);
        self.shop.last_code(&self.person.phone).await
    }

    pub async fn come_back(&self) -> Returned {
        let token = self.token().await;
        self.shop.checkout().returned(self.visitor(), &token).await.unwrap()
    }

    pub async fn token(&self) -> OrderToken {
        self.shop.orders().list(self.visitor()).await.unwrap()[0].token.clone()
    }

    pub async fn status(&self) -> (OrderStatus, Option<PaymentStatus>) {
        let order = self.shop.orders().by_token(self.visitor(), &self.token().await).await;
        order.map(|order| (order.status, order.payment)).unwrap()
    }

    pub async fn next_step(&self) -> NextStep {
        self.shop.checkout().next_step(self.visitor(), &self.token().await).await.unwrap()
    }

    pub async fn stock(&self) -> u32 {
        stock(&self.shop, &self.thing).await
    }

    pub async fn messages(&self) -> usize {
        self.shop.messages(&self.person.phone).await.len()
    }

    pub async fn confirm(&self, code: &str) -> shop::Result<OrderToken> {
        self.shop.checkout().confirm(self.visitor(), code).await
    }

    /// Another server after a crash: it settles what is due, again and again.
    pub async fn recover(&self, rounds: u32) {
        let after = self.shop.another_process().await;
        for _ in 0..rounds {
            self.shop.clock.advance(LEASE_OVER);
            after.payments().reconcile_pending().await.unwrap();
        }
    }

    /// Lets all deadlines pass.
    pub async fn end_of_time(&self) {
        for _ in 0..4 {
            self.shop.clock.advance(PAGE_CLOSED);
            self.recover(3).await;
        }
    }

    pub async fn history(&self) -> Vec<HistoryKind> {
        let mut rows = self.shop.db.read().await.unwrap();
        let account = &self.visitor().signed_in.as_ref().unwrap().account;
        let token = self.token().await;
        let order = rows.orders().find_by_token(&token, account).await.unwrap().unwrap();
        let events = rows.order_events().list(&order.names.id).await.unwrap();
        events.into_iter().map(|event| event.kind).collect()
    }

    /// Checks that order, stock and gateway agree, and that nothing is left open.
    pub async fn agrees(&self) -> bool {
        let payments = self.cards.payments();
        assert!(payments.iter().all(|payment| !payment.is_open()), "{payments:?}");
        let kept: i64 =
            payments.iter().map(|one| one.captured.minor() - one.refunded_minor()).sum();
        let is_paid = self.status().await.0 == OrderStatus::Paid;
        let (total, left) = if is_paid { (14_90, STOCK - 1) } else { (0, STOCK) };
        assert_eq!((kept, self.stock().await), (total, left), "paid: {is_paid}, {payments:?}");
        is_paid
    }
}

on_both_engines!(x89_the_card_is_authorised_then_the_code_is_asked_then_money_moves, async |db| {
    let scene = Scene::new(db).await;
    let Placed::AtGateway(page) = scene.place().await else { panic!("no page") };
    assert_eq!(page.host_str(), Some("pay.example"));
    assert_eq!(scene.messages().await, 0, "no code is sent before the bank agreed");
    let open = (OrderStatus::AwaitingAuthorisation, Some(PaymentStatus::ActionNeeded));
    assert_eq!((scene.status().await, scene.stock().await), (open, STOCK - 1));
    assert_eq!(scene.next_step().await, NextStep::Authorise { page: Some(page) });
    assert_eq!(scene.come_back().await, Returned::SeeOrder, "the way back alone proves nothing");
    assert_eq!(scene.status().await, open);

    scene.cards.approve(&scene.cards.newest().id);
    assert_eq!(scene.come_back().await, Returned::EnterCode);
    let held = (OrderStatus::Authorised, Some(PaymentStatus::Authorised));
    assert_eq!((scene.status().await, scene.messages().await), (held, 1));
    assert_eq!(scene.come_back().await, Returned::EnterCode, "coming back again sends no other");
    assert_eq!(scene.messages().await, 1);
    let code = scene.shop.last_code(&scene.person.phone).await;
    assert!(scene.confirm(&wrong(&code)).await.is_err());
    assert_eq!(scene.cards.newest().captured.minor(), 0);
    scene.confirm(&code).await.unwrap();
    let paid = (OrderStatus::Paid, Some(PaymentStatus::Captured));
    assert_eq!(scene.status().await, paid);
    assert!(scene.agrees().await);
    assert!(scene.shop.carts().view(scene.visitor(), None).await.unwrap().lines.is_empty());
    assert_eq!(
        scene.history().await,
        [
            HistoryKind::Placed,
            HistoryKind::CodeRequired,
            HistoryKind::Authorised,
            HistoryKind::CodeAccepted,
            HistoryKind::Paid
        ]
    );
});

on_both_engines!(x193_no_message_is_paid_for_a_declined_card, async |db| {
    let scene = Scene::new(db).await;
    for reason in [DeclineReason::InsufficientFunds, DeclineReason::NotAuthenticated] {
        scene.place().await;
        scene.cards.decline(&scene.cards.newest().id, reason);
        assert_eq!(scene.come_back().await, Returned::SeeOrder);
        assert_eq!(scene.status().await.0, OrderStatus::AwaitingCode);
        assert_eq!((scene.stock().await, scene.messages().await), (STOCK, 0));
        let again = NextStep::PlaceAgain { declined: Some(reason) };
        assert_eq!(scene.next_step().await, again);
    }
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    assert!(scene.agrees().await);
    assert_eq!(scene.shop.orders().list(scene.visitor()).await.unwrap().len(), 1);
});

on_both_engines!(an_abandoned_page_is_closed_and_its_stock_freed_once, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.recover(3).await;
    assert_eq!(scene.status().await.0, OrderStatus::AwaitingAuthorisation, "not too early");
    scene.shop.clock.advance(PAGE_CLOSED);
    scene.recover(4).await;
    assert_eq!(scene.status().await, (OrderStatus::AwaitingCode, Some(PaymentStatus::Cancelled)));
    assert!(!scene.agrees().await);
    assert_eq!(scene.come_back().await, Returned::SeeOrder);
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    assert!(scene.agrees().await);
});

on_both_engines!(a_payment_whose_code_never_comes_is_released, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.shop.clock.advance(HOLD_OVER);
    scene.recover(3).await;
    assert_eq!(scene.status().await, (OrderStatus::AwaitingCode, Some(PaymentStatus::Cancelled)));
    assert!(scene.confirm(&code).await.is_err());
    assert!(!scene.agrees().await);
});

on_both_engines!(x196_the_stock_is_freed_in_time_although_the_gateway_is_silent, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.shop.clock.advance(PAGE_CLOSED);
    scene.cards.set_silent(true);
    scene.recover(3).await;
    assert_eq!((scene.status().await.0, scene.stock().await), (OrderStatus::AwaitingCode, STOCK));
    assert!(scene.cards.newest().is_open(), "the gateway was not reached yet");
    scene.cards.set_silent(false);
    scene.recover(1).await;
    assert!(!scene.agrees().await);
});

on_both_engines!(so19_an_order_that_is_changed_gets_a_new_payment_and_frees_the_old, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    let first = scene.cards.newest().id;
    let Placed::AtGateway(page) = scene.place().await else { panic!("no page") };
    assert!(page.path().contains(first.as_str()), "placed again unchanged, it is the same page");
    scene.shop.checkout().set_shipping(scene.visitor(), "express").await.unwrap();
    scene.person.fill_checkout(&scene.shop, CARD).await;
    scene.person.add_to_cart(&scene.shop, &scene.thing, 1).await;
    scene.place().await;
    assert_eq!((scene.cards.payments().len(), scene.stock().await), (2, STOCK - 2));
    scene.recover(1).await;
    let payments = scene.cards.payments();
    assert_eq!(payments[0].status, GatewayStatus::Canceled);
    scene.cards.approve(&first);
    scene.cards.approve(&payments[1].id);
    assert_eq!(scene.come_back().await, Returned::EnterCode);
    let code = scene.shop.last_code(&scene.person.phone).await;
    scene.confirm(&code).await.unwrap();
    let payments = scene.cards.payments();
    assert_eq!((payments[0].captured.minor(), payments[1].captured.minor()), (0, 24_90));
    assert_eq!((scene.stock().await, scene.status().await.0), (STOCK - 2, OrderStatus::Paid));
});

on_both_engines!(x23_another_browser_gets_a_code_of_its_own_and_ends_the_first, async |db| {
    let scene = Scene::new(db).await;
    let first = scene.authorised().await;
    let token = scene.token().await;
    let elsewhere = Visitor { browser: scene.shop.visitor().browser, ..scene.visitor().clone() };
    let checkout = scene.shop.checkout();
    let step = checkout.next_step(&elsewhere, &token).await.unwrap();
    assert_eq!(step, NextStep::SendCode { is_password_needed: false });
    assert!(checkout.confirm(&elsewhere, &first).await.is_err(), "a code of another browser");
    scene.shop.clock.advance(Duration::from_secs(60));
    checkout.request_code(&elsewhere, &token).await.unwrap();
    let second = scene.shop.last_code(&scene.person.phone).await;
    assert!(scene.confirm(&first).await.is_err(), "the first browser's code has ended");
    checkout.confirm(&elsewhere, &second).await.unwrap();
    assert!(scene.agrees().await);
});

on_both_engines!(x23_placing_again_in_another_browser_ends_the_code_of_the_first, async |db| {
    let scene = Scene::new(db).await;
    let first = scene.authorised().await;
    let elsewhere = Visitor { browser: scene.shop.visitor().browser, ..scene.visitor().clone() };
    scene.shop.clock.advance(Duration::from_secs(60));
    let checkout = scene.shop.checkout();
    assert_eq!(checkout.place(&elsewhere).await.unwrap(), Placed::CodeSent);
    let second = scene.shop.last_code(&scene.person.phone).await;
    assert!(scene.confirm(&first).await.is_err(), "the first browser's code has ended");
    checkout.confirm(&elsewhere, &second).await.unwrap();
    assert!(scene.agrees().await);
});

on_both_engines!(x88_a_stranger_neither_sees_nor_continues_the_payment, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.cards.approve(&scene.cards.newest().id);
    let token = scene.token().await;
    let checkout = scene.shop.checkout();
    let stranger = shopper(&scene.shop, 2).await.visitor;
    for refused in [
        refusal(checkout.returned(&stranger, &token).await),
        refusal(checkout.request_code(&stranger, &token).await),
    ] {
        assert_eq!(refused, Refusal::NotFound);
    }
    let step = checkout.next_step(&stranger, &token).await.unwrap();
    assert_eq!(step, NextStep::Nothing);
    let guest = scene.shop.visitor();
    assert_eq!(refusal(checkout.returned(&guest, &token).await), Refusal::SignInNeeded);
    assert_eq!((scene.messages().await, scene.cards.newest().captured.minor()), (0, 0));
});

on_both_engines!(x82_after_wrong_codes_the_next_code_needs_the_password, async |db| {
    let mut scene = Scene::new(db).await;
    let owner = people::Person::new(&scene.shop, 50).await;
    let visitor = owner.signed_in(&scene.shop).await;
    scene.person = Person { visitor, phone: owner.phone.clone() };
    scene.person.add_to_cart(&scene.shop, &scene.thing, 1).await;
    scene.person.fill_checkout(&scene.shop, CARD).await;
    let code = scene.authorised().await;
    for _ in 0..5 {
        assert!(scene.confirm(&wrong(&code)).await.is_err());
    }
    let token = scene.token().await;
    let checkout = scene.shop.checkout();
    let step = scene.next_step().await;
    assert_eq!(step, NextStep::SendCode { is_password_needed: true });
    let refused = checkout.request_code(scene.visitor(), &token).await;
    assert_eq!(refusal(refused), Refusal::StepUpNeeded);
    assert_eq!(refusal(checkout.place(scene.visitor()).await), Refusal::StepUpNeeded);
    scene.shop.clock.advance(Duration::from_secs(15 * 60));
    let password = people::PASSWORD.to_owned();
    checkout.request_code_again(scene.visitor(), &token, password).await.unwrap();
    let second = scene.shop.last_code(&scene.person.phone).await;
    assert!(scene.confirm(&code).await.is_err());
    scene.confirm(&second).await.unwrap();
    assert!(scene.agrees().await);
});

on_both_engines!(the_merchant_cancels_an_authorised_order_and_the_hold_ends, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    let seller = merchant(&scene.shop, 2).await.visitor;
    let desk = scene.shop.merchant(&seller).unwrap();
    let id = desk.orders(None).await.unwrap().orders[0].id.clone();
    let shown = desk.order(&id).await.unwrap();
    assert!(shown.may.cancel && !shown.may.ship && !shown.may.refund);
    desk.cancel(&id, shown.version).await.unwrap();
    assert!(scene.confirm(&code).await.is_err());
    scene.recover(1).await;
    assert_eq!(scene.stock().await, STOCK);
    assert_eq!(scene.cards.newest().status, GatewayStatus::Canceled);
    assert_eq!(desk.order(&id).await.unwrap().status, OrderStatus::Cancelled);
});

on_both_engines!(x192_money_that_the_gateway_took_too_early_goes_back_without_code, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.cards.take(&scene.cards.newest().id);
    assert_eq!(scene.come_back().await, Returned::EnterCode);
    assert_eq!(scene.status().await.0, OrderStatus::Authorised, "not paid without the code");
    scene.end_of_time().await;
    assert!(!scene.agrees().await);
    assert_eq!(scene.cards.newest().refunded_minor(), 14_90);
});

on_both_engines!(a_saved_card_is_authorised_without_a_page, async |db| {
    let scene = Scene::with(db, settings(), SAVED_CARD).await;
    assert_eq!(scene.place().await, Placed::CodeSent);
    let code = scene.shop.last_code(&scene.person.phone).await;
    scene.confirm(&code).await.unwrap();
    assert!(scene.agrees().await);
});

on_both_engines!(a_policy_by_amount_decides_whether_a_code_is_asked, async |db| {
    let below = Settings { payment_code: PaymentCodePolicy::From(14_91), ..settings() };
    let scene = Scene::with(db, below, CARD).await;
    scene.place().await;
    scene.cards.approve(&scene.cards.newest().id);
    assert_eq!(scene.come_back().await, Returned::SeeOrder);
    assert!(scene.agrees().await);
    assert_eq!(scene.messages().await, 0);
    assert_eq!(
        scene.history().await,
        [HistoryKind::Placed, HistoryKind::CodeWaived, HistoryKind::Authorised, HistoryKind::Paid]
    );
});

/// Runs a confirmation or a placing until the line hangs, and drops it there, as a crash would.
async fn crash(scene: &Scene, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = scene.cards.reached.notified() => {}
    }
}

const FAULTS: [CardFault; 4] =
    [CardFault::NeverArrives, CardFault::AnswerLost, CardFault::HangsBefore, CardFault::HangsAfter];

async fn crash_at_authorisation(db: Option<String>, fault: CardFault) {
    let scene = Scene::new(db).await;
    scene.cards.set_fault(Some((CardStep::Authorize, fault)));
    crash(&scene, async {
        scene.shop.checkout().place(scene.visitor()).await.unwrap();
    })
    .await;
    scene.cards.set_fault(None);
    scene.recover(2).await;
    let status = scene.status().await.0;
    assert_eq!(status, OrderStatus::AwaitingAuthorisation, "{fault:?}");
    assert_eq!(scene.cards.payments().len(), 1, "{fault:?}: asked for once");
    assert!(matches!(scene.next_step().await, NextStep::Authorise { page: Some(_) }));
    scene.end_of_time().await;
    assert!(!scene.agrees().await, "{fault:?}");
}

#[tokio::test]
async fn x127_a_crash_at_the_authorisation_leaves_nothing_held() {
    for fault in FAULTS {
        on_each_engine(async |db| crash_at_authorisation(db, fault).await).await;
    }
}

async fn crash_at_capture(db: Option<String>, (fault, delay): (CardFault, u32)) {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.cards.set_fault(Some((CardStep::Capture, fault)));
    crash(&scene, async {
        scene.confirm(&code).await.unwrap();
    })
    .await;
    assert_eq!(scene.status().await.0, OrderStatus::Paying, "{fault:?}");
    let is_taken = matches!(fault, CardFault::AnswerLost | CardFault::HangsAfter);
    scene.shop.clock.advance(LEASE_OVER * delay);
    scene.cards.set_fault(None);
    scene.recover(2).await;
    // Longer than five minutes after the code nothing is taken any more.
    assert_eq!(scene.agrees().await, is_taken || delay == 1, "{fault:?} {delay}");
    scene.end_of_time().await;
    scene.agrees().await;
}

#[tokio::test]
async fn x127_a_crash_at_the_capture_pays_once_or_not_at_all() {
    for case in FAULTS.into_iter().flat_map(|fault| [(fault, 1), (fault, 15)]) {
        on_each_engine(async |db| crash_at_capture(db, case).await).await;
    }
}

async fn crash_while_releasing(db: Option<String>, fault: CardFault) {
    let scene = Scene::new(db).await;
    scene.authorised().await;
    scene.shop.clock.advance(HOLD_OVER);
    scene.cards.set_fault(Some((CardStep::Cancel, fault)));
    let dying = scene.shop.another_process().await;
    crash(&scene, async {
        dying.payments().reconcile_pending().await.unwrap();
    })
    .await;
    assert_eq!(scene.stock().await, STOCK, "{fault:?}");
    scene.cards.set_fault(None);
    scene.recover(3).await;
    assert!(!scene.agrees().await, "{fault:?}");
}

#[tokio::test]
async fn x127_a_crash_while_releasing_is_completed_later() {
    for fault in FAULTS {
        on_each_engine(async |db| crash_while_releasing(db, fault).await).await;
    }
}

on_both_engines!(x80_parallel_ways_back_and_hints_record_one_authorisation, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    scene.cards.approve(&scene.cards.newest().id);
    let token = scene.token().await;
    let back = (0..8).map(|_| {
        let (shop, visitor, token) = (scene.shop.clone(), scene.visitor().clone(), token.clone());
        tokio::spawn(async move { shop.checkout().returned(&visitor, &token).await })
    });
    let back = futures::future::join_all(back).await;
    assert!(back.into_iter().any(|one| matches!(one, Ok(Ok(Returned::EnterCode)))));
    assert_eq!(scene.messages().await, 1);
    let authorised = scene.history().await;
    let count = authorised.iter().filter(|kind| **kind == HistoryKind::Authorised).count();
    assert_eq!(count, 1);
});

pub async fn call(shop: &Shop, cards: &CardGateway, signature: &str, body: &str) -> TakenCallback {
    let headers = [("x-signature", signature.as_bytes())];
    let now = shop.clock().now();
    let request = RawCallback { headers: &headers, body: body.as_bytes(), now };
    shop.payments().handle_callback(cards, &request).await.unwrap()
}

on_both_engines!(x195_a_call_is_a_hint_once_and_only_with_its_signature, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    let id = scene.cards.newest().id;
    let text = format!("evt_1 {id} changed");
    let refused = TakenCallback::Refused(CallbackError::BadSignature);
    assert_eq!(call(&scene.shop, &scene.cards, "forged", &text).await, refused);
    let reconcile = async || scene.shop.payments().reconcile_pending().await.unwrap();
    assert_eq!(reconcile().await, 0);
    for _ in 0..3 {
        let taken = call(&scene.shop, &scene.cards, CARD_SIGNATURE, &text).await;
        assert_eq!(taken, TakenCallback::Taken);
    }
    assert_eq!(reconcile().await, 1, "the event said so, but nothing had changed");
    assert_eq!(scene.status().await.0, OrderStatus::AwaitingAuthorisation);
    scene.cards.approve(&id);
    call(&scene.shop, &scene.cards, CARD_SIGNATURE, &text).await;
    assert_eq!(reconcile().await, 0, "the same event again");
    for (event, is_known) in [("unknown", false), ("changed", true)] {
        let text = format!("evt_{event} {id} {event}");
        let taken = call(&scene.shop, &scene.cards, CARD_SIGNATURE, &text).await;
        assert_eq!(taken, TakenCallback::Taken);
        assert_eq!(reconcile().await, usize::from(is_known), "{event}");
    }
    assert_eq!(scene.status().await.0, OrderStatus::Authorised);
    assert_eq!(scene.messages().await, 0, "the code is sent to the browser that comes back");
});

on_both_engines!(events_that_are_polled_are_taken_once_and_in_order, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    let id = scene.cards.newest().id;
    scene.cards.approve(&id);
    scene.cards.add_event(scene.cards.changed("evt_1", &id));
    for _ in 0..3 {
        scene.shop.payments().poll_events().await.unwrap();
    }
    assert_eq!(scene.shop.payments().reconcile_pending().await.unwrap(), 1);
    assert_eq!(scene.status().await.0, OrderStatus::Authorised);
    scene.cards.add_event(scene.cards.changed("evt_2", &id));
    scene.shop.payments().poll_events().await.unwrap();
    assert_eq!(scene.shop.payments().reconcile_pending().await.unwrap(), 1);
});

on_both_engines!(x195_a_payment_of_another_amount_is_not_believed, async |db| {
    let scene = Scene::new(db).await;
    scene.place().await;
    let id = scene.cards.newest().id;
    scene.cards.approve(&id);
    scene.cards.change_amount(&id, 1);
    assert_eq!(scene.come_back().await, Returned::SeeOrder);
    assert_eq!(scene.status().await.0, OrderStatus::AwaitingAuthorisation);
    assert_eq!(scene.messages().await, 0);
    scene.end_of_time().await;
    assert_eq!((scene.status().await.0, scene.stock().await), (OrderStatus::AwaitingCode, STOCK));
});

on_both_engines!(x93_parts_are_refunded_once_and_never_more_than_was_paid, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    let seller = merchant(&scene.shop, 2).await.visitor;
    let desk = scene.shop.merchant(&seller).unwrap();
    let id = desk.orders(None).await.unwrap().orders[0].id.clone();
    let refund = async |key: u128, amount: &str, restocks| {
        let shown = desk.order(&id).await.unwrap().version;
        let key = domain::RefundId::from_bits(key);
        desk.refund_part(&id, shown, &key, amount, restocks).await
    };
    for (key, amount, is_given) in [
        (1, "4.90", true),
        (1, "4.90", true),
        (2, "10.01", false),
        (3, "0", false),
        (4, "-1", false),
        (5, "ten", false),
        (6, "", false),
        (7, "9999999999", false),
        (8, "1,5", true),
    ] {
        assert_eq!(refund(key, amount, false).await.is_ok(), is_given, "{key}: {amount}");
    }
    let order = desk.order(&id).await.unwrap();
    assert_eq!(order.payment, Some(PaymentStatus::PartRefunded));
    assert_eq!(order.refunded.map(domain::Money::minor), Some(6_40));
    assert_eq!((order.status, scene.stock().await), (OrderStatus::Paid, STOCK - 1));
    refund(9, "8.50", true).await.unwrap();
    let order = desk.order(&id).await.unwrap();
    assert_eq!((order.status, scene.stock().await), (OrderStatus::Refunded, STOCK));
    assert_eq!(scene.cards.newest().refunded_minor(), 14_90);
    assert_eq!(refusal(refund(10, "1", false).await), Refusal::NotPossible);
});

on_both_engines!(a_refund_on_the_gateways_own_pages_is_recorded, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    let id = scene.cards.newest().id;
    for (number, minor, status) in
        [(1, 4_90, PaymentStatus::PartRefunded), (2, 10_00, PaymentStatus::Refunded)]
    {
        scene.cards.refund_outside(&id, minor);
        call(&scene.shop, &scene.cards, CARD_SIGNATURE, &format!("evt_{number} {id} changed"))
            .await;
        scene.shop.payments().reconcile_pending().await.unwrap();
        assert_eq!(scene.status().await.1, Some(status));
    }
    assert_eq!(scene.status().await.0, OrderStatus::Refunded);
});

on_both_engines!(a_dispute_is_shown_to_the_merchant, async |db| {
    let scene = Scene::new(db).await;
    let code = scene.authorised().await;
    scene.confirm(&code).await.unwrap();
    let id = scene.cards.newest().id;
    call(&scene.shop, &scene.cards, CARD_SIGNATURE, &format!("evt_1 {id} dispute")).await;
    let seller = merchant(&scene.shop, 2).await.visitor;
    let desk = scene.shop.merchant(&seller).unwrap();
    let order = desk.orders(None).await.unwrap().orders[0].id.clone();
    let order = desk.order(&order).await.unwrap();
    assert_eq!((order.disputes.len(), order.disputes[0].reason.as_str()), (1, "fraudulent"));
    assert!(order.history.iter().any(|entry| entry.kind == HistoryKind::Disputed));
});

on_both_engines!(x194_a_page_of_a_foreign_origin_is_never_followed, async |db| {
    let scene = Scene::new(db).await;
    scene.cards.set_page_origin("https://evil.example");
    let placed = scene.shop.checkout().place(scene.visitor()).await;
    assert_eq!(refusal(placed), Refusal::PaymentUnavailable);
    scene.recover(1).await;
    assert!(!scene.agrees().await, "the foreign page is closed");
    assert_eq!(scene.status().await.0, OrderStatus::AwaitingCode);
    let codes = scene.shop.codes().status(scene.visitor(), Purpose::Payment).await.unwrap();
    assert!(codes.is_none());
});
