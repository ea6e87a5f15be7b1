//! The same code by text message.

use std::sync::Arc;

use domain::{Channel, DeliveryStatus, Refusal};
use shop::Visitor;
use whatsapp::{DeliveryReport, SendError, WebhookEvent, WebhookResponse};

use super::support::{LOGIN, Scene, Scripted, undeliverable};
use crate::{
    codes::support::{decoy, issue, refusal, request, verify},
    support::phone,
};

async fn silent() -> (Scene, Arc<Scripted>) {
    let provider = Arc::new(Scripted::new("only"));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    (scene, provider)
}

async fn by_sms(scene: &Scene, visitor: &Visitor) -> shop::Result<()> {
    scene.shop.codes().send_by_sms(visitor, LOGIN).await
}

#[tokio::test]
async fn an_sms_is_offered_after_thirty_seconds_without_delivery() {
    let (scene, provider) = silent().await;
    assert_eq!(scene.view().await.sms_in_seconds, Some(30));
    scene.wait(10).await;
    assert_eq!(scene.view().await.sms_in_seconds, Some(20));
    let early = by_sms(&scene, &scene.visitor).await;
    assert_eq!(refusal(early), Refusal::TooSoon { seconds: 20 });
    scene.wait(20).await;
    assert_eq!(provider.count(), 1, "and never sent by itself");
    assert_eq!(scene.view().await.sms_in_seconds, Some(0));
    by_sms(&scene, &scene.visitor).await.unwrap();
    scene.run().await;
    let channels: Vec<_> = provider.sent_messages().iter().map(|handed| handed.channel).collect();
    assert_eq!(channels, [Channel::WhatsApp, Channel::Sms]);
}

#[tokio::test]
async fn x18_an_sms_has_the_same_code_and_counts_as_a_send() {
    let provider = Arc::new(Scripted::with_answers("only", &[undeliverable(), Ok(())]));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    let before = scene.view().await;
    assert_eq!(before.sms_in_seconds, Some(0), "offered at once after a failure");
    by_sms(&scene, &scene.visitor).await.unwrap();
    scene.run().await;
    let after = scene.view().await;
    assert_eq!((after.channel, after.delivery), (Channel::Sms, DeliveryStatus::Accepted));
    assert_eq!(after.resends_left, before.resends_left - 1);
    assert_eq!(after.expires_in_seconds, before.expires_in_seconds);
    assert_eq!(after.sms_in_seconds, None, "it was");
    let handed = provider.sent_messages();
    assert_eq!(handed[0].code, handed[1].code);
    let code = handed[1].code.clone().unwrap();
    verify(&scene.shop, &scene.visitor, LOGIN, &code).await.unwrap();
}

#[tokio::test]
async fn no_sms_is_offered_without_an_sms_provider_or_after_delivery() {
    let provider = Arc::new(Scripted::new("only").only_by(Channel::WhatsApp));
    let scene = Scene::new(&[&provider]).await;
    scene.wait(60).await;
    assert_eq!(scene.view().await.sms_in_seconds, None);
    assert_eq!(refusal(by_sms(&scene, &scene.visitor).await), Refusal::NotPossible);

    let (scene, _) = silent().await;
    let delivered = WebhookEvent::Delivery(DeliveryReport {
        provider: "only",
        provider_message_id: "only-1".into(),
        reference: None,
        status: DeliveryStatus::Delivered,
        failure: None::<SendError>,
        recipient: None,
    });
    let delivered = WebhookResponse::events(vec![delivered]);
    assert!(scene.shop.delivery().handle_webhook("only", delivered).await.unwrap());
    scene.wait(60).await;
    assert_eq!(scene.view().await.sms_in_seconds, None);
    assert_eq!(refusal(by_sms(&scene, &scene.visitor).await), Refusal::NotPossible);
}

#[tokio::test]
async fn an_sms_needs_the_challenges_browser_and_a_live_code() {
    let (scene, provider) = silent().await;
    scene.wait(60).await;
    let other = scene.test.visitor();
    assert_eq!(refusal(by_sms(&scene, &other).await), Refusal::NoChallenge);
    scene.wait(600).await;
    assert_eq!(refusal(by_sms(&scene, &scene.visitor).await), Refusal::NoChallenge);
    assert_eq!(provider.count(), 1);
}

#[tokio::test]
async fn parallel_requests_send_one_sms() {
    let (scene, provider) = silent().await;
    scene.wait(31).await;
    let clicks = futures::future::join_all((0..8).map(|_| by_sms(&scene, &scene.visitor))).await;
    assert_eq!(clicks.iter().filter(|click| click.is_ok()).count(), 1);
    scene.run().await;
    assert_eq!(provider.count(), 2);
    assert_eq!(scene.view().await.resends_left, 2, "the others are not charged");
}

#[tokio::test]
async fn sms_count_against_the_resends() {
    let (scene, provider) = silent().await;
    for _ in 0..3 {
        scene.wait(61).await;
        scene.shop.codes().resend(&scene.visitor, LOGIN).await.unwrap();
        scene.run().await;
    }
    scene.wait(61).await;
    assert_eq!(scene.view().await.sms_in_seconds, None);
    assert_eq!(refusal(by_sms(&scene, &scene.visitor).await), Refusal::ResendsSpent);
    assert_eq!(provider.count(), 4);
}

#[tokio::test]
async fn a_code_sent_by_sms_is_resent_by_sms() {
    let (scene, provider) = silent().await;
    scene.wait(31).await;
    by_sms(&scene, &scene.visitor).await.unwrap();
    scene.wait(61).await;
    scene.shop.codes().resend(&scene.visitor, LOGIN).await.unwrap();
    scene.run().await;
    assert_eq!(provider.sent_messages()[2].channel, Channel::Sms);
}

#[tokio::test]
async fn x47_a_decoy_offers_and_sends_an_sms_as_a_real_code_does() {
    let provider = Arc::new(Scripted::with_answers("only", &[super::support::fail_over()]));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    let (real, unreal) = (scene.request_another(2).await, scene.test.visitor());
    issue(&scene.test, &unreal, &decoy(request(LOGIN, 3, &phone(3)))).await.unwrap();
    scene.run().await;
    for visitor in [&real, &unreal] {
        by_sms(&scene, visitor).await.unwrap();
    }
    let of = async |visitor| scene.shop.codes().status(visitor, LOGIN).await.unwrap().unwrap();
    let (mut ours, theirs) = (of(&real).await, of(&unreal).await);
    ours.masked_phone = theirs.masked_phone.clone();
    ours.challenge = theirs.challenge.clone();
    assert_eq!(ours, theirs);
    let again = refusal(by_sms(&scene, &unreal).await);
    assert_eq!(again, refusal(by_sms(&scene, &real).await));
}
