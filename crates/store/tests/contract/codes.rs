//! Challenges, counters, failures, messages, audit.

use std::time::Duration;

use domain::Timestamp;
use store::{Limit, Window};

use crate::harness::contract;

contract!(a_limit_lets_pass_exactly_what_it_says, async |db| {
    let now = Timestamp::from_millis(10_000_000);
    let hour = Window { span: Duration::from_secs(3600), most: 2 };
    let limit = Limit::exact("phone/x".into(), &[hour]);
    for _ in 0..2 {
        let limit = limit.clone();
        let refused = db
            .write(move |tx| Box::pin(async move { tx.counters().count(&[limit], now).await }))
            .await
            .unwrap();
        assert_eq!(refused, None);
    }
    let mut connection = db.read().await.unwrap();
    let room_at = connection.counters().look(&limit, now).await.unwrap();
    assert_eq!(room_at, Some(now + hour.span));
});
