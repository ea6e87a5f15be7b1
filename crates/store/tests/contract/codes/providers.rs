//! What belongs to providers: throttles, webhooks, templates, verifications and the
//! delivery of messages.

use std::time::Duration;

use domain::{
    ChallengeId, Channel, DeliveryProblem, DeliveryStatus, Language, MessageId, MessageKind,
};
use futures::future::join_all;
use store::{
    BoxFuture, Connection, Db, Failure, Lease, Message, NewMessage, ProviderMessageName, Recipient,
    Result, StatusUpdate, StoredTemplate,
};

use super::{MINUTE, NOW, challenge, phone};
use crate::harness::contract;

const SIX: Duration = Duration::from_secs(6);

pub(super) async fn write<T: Send + 'static>(
    db: &Db,
    work: impl for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T>> + Send + 'static,
) -> T {
    db.write(work).await.unwrap()
}

/// A message that was just claimed.
pub(super) async fn claimed(db: &Db) -> Message {
    let message = NewMessage {
        id: MessageId::from_bits(1),
        kind: MessageKind::Code(domain::Purpose::Login),
        channel: Channel::WhatsApp,
        language: Language::English,
        to: Recipient::Phone(phone()),
        account: None,
        challenge: Some(ChallengeId::from_bits(1)),
        created_at: NOW,
        expires_at: NOW + 10 * MINUTE,
    };
    write(db, |tx| {
        Box::pin(async move {
            tx.messages().insert(&message).await?;
            Ok(tx.messages().claim(1, NOW + MINUTE, NOW).await?.remove(0))
        })
    })
    .await
}

async fn find(db: &Db) -> Message {
    let id = MessageId::from_bits(1);
    db.read().await.unwrap().messages().find(&id).await.unwrap().unwrap()
}

fn unknown() -> Failure {
    Failure { problem: DeliveryProblem::Unknown, why: "no answer".into() }
}

async fn fail(db: &Db, lease: Lease) -> bool {
    write(db, |tx| {
        Box::pin(async move { tx.messages().fail(&lease, &unknown(), Some("p"), NOW).await })
    })
    .await
}

async fn receive(db: &Db, id: &str, status: DeliveryStatus) -> StatusUpdate {
    let name = ProviderMessageName {
        provider: "p".into(),
        provider_message_id: id.into(),
        reference: Some(MessageId::from_bits(1)),
    };
    write(db, move |tx| {
        Box::pin(async move { tx.messages().receive(&name, status, None, NOW).await })
    })
    .await
}

contract!(of_concurrent_sends_to_a_recipient_one_is_allowed, async |db: Db| {
    let take = |now| {
        write(&db, move |tx| {
            Box::pin(async move { tx.recipient_throttle().take("p", "recipient", SIX, now).await })
        })
    };
    let taken = join_all((0..8).map(|_| take(NOW))).await;
    assert_eq!(taken.iter().filter(|free_at| free_at.is_none()).count(), 1);
    assert!(taken.iter().flatten().all(|free_at| *free_at == NOW + SIX));
    assert_eq!(take(NOW + SIX).await, None);
    let set_back = NOW - MINUTE;
    assert_eq!(take(set_back).await, None, "a clock that was set back delays no send");
    let forgotten =
        write(&db, |tx| Box::pin(async move { tx.recipient_throttle().delete_old(NOW).await }));
    assert_eq!(forgotten.await, 1);
});

contract!(x68_of_equal_webhooks_only_one_is_recorded_until_it_expires, async |db: Db| {
    let remember = |now| {
        write(&db, move |tx| {
            Box::pin(async move {
                tx.processed_webhooks().remember("p", "call", now + MINUTE, now).await
            })
        })
    };
    let first = join_all((0..8).map(|_| remember(NOW))).await;
    assert_eq!(first.into_iter().filter(|is_first| *is_first).count(), 1);
    let is_known = async |now| {
        db.read().await.unwrap().processed_webhooks().is_known("p", "call", now).await.unwrap()
    };
    assert!(is_known(NOW).await);
    assert!(!is_known(NOW + MINUTE).await);
    assert!(remember(NOW + MINUTE).await);
    let forgotten = write(&db, |tx| {
        Box::pin(async move { tx.processed_webhooks().delete_old(NOW + 2 * MINUTE).await })
    });
    assert_eq!(forgotten.await, 1);
});

fn template(language: Language, status: &str) -> StoredTemplate {
    StoredTemplate {
        provider: "p".into(),
        name: "n".into(),
        language,
        provider_id: Some("id".into()),
        status: status.into(),
        reason: None,
        expiry_minutes: Some(10),
        updated_at: NOW,
    }
}

async fn put(db: &Db, template: StoredTemplate) {
    write(db, |tx| Box::pin(async move { tx.templates().put(&template).await })).await;
}

contract!(template_fields_that_are_not_reported_stay_unchanged, async |db: Db| {
    put(&db, template(Language::German, "pending")).await;
    let reported = StoredTemplate {
        provider_id: None,
        expiry_minutes: None,
        reason: Some("why".into()),
        ..template(Language::German, "rejected")
    };
    put(&db, reported).await;
    let mut rows = db.read().await.unwrap();
    let named = rows.templates().list_named("p", "n").await.unwrap();
    let expected =
        StoredTemplate { reason: Some("why".into()), ..template(Language::German, "rejected") };
    assert_eq!(named, [expected]);
    assert!(rows.templates().list_named("q", "n").await.unwrap().is_empty());
});

contract!(a_list_forgets_what_it_does_not_hold, async |db: Db| {
    put(&db, template(Language::German, "approved")).await;
    put(&db, StoredTemplate { provider: "q".into(), ..template(Language::German, "approved") })
        .await;
    assert_eq!(db.read().await.unwrap().templates().read_at("p").await.unwrap(), None);
    let later = NOW + MINUTE;
    put(&db, StoredTemplate { updated_at: later, ..template(Language::French, "approved") }).await;
    write(&db, move |tx| {
        Box::pin(async move { tx.templates().finish_list("p", later, later).await })
    })
    .await;
    let mut rows = db.read().await.unwrap();
    let left = rows.templates().list().await.unwrap();
    let left: Vec<_> = left.iter().map(|row| (row.provider.as_str(), row.language)).collect();
    assert_eq!(left, [("p", Language::French), ("q", Language::German)]);
    assert_eq!(rows.templates().read_at("p").await.unwrap(), Some(later));
});

contract!(a_claimer_whose_lease_ended_records_nothing, async |db: Db| {
    let late = claimed(&db).await;
    let later = NOW + MINUTE;
    let taken_over = write(&db, move |tx| {
        Box::pin(async move { tx.messages().claim(1, later + MINUTE, later).await })
    });
    let lease = late.lease();
    assert_eq!(taken_over.await.len(), 1);
    let touched = write(&db, move |tx| {
        Box::pin(async move {
            let failed = tx.messages().fail(&lease, &unknown(), None, NOW).await?;
            let retried = tx.messages().retry(&lease, NOW, "p", None, "busy").await?;
            let postponed = tx.messages().postpone(&lease, NOW, None).await?;
            let refused = tx.messages().refuse(&lease, &["p".into()], "no").await?;
            let released = tx.messages().release(&lease).await?;
            let handed_over = tx.messages().mark_sending(&lease, None, NOW).await?;
            Ok([failed, retried, postponed, refused, released, handed_over])
        })
    });
    assert_eq!(touched.await, [false; 6]);
    let accepted = write(&db, |tx| {
        Box::pin(async move { tx.messages().accept(&late.new.id, "p", "p-1", NOW).await })
    });
    assert!(accepted.await, "but what was sent was sent");
});

contract!(putting_off_is_no_try_and_says_why, async |db: Db| {
    let lease = claimed(&db).await.lease();
    write(&db, move |tx| {
        Box::pin(async move { tx.messages().postpone(&lease, NOW + SIX, Some(&unknown())).await })
    })
    .await;
    let row = find(&db).await;
    assert_eq!((row.attempts, row.problem), (0, Some(DeliveryProblem::Unknown)));
    assert_eq!((row.status, row.leased_until), (DeliveryStatus::Queued, None));
    let claim = |now| {
        write(&db, move |tx| {
            Box::pin(async move { tx.messages().claim(1, now + MINUTE, now).await })
        })
    };
    assert!(claim(NOW).await.is_empty());
    let lease = claim(NOW + SIX).await.remove(0).lease();
    write(&db, move |tx| Box::pin(async move { tx.messages().release(&lease).await })).await;
    assert_eq!(claim(NOW + SIX).await.remove(0).attempts, 1);
});

contract!(refusals_and_hand_overs_are_kept, async |db: Db| {
    let lease = claimed(&db).await.lease();
    write(&db, move |tx| {
        Box::pin(async move {
            tx.messages().refuse(&lease, &["a".into(), "b".into()], "no").await?;
            tx.messages().mark_sending(&lease, Some("c"), NOW + SIX).await?;
            tx.messages().retry(&lease, NOW, "c", Some("c"), "busy").await
        })
    })
    .await;
    let row = find(&db).await;
    assert_eq!(row.refused_by, ["a", "b"]);
    assert_eq!((row.provider.as_deref(), row.deferred_by.as_deref()), (Some("c"), Some("c")));
    assert_eq!(row.sent_at, Some(NOW + SIX));
});

contract!(a_report_with_our_id_finds_a_message_that_was_never_accepted, async |db: Db| {
    let lease = claimed(&db).await.lease();
    assert!(fail(&db, lease).await);
    let moved = StatusUpdate::Applied(Some(ChallengeId::from_bits(1)));
    assert_eq!(receive(&db, "p-1", DeliveryStatus::Sent).await, moved);
    let row = find(&db).await;
    assert_eq!((row.status, row.problem, row.failure), (DeliveryStatus::Sent, None, None));
    assert_eq!(
        receive(&db, "p-2", DeliveryStatus::Sent).await,
        StatusUpdate::Stale,
        "the message has the id of another copy"
    );
    assert_eq!(receive(&db, "p-1", DeliveryStatus::Sent).await, StatusUpdate::Stale);
    assert_eq!(receive(&db, "p-1", DeliveryStatus::Read).await, moved);
});

contract!(a_delivered_second_copy_counts_as_delivered, async |db: Db| {
    let lease = claimed(&db).await.lease();
    write(&db, move |tx| {
        Box::pin(async move { tx.messages().accept(&lease.id, "p", "p-1", NOW).await })
    })
    .await;
    let moved = StatusUpdate::Applied(Some(ChallengeId::from_bits(1)));
    assert_eq!(receive(&db, "p-2", DeliveryStatus::Sent).await, StatusUpdate::Stale);
    assert_eq!(receive(&db, "p-2", DeliveryStatus::Delivered).await, moved);
    assert_eq!(receive(&db, "p-2", DeliveryStatus::Delivered).await, StatusUpdate::Stale);
    assert_eq!(find(&db).await.status, DeliveryStatus::Delivered);
    assert_eq!(receive(&db, "p-1", DeliveryStatus::Delivered).await, StatusUpdate::Stale);
    assert_eq!(receive(&db, "p-1", DeliveryStatus::Read).await, moved);
});

contract!(a_report_with_our_id_takes_a_message_out_of_the_outbox, async |db: Db| {
    let lease = claimed(&db).await.lease();
    receive(&db, "p-1", DeliveryStatus::Accepted).await;
    assert!(!fail(&db, lease).await, "what is known to be taken is not given up");
    assert_eq!(db.read().await.unwrap().messages().next_due().await.unwrap(), None);
    assert_eq!(find(&db).await.status, DeliveryStatus::Accepted);
});

contract!(a_provider_id_given_twice_belongs_to_the_newest_message, async |db: Db| {
    let first = claimed(&db).await.new;
    let second = NewMessage { id: MessageId::from_bits(2), ..first.clone() };
    write(&db, move |tx| {
        Box::pin(async move {
            tx.messages().insert(&second).await?;
            tx.messages().accept(&first.id, "p", "same", NOW).await?;
            tx.messages().accept(&second.id, "p", "same", NOW).await
        })
    })
    .await;
    receive(&db, "same", DeliveryStatus::Delivered).await;
    assert_eq!(find(&db).await.status, DeliveryStatus::Accepted);
});

contract!(resending_by_another_channel_ignores_only_the_cooldown, async |db: Db| {
    let row = challenge(1);
    let id = row.id.clone();
    write(&db, move |tx| Box::pin(async move { tx.challenges().insert(&row).await })).await;
    let send = |now| {
        let id = id.clone();
        let rule = store::ResendRule { attempts: 5, sends: 3, next_at: now + MINUTE };
        write(&db, move |tx| {
            Box::pin(async move { tx.challenges().resend_by_other_channel(&id, rule, now).await })
        })
    };
    assert_eq!(send(NOW).await.unwrap().sends, 2);
    assert!(send(NOW + 10 * MINUTE).await.is_none(), "its time is over");
    assert_eq!(send(NOW).await.unwrap().sends, 3);
    assert!(send(NOW).await.is_none(), "its sends are spent");
});

contract!(a_provider_verification_ends_with_its_challenge, async |db: Db| {
    let (used, revoked, live) = (challenge(1), challenge(2), challenge(3));
    let end = live.expires_at;
    write(&db, move |tx| {
        Box::pin(async move {
            for (challenge, name) in [(&used, "used"), (&revoked, "revoked"), (&live, "live")] {
                tx.challenges().insert(challenge).await?;
                tx.provider_verifications().keep("p", name, &challenge.id).await?;
                tx.provider_verifications().keep("p", name, &challenge.id).await?;
            }
            tx.provider_verifications().keep("p", "gone", &ChallengeId::from_bits(4)).await?;
            assert!(tx.challenges().consume(&used.id, NOW).await?);
            assert!(tx.challenges().revoke(&revoked.id, NOW).await?);
            Ok(())
        })
    })
    .await;
    let ended = async |most, now| {
        let all = db.read().await.unwrap().provider_verifications().ended(most, now).await.unwrap();
        all.into_iter().map(|code| (code.verification_id, code.is_used)).collect::<Vec<_>>()
    };
    let mut expected =
        vec![("gone".to_owned(), false), ("revoked".into(), false), ("used".into(), true)];
    assert_eq!(ended(10, NOW).await, expected);
    assert_eq!(ended(2, NOW).await, expected[..2]);
    expected.insert(1, ("live".into(), false));
    assert_eq!(ended(10, end).await, expected, "its time is over");
});

contract!(of_20_concurrent_deletes_of_a_verification_one_succeeds, async |db: Db| {
    let id = ChallengeId::from_bits(4);
    write(&db, move |tx| {
        Box::pin(async move { tx.provider_verifications().keep("p", "name", &id).await })
    })
    .await;
    let code =
        db.read().await.unwrap().provider_verifications().ended(1, NOW).await.unwrap().remove(0);
    let all = join_all((0..20).map(|_| {
        let code = code.clone();
        write(&db, move |tx| {
            Box::pin(async move { tx.provider_verifications().forget(&code).await })
        })
    }));
    assert_eq!(all.await.into_iter().filter(|is_first| *is_first).count(), 1);
    assert!(
        db.read().await.unwrap().provider_verifications().ended(1, NOW).await.unwrap().is_empty()
    );
});
