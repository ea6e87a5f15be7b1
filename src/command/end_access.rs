//! `marigold end-access`: ends every live code, session and permission. It is for a PostgreSQL
//! database that was restored with PostgreSQL's own tools; `marigold restore` does it itself.

use std::io::{self, Write};

use anyhow::Context;
use marigold::config::DatabaseSettings;
use shop::{Clock, Entropy};
use store::EndedAccess;

use super::{application, database_lock::DatabaseLock};

/// Brings the tables up to date, and ends everything that opens something.
pub async fn run(
    settings: &DatabaseSettings,
    entropy: &Entropy,
    clock: &Clock,
) -> anyhow::Result<()> {
    let _lock = DatabaseLock::take(&settings.url)?;
    let db = application::connect(settings).await?;
    db.migrate().await.context("cannot migrate the database")?;
    let ended = shop::end_access::end_access(&db, clock, entropy).await?;
    db.close().await;
    report(ended)
}

/// Prints what was ended.
pub fn report(ended: EndedAccess) -> anyhow::Result<()> {
    let EndedAccess { codes, recovery_codes, sign_ins, sessions, trusted_devices, permissions } =
        ended;
    writeln!(
        io::stdout(),
        "ended: {codes} codes, {recovery_codes} recovery codes, {sign_ins} sign-ins, {sessions} \
         sessions, {trusted_devices} trusted devices, {permissions} permissions"
    )?;
    Ok(())
}
