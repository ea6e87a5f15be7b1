//! Security §4.5 and §4.6: providers that fail, hang, repeat and report wrongly.

use std::{sync::Arc, time::Duration};

use domain::{DeliveryStatus, PhoneNumber, Purpose, Timestamp};
use shop::Visitor;
use tokio::sync::Semaphore;
use whatsapp::{DeliveryReport, SimulatedFault, WebhookEvent};

use crate::{
    codes::support::{decoy, issue, request, verify, wrong},
    support::{BEGIN, TestShop, phone, settings},
};

const LOGIN: Purpose = Purpose::Login;
const MINUTE: Duration = Duration::from_secs(60);

async fn asked(shop: &TestShop, to: &PhoneNumber) -> Visitor {
    let visitor = shop.visitor();
    let account = to.expose().parse().unwrap();
    issue(shop, &visitor, &request(LOGIN, account, to)).await.unwrap();
    visitor
}

async fn status(shop: &TestShop, visitor: &Visitor) -> DeliveryStatus {
    shop.codes().status(visitor, LOGIN).await.unwrap().unwrap().delivery
}

#[tokio::test]
async fn a_message_is_queued_then_delivered_then_read() {
    let shop = TestShop::new().await;
    let mut changes = shop.delivery().changes();
    let visitor = asked(&shop, &phone(1)).await;
    assert_eq!(status(&shop, &visitor).await, DeliveryStatus::Queued);
    shop.run_outbox().await;
    assert_eq!(status(&shop, &visitor).await, DeliveryStatus::Delivered);
    shop.phones.mark_read(&phone(1));
    shop.run_outbox().await;
    assert_eq!(status(&shop, &visitor).await, DeliveryStatus::Read);
    assert!(changes.try_recv().is_ok(), "the page is told");
}

#[tokio::test]
async fn x61_a_provider_that_is_down_is_retried_with_growing_delays() {
    let shop = TestShop::new().await;
    shop.phones.set_fault(None, SimulatedFault::ProviderDown);
    let visitor = asked(&shop, &phone(1)).await;
    let mut tries = Vec::new();
    for second in 0..120_u64 {
        if shop.delivery().run_due().await > 0 {
            tries.push(second);
        }
        shop.clock.advance(Duration::from_secs(1));
    }
    assert!((4..=12).contains(&tries.len()), "{tries:?}");
    let waits = tries.windows(2).map(|pair| pair[1] - pair[0]);
    for (number, wait) in waits.enumerate() {
        assert!(wait <= 1 + (2 << number).min(60), "wait {number} of {tries:?}");
    }
    assert!(tries[tries.len() - 1] - tries[0] > 30, "the waits grow: {tries:?}");
    assert_eq!(status(&shop, &visitor).await, DeliveryStatus::Queued);
    shop.phones.set_fault(None, SimulatedFault::None);
    shop.wait(2 * MINUTE).await;
    let code = shop.last_code(&phone(1)).await;
    verify(&shop, &visitor, LOGIN, &code).await.unwrap();
}

#[tokio::test]
async fn x61_a_message_fails_when_its_code_expires() {
    let shop = TestShop::new().await;
    shop.phones.set_fault(None, SimulatedFault::ProviderDown);
    let visitor = asked(&shop, &phone(1)).await;
    for _ in 0..40 {
        shop.wait(Duration::from_secs(20)).await;
    }
    assert_eq!(status(&shop, &visitor).await, DeliveryStatus::Failed);
    assert_eq!(shop.db.read().await.unwrap().messages().next_due().await.unwrap(), None);
}

/// A provider that accepts each message and never responds. It adds a permit for each message.
struct Silent(Semaphore);

impl whatsapp::MessageProvider for Silent {
    fn name(&self) -> &'static str {
        "silent"
    }

    fn carries(&self, _: domain::Channel, _: domain::MessageKind) -> bool {
        true
    }

    fn send<'a>(
        &'a self,
        _: &'a whatsapp::OutgoingMessage,
    ) -> whatsapp::BoxFuture<'a, Result<whatsapp::Accepted, whatsapp::SendError>> {
        self.0.add_permits(1);
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn x61_a_send_to_a_hanging_provider_times_out_and_is_not_repeated() {
    let shop = TestShop::new().await;
    let provider = Arc::new(Silent(Semaphore::new(0)));
    let silent = shop.with_provider(provider.clone());
    let visitors = [asked(&shop, &phone(1)).await, asked(&shop, &phone(2)).await];
    let sending = tokio::spawn(async move { silent.delivery().run_due().await });
    drop(provider.0.acquire_many(2).await.unwrap());
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(15)).await;
    tokio::time::resume();
    assert_eq!(sending.await.unwrap(), 2);
    for visitor in &visitors {
        assert_eq!(status(&shop, visitor).await, DeliveryStatus::Failed);
    }
    shop.wait(5 * MINUTE).await;
    assert_eq!(provider.0.available_permits(), 2, "it may have been sent, so never twice");
}

#[tokio::test]
async fn x62_an_undeliverable_number_is_reported() {
    let shop = TestShop::new().await;
    shop.phones.set_fault(Some(phone(1)), SimulatedFault::Undeliverable);
    let visitor = asked(&shop, &phone(1)).await;
    let other = asked(&shop, &phone(2)).await;
    shop.run_outbox().await;
    assert_eq!(status(&shop, &visitor).await, DeliveryStatus::Failed);
    assert_eq!(status(&shop, &other).await, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn x64_after_a_crash_the_same_code_is_sent_again() {
    let shop = TestShop::new().await;
    let visitor = asked(&shop, &phone(1)).await;
    let lost = claim(&shop, BEGIN + MINUTE).await;
    assert_eq!(lost, 1, "claimed, sent perhaps, and never written down");
    shop.run_outbox().await;
    assert!(shop.phones.messages(&phone(1)).is_empty(), "the lease still holds");
    shop.wait(MINUTE).await;
    shop.codes().resend(&visitor, LOGIN).await.unwrap();
    let messages = shop.messages(&phone(1)).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0].code, messages[1].code, "never two different live codes");
    verify(&shop, &visitor, LOGIN, messages[1].code.as_ref().unwrap()).await.unwrap();
}

async fn claim(shop: &TestShop, until: Timestamp) -> usize {
    let claimed = shop
        .db
        .write(move |tx| Box::pin(async move { tx.messages().claim(9, until, BEGIN).await }));
    claimed.await.unwrap().len()
}

#[tokio::test]
async fn x64_two_processes_send_each_message_once() {
    let shop = TestShop::new().await;
    let other_process = shop.another_process().await;
    for last in 1..=20 {
        issue(&shop, &shop.visitor(), &request(LOGIN, last.into(), &phone(last))).await.unwrap();
    }
    let (ours, theirs) = (shop.delivery(), other_process.delivery());
    let (mine, others) = tokio::join!(ours.run_due(), theirs.run_due());
    assert_eq!(mine + others, 20);
    for last in 1..=20 {
        assert_eq!(shop.messages(&phone(last)).await.len(), 1);
    }
}

#[tokio::test]
async fn x69_status_updates_in_any_order_end_in_the_same_status() {
    let shop = TestShop::new().await;
    shop.phones.set_fault(None, SimulatedFault::Lost);
    let visitor = asked(&shop, &phone(1)).await;
    shop.run_outbox().await;
    assert_eq!(status(&shop, &visitor).await, DeliveryStatus::Sent);
    let id = shop.db.read().await.unwrap().messages().list(None, 1).await.unwrap().remove(0).new.id;
    use DeliveryStatus::{Accepted, Delivered, Failed, Read, Sent};
    for (reported, then) in
        [(Delivered, Delivered), (Sent, Delivered), (Failed, Delivered), (Read, Read)]
            .into_iter()
            .chain([(Accepted, Read); 20])
    {
        (shop.sink())(WebhookEvent::Delivery(DeliveryReport {
            provider: "simulator",
            provider_message_id: format!("sim-{id}"),
            reference: None,
            status: reported,
            failure: None,
            recipient: None,
        }));
        shop.run_outbox().await;
        assert_eq!(status(&shop, &visitor).await, then);
    }
}

#[tokio::test]
async fn a_message_whose_code_expired_is_not_sent() {
    let shop = TestShop::new().await;
    let visitor = asked(&shop, &phone(1)).await;
    shop.clock.advance(MINUTE);
    issue(&shop, &visitor, &request(LOGIN, 1, &phone(1))).await.unwrap();
    assert_eq!(shop.messages(&phone(1)).await.len(), 1, "the replaced one is left out");
}

#[tokio::test]
async fn duplicate_and_reordered_updates_do_not_change_the_code() {
    let shop = TestShop::new().await;
    shop.phones.set_fault(Some(phone(1)), SimulatedFault::Duplicate);
    shop.phones.set_fault(Some(phone(2)), SimulatedFault::OutOfOrder);
    for to in [phone(1), phone(2)] {
        let visitor = asked(&shop, &to).await;
        shop.wait(MINUTE).await;
        shop.codes().resend(&visitor, LOGIN).await.unwrap();
        let code = shop.last_code(&to).await;
        verify(&shop, &visitor, LOGIN, &code).await.unwrap();
    }
    assert_eq!(shop.phones.messages(&phone(1)).len(), 4);
    assert_eq!(shop.phones.messages(&phone(2)).len(), 2);
}

#[tokio::test]
async fn x47_a_decoy_reaches_delivered_by_the_same_steps_and_sends_nothing() {
    let shop = TestShop::new().await;
    let visitor = shop.visitor();
    issue(&shop, &visitor, &decoy(request(LOGIN, 1, &phone(1)))).await.unwrap();
    let mut seen = vec![status(&shop, &visitor).await];
    for _ in 0..4 {
        shop.wait(Duration::from_millis(100)).await;
        seen.push(status(&shop, &visitor).await);
    }
    use DeliveryStatus::{Accepted, Delivered, Queued, Sent};
    assert_eq!(seen, [Queued, Accepted, Sent, Delivered, Delivered]);
    assert!(shop.phones.chats().is_empty());
}

#[tokio::test]
async fn x135_expired_rows_are_deleted() {
    let shop = TestShop::new().await;
    let visitor = asked(&shop, &phone(1)).await;
    shop.run_outbox().await;
    let month = Duration::from_secs(31 * 24 * 60 * 60);
    let later = shop.another(settings(), shop::Clock::stopped_at(BEGIN + month)).await;
    later.delivery().sweep().await.unwrap();
    assert_eq!(shop.codes().status(&visitor, LOGIN).await.unwrap(), None);
    assert!(shop.db.read().await.unwrap().messages().list(None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn s_a19_the_owner_is_notified_of_a_right_password_and_wrong_codes() {
    let shop = TestShop::new().await;
    let visitor = asked(&shop, &phone(1)).await;
    let code = shop.last_code(&phone(1)).await;
    for _ in 0..5 {
        let _ = verify(&shop, &visitor, LOGIN, &wrong(&code)).await;
    }
    let newest = shop.messages(&phone(1)).await.remove(0);
    assert_eq!(newest.purpose, domain::MessageKind::SignInRefused);
}
