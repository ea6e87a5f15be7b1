//! Message templates, of which only approved ones are used.

use std::sync::Arc;

use domain::{DeliveryProblem, DeliveryStatus, Language, MessageKind};
use shop::{Visitor, templates::ExpiryMismatch};
use whatsapp::{TemplateState, TemplateStatus};

use super::support::{LOGIN, Scene, Scripted};
use crate::{
    codes::support::{issue, refusal, request},
    support::phone,
};

use TemplateStatus::{Approved, Disabled, Paused, Pending, Rejected};

fn login(language: Language, status: TemplateStatus) -> TemplateState {
    TemplateState {
        name: "marigold_login_code".into(),
        language,
        id: Some(format!("id-{}", language.as_str())),
        status,
        reason: Some("INVALID_FORMAT".into()),
        minutes: Some(10),
    }
}

/// A shop that has synchronised these templates of its only provider.
async fn with(states: Vec<TemplateState>) -> (Scene, Arc<Scripted>) {
    let provider = Arc::new(Scripted::new("only").with_templates(states));
    let scene = Scene::new(&[&provider]).await;
    scene.templates.sync(None).await.unwrap();
    (scene, provider)
}

async fn ask_in(scene: &Scene, language: Language) {
    let visitor = Visitor { language, ..scene.test.visitor() };
    issue(&scene.test, &visitor, &request(LOGIN, 2, &phone(2))).await.unwrap();
    scene.run().await;
}

#[tokio::test]
async fn a_message_is_in_english_if_its_language_is_not_approved() {
    let english = login(Language::English, Approved);
    let (scene, provider) =
        with(vec![english, login(Language::German, Approved), login(Language::French, Pending)])
            .await;
    scene.run().await;
    for (language, id) in
        [(Language::German, "id-de"), (Language::French, "id-en"), (Language::Hindi, "id-en")]
    {
        ask_in(&scene, language).await;
        let handed = provider.sent_messages().pop().unwrap();
        assert_eq!(handed.template_id.as_deref(), Some(id));
        assert_eq!(handed.language == language, id != "id-en");
    }
}

#[tokio::test]
async fn an_unapproved_template_is_not_sent_and_the_merchant_sees_why() {
    for (status, advice) in [
        (Pending, "waits for approval"),
        (Rejected, "INVALID_FORMAT"),
        (Paused, "is paused"),
        (Disabled, "`marigold templates submit only`"),
    ] {
        let (scene, provider) = with(vec![login(Language::English, status)]).await;
        scene.run().await;
        assert_eq!(provider.count(), 0);
        assert_eq!(scene.view().await.problem, Some(DeliveryProblem::Trouble));
        let failure = scene.row().await.failure.unwrap();
        assert!(failure.contains(advice) && failure.contains("marigold_login_code"), "{failure}");
        let problem = scene.shop.delivery().providers().remove(0).last_problem.unwrap().1;
        assert_eq!(problem, failure);
    }
}

#[tokio::test]
async fn another_provider_sends_while_a_template_awaits_approval() {
    let pending = vec![login(Language::English, Pending)];
    let first = Arc::new(Scripted::new("first").with_templates(pending));
    let second = Arc::new(Scripted::new("second"));
    let scene = Scene::new(&[&first, &second]).await;
    scene.templates.sync(Some("first")).await.unwrap();
    scene.run().await;
    assert_eq!((first.count(), second.count()), (0, 1));
}

#[tokio::test]
async fn an_unknown_template_is_tried_until_the_first_sync() {
    let provider = Arc::new(Scripted::new("only").with_templates(Vec::new()));
    let scene = Scene::new(&[&provider]).await;
    scene.run().await;
    assert_eq!(provider.count(), 1);
    scene.templates.sync(Some("only")).await.unwrap();
    ask_in(&scene, Language::English).await;
    assert_eq!(provider.count(), 1);
    let failure = scene.row().await.failure.unwrap();
    assert!(failure.contains("`marigold templates submit only`"), "{failure}");
}

#[tokio::test]
async fn a_template_deleted_at_the_provider_is_deleted_by_the_next_sync() {
    let (scene, provider) = with(vec![login(Language::English, Approved)]).await;
    scene.test.clock.advance(std::time::Duration::from_secs(1));
    provider.set_templates(vec![login(Language::German, Approved)]);
    assert_eq!(scene.templates.sync(None).await.unwrap(), 1);
    let states = scene.templates.states().await.unwrap();
    let known: Vec<_> =
        states.iter().filter(|state| state.status.is_some()).map(|state| state.language).collect();
    assert_eq!(known, [Language::German]);
}

#[tokio::test]
async fn submit_requests_every_kind_in_every_language() {
    let (scene, _) = with(Vec::new()).await;
    let submissions = scene.templates.submit_all("only").await.unwrap();
    assert_eq!(submissions.len(), MessageKind::ALL.len() * Language::ALL.len());
    let states = scene.templates.states().await.unwrap();
    assert!(states.iter().all(|state| state.status == Some(Pending) && state.is_expiry_right));
    let unknown = scene.templates.submit_all("unknown").await.unwrap_err();
    assert!(unknown.to_string().contains("MARIGOLD_PROVIDERS"));
}

#[tokio::test]
async fn start_up_fails_if_a_footer_states_another_expiry() {
    let right = login(Language::English, Approved);
    let wrong = TemplateState { minutes: Some(5), ..login(Language::German, Approved) };
    let (scene, provider) = with(vec![right.clone()]).await;
    scene.templates.ensure_expiry_matches().await.unwrap();
    provider.set_templates(vec![right, wrong]);
    scene.templates.sync(None).await.unwrap();
    let refused = scene.templates.ensure_expiry_matches().await.unwrap_err();
    assert!(matches!(refused, ExpiryMismatch::Stated { stated: 5, enforced: 10, .. }));
    let sentence = refused.to_string();
    for word in ["marigold_login_code (de)", "5 minutes", "MARIGOLD_OTP_TTL_SECONDS=300"] {
        assert!(sentence.contains(word), "{sentence}");
    }
    ask_in(&scene, Language::German).await;
    assert_eq!(
        provider.sent_messages().pop().unwrap().language,
        Language::English,
        "nor is it sent"
    );
}

#[tokio::test]
async fn sb09_only_the_merchant_sees_the_list_of_templates() {
    let (scene, _) = with(Vec::new()).await;
    let refused = scene.shop.merchant(&scene.visitor).map(drop);
    assert_eq!(refusal(refused), domain::Refusal::NotFound);
}

#[tokio::test]
async fn text_messages_need_no_template() {
    let (scene, provider) = with(vec![login(Language::English, Rejected)]).await;
    scene.run().await;
    scene.shop.codes().send_by_sms(&scene.visitor, LOGIN).await.unwrap();
    scene.run().await;
    assert_eq!(provider.count(), 1);
    assert_eq!(scene.view().await.delivery, DeliveryStatus::Accepted);
}
