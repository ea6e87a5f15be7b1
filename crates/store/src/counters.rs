//! Rate limits: sliding windows that are counted in buckets of time.
//!
//! A hit is written first and compared with its limit afterwards. The write to bucket 0
//! makes all transactions that count the same key wait for each other, so that no two of
//! them take the last free place. A caller whose limit is reached undoes its hit by
//! undoing the transaction.

use std::time::Duration;

use domain::Timestamp;
use sqlx::{Database, Encode, QueryBuilder, Type};

use crate::{
    Result,
    connection::{Handle, execute, fetch_all, fetch_one, fetch_scalar, with_connection},
};

repository! {
    /// Rate limits.
    counters: Counters
}

/// How often one thing may be done. All of the windows apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is counted. All limits of a key have the same windows and width.
    pub key: String,
    /// The width of a bucket. A millisecond is exact and suits small numbers. A bucket
    /// leaves a window when its last moment does.
    pub width: Duration,
    pub windows: Vec<Window>,
}

/// The most hits within any span of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub span: Duration,
    pub max: u32,
}

impl Limit {
    /// A limit with buckets of one millisecond.
    pub fn exact(key: String, windows: &[Window]) -> Self {
        Self { key, width: Duration::from_millis(1), windows: windows.to_vec() }
    }

    /// The bucket of a time.
    fn bucket(&self, at: Timestamp) -> i64 {
        let width = millis(self.width).max(1);
        at.as_millis().div_euclid(width).saturating_mul(width).max(1)
    }

    /// The buckets after this one are in the window.
    fn start(&self, window: Window, now: Timestamp) -> i64 {
        let reach = millis(window.span).saturating_add(millis(self.width)).saturating_sub(1);
        now.as_millis().saturating_sub(reach)
    }

    /// When a hit made now has left every window.
    fn expires_at(&self, now: Timestamp) -> i64 {
        let longest = self.windows.iter().map(|window| window.span).max().unwrap_or_default();
        (now + longest + self.width).as_millis()
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

const INSERT_HITS: &str = "insert into counters (key, bucket, hits, expires_at) ";

const ON_CONFLICT_ADD: &str = " on conflict (key, bucket) do update set hits = counters.hits + 1,
    expires_at = case when excluded.expires_at > counters.expires_at
      then excluded.expires_at else counters.expires_at end";

const LIST_BUCKETS: &str = "select bucket, hits from counters
    where key = $1 and bucket > $2 and bucket <> 0 order by bucket";

const SUM_HITS: &str = "select cast(coalesce(sum(hits), 0) as bigint) from counters
    where key = $1 and bucket > $2 and bucket <> 0";

const MAX_HITS: &str = "select cast(coalesce(max(hits), 0) as bigint) from counters
    where key = $1 and bucket > $2 and bucket <> 0";

const REMOVE_OLDEST_HIT: &str = "update counters set hits = hits - 1
    where key = $1 and hits > 0 and bucket = (select min(bucket) from counters
      where key = $1 and bucket >= $2 and hits > 0 and bucket <> 0)";

const COUNT_DISTINCT: &str = "select count(*), min(expires_at) from counters
    where key = $1 and bucket <> 0 and expires_at > $2";

const DELETE_OLD: &str = "delete from counters where expires_at <= $1";

impl Counters<'_> {
    /// Counts one hit of each key. No key may occur twice. If a limit is exceeded, returns
    /// when to try again; the caller must then undo the transaction.
    pub async fn count(&mut self, limits: &[Limit], now: Timestamp) -> Result<Option<Timestamp>> {
        Ok(self.count_each(limits, now).await?.into_iter().max().flatten())
    }

    /// Counts one hit of each key, and returns for each limit by itself when to try again.
    pub async fn count_each(
        &mut self,
        limits: &[Limit],
        now: Timestamp,
    ) -> Result<Vec<Option<Timestamp>>> {
        if limits.is_empty() {
            return Ok(Vec::new());
        }
        let zeros = limits.iter().map(|limit| (limit, 0));
        let hits = zeros.chain(limits.iter().map(|limit| (limit, limit.bucket(now))));
        let rows: Vec<Hit> = hits
            .map(|(limit, bucket)| (limit.key.clone(), bucket, limit.expires_at(now)))
            .collect();
        let counted = limits.iter().map(|limit| (limit, 0));
        let all: Vec<_> = counted.collect();
        let sums = self.add_and_sum(rows, starts(&all, now)).await?;
        self.free_each(&all, sums, now).await
    }

    /// Two statements, in one call on SQLite.
    async fn add_and_sum(&mut self, hits: Vec<Hit>, windows: Vec<Start>) -> Result<Vec<i64>> {
        let Handle::Sqlite(handle) = &mut self.0.handle else {
            self.add(hits).await?;
            return self.sums(windows).await;
        };
        let mut query = QueryBuilder::new("");
        push_hits(&mut query, hits);
        query.push("; ");
        push_sums(&mut query, windows);
        Ok(in_order(query.build_query_as().fetch_all(&mut **handle).await?))
    }

    async fn add(&mut self, hits: Vec<Hit>) -> Result<()> {
        with_connection!(self.0, c => {
            let mut query = QueryBuilder::new("");
            push_hits(&mut query, hits);
            query.build().execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// When one more hit would be allowed, if not now. Counts nothing.
    pub async fn peek(&mut self, limit: &Limit, now: Timestamp) -> Result<Option<Timestamp>> {
        let one = [(limit, 1)];
        let sums = self.sums(starts(&one, now)).await?;
        Ok(self.free_each(&one, sums, now).await?.into_iter().max().flatten())
    }

    /// For each limit, when all of its windows, which hold `sums` hits now, allow
    /// this many more hits; `None` if they do now.
    async fn free_each(
        &mut self,
        limits: &[(&Limit, u32)],
        sums: Vec<i64>,
        now: Timestamp,
    ) -> Result<Vec<Option<Timestamp>>> {
        let mut sums = sums.into_iter();
        let mut all = Vec::with_capacity(limits.len());
        for (limit, more) in limits {
            let mut free_at = None;
            for (window, sum) in limit.windows.iter().zip(sums.by_ref()) {
                let max = i64::from(window.max) - i64::from(*more);
                if sum > max {
                    free_at = free_at.max(Some(self.allowed_at(limit, *window, max, now).await?));
                }
            }
            all.push(free_at);
        }
        Ok(all)
    }

    /// The hits in each window, in one statement.
    async fn sums(&mut self, windows: Vec<Start>) -> Result<Vec<i64>> {
        let rows = with_connection!(self.0, c => {
            let mut query = QueryBuilder::new("");
            push_sums(&mut query, windows);
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(in_order(rows))
    }

    /// When so many old buckets have left the window that at most `max` hits remain.
    async fn allowed_at(
        &mut self,
        limit: &Limit,
        window: Window,
        max: i64,
        now: Timestamp,
    ) -> Result<Timestamp> {
        let start = limit.start(window, now);
        let buckets: Vec<(i64, i64)> = fetch_all!(self.0, LIST_BUCKETS, limit.key.as_str(), start)?;
        let mut left: i64 = buckets.iter().map(|(_, hits)| hits).sum();
        let mut allowed_at = now + window.span;
        for (bucket, hits) in buckets {
            left -= hits;
            if left <= max {
                let gone = Timestamp::from_millis(bucket) + window.span + limit.width;
                allowed_at = allowed_at.min(gone - Duration::from_millis(1));
                break;
            }
        }
        Ok(allowed_at)
    }

    /// Counts the value `what` of `key`. If the window holds more distinct values than it
    /// may, returns when to try again.
    pub async fn count_distinct(
        &mut self,
        key: &str,
        what: i64,
        window: Window,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let until = (now + window.span).as_millis();
        let rows: Vec<Hit> = vec![(key.to_owned(), 0, until), (key.to_owned(), what, until)];
        self.add(rows).await?;
        let (different, first): (i64, Option<i64>) =
            fetch_one!(self.0, COUNT_DISTINCT, key, now.as_millis())?;
        let is_too_many = different > i64::from(window.max);
        Ok(is_too_many.then(|| Timestamp::from_millis(first.unwrap_or(until))))
    }

    /// Removes `hits` hits that were counted at `since` or later.
    pub async fn refund(&mut self, limit: &Limit, since: Timestamp, hits: u32) -> Result<()> {
        for _ in 0..hits {
            execute!(self.0, REMOVE_OLDEST_HIT, limit.key.as_str(), limit.bucket(since))?;
        }
        Ok(())
    }

    /// The sum of the hits of `key` after `since`.
    pub async fn sum(&mut self, key: &str, since: Timestamp) -> Result<u64> {
        self.number(SUM_HITS, key, since).await
    }

    /// The hits of the largest bucket of `key` after `since`.
    pub async fn max_bucket(&mut self, key: &str, since: Timestamp) -> Result<u64> {
        self.number(MAX_HITS, key, since).await
    }

    async fn number(&mut self, sql: &'static str, key: &str, since: Timestamp) -> Result<u64> {
        let number: i64 = fetch_scalar!(self.0, sql, key, since.as_millis())?;
        Ok(u64::try_from(number).unwrap_or(0))
    }

    /// Deletes buckets that have left every window.
    pub async fn delete_old(&mut self, now: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, now.as_millis())?)
    }
}

/// Key, bucket, and when the bucket has left every window.
type Hit = (String, i64, i64);

/// Key, and the bucket after which a window begins.
type Start = (String, i64);

/// The starts of the windows of all these limits, in order.
fn starts(limits: &[(&Limit, u32)], now: Timestamp) -> Vec<Start> {
    let windows = limits
        .iter()
        .flat_map(|(limit, _)| limit.windows.iter().map(move |window| (limit, *window)));
    windows.map(|(limit, window)| (limit.key.clone(), limit.start(window, now))).collect()
}

fn push_hits<DB: Database>(query: &mut QueryBuilder<DB>, hits: Vec<Hit>)
where
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    query.push(INSERT_HITS).push_values(hits, |mut row, (key, bucket, expires_at)| {
        row.push_bind(key).push_bind(bucket).push_bind(1_i64).push_bind(expires_at);
    });
    query.push(ON_CONFLICT_ADD);
}

/// One row for each window: its index and its hits.
fn push_sums<DB: Database>(query: &mut QueryBuilder<DB>, windows: Vec<Start>)
where
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    for (index, (key, start)) in (0_i64..).zip(windows) {
        query.push(if index == 0 { "select cast(" } else { " union all select cast(" });
        query.push_bind(index).push(" as bigint), cast(coalesce(sum(hits), 0) as bigint)");
        query.push(" from counters where key = ").push_bind(key);
        query.push(" and bucket <> 0 and bucket > ").push_bind(start);
    }
}

/// The hits of each window, in the order of the request.
fn in_order(mut rows: Vec<(i64, i64)>) -> Vec<i64> {
    rows.sort_unstable();
    rows.into_iter().map(|(_, hits)| hits).collect()
}
