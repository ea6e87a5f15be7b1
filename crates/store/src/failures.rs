//! Consecutive wrong codes of one subject: a phone, or the name of something
//! typed that is no phone of ours. A row appears with the first failure.

use domain::Timestamp;

use crate::{
    Connection, Error, Result,
    connection::{execute, with_connection},
};

/// Consecutive wrong codes.
pub struct Failures<'c>(&'c mut Connection);

impl Connection {
    /// Consecutive wrong codes.
    pub fn failures(&mut self) -> Failures<'_> {
        Failures(self)
    }
}

/// How one subject stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// Wrong codes since the last right one.
    pub consecutive: u32,
    /// No code is judged or sent before this.
    pub wait_until: Timestamp,
    /// When codes were switched off.
    pub disabled_at: Option<Timestamp>,
    /// When the owner was warned of that.
    pub warned_at: Option<Timestamp>,
}

const FIND: &str = "select consecutive, wait_until, disabled_at, warned_at
    from code_failures where subject = $1";

const ADD: &str = "insert into code_failures (subject, consecutive, wait_until, updated_at)
    values ($1, 1, 0, $2)
    on conflict (subject) do update
    set consecutive = code_failures.consecutive + 1, updated_at = excluded.updated_at
    where code_failures.disabled_at is null and code_failures.wait_until <= $2
    returning consecutive, wait_until, disabled_at, warned_at";

const WAIT: &str = "update code_failures set wait_until = $2 where subject = $1";

const WARN: &str = "update code_failures set warned_at = $2
    where subject = $1 and warned_at is null";

const TAKE_WARNING_BACK: &str = "update code_failures set warned_at = null where subject = $1";

const DISABLE: &str = "update code_failures set disabled_at = $2
    where subject = $1 and disabled_at is null";

const CLEAR: &str = "delete from code_failures where subject = $1 and disabled_at is null";

const RECOVER: &str = "delete from code_failures where subject = $1";

const DELETE_OLD: &str = "delete from code_failures where updated_at < $1 and disabled_at is null";

impl Failures<'_> {
    /// How a subject stands; `None` if it never failed.
    pub async fn find(&mut self, subject: &str) -> Result<Option<FailureCount>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(FIND).bind(subject).fetch_optional(c).await
        })?;
        row.map(Row::into_domain).transpose()
    }

    /// Counts one failure, and answers how the subject stands now; `None`, and
    /// nothing counted, if it waits or is switched off. One statement, so that of
    /// many at once no more get through than one after the other.
    pub async fn add(&mut self, subject: &str, now: Timestamp) -> Result<Option<FailureCount>> {
        let row: Option<Row> = with_connection!(self.0, c => {
            sqlx::query_as(ADD).bind(subject).bind(now.as_millis()).fetch_optional(c).await
        })?;
        row.map(Row::into_domain).transpose()
    }

    /// Lets a subject wait.
    pub async fn wait(&mut self, subject: &str, until: Timestamp) -> Result<()> {
        execute!(self.0, WAIT, subject, until.as_millis())?;
        Ok(())
    }

    /// AuditBuffer that the owner was warned. True if that had not been noted.
    pub async fn warn(&mut self, subject: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, WARN, subject, now.as_millis())? == 1)
    }

    /// The owner was not told after all.
    pub async fn take_warning_back(&mut self, subject: &str) -> Result<()> {
        execute!(self.0, TAKE_WARNING_BACK, subject)?;
        Ok(())
    }

    /// Switches a subject's codes off. True if they were on.
    pub async fn disable(&mut self, subject: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, DISABLE, subject, now.as_millis())? == 1)
    }

    /// Forgets the failures of a subject whose codes are not switched off.
    pub async fn clear(&mut self, subject: &str) -> Result<()> {
        execute!(self.0, CLEAR, subject)?;
        Ok(())
    }

    /// Switches a subject's codes on again and forgets its failures.
    pub async fn recover(&mut self, subject: &str) -> Result<bool> {
        Ok(execute!(self.0, RECOVER, subject)? == 1)
    }

    /// Forgets failures older than `before`, switched-off subjects excepted.
    pub async fn delete_old(&mut self, before: Timestamp) -> Result<u64> {
        Ok(execute!(self.0, DELETE_OLD, before.as_millis())?)
    }
}

row! {
    struct Row {
        consecutive: i64,
        wait_until: i64,
        disabled_at: Option<i64>,
        warned_at: Option<i64>,
    }
}

impl Row {
    fn into_domain(self) -> Result<FailureCount> {
        Ok(FailureCount {
            consecutive: u32::try_from(self.consecutive)
                .map_err(|_| Error::corrupt("code_failures", "consecutive"))?,
            wait_until: Timestamp::from_millis(self.wait_until),
            disabled_at: self.disabled_at.map(Timestamp::from_millis),
            warned_at: self.warned_at.map(Timestamp::from_millis),
        })
    }
}
