//! Notices that a person has another number: they end trusted devices, and move nothing.

use std::sync::Arc;

use domain::{DeliveryStatus, PhoneNumber};
use shop::audit::Event;
use whatsapp::{
    DeliveryReport, UserChange, UserChangeKind, UserId, UserIds, WebhookEvent, WebhookResponse,
};

use super::support::{Scene, Scripted};
use crate::{
    people::{Person, recorded},
    support::phone,
};

fn ids(user: &str) -> Option<UserIds> {
    Some(UserIds { user: UserId::parse(user).unwrap(), parent: None })
}

fn change(notice_id: &str, kind: UserChangeKind, number: Option<PhoneNumber>) -> UserChange {
    let (previous, current) = (ids("GB.1"), ids("GB.2"));
    UserChange { provider: "only", notice_id: notice_id.into(), kind, number, previous, current }
}

/// A code was sent to the phone of a shopper with one trusted device.
struct Told {
    scene: Scene,
    person: Person,
}

impl Told {
    async fn new() -> Self {
        let provider = Arc::new(Scripted::new("only"));
        let scene = Scene::new(&[&provider]).await;
        scene.run().await;
        let person = Person::new(&scene.test, 1).await;
        person.trusted(&scene.test).await;
        Self { scene, person }
    }

    async fn call(&self, event: WebhookEvent) {
        let answer = WebhookResponse::events(vec![event]);
        assert!(self.scene.shop.delivery().handle_webhook("only", answer).await.unwrap());
    }

    /// A report that names the id of the recipient.
    async fn report(&self, user: &str) {
        self.call(WebhookEvent::Delivery(DeliveryReport {
            provider: "only",
            provider_message_id: "only-1".into(),
            reference: None,
            status: DeliveryStatus::Delivered,
            failure: None,
            recipient: ids(user),
        }))
        .await;
    }

    async fn trusted_devices(&self) -> usize {
        let now = self.scene.test.clock.now();
        let db = self.scene.test.db.read().await;
        db.unwrap().devices().list(&self.person.id, now).await.unwrap().len()
    }

    async fn noted(&self) -> u64 {
        recorded(&self.scene.test, Event::WhatsAppUserChanged.as_str()).await
    }
}

#[tokio::test]
async fn x92_a_changed_number_ends_trusted_devices_and_never_moves_the_account() {
    for (kind, number, reported, is_known) in [
        (UserChangeKind::Number, Some(phone(1)), None, true),
        (UserChangeKind::Number, Some(phone(1)), Some("GB.1"), true),
        (UserChangeKind::Number, None, Some("GB.1"), true),
        (UserChangeKind::Number, Some(phone(9)), Some("GB.1"), true),
        (UserChangeKind::Ids, None, Some("GB.1"), true),
        (UserChangeKind::Number, None, None, false),
        (UserChangeKind::Number, Some(phone(9)), None, false),
        (UserChangeKind::Number, None, Some("GB.7"), false),
        (UserChangeKind::Ids, None, Some("GB.7"), false),
    ] {
        let told = Told::new().await;
        if let Some(user) = reported {
            told.report(user).await;
        }
        told.call(WebhookEvent::UserChange(change("n1", kind, number.clone()))).await;
        let case = format!("{kind:?} {number:?} {reported:?}");
        assert_eq!(told.trusted_devices().await, usize::from(!is_known), "{case}");
        assert_eq!(told.noted().await, u64::from(is_known), "{case}");
        let db = told.scene.test.db.read().await;
        let account = db.unwrap().accounts().find(&told.person.id).await.unwrap().unwrap();
        assert_eq!(account.phone, told.person.phone, "{case}");
    }
}

#[tokio::test]
async fn x68_a_repeated_notice_ends_no_device_that_was_trusted_since() {
    let told = Told::new().await;
    let event = |id| WebhookEvent::UserChange(change(id, UserChangeKind::Number, Some(phone(1))));
    told.call(event("n1")).await;
    assert_eq!(told.trusted_devices().await, 0);
    told.person.trusted(&told.scene.test).await;
    told.call(event("n1")).await;
    assert_eq!((told.trusted_devices().await, told.noted().await), (1, 1));
    told.call(event("n2")).await;
    assert_eq!((told.trusted_devices().await, told.noted().await), (0, 2));
}

#[tokio::test]
async fn a_person_is_known_by_the_new_id_after_the_ids_changed() {
    let told = Told::new().await;
    told.report("GB.1").await;
    told.call(WebhookEvent::UserChange(change("n1", UserChangeKind::Ids, None))).await;
    told.person.trusted(&told.scene.test).await;
    let next = UserChange { previous: ids("GB.2"), ..change("n2", UserChangeKind::Number, None) };
    told.call(WebhookEvent::UserChange(next)).await;
    assert_eq!((told.trusted_devices().await, told.noted().await), (0, 2));
}
