//! How a database is opened.

use std::time::Duration;

/// The most connections to a PostgreSQL server, if nothing else is said.
const DEFAULT_CONNECTIONS: u32 = 16;
/// How long to wait for a free connection, if nothing else is said.
const DEFAULT_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement may take on PostgreSQL, if nothing else is said.
const DEFAULT_STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// How a database is opened. The default is what a shop on SQLite, or beside PostgreSQL, needs.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    pub durability: Durability,
    /// The address of PostgreSQL itself, if the database's URL leads through a pooler.
    pub direct_url: Option<String>,
    /// The most connections to a PostgreSQL server, or to its pooler. One of them receives
    /// notifications, unless there is a direct URL.
    pub max_connections: u32,
    /// How long a request waits for a free connection before the database counts as busy.
    pub acquire_timeout: Duration,
    /// How long a statement may take on PostgreSQL, and how long a client may be silent within a
    /// transaction. Migrations have no limit.
    pub statement_timeout: Duration,
}

/// How much longer than the server itself the shop waits for the answer to a statement.
const MAX_ANSWER_DELAY: Duration = Duration::from_secs(2);

impl OpenOptions {
    /// How long PostgreSQL may take to answer a statement before its connection counts as lost: a
    /// little longer than the statement may take, which the server ends and says so.
    pub(crate) fn answer_timeout(&self) -> Duration {
        self.statement_timeout + self.statement_timeout.min(MAX_ANSWER_DELAY)
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            direct_url: None,
            max_connections: DEFAULT_CONNECTIONS,
            acquire_timeout: DEFAULT_ACQUIRE_TIMEOUT,
            statement_timeout: DEFAULT_STATEMENT_TIMEOUT,
        }
    }
}

/// How hard SQLite tries to keep a commit through a power cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A commit is on the disk before `Db::write` returns. The shop uses this.
    #[default]
    Full,
    /// A power cut may undo the last commits. For measurements and tests only.
    Normal,
}
