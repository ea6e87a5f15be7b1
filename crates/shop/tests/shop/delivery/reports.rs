//! The webhooks of providers.

use std::{sync::Arc, task::Poll, time::Duration};

use domain::{DeliveryProblem, DeliveryStatus, Language, MessageId};
use shop::delivery::BreakerView;
use tokio::sync::oneshot;
use whatsapp::{
    DeliveryReport, SendError, TemplateStatus, TemplateUpdate, WebhookEvent, WebhookResponse,
};

use super::support::{Scene, Scripted};

fn receipt(id: &str, reference: Option<&MessageId>, status: DeliveryStatus) -> DeliveryReport {
    DeliveryReport {
        provider: "only",
        provider_message_id: id.into(),
        reference: reference.cloned(),
        status,
        failure: None,
        recipient: None,
    }
}

async fn call(scene: &Scene, event: WebhookEvent) {
    let answer = WebhookResponse::events(vec![event]);
    assert!(scene.shop.delivery().handle_webhook("only", answer).await.unwrap());
}

#[tokio::test]
async fn a_report_finds_its_message_by_the_providers_id_only() {
    let provider = Arc::new(Scripted::new("only"));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    call(&scene, WebhookEvent::Delivery(receipt("another", None, DeliveryStatus::Read))).await;
    assert_eq!(scene.view().await.delivery, DeliveryStatus::Accepted);
    call(&scene, WebhookEvent::Delivery(receipt("only-1", None, DeliveryStatus::Delivered))).await;
    assert_eq!(scene.view().await.delivery, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_message_of_unknown_outcome_is_found_by_our_reference() {
    let provider = Arc::new(Scripted::with_answers("only", &[Err(SendError::Unknown)]));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Unknown));
    let id = scene.row().await.new.id;
    call(&scene, WebhookEvent::Delivery(receipt("w-1", Some(&id), DeliveryStatus::Sent))).await;
    let view = scene.view().await;
    assert_eq!((view.delivery, view.problem), (DeliveryStatus::Sent, None));
    call(&scene, WebhookEvent::Delivery(receipt("w-1", None, DeliveryStatus::Delivered))).await;
    assert_eq!(scene.view().await.delivery, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_message_with_a_report_is_not_sent_again_after_a_crash() {
    let provider = Arc::new(Scripted::new("only"));
    let scene = Scene::new(&[&provider]).await;
    let now = scene.test.clock.now();
    let claim = scene.test.db.write(move |tx| {
        Box::pin(async move { tx.messages().claim(1, now + Duration::from_secs(60), now).await })
    });
    let id = claim.await.unwrap().remove(0).new.id;
    call(&scene, WebhookEvent::Delivery(receipt("w-1", Some(&id), DeliveryStatus::Delivered)))
        .await;
    scene.wait(120).await;
    assert_eq!(provider.count(), 0);
    assert_eq!(scene.view().await.delivery, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_later_failure_report_reaches_shopper_merchant_and_breaker() {
    let provider = Arc::new(Scripted::new("only"));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    let failure = Some(SendError::FailOver { why: "131031: the account is locked".into() });
    let failed = DeliveryReport { failure, ..receipt("only-1", None, DeliveryStatus::Failed) };
    call(&scene, WebhookEvent::Delivery(failed)).await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Trouble));
    assert!(scene.row().await.failure.unwrap().contains("131031"));
    let breaker = scene.shop.delivery().providers()[0].breaker;
    assert_eq!(breaker, BreakerView::Open { seconds: 15 });
}

#[tokio::test]
async fn x68_a_repeated_webhook_is_applied_once() {
    let provider = Arc::new(Scripted::new("only").with_templates(Vec::new()));
    let scene = Scene::new(&[&provider]).await;
    let event = |status| {
        WebhookEvent::Template(TemplateUpdate {
            provider: "only",
            name: "marigold_login_code".into(),
            language: Language::English,
            status,
            reason: None,
        })
    };
    let named = |status| WebhookResponse::Events {
        events: vec![event(status)],
        once: Some(("call-1".into(), Duration::from_secs(300))),
    };
    let approved = named(TemplateStatus::Approved);
    let delivery = scene.shop.delivery();
    let twice = tokio::join!(
        delivery.handle_webhook("only", approved.clone()),
        delivery.handle_webhook("only", approved.clone()),
    );
    assert!(twice.0.unwrap() && twice.1.unwrap());
    call(&scene, event(TemplateStatus::Paused)).await;
    assert!(delivery.handle_webhook("only", approved).await.unwrap());
    let states = scene.templates.states().await.unwrap();
    let state = states.iter().find(|state| state.status.is_some()).unwrap();
    assert_eq!(state.status, Some(TemplateStatus::Paused), "the old call did nothing");
}

#[tokio::test]
async fn webhooks_beyond_the_capacity_are_refused_for_a_later_retry() {
    let provider = Arc::new(Scripted::new("only"));
    let scene = Scene::new(&[&provider]).await;
    let delivery = scene.shop.delivery();
    let call = || {
        let events = vec![WebhookEvent::Delivery(receipt("x", None, DeliveryStatus::Sent))];
        Box::pin(delivery.handle_webhook("only", WebhookResponse::events(events)))
    };
    let (release, held) = oneshot::channel();
    let busy = scene.test.db.write(|_| Box::pin(async { Ok::<_, store::Error>(held.await.ok()) }));
    let calls = async {
        let (mut waiting, mut turned_away) = (Vec::new(), 0);
        for _ in 0..1_000 {
            let mut call = call();
            match futures::poll!(&mut call) {
                Poll::Pending => waiting.push(call),
                Poll::Ready(answer) => turned_away += usize::from(!answer.unwrap()),
            }
        }
        release.send(()).unwrap();
        (futures::future::try_join_all(waiting).await.unwrap(), turned_away)
    };
    let (held, (taken, turned_away)) = tokio::join!(busy, calls);
    assert!(held.unwrap().is_some(), "the database was busy while they called");
    assert_eq!((taken, turned_away), (vec![true; 256], 744));
    assert!(call().await.unwrap(), "and there is capacity again");
}
