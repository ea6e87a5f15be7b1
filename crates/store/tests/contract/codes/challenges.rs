//! The states of a challenge, also under concurrent requests.

use domain::{ChallengeId, ChallengeState, OrderId, Purpose, Timestamp};
use futures::future::join_all;
use store::{Challenge, Db, Recipient, ResendRule, Result};

use super::{MINUTE, NOW, challenge, phone};
use crate::harness::contract;

async fn insert(db: &Db, challenge: &Challenge) {
    let challenge = challenge.clone();
    let added = store::transaction!(db, |tx| tx.challenges().insert(&challenge).await);
    added.await.unwrap();
}

async fn spend(db: &Db, now: Timestamp) -> Result<Option<Challenge>> {
    db.write(move |tx| {
        Box::pin(async move { tx.challenges().spend_attempt("b1", Purpose::Login, 5, now).await })
    })
    .await
}

async fn consume(db: &Db, id: ChallengeId) -> bool {
    store::transaction!(db, |tx| tx.challenges().consume(&id, NOW).await).await.unwrap()
}

async fn newest(db: &Db) -> Challenge {
    let mut connection = db.read().await.unwrap();
    connection.challenges().find_newest("b1", Purpose::Login).await.unwrap().unwrap()
}

contract!(a_challenge_reads_back_as_it_was_written, async |db: Db| {
    for (number, to) in [
        (1, Recipient::Phone(phone())),
        (2, Recipient::DecoyPhone(phone())),
        (3, Recipient::Decoy { subject: "ab12".to_owned() }),
    ] {
        let order = Some(OrderId::from_bits(9));
        let written = Challenge { to, order, ..challenge(number) };
        insert(&db, &written).await;
        let read = db.read().await.unwrap().challenges().find(&written.id).await.unwrap();
        assert_eq!(format!("{:?}", read.unwrap()), format!("{written:?}"));
    }
});

contract!(x10_of_40_concurrent_attempts_5_are_counted, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let all = join_all((0..40).map(|_| spend(&db, NOW))).await;
    let charged: Vec<_> = all.into_iter().filter_map(Result::unwrap).collect();
    let mut attempts: Vec<_> = charged.iter().map(|challenge| challenge.attempts).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 2, 3, 4, 5]);
    assert_eq!(newest(&db).await.attempts, 5);
});

contract!(x14_of_40_concurrent_consumptions_one_succeeds, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let all = join_all((0..40).map(|_| consume(&db, ChallengeId::from_bits(1)))).await;
    assert_eq!(all.into_iter().filter(|won| *won).count(), 1);
    assert!(spend(&db, NOW).await.unwrap().is_none());
});

contract!(x15_a_used_code_is_marked_as_reused_once, async |db: Db| {
    let mark = || async {
        let id = ChallengeId::from_bits(1);
        store::transaction!(db, |tx| tx.challenges().mark_reused(&id, NOW).await).await.unwrap()
    };
    insert(&db, &challenge(1)).await;
    assert!(!mark().await, "it was not accepted yet");
    assert!(consume(&db, ChallengeId::from_bits(1)).await);
    let all = join_all((0..10).map(|_| mark())).await;
    assert_eq!(all.into_iter().filter(|is_first| *is_first).count(), 1);
});

contract!(x16_a_challenge_is_over_when_it_expires, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let end = NOW + 10 * MINUTE;
    assert!(spend(&db, end).await.unwrap().is_none());
    assert!(spend(&db, Timestamp::from_millis(end.as_millis() - 1)).await.unwrap().is_some());
    let id = ChallengeId::from_bits(1);
    let late = store::transaction!(db, |tx| tx.challenges().consume(&id, end).await);
    assert!(!late.await.unwrap());
});

contract!(x21_only_the_newest_challenge_of_a_browser_counts_attempts, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let newer = Challenge { created_at: NOW + MINUTE, ..challenge(2) };
    insert(&db, &newer).await;
    insert(&db, &Challenge { browser_digest: "b2".to_owned(), ..challenge(3) }).await;
    insert(&db, &Challenge { purpose: Purpose::Reset, ..challenge(4) }).await;
    assert_eq!(spend(&db, NOW + MINUTE).await.unwrap().unwrap().id, newer.id);
});

contract!(x21_a_newer_challenge_ends_those_of_its_account_and_browser, async |db: Db| {
    insert(&db, &challenge(1)).await;
    insert(&db, &Challenge { browser_digest: "b2".to_owned(), ..challenge(2) }).await;
    let other = domain::AccountId::from_bits(7);
    let elsewhere =
        Challenge { browser_digest: "b3".to_owned(), account: other.clone(), ..challenge(3) };
    insert(&db, &elsewhere).await;
    let ended = db
        .write(|tx| {
            Box::pin(async move {
                let account = domain::AccountId::from_bits(1);
                tx.challenges().revoke_older(Purpose::Login, &account, "b1", NOW).await
            })
        })
        .await;
    assert_eq!(ended.unwrap(), 2);
    assert!(spend(&db, NOW).await.unwrap().is_none());
    let mut connection = db.read().await.unwrap();
    let other = connection.challenges().find(&elsewhere.id).await.unwrap().unwrap();
    assert_eq!(other.state(5, NOW), ChallengeState::Live);
});

contract!(x50_an_unauthenticated_challenge_in_another_browser_becomes_a_decoy, async |db: Db| {
    let unauthenticated = |number, browser: &str| Challenge {
        browser_digest: browser.to_owned(),
        requested_identifier: Some("reset/ab12".to_owned()),
        ..challenge(number)
    };
    let account = domain::AccountId::from_bits(1);
    for ended_by_password in [false, true] {
        let first = if ended_by_password { 11 } else { 1 };
        insert(&db, &unauthenticated(first, "b1")).await;
        insert(&db, &unauthenticated(first + 1, "b2")).await;
        let account = account.clone();
        let ended = db.write(move |tx| {
            Box::pin(async move {
                match ended_by_password {
                    true => tx.challenges().revoke_all(&account, NOW).await,
                    false => {
                        tx.challenges().revoke_older(Purpose::Login, &account, "b1", NOW).await
                    }
                }
            })
        });
        ended.await.unwrap();
        let other = ChallengeId::from_bits(first + 1);
        let found = db.read().await.unwrap().challenges().find(&other).await.unwrap().unwrap();
        assert_eq!(found.state(5, NOW), ChallengeState::Live);
        assert!(found.to.is_decoy());
        assert!(!consume(&db, other).await, "and nothing opens it");
    }
});

contract!(of_two_challenges_of_one_time_the_live_one_is_the_newest, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let ended = db
        .write(|tx| {
            Box::pin(async move { tx.challenges().revoke(&ChallengeId::from_bits(1), NOW).await })
        })
        .await;
    assert!(ended.unwrap());
    insert(&db, &challenge(2)).await;
    assert_eq!(newest(&db).await.id, ChallengeId::from_bits(2));
});

contract!(x55_of_10_concurrent_resends_one_is_counted, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let now = NOW + MINUTE;
    let rule = ResendRule { attempts: 5, sends: 4, next_at: now + MINUTE };
    let resend = || async {
        db.write(move |tx| {
            Box::pin(
                async move { tx.challenges().resend(&ChallengeId::from_bits(1), rule, now).await },
            )
        })
        .await
        .unwrap()
    };
    let all = join_all((0..10).map(|_| resend())).await;
    assert_eq!(all.into_iter().flatten().count(), 1);
    assert_eq!(newest(&db).await.sends, 2);
});

contract!(x123_a_clock_set_back_neither_revives_nor_blocks, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let (hour, end) = (60 * MINUTE, NOW + 10 * MINUTE);
    let back = NOW - hour;
    let rule = ResendRule { attempts: 5, sends: 4, next_at: back + MINUTE };
    let resent = db.write(move |tx| {
        Box::pin(
            async move { tx.challenges().resend(&ChallengeId::from_bits(1), rule, back).await },
        )
    });
    assert!(resent.await.unwrap().is_some(), "a cooldown is never longer than itself");
    let swept = store::transaction!(db, |tx| tx.challenges().revoke_expired(end).await);
    assert_eq!(swept.await.unwrap(), 1);
    assert!(spend(&db, NOW).await.unwrap().is_none());
});

contract!(revoking_all_of_an_account_ends_every_purpose, async |db: Db| {
    insert(&db, &challenge(1)).await;
    insert(&db, &Challenge { purpose: Purpose::Reset, ..challenge(2) }).await;
    let account = domain::AccountId::from_bits(1);
    let ended = db
        .write(move |tx| Box::pin(async move { tx.challenges().revoke_all(&account, NOW).await }));
    assert_eq!(ended.await.unwrap(), 2);
});

contract!(x135_old_challenges_are_deleted, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let end = NOW + 10 * MINUTE;
    for (before, deleted) in [(end, 0), (end + MINUTE, 1)] {
        let done = store::transaction!(db, |tx| tx.challenges().delete_old(before).await);
        assert_eq!(done.await.unwrap(), deleted);
    }
});
