//! Messages that wait: for an open circuit breaker, for the rate limit of their recipient, and
//! while the process shuts down.

use std::{sync::Arc, time::Duration};

use domain::{DeliveryProblem, DeliveryStatus};
use shop::delivery::BreakerView;
use tokio::sync::Semaphore;
use whatsapp::{RateLimits, SendError};

use super::support::{LOGIN, Scene, Scripted, fail_over, retry};
use crate::{
    codes::support::{decoy, issue, request},
    support::phone,
};

const SIX: RateLimits = RateLimits { per_second: None, per_person: Duration::from_secs(6) };

/// A shop whose only provider has just failed, so that its circuit breaker is open.
async fn with_open_breaker(answers: &[Result<(), SendError>]) -> (Scene, Arc<Scripted>) {
    let provider = Arc::new(Scripted::with_answers("only", answers));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    assert!(matches!(scene.shop.delivery().providers()[0].breaker, BreakerView::Open { .. }));
    (scene, provider)
}

#[tokio::test]
async fn messages_wait_and_sms_is_offered_while_the_only_breaker_is_open() {
    let (scene, provider) = with_open_breaker(&[fail_over(), Ok(())]).await;
    let visitor = scene.request_another(2).await;
    scene.run().await;
    assert_eq!(provider.count(), 1);
    let view = scene.shop.codes().status(&visitor, LOGIN).await.unwrap().unwrap();
    assert_eq!((view.delivery, view.problem), (DeliveryStatus::Queued, None));
    assert_eq!(view.sms_in_seconds, Some(0));
    assert_eq!(scene.row().await.attempts, 0, "waiting is no try");
    scene.wait(16).await;
    assert_eq!(provider.count(), 2);
    assert_eq!(scene.shop.delivery().providers()[0].breaker, BreakerView::Closed);
}

#[tokio::test]
async fn a_half_open_breaker_probes_with_one_message_before_the_rest() {
    let gate = Arc::new(Semaphore::new(1));
    let provider = Arc::new(Scripted::with_answers("only", &[fail_over(), Ok(())]).gated_by(&gate));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    for number in 2..10 {
        scene.request_another(number).await;
    }
    scene.run().await;
    scene.test.clock.advance(Duration::from_secs(16));
    let shop = scene.shop.clone();
    let sending = tokio::spawn(async move { shop.delivery().run_due().await });
    // All messages except the probe are postponed before the run can end.
    let waits = || async {
        let rows = scene.test.db.read().await.unwrap().messages().list(None, 20).await.unwrap();
        rows.iter().filter(|row| row.leased_until.is_none() && row.provider.is_none()).count()
    };
    while waits().await < 8 || provider.count() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(provider.count(), 2, "one probe");
    gate.add_permits(100);
    sending.await.unwrap();
    scene.wait(31).await;
    assert_eq!(provider.count(), 9);
}

#[tokio::test]
async fn a_message_waits_no_longer_than_its_code_is_valid() {
    let (scene, provider) = with_open_breaker(&[fail_over()]).await;
    let visitor = scene.request_another(2).await;
    for _ in 0..70 {
        scene.wait(10).await;
    }
    let view = scene.shop.codes().status(&visitor, LOGIN).await.unwrap().unwrap();
    assert_eq!(view.delivery, DeliveryStatus::Failed);
    assert!(provider.count() < 8, "{} times", provider.count());
    let next = scene.test.db.read().await.unwrap().messages().next_due().await.unwrap();
    assert_eq!(next, None, "the outbox is empty");
}

#[tokio::test]
async fn a_message_not_sent_in_time_fails_as_late() {
    let provider = Arc::new(Scripted::new("only"));
    let scene = Scene::new(&[&provider]).await;
    scene.wait(600).await;
    assert_eq!(scene.row().await.problem, Some(DeliveryProblem::Late));
    assert_eq!(provider.count(), 0);
}

#[tokio::test]
async fn consecutive_faults_open_the_breaker_and_retry_after_does_not() {
    for (answer, is_open) in [(retry(None), true), (retry(Some(1)), false)] {
        let provider = Arc::new(Scripted::with_answers("only", &[answer]));
        let scene = Scene::new(&[&provider]).await;
        for number in 2..7 {
            scene.request_another(number).await;
        }
        scene.run().await;
        let breaker = scene.shop.delivery().providers()[0].breaker;
        assert_eq!(breaker != BreakerView::Closed, is_open);
    }
}

#[tokio::test]
async fn a_recipient_gets_one_message_per_six_seconds_over_all_nodes() {
    let provider = Arc::new(Scripted::new("only").with_rate_limits(SIX));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    // The code of a payment goes to the same phone, and a code to another phone.
    let other = request(domain::Purpose::Payment, 1, &phone(1));
    issue(&scene.test, &scene.test.visitor(), &other).await.unwrap();
    scene.request_another(2).await;
    let node = scene.test.with_providers(vec![provider.clone()]);
    node.delivery().run_due().await;
    let phones: Vec<_> = provider.sent_messages().into_iter().map(|handed| handed.phone).collect();
    assert_eq!(phones, [phone(1), phone(2)]);
    scene.wait(5).await;
    assert_eq!(provider.count(), 2);
    scene.wait(2).await;
    assert_eq!(provider.count(), 3);
}

#[tokio::test]
async fn of_two_nodes_that_send_to_one_recipient_at_once_one_sends() {
    let provider = Arc::new(Scripted::new("only").with_rate_limits(SIX));
    let scene = Scene::new(&[&provider]).await;
    let other = request(domain::Purpose::Payment, 1, &phone(1));
    issue(&scene.test, &scene.test.visitor(), &other).await.unwrap();
    let node = scene.test.with_providers(vec![provider.clone()]);
    let (ours, theirs) = (scene.shop.delivery(), node.delivery());
    tokio::join!(ours.run_due(), theirs.run_due());
    assert_eq!(provider.count(), 1);
}

#[tokio::test]
async fn shutdown_waits_for_sends_in_flight_and_claims_no_more() {
    let gate = Arc::new(Semaphore::new(0));
    let provider = Arc::new(Scripted::new("only").gated_by(&gate));
    let scene = Scene::new(&[&provider]).await;
    let running = scene.shop.clone();
    let running = tokio::spawn(async move { running.delivery().run().await });
    while provider.count() == 0 {
        tokio::task::yield_now().await;
    }
    let draining = scene.shop.clone();
    let draining = tokio::spawn(async move { draining.delivery().drain().await });
    running.await.unwrap();
    assert!(!draining.is_finished(), "an answer is still awaited");
    scene.request_another(2).await;
    gate.add_permits(9);
    assert!(draining.await.unwrap());
    let rows = scene.test.db.read().await.unwrap().messages().list(None, 9).await.unwrap();
    assert_eq!(scene.shop.delivery().run_due().await, 0);
    assert_eq!(provider.count(), 1);
    assert!(rows.iter().any(|row| row.status == DeliveryStatus::Accepted), "and written down");
}

#[tokio::test]
async fn a_decoy_waits_and_fails_when_a_real_message_would() {
    let (scene, _) = with_open_breaker(&[fail_over()]).await;
    let real = scene.request_another(2).await;
    let unreal = scene.test.visitor();
    issue(&scene.test, &unreal, &decoy(request(LOGIN, 3, &phone(3)))).await.unwrap();
    scene.run().await;
    let of = async |visitor| scene.shop.codes().status(visitor, LOGIN).await.unwrap().unwrap();
    let (mut real, unreal) = (of(&real).await, of(&unreal).await);
    real.masked_phone = unreal.masked_phone.clone();
    real.challenge = unreal.challenge.clone();
    assert_eq!(real, unreal);
}
