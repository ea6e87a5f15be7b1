//! Every class of answer, and what becomes of the message.

use std::sync::Arc;

use domain::{Channel, DeliveryProblem, DeliveryStatus};
use shop::delivery::BreakerView;
use whatsapp::SendError;

use super::support::{Scene, Scripted, fail_over, misconfigured, retry, undeliverable};

async fn scene(answers: &[Result<(), SendError>]) -> (Scene, Arc<Scripted>, Arc<Scripted>) {
    let first = Arc::new(Scripted::answering("first", answers));
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    (scene, first, second)
}

#[tokio::test]
async fn the_first_courier_in_order_carries_it_and_no_other_is_asked() {
    let (scene, first, second) = scene(&[Ok(())]).await;
    assert_eq!((first.count(), second.count()), (1, 0));
    let row = scene.row().await;
    assert_eq!((row.status, row.provider.as_deref()), (DeliveryStatus::Accepted, Some("first")));
}

#[tokio::test]
async fn a_courier_that_does_not_carry_the_channel_is_not_asked() {
    let texts = Arc::new(Scripted::new("texts").only_by(Channel::Sms));
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&texts, &second]).await;
    scene.run().await;
    assert_eq!((texts.count(), second.count()), (0, 1));
}

#[tokio::test]
async fn a_provider_that_cannot_serve_is_replaced_at_once_and_left_alone() {
    let (scene, first, second) = scene(&[fail_over()]).await;
    assert_eq!((first.count(), second.count()), (1, 1));
    assert_eq!(first.handed()[0].code, second.handed()[0].code, "the same code");
    assert_eq!(scene.row().await.refused_by, ["first"]);
    let view = &scene.shop.delivery().providers()[0];
    assert_eq!(view.breaker, BreakerView::Open { seconds: 15 });
    scene.ask_too(2).await;
    scene.run().await;
    assert_eq!((first.count(), second.count()), (1, 2));
}

#[tokio::test]
async fn a_wrong_setting_is_told_to_the_merchant_and_the_standby_serves() {
    let (scene, first, second) = scene(&[misconfigured(), Ok(())]).await;
    assert_eq!((first.count(), second.count()), (1, 1));
    let view = scene.shop.delivery().providers().remove(0);
    assert_eq!(view.breaker, BreakerView::Closed);
    let (_, problem) = view.last_problem.unwrap();
    assert!(problem.contains("A_TOKEN") && problem.contains("make a new one"), "{problem}");
}

#[tokio::test]
async fn somebody_who_cannot_be_reached_is_not_tried_through_another_provider() {
    let (scene, _, second) = scene(&[undeliverable()]).await;
    assert_eq!(second.count(), 0);
    let view = scene.view().await;
    assert_eq!(view.delivery, DeliveryStatus::Failed);
    assert_eq!(view.problem, Some(DeliveryProblem::Unreachable));
}

#[tokio::test]
async fn with_nobody_left_it_fails_and_says_so() {
    let first = Arc::new(Scripted::answering("first", &[fail_over()]));
    let second = Arc::new(Scripted::answering("second", &[misconfigured()]));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Trouble));
    assert!(scene.row().await.failure.unwrap().contains("A_TOKEN"));
    scene.wait(300).await;
    assert_eq!((first.count(), second.count()), (1, 1), "and it has left the outbox");
}

#[tokio::test]
async fn what_may_have_been_sent_is_never_sent_again_by_itself() {
    let (scene, first, second) = scene(&[Err(SendError::Unknown), Ok(())]).await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Unknown));
    assert_eq!(scene.row().await.provider.as_deref(), Some("first"));
    for _ in 0..20 {
        scene.wait(30).await;
    }
    assert_eq!((first.count(), second.count()), (1, 0));
}

#[tokio::test]
async fn what_may_have_been_sent_is_repeated_only_where_repeating_is_safe_and_only_there() {
    let answers = [Err(SendError::Unknown), retry(None), Ok(())];
    let first = Arc::new(Scripted::answering("first", &answers).repeating_safely());
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    for _ in 0..20 {
        scene.wait(3).await;
    }
    assert_eq!((first.count(), second.count()), (3, 0));
    let handed = first.handed();
    assert!(handed.iter().all(|one| one.id == handed[0].id), "under the same name");
    assert_eq!(scene.row().await.status, DeliveryStatus::Accepted);
}

#[tokio::test]
async fn a_repeatable_send_that_is_refused_later_is_not_said_to_be_lost() {
    let answers = [Err(SendError::Unknown), fail_over()];
    let first = Arc::new(Scripted::answering("first", &answers).repeating_safely());
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    scene.wait(3).await;
    assert_eq!(second.count(), 0);
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Unknown));
}

#[tokio::test]
async fn one_request_for_patience_is_granted_and_the_second_moves_to_the_standby() {
    let (scene, first, second) = scene(&[retry(None)]).await;
    assert_eq!((first.count(), second.count()), (1, 0));
    scene.wait(2).await;
    assert_eq!((first.count(), second.count()), (2, 1));
    assert_eq!(scene.row().await.provider.as_deref(), Some("second"));
}

#[tokio::test]
async fn a_wait_that_the_provider_asks_for_is_kept() {
    let first = Arc::new(Scripted::answering("first", &[retry(Some(40)), Ok(())]));
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
async fn a_wait_longer_than_the_code_lives_is_no_wait() {
    let (_, first, second) = scene(&[retry(Some(3600))]).await;
    assert_eq!((first.count(), second.count()), (1, 1));
    let alone = Arc::new(Scripted::answering("alone", &[retry(Some(3600))]));
    let scene = Scene::new(&[&alone]).await;
    scene.run().await;
    assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Trouble));
}

#[tokio::test]
async fn who_refused_a_message_is_known_to_the_next_process() {
    let first = Arc::new(Scripted::answering("first", &[fail_over(), Ok(())]));
    let second = Arc::new(Scripted::answering("second", &[retry(None), Ok(())]));
    let scene = Scene::new(&[&first, &second]).await;
    scene.run().await;
    let restarted = scene.test.with_couriers(vec![first.clone(), second.clone()]);
    scene.test.clock.advance(std::time::Duration::from_secs(3));
    restarted.delivery().run_due().await;
    assert_eq!((first.count(), second.count()), (1, 2));
}
