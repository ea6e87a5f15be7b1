//! The outbox and the log of messages.

use domain::{
    AccountId, ChallengeId, Channel, DeliveryProblem, DeliveryStatus, Language, MessageId,
    MessageKind,
};
use futures::future::join_all;
use store::{
    Db, Failure, Lease, Message, NewMessage, ProviderMessageName, Recipient, StatusUpdate,
};

use super::{MINUTE, NOW, phone};
use crate::harness::contract;

fn message(number: u128) -> NewMessage {
    NewMessage {
        id: MessageId::from_bits(number),
        kind: MessageKind::Code(domain::Purpose::Login),
        channel: Channel::WhatsApp,
        language: Language::English,
        to: Recipient::Phone(phone()),
        account: Some(AccountId::from_bits(1)),
        challenge: Some(ChallengeId::from_bits(1)),
        created_at: NOW,
        expires_at: NOW + 10 * MINUTE,
    }
}

async fn insert(db: &Db, message: &NewMessage) {
    let message = message.clone();
    store::transaction!(db, |tx| tx.messages().insert(&message).await).await.unwrap();
}

async fn claim(db: &Db, most: u32, now: domain::Timestamp) -> Vec<Message> {
    let until = now + MINUTE;
    store::transaction!(db, |tx| tx.messages().claim(most, until, now).await).await.unwrap()
}

async fn accept(db: &Db, number: u128) -> bool {
    db.write(move |tx| {
        Box::pin(async move {
            let id = MessageId::from_bits(number);
            tx.messages().accept(&id, "p", &format!("p-{number}"), NOW).await
        })
    })
    .await
    .unwrap()
}

async fn receive(db: &Db, status: DeliveryStatus) -> StatusUpdate {
    let name = ProviderMessageName {
        provider: "p".into(),
        provider_message_id: "p-1".into(),
        reference: None,
    };
    db.write(move |tx| {
        Box::pin(async move { tx.messages().receive(&name, status, None, NOW).await })
    })
    .await
    .unwrap()
}

fn lease(number: u128, claimed_at: domain::Timestamp) -> Lease {
    Lease { id: MessageId::from_bits(number), until: claimed_at + MINUTE }
}

fn trouble(why: &str) -> Failure {
    Failure { problem: DeliveryProblem::Trouble, why: why.into() }
}

async fn find(db: &Db, number: u128) -> Message {
    let id = MessageId::from_bits(number);
    db.read().await.unwrap().messages().find(&id).await.unwrap().unwrap()
}

contract!(of_8_concurrent_claims_each_message_has_one_claimer, async |db: Db| {
    for number in 0..100 {
        insert(&db, &message(number)).await;
    }
    let work = || async {
        let mut mine = Vec::new();
        for _ in 0..200 {
            mine.extend(claim(&db, 5, NOW).await);
        }
        mine
    };
    let all = join_all((0..8).map(|_| work())).await;
    let mut ids: Vec<_> = all.into_iter().flatten().map(|message| message.new.id).collect();
    let claimed = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((claimed, ids.len()), (100, 100));
});

contract!(x64_a_lease_that_runs_out_is_taken_over, async |db: Db| {
    insert(&db, &message(1)).await;
    assert_eq!(claim(&db, 5, NOW).await.len(), 1);
    assert_eq!(claim(&db, 5, NOW).await.len(), 0);
    let next = db.read().await.unwrap().messages().next_due().await.unwrap();
    assert_eq!(next, Some(NOW + MINUTE));
    let again = claim(&db, 5, NOW + MINUTE).await;
    assert_eq!(again.iter().map(|message| message.attempts).collect::<Vec<_>>(), [2]);
});

contract!(x69_status_updates_only_move_a_message_forward, async |db: Db| {
    insert(&db, &message(1)).await;
    assert_eq!(receive(&db, DeliveryStatus::Sent).await, StatusUpdate::Unknown);
    claim(&db, 1, NOW).await;
    assert!(accept(&db, 1).await);
    assert!(!accept(&db, 1).await);
    let moved = StatusUpdate::Applied(Some(ChallengeId::from_bits(1)));
    assert_eq!(receive(&db, DeliveryStatus::Failed).await, moved);
    assert_eq!(receive(&db, DeliveryStatus::Delivered).await, moved, "a late delivery counts");
    for old in [DeliveryStatus::Delivered, DeliveryStatus::Failed, DeliveryStatus::Sent] {
        assert_eq!(receive(&db, old).await, StatusUpdate::Stale);
    }
    assert_eq!(receive(&db, DeliveryStatus::Read).await, moved);
    assert_eq!(find(&db, 1).await.status, DeliveryStatus::Read);
    assert!(claim(&db, 1, NOW + MINUTE).await.is_empty(), "it has left the outbox");
});

contract!(a_message_is_tried_again_or_given_up, async |db: Db| {
    insert(&db, &message(1)).await;
    claim(&db, 1, NOW).await;
    let later = NOW + 2 * MINUTE;
    let retried = db.write(move |tx| {
        Box::pin(async move { tx.messages().retry(&lease(1, NOW), later, "p", None, "busy").await })
    });
    assert!(retried.await.unwrap());
    assert!(claim(&db, 1, NOW + MINUTE).await.is_empty());
    assert_eq!(claim(&db, 1, later).await.len(), 1);
    let failed = db.write(move |tx| {
        Box::pin(async move {
            tx.messages().fail(&lease(1, later), &trouble("gone"), None, later).await
        })
    });
    assert!(failed.await.unwrap());
    let message = find(&db, 1).await;
    assert_eq!((message.status, message.failure), (DeliveryStatus::Failed, Some("gone".into())));
    assert!(claim(&db, 1, later + MINUTE).await.is_empty());
    let next = db.read().await.unwrap().messages().next_due().await.unwrap();
    assert_eq!(next, None);
});

contract!(a_decoy_changes_status_and_is_not_in_the_log, async |db: Db| {
    insert(&db, &NewMessage { to: Recipient::DecoyPhone(phone()), ..message(1) }).await;
    insert(&db, &message(2)).await;
    assert_eq!(claim(&db, 2, NOW).await.len(), 2);
    let step = |status, next_at| {
        db.write(move |tx| {
            Box::pin(async move {
                tx.messages().advance_decoy(&lease(1, NOW), status, "p", next_at, NOW).await
            })
        })
    };
    assert!(step(DeliveryStatus::Accepted, Some(NOW)).await.unwrap());
    assert_eq!(claim(&db, 2, NOW).await.len(), 1);
    assert!(step(DeliveryStatus::Delivered, None).await.unwrap());
    assert!(!step(DeliveryStatus::Sent, None).await.unwrap());
    let log = db.read().await.unwrap().messages().list(None, 10).await.unwrap();
    assert_eq!(log.iter().map(|m| m.new.id.clone()).collect::<Vec<_>>(), [message(2).id]);
});

contract!(x49_a_decoy_becomes_a_message_while_it_is_claimed, async |db: Db| {
    insert(&db, &NewMessage { to: Recipient::DecoyPhone(phone()), ..message(1) }).await;
    let become_another = |until| {
        db.write(move |tx| {
            Box::pin(async move {
                let note = NewMessage { kind: MessageKind::AccountExists, ..message(1) };
                tx.messages().replace_content(&lease(1, until), &note).await
            })
        })
    };
    assert!(!become_another(NOW).await.unwrap(), "it is not claimed");
    assert_eq!(claim(&db, 1, NOW).await.len(), 1);
    assert!(become_another(NOW).await.unwrap());
    let log = db.read().await.unwrap().messages().list(None, 10).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].new.kind, log[0].new.to.is_decoy()), (MessageKind::AccountExists, false));
    assert!(accept(&db, 1).await);
    assert!(!become_another(NOW).await.unwrap(), "it is out");
});

contract!(the_log_is_read_page_by_page, async |db: Db| {
    for number in 1..=3 {
        insert(&db, &message(number)).await;
    }
    let mut connection = db.read().await.unwrap();
    let first = connection.messages().list(None, 2).await.unwrap();
    let last = first.last().unwrap();
    let after = Some((last.new.created_at, &last.new.id));
    let second = connection.messages().list(after, 2).await.unwrap();
    let ids = first.iter().chain(&second).map(|m| m.new.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids, [3, 2, 1].map(MessageId::from_bits));
});

contract!(a_challenge_knows_its_newest_message, async |db: Db| {
    insert(&db, &message(1)).await;
    insert(&db, &NewMessage { created_at: NOW + MINUTE, ..message(2) }).await;
    let id = ChallengeId::from_bits(1);
    let newest = db.read().await.unwrap().messages().find_of_challenge(&id).await.unwrap();
    assert_eq!(newest.unwrap().new.id, MessageId::from_bits(2));
});

contract!(x135_old_messages_are_deleted_once_they_left_the_outbox, async |db: Db| {
    insert(&db, &message(1)).await;
    insert(&db, &message(2)).await;
    claim(&db, 1, NOW).await;
    accept(&db, 1).await;
    let swept =
        db.write(|tx| Box::pin(async move { tx.messages().delete_old(NOW + MINUTE).await }));
    assert_eq!(swept.await.unwrap(), 1);
    assert_eq!(find(&db, 2).await.status, DeliveryStatus::Queued);
});
