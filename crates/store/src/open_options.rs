//! How a database is opened.

/// The most connections to a PostgreSQL server, if nothing else is said.
const DEFAULT_CONNECTIONS: u32 = 16;

/// How a database is opened. The default is what a shop on SQLite, or beside PostgreSQL, needs.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    pub durability: Durability,
    /// The address of PostgreSQL itself, if the database's URL leads through a pooler.
    pub direct_url: Option<String>,
    /// The most connections to a PostgreSQL server, or to its pooler. One of them receives
    /// notifications, unless there is a direct URL.
    pub max_connections: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            direct_url: None,
            max_connections: DEFAULT_CONNECTIONS,
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
