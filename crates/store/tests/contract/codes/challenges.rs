//! The states of a challenge, also under concurrent requests.

use std::time::Duration;

use domain::{ChallengeId, ChallengeState, OrderId, Purpose, Timestamp};
use futures::future::join_all;
use store::{Challenge, Db, LiveResets, Recipient, ResendRule, Result};

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

async fn repeat(db: &Db, since: Timestamp, now: Timestamp) -> bool {
    let spent = store::transaction!(db, |tx| {
        tx.challenges().spend_repetition("b1", Purpose::Login, 5, since, now).await
    });
    spent.await.unwrap().is_some()
}

contract!(a_used_challenge_is_repeated_for_a_while_and_a_few_times, async |db: Db| {
    let (before, after) = (NOW - Duration::from_secs(1), NOW + Duration::from_secs(1));
    insert(&db, &challenge(1)).await;
    assert!(!repeat(&db, before, after).await, "it is not used yet");
    for _ in 0..4 {
        spend(&db, NOW).await.unwrap().unwrap();
    }
    assert!(consume(&db, ChallengeId::from_bits(1)).await);
    assert!(!repeat(&db, NOW, after).await, "it was used too long ago");
    assert!(!repeat(&db, before - MINUTE, before).await, "the clock was set back");
    assert!(repeat(&db, before, after).await, "the fifth attempt");
    assert!(repeat(&db, before, NOW).await, "one more");
    assert!(!repeat(&db, before, after).await, "all attempts are used up");
    assert_eq!(newest(&db).await.attempts, 6);
});

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

contract!(x21_a_newer_challenge_ends_the_older_one_of_its_browser, async |db: Db| {
    insert(&db, &challenge(1)).await;
    insert(&db, &Challenge { browser_digest: "b2".to_owned(), ..challenge(2) }).await;
    insert(&db, &Challenge { purpose: Purpose::Reset, ..challenge(3) }).await;
    let ended = store::transaction!(db, |tx| {
        tx.challenges().revoke_older(Purpose::Login, "b1", NOW).await
    });
    assert_eq!(ended.await.unwrap(), 1);
    let mut connection = db.read().await.unwrap();
    for (number, expected) in
        [(1, ChallengeState::Revoked), (2, ChallengeState::Live), (3, ChallengeState::Live)]
    {
        let id = ChallengeId::from_bits(number);
        let found = connection.challenges().find(&id).await.unwrap().unwrap();
        assert_eq!(found.state(5, NOW), expected, "{number}");
    }
});

/// A challenge for the payment of order 9 by account 1, asked for by this browser.
fn of_payment(number: u128, browser: &str) -> Challenge {
    let (browser_digest, order) = (browser.to_owned(), Some(OrderId::from_bits(9)));
    Challenge { purpose: Purpose::Payment, browser_digest, order, ..challenge(number) }
}

/// Ends the codes of order 9 of account 1 in other browsers than `b1`, and counts them.
async fn end_elsewhere(db: &Db, now: Timestamp) -> u64 {
    let ended = store::transaction!(db, |tx| {
        let whose = (&domain::AccountId::from_bits(1), &OrderId::from_bits(9));
        tx.challenges().revoke_of_order_elsewhere(whose, "b1", now).await
    });
    ended.await.unwrap()
}

contract!(the_codes_of_an_order_end_in_all_other_browsers_and_nothing_else_does, async |db: Db| {
    let other_account = domain::AccountId::from_bits(7);
    for challenge in [
        of_payment(1, "b1"),
        of_payment(2, "b2"),
        of_payment(3, "b3"),
        Challenge { order: Some(OrderId::from_bits(8)), ..of_payment(4, "b2") },
        Challenge { order: None, ..of_payment(5, "b2") },
        Challenge { account: other_account, ..of_payment(6, "b2") },
        Challenge { purpose: Purpose::StepUp, ..of_payment(7, "b2") },
        of_payment(8, "b2"),
        of_payment(9, "b2"),
    ] {
        insert(&db, &challenge).await;
    }
    assert!(consume(&db, ChallengeId::from_bits(8)).await);
    let revoke = store::transaction!(db, |tx| {
        tx.challenges().revoke(&ChallengeId::from_bits(9), NOW).await
    });
    assert!(revoke.await.unwrap());
    let later = NOW + MINUTE;
    assert_eq!(end_elsewhere(&db, later).await, 2);
    assert_eq!(end_elsewhere(&db, later + MINUTE).await, 0, "they are over");
    let mut connection = db.read().await.unwrap();
    for (number, revoked_at) in
        (1..).zip([None, Some(later), Some(later), None, None, None, None, None, Some(NOW)])
    {
        let id = ChallengeId::from_bits(number);
        let found = connection.challenges().find(&id).await.unwrap().unwrap();
        assert_eq!(found.revoked_at, revoked_at, "{number}");
    }
    drop(connection);
    assert!(!consume(&db, ChallengeId::from_bits(2)).await, "it takes no code any more");
    assert!(consume(&db, ChallengeId::from_bits(1)).await, "the newest browser answers its own");
});

contract!(a_code_of_an_order_is_accepted_or_ended_elsewhere_and_never_both, async |db: Db| {
    insert(&db, &of_payment(1, "b2")).await;
    let all = join_all((0..20).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            match number % 2 {
                0 => consume(&db, ChallengeId::from_bits(1)).await,
                _ => end_elsewhere(&db, NOW).await == 1,
            }
        })
    }))
    .await;
    assert_eq!(all.into_iter().filter(|one| *one.as_ref().unwrap()).count(), 1);
    let id = ChallengeId::from_bits(1);
    let found = db.read().await.unwrap().challenges().find(&id).await.unwrap().unwrap();
    assert!(found.consumed_at.is_some() != found.revoked_at.is_some());
});

contract!(x50_a_new_password_makes_unauthenticated_challenges_decoys, async |db: Db| {
    let unauthenticated =
        Challenge { requested_identifier: Some("reset/ab12".to_owned()), ..challenge(1) };
    insert(&db, &unauthenticated).await;
    let account = domain::AccountId::from_bits(1);
    let ended = store::transaction!(db, |tx| tx.challenges().revoke_all(&account, NOW).await);
    assert_eq!(ended.await.unwrap(), 1);
    let found = db.read().await.unwrap().challenges().find(&unauthenticated.id).await;
    let found = found.unwrap().unwrap();
    assert_eq!(found.state(5, NOW), ChallengeState::Live);
    assert!(found.to.is_decoy());
    assert!(!consume(&db, unauthenticated.id).await, "and nothing opens it");
});

contract!(x09_live_resets_of_other_browsers_are_counted_by_kind_of_browser, async |db: Db| {
    let reset = |number: u128| Challenge {
        purpose: Purpose::Reset,
        browser_digest: format!("b{number}"),
        expires_at: NOW + 10 * MINUTE + Duration::from_millis(number as u64),
        ..challenge(number)
    };
    let other_account = domain::AccountId::from_bits(7);
    for row in [
        reset(1),
        reset(2),
        Challenge { is_known_browser: true, ..reset(3) },
        Challenge { attempts: 4, ..reset(4) },
        // None of these counts.
        Challenge { attempts: 5, ..reset(5) },
        Challenge { to: Recipient::DecoyPhone(phone()), ..reset(6) },
        Challenge { revoked_at: Some(NOW), ..reset(7) },
        Challenge { purpose: Purpose::Login, ..reset(8) },
        Challenge { account: other_account, ..reset(9) },
        Challenge { expires_at: NOW, ..reset(10) },
    ] {
        insert(&db, &row).await;
        if row.revoked_at.is_some() {
            let id = row.id.clone();
            let revoked = store::transaction!(db, |tx| tx.challenges().revoke(&id, NOW).await);
            assert!(revoked.await.unwrap());
        }
    }
    let account = domain::AccountId::from_bits(1);
    let mut connection = db.read().await.unwrap();
    let live = connection.challenges().count_live_resets(&account, "b1", 5, NOW).await.unwrap();
    let first_expires_at = Some(NOW + 10 * MINUTE + Duration::from_millis(2));
    let expected = LiveResets { all: 3, of_unknown_browsers: 2, first_expires_at };
    assert_eq!(live, expected, "without the one of b1 itself");
    let nobody = domain::AccountId::from_bits(8);
    let none = connection.challenges().count_live_resets(&nobody, "b1", 5, NOW).await.unwrap();
    let expected = LiveResets { all: 0, of_unknown_browsers: 0, first_expires_at: None };
    assert_eq!(none, expected);
});

contract!(requests_of_one_browser_for_one_purpose_take_turns, async |db: Db| {
    insert(&db, &challenge(1)).await;
    let ask = |number: u128| {
        let db = db.clone();
        async move {
            store::transaction!(db, |tx| {
                tx.challenges().take_turn("b1", Purpose::Login).await?;
                let newest = tx.challenges().find_newest("b1", Purpose::Login).await?;
                let created_at = newest.map_or(NOW, |newest| newest.created_at + MINUTE);
                tx.challenges().insert(&Challenge { created_at, ..challenge(number) }).await
            })
            .await
        }
    };
    let all = join_all((2..22).map(ask)).await;
    assert!(all.into_iter().all(|asked| asked.is_ok()));
    assert_eq!(newest(&db).await.created_at, NOW + 20 * MINUTE, "each saw the one before");
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
