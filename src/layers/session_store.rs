//! Stores sessions in the shop's database. The key of a row is the SHA-256 of the cookie, so
//! that a copy of the table gives access to no session.

use async_trait::async_trait;
use domain::{Causes, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shop::{Shop, warnings};
use std::collections::HashMap;
use tower_sessions::{
    SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// The session store of the shop's database.
#[derive(Clone)]
pub struct ShopSessions(pub Shop);

impl std::fmt::Debug for ShopSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShopSessions")
    }
}

#[async_trait]
impl SessionStore for ShopSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (data, expires_at) = row(record)?;
        let sessions = self.0.sessions();
        let is_new = sessions.create_data(&digest(&record.id), &data, expires_at).await;
        match is_new.map_err(backend)? {
            true => Ok(()),
            // Two ids of 128 random bits are never equal by chance.
            false => Err(Error::Backend("a session with this id exists".into())),
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (data, expires_at) = row(record)?;
        let saved = self.0.sessions().save_data(&digest(&record.id), &data, expires_at).await;
        saved.map(|_| ()).map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.0.sessions().load_data(&digest(id)).await.map_err(backend)?;
        if found.is_none() {
            warnings::count("session.unknown", "cookie", "no_such_session");
        }
        found.map(|(data, expires_at)| record(*id, &data, expires_at)).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.sessions().delete_data(&digest(id)).await.map_err(backend)
    }
}

fn digest(id: &Id) -> String {
    Sha256::digest(id.to_string()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn row(record: &Record) -> Result<(String, Timestamp)> {
    let data =
        serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let millis = record.expiry_date.unix_timestamp_nanos() / 1_000_000;
    Ok((data, Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))))
}

fn record(id: Id, data: &str, expires_at: Timestamp) -> Result<Record> {
    let data: HashMap<String, Value> =
        serde_json::from_str(data).map_err(|error| Error::Decode(error.to_string()))?;
    let nanos = i128::from(expires_at.as_millis()) * 1_000_000;
    let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .map_err(|error| Error::Decode(error.to_string()))?;
    Ok(Record { id, data, expiry_date })
}

/// The session layer's error with all causes in its text, which is all that it takes.
fn backend(error: shop::Error) -> Error {
    Error::Backend(Causes(&error).to_string())
}
