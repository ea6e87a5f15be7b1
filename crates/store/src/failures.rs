//! Consecutive wrong codes of one subject: the keyed hash of a phone, or of a typed
//! identifier that belongs to no account. The first failure adds the row.

use domain::Timestamp;

use crate::{
    Error, Result,
    connection::{execute, fetch_optional},
};

repository! {
    /// Consecutive wrong codes.
    failures: Failures
}

/// The wrong codes of one subject, and what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureCount {
    /// How many wrong codes were entered since the last right one.
    pub consecutive: u32,
    /// No code is checked or sent before this time.
    pub wait_until: Timestamp,
    /// When codes were switched off for the subject.
    pub disabled_at: Option<Timestamp>,
    /// When the owner was warned that codes will be switched off.
    pub warned_at: Option<Timestamp>,
    /// When the last wrong code was entered.
    pub updated_at: Timestamp,
}

const FIND: &str = "select consecutive, wait_until, disabled_at, warned_at, updated_at
    from code_failures where subject = $1";

const ADD: &str = "insert into code_failures (subject, consecutive, wait_until, updated_at)
    values ($1, 1, 0, $2)
    on conflict (subject) do update
    set consecutive = code_failures.consecutive + 1, updated_at = excluded.updated_at
    where code_failures.disabled_at is null and code_failures.wait_until <= $2
    returning consecutive, wait_until, disabled_at, warned_at, updated_at";

const SET_WAIT: &str = "update code_failures set wait_until = $2 where subject = $1";

const MARK_WARNED: &str = "update code_failures set warned_at = $2
    where subject = $1 and warned_at is null";

const CLEAR_WARNING: &str = "update code_failures set warned_at = null where subject = $1";

const DISABLE: &str = "update code_failures set disabled_at = $2
    where subject = $1 and disabled_at is null";

const CLEAR: &str = "delete from code_failures where subject = $1 and disabled_at is null";

const RECOVER: &str = "delete from code_failures where subject = $1";

const RECOVER_UNTIL: &str = "delete from code_failures where subject = $1 and updated_at <= $2";

const DELETE_OLD: &str = "delete from code_failures where updated_at < $1 and disabled_at is null";

impl Failures<'_> {
    /// The wrong codes of a subject; `None` if there are none.
    pub async fn find(&mut self, subject: &str) -> Result<Option<FailureCount>> {
        let row: Option<Row> = fetch_optional!(self.0, FIND, subject)?;
        row.map(Row::into_domain).transpose()
    }

    /// Counts one wrong code. `None`, and nothing is counted, while the subject must wait
    /// or codes are switched off. One statement, so that concurrent attempts get no
    /// further than sequential ones.
    pub async fn add(&mut self, subject: &str, now: Timestamp) -> Result<Option<FailureCount>> {
        let row: Option<Row> = fetch_optional!(self.0, ADD, subject, now.as_millis())?;
        row.map(Row::into_domain).transpose()
    }

    /// Makes a subject wait until a time.
    pub async fn wait(&mut self, subject: &str, until: Timestamp) -> Result<()> {
        execute!(self.0, SET_WAIT, subject, until.as_millis())?;
        Ok(())
    }

    /// Records that the owner was warned; `true` if it had not been recorded.
    pub async fn warn(&mut self, subject: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, MARK_WARNED, subject, now.as_millis())? == 1)
    }

    /// Records that the owner was not warned after all.
    pub async fn clear_warning(&mut self, subject: &str) -> Result<()> {
        execute!(self.0, CLEAR_WARNING, subject)?;
        Ok(())
    }

    /// Switches codes off for a subject; `true` if they were on.
    pub async fn disable(&mut self, subject: &str, now: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, DISABLE, subject, now.as_millis())? == 1)
    }

    /// Deletes the wrong codes of a subject, unless its codes are switched off.
    pub async fn clear(&mut self, subject: &str) -> Result<()> {
        execute!(self.0, CLEAR, subject)?;
        Ok(())
    }

    /// Deletes the wrong codes of a subject, and switches its codes on again.
    pub async fn recover(&mut self, subject: &str) -> Result<bool> {
        Ok(execute!(self.0, RECOVER, subject)? == 1)
    }

    /// The same, unless a wrong code was entered after a time.
    pub async fn recover_until(&mut self, subject: &str, until: Timestamp) -> Result<bool> {
        Ok(execute!(self.0, RECOVER_UNTIL, subject, until.as_millis())? == 1)
    }

    /// Deletes wrong codes older than `before`, except of subjects whose codes are off.
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
        updated_at: i64,
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
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}
