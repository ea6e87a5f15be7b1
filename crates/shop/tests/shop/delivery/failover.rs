//! Every class of response of a provider, and what follows for the message.

use std::sync::Arc;

use domain::{Channel, DeliveryProblem, DeliveryStatus};
use shop::delivery::BreakerView;
use whatsapp::SendError;

use super::support::{Scene, Scripted, fail_over, misconfigured, retry, undeliverable};

async fn scene(answers: &[Result<(), SendError>]) -> (Scene, Arc<Scripted>, Arc<Scripted>) {
    let first = Arc::new(Scripted::with_answers("first", answers));
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    (scene, first, second)
}

#[tokio::test]
async fn only_the_first_provider_in_order_is_used() {
    let (scene, first, second) = scene(&[Ok(())]).await;
    assert_eq!((first.count(), second.count()), (1, 0));
    let row = scene.row().await;
    assert_eq!((row.status, row.provider.as_deref()), (DeliveryStatus::Accepted, Some("first")));
}

#[tokio::test]
async fn a_provider_without_the_channel_is_skipped() {
    let texts = Arc::new(Scripted::new("texts").only_by(Channel::Sms));
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&texts, &second]).await;
    scene.run().await;
    assert_eq!((texts.count(), second.count()), (0, 1));
}

#[tokio::test]
async fn a_provider_that_cannot_serve_is_replaced_and_its_breaker_opens() {
    let (scene, first, second) = scene(&[fail_over()]).await;
    assert_eq!((first.count(), second.count()), (1, 1));
    assert_eq!(first.sent_messages()[0].code, second.sent_messages()[0].code, "the same code");
    assert_eq!(scene.row().await.refused_by, ["first"]);
    let view = &scene.shop.delivery().providers()[0];
    assert_eq!(view.breaker, BreakerView::Open { seconds: 15 });
    scene.request_another(2).await;
    scene.run().await;
    assert_eq!((first.count(), second.count()), (1, 2));
}

#[tokio::test]
async fn a_misconfigured_provider_is_reported_and_the_next_one_sends() {
    let (scene, first, second) = scene(&[misconfigured(), Ok(())]).await;
    assert_eq!((first.count(), second.count()), (1, 1));
    let view = scene.shop.delivery().providers().remove(0);
    assert_eq!(view.breaker, BreakerView::Closed);
    let (_, problem) = view.last_problem.unwrap();
    assert!(problem.contains("A_TOKEN") && problem.contains("make a new one"), "{problem}");
}

#[tokio::test]
async fn an_unreachable_recipient_is_not_tried_through_another_provider() {
    let (scene, _, second) = scene(&[undeliverable()]).await;
    assert_eq!(second.count(), 0);
    let view = scene.view().await;
    assert_eq!(view.delivery, DeliveryStatus::Failed);
    assert_eq!(view.problem, Some(DeliveryProblem::Unreachable));
}

#[tokio::test]
async fn without_another_provider_the_message_fails_with_a_reason() {
    let first = Arc::new(Scripted::with_answers("first", &[fail_over()]));
    let second = Arc::new(Scripted::with_answers("second", &[misconfigured()]));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Trouble));
    assert!(scene.row().await.failure.unwrap().contains("A_TOKEN"));
    scene.wait(300).await;
    assert_eq!((first.count(), second.count()), (1, 1), "and it has left the outbox");
}

#[tokio::test]
async fn a_send_of_unknown_outcome_is_not_repeated() {
    let (scene, first, second) = scene(&[Err(SendError::Unknown), Ok(())]).await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Unknown));
    assert_eq!(scene.row().await.provider.as_deref(), Some("first"));
    for _ in 0..20 {
        scene.wait(30).await;
    }
    assert_eq!((first.count(), second.count()), (1, 0));
}

#[tokio::test]
async fn a_send_of_unknown_outcome_is_repeated_at_an_idempotent_provider() {
    let answers = [Err(SendError::Unknown), retry(None), Ok(())];
    let first = Arc::new(Scripted::with_answers("first", &answers).idempotent());
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    for _ in 0..20 {
        scene.wait(3).await;
    }
    assert_eq!((first.count(), second.count()), (3, 0));
    let handed = first.sent_messages();
    assert!(handed.iter().all(|one| one.id == handed[0].id), "under the same name");
    assert_eq!(scene.row().await.status, DeliveryStatus::Accepted);
}

#[tokio::test]
async fn a_repeated_send_that_is_refused_keeps_its_unknown_outcome() {
    let answers = [Err(SendError::Unknown), fail_over()];
    let first = Arc::new(Scripted::with_answers("first", &answers).idempotent());
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    scene.wait(3).await;
    assert_eq!(second.count(), 0);
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Unknown));
}

#[tokio::test]
async fn the_first_retry_goes_to_the_same_provider_the_second_fails_over() {
    let (scene, first, second) = scene(&[retry(None)]).await;
    assert_eq!((first.count(), second.count()), (1, 0));
    scene.wait(2).await;
    assert_eq!((first.count(), second.count()), (2, 1));
    assert_eq!(scene.row().await.provider.as_deref(), Some("second"));
}

#[tokio::test]
async fn the_retry_after_of_a_provider_is_honoured() {
    let first = Arc::new(Scripted::with_answers("first", &[retry(Some(40)), Ok(())]));
    let scene = Scene::new(&[&first]).await;
    scene.run().await;
    for _ in 0..39 {
        scene.wait(1).await;
        assert_eq!(first.count(), 1);
    }
    scene.wait(3).await;
    assert_eq!(first.count(), 2);
}

#[tokio::test]
async fn a_retry_after_beyond_the_code_ttl_fails_over() {
    let (_, first, second) = scene(&[retry(Some(3600))]).await;
    assert_eq!((first.count(), second.count()), (1, 1));
    let alone = Arc::new(Scripted::with_answers("alone", &[retry(Some(3600))]));
    let scene = Scene::new(&[&alone]).await;
    scene.run().await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Trouble));
}

#[tokio::test]
async fn refusals_by_providers_survive_a_restart() {
    let first = Arc::new(Scripted::with_answers("first", &[fail_over(), Ok(())]));
    let second = Arc::new(Scripted::with_answers("second", &[retry(None), Ok(())]));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    let restarted = scene.test.with_providers(vec![first.clone(), second.clone()]);
    scene.test.clock.advance(std::time::Duration::from_secs(3));
    restarted.delivery().run_due().await;
    assert_eq!((first.count(), second.count()), (1, 2));
}

#[tokio::test]
async fn an_unknown_error_is_tried_once_again_and_then_left_to_the_text_message() {
    let unknown = || Err(SendError::Unrecognised { why: "999999".into() });
    for (answers, asked, status) in [
        (vec![unknown(), Ok(())], 2, DeliveryStatus::Accepted),
        (vec![unknown()], 2, DeliveryStatus::Failed),
        (vec![unknown(), undeliverable()], 2, DeliveryStatus::Failed),
        (vec![unknown(), retry(None), unknown()], 3, DeliveryStatus::Failed),
    ] {
        let only = Arc::new(Scripted::with_answers("only", &answers));
        let scene = Scene::new(&[&only]).await;
        for _ in 0..10 {
            scene.run().await;
            scene.wait(5).await;
        }
        let row = scene.row().await;
        assert_eq!((only.count(), row.status), (asked, status), "{answers:?}");
        if status == DeliveryStatus::Failed {
            let view = scene.view().await;
            assert_eq!(view.sms_in_seconds, Some(0), "the page offers a text message");
        }
    }
}

#[tokio::test]
async fn an_unknown_error_leads_to_the_next_provider_after_one_more_try() {
    let unknown = Err(SendError::Unrecognised { why: "999999".into() });
    let (scene, first, second) = scene(&[unknown]).await;
    assert_eq!((first.count(), second.count()), (1, 0));
    scene.wait(60).await;
    assert_eq!((first.count(), second.count()), (2, 1));
    assert_eq!(scene.row().await.refused_by, ["first"]);
}
