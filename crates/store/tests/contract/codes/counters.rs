//! Sliding windows, also under concurrent requests.

use std::time::Duration;

use domain::Timestamp;
use futures::future::join_all;
use store::{Db, Error, Limit, Window};

use super::{MINUTE, NOW};
use crate::harness::contract;

const HOUR: Duration = Duration::from_secs(3600);

fn limit(key: &str, max: u32) -> Limit {
    Limit::exact(key.to_owned(), &[Window { span: HOUR, max }])
}

/// Counts, and undoes the hit when it is one too many.
async fn count(db: &Db, limits: &[Limit], now: Timestamp) -> Option<Timestamp> {
    enum Stop {
        Full(Timestamp),
        Failed(Error),
    }
    impl From<Error> for Stop {
        fn from(error: Error) -> Self {
            Self::Failed(error)
        }
    }
    let limits = limits.to_vec();
    let counted = db.write(move |tx| {
        Box::pin(async move {
            match tx.counters().count(&limits, now).await? {
                None => Ok(()),
                Some(free_at) => Err(Stop::Full(free_at)),
            }
        })
    });
    match counted.await {
        Ok(()) => None,
        Err(Stop::Full(free_at)) => Some(free_at),
        Err(Stop::Failed(error)) => panic!("{error}"),
    }
}

contract!(a_window_allows_its_maximum_and_returns_when_it_allows_more, async |db: Db| {
    let two = [limit("a", 2)];
    assert_eq!(count(&db, &two, NOW).await, None);
    assert_eq!(count(&db, &two, NOW + MINUTE).await, None);
    assert_eq!(count(&db, &two, NOW + 2 * MINUTE).await, Some(NOW + HOUR));
    let just_before = Timestamp::from_millis((NOW + HOUR).as_millis() - 1);
    assert_eq!(count(&db, &two, just_before).await, Some(NOW + HOUR));
    assert_eq!(count(&db, &two, NOW + HOUR).await, None, "the refused were not counted");
    assert_eq!(count(&db, &two, NOW + HOUR).await, Some(NOW + HOUR + MINUTE));
});

contract!(each_limit_is_reported_by_itself, async |db: Db| {
    let each = || {
        let counted = vec![limit("a", 1), limit("b", 9)];
        store::transaction!(db, |tx| tx.counters().count_each(&counted, NOW).await)
    };
    assert_eq!(each().await.unwrap(), [None, None]);
    assert_eq!(each().await.unwrap(), [Some(NOW + HOUR), None]);
});

contract!(every_window_of_every_limit_must_allow_a_hit, async |db: Db| {
    let day = Window { span: 24 * HOUR, max: 3 };
    let phone = Limit::exact("p".to_owned(), &[Window { span: HOUR, max: 2 }, day]);
    let address = limit("a", 100);
    let both = [phone.clone(), address.clone()];
    assert_eq!(count(&db, &both, NOW).await, None);
    assert_eq!(count(&db, &both, NOW).await, None);
    assert_eq!(count(&db, &both, NOW).await, Some(NOW + HOUR));
    assert_eq!(count(&db, &both, NOW + HOUR).await, None);
    assert_eq!(count(&db, &both, NOW + HOUR).await, Some(NOW + 24 * HOUR));
    let since = NOW - MINUTE;
    assert_eq!(db.read().await.unwrap().counters().sum("a", since).await.unwrap(), 3);
});

contract!(x58_the_largest_bucket_since_a_time_is_returned, async |db: Db| {
    let day = |number| NOW + 24 * HOUR * number;
    let budget = |key: &str| {
        let windows = vec![Window { span: 24 * HOUR * 20, max: 100 }];
        Limit { key: key.to_owned(), width: 24 * HOUR, windows }
    };
    for (number, hits) in [(0, 5), (1, 2), (2, 3)] {
        for _ in 0..hits {
            count(&db, &[budget("44"), budget("49")], day(number)).await;
        }
    }
    count(&db, &[budget("49")], day(2)).await;
    let best = async |key, since| {
        db.read().await.unwrap().counters().max_bucket(key, since).await.unwrap()
    };
    assert_eq!(best("44", day(0) - 24 * HOUR).await, 5);
    assert_eq!(best("44", day(1) - 24 * HOUR + MINUTE).await, 3, "the five were before that");
    assert_eq!(best("49", day(1)).await, 4);
    assert_eq!(best("1", day(0) - 24 * HOUR).await, 0);
});

contract!(x55_of_40_concurrent_hits_5_are_allowed, async |db: Db| {
    let five = [limit("x", 1_000), limit("p", 5)];
    let all = join_all((0..40).map(|_| count(&db, &five, NOW))).await;
    assert_eq!(all.into_iter().filter(Option::is_none).count(), 5);
    assert_eq!(db.read().await.unwrap().counters().sum("x", NOW - MINUTE).await.unwrap(), 5);
});

contract!(wide_buckets_leave_a_window_as_a_whole, async |db: Db| {
    let windows = vec![Window { span: HOUR, max: 1 }];
    let wide = [Limit { key: "w".to_owned(), width: MINUTE, windows }];
    let at = NOW + Duration::from_secs(30);
    assert_eq!(count(&db, &wide, at).await, None);
    let free_at = count(&db, &wide, at).await.unwrap();
    assert_eq!(free_at, at + HOUR, "no wait is longer than its window");
    let gone = NOW + HOUR + MINUTE - Duration::from_millis(1);
    assert_eq!(count(&db, &wide, NOW + HOUR).await, Some(gone));
    assert_eq!(count(&db, &wide, gone).await, None);
});

contract!(x123_a_clock_set_back_never_waits_longer_than_the_window, async |db: Db| {
    let one = [limit("a", 1)];
    assert_eq!(count(&db, &one, NOW + HOUR).await, None);
    assert_eq!(count(&db, &one, NOW).await, Some(NOW + HOUR));
});

contract!(looking_counts_nothing, async |db: Db| {
    for _ in 0..3 {
        let free_at = db.read().await.unwrap().counters().peek(&limit("a", 1), NOW).await;
        assert_eq!(free_at.unwrap(), None);
    }
    assert_eq!(count(&db, &[limit("a", 1)], NOW).await, None);
    let free_at = db.read().await.unwrap().counters().peek(&limit("a", 1), NOW).await;
    assert_eq!(free_at.unwrap(), Some(NOW + HOUR));
});

contract!(refunded_hits_may_be_used_again, async |db: Db| {
    let two = [limit("a", 2)];
    count(&db, &two, NOW).await;
    count(&db, &two, NOW + MINUTE).await;
    let given = limit("a", 2);
    let back = store::transaction!(db, |tx| tx.counters().refund(&given, NOW, 5).await);
    back.await.unwrap();
    assert_eq!(count(&db, &two, NOW + MINUTE).await, None);
    assert_eq!(count(&db, &two, NOW + MINUTE).await, None);
    assert!(count(&db, &two, NOW + MINUTE).await.is_some());
});

contract!(x57_distinct_values_are_counted_once_each, async |db: Db| {
    let tell = |what: i64, now: Timestamp| {
        let db = db.clone();
        async move {
            let two = Window { span: HOUR, max: 2 };
            db.write(move |tx| {
                Box::pin(async move {
                    let free_at = tx.counters().count_distinct("c", what, two, now).await?;
                    free_at.map_or(Ok(None), |_| Err(Error::Busy))
                })
            })
            .await
            .map(|never: Option<()>| assert!(never.is_none()))
            .is_ok()
        }
    };
    for (what, passes) in [(44, true), (44, true), (49, true), (1, false), (44, true)] {
        assert_eq!(tell(what, NOW).await, passes, "{what}");
    }
    assert!(tell(1, NOW + HOUR).await);
});

contract!(x11_hits_in_no_window_are_deleted, async |db: Db| {
    count(&db, &[limit("a", 5)], NOW).await;
    for (at, deleted) in [(NOW + HOUR, 0), (NOW + HOUR + MINUTE, 2)] {
        let swept = store::transaction!(db, |tx| tx.counters().delete_old(at).await);
        assert_eq!(swept.await.unwrap(), deleted);
    }
});
