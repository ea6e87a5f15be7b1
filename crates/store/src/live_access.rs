//! Ends everything that opens something. A database that was restored from a backup has codes,
//! sessions and permissions of that time, and does not know which of them were used since.

use domain::Timestamp;

use crate::{Result, connection::execute};

repository! {
    /// Everything that opens something.
    live_access: LiveAccess
}

/// How many rows of which kind were ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndedAccess {
    /// One-time codes, also those of payments.
    pub codes: u64,
    pub recovery_codes: u64,
    /// Sign-ins of accounts.
    pub sign_ins: u64,
    /// Sessions of browsers, also those of visitors who are not signed in.
    pub sessions: u64,
    pub trusted_devices: u64,
    /// Permissions to set a password or a phone, to pay or to read an order, changes of phone that the merchant
    /// started, registrations, and links that confirm an e-mail address.
    pub permissions: u64,
}

const REVOKE_CHALLENGES: &str = "update challenges set revoked_at = $1
    where consumed_at is null and revoked_at is null";

const END_SIGN_INS: &str = "update sign_ins set ended_at = $1 where ended_at is null";

/// Expired sessions are deleted elsewhere.
const DELETE_SESSIONS: &str = "delete from sessions where expires_at > $1";

const REVOKE_DEVICES: &str = "update trusted_devices set revoked_at = $1 where revoked_at is null";

const SPEND_RECOVERY_CODES: &str = "update recovery_codes set used_at = $1 where used_at is null";

/// Otherwise the sets that are still shown could be derived again.
const FORGET_RECOVERY_CODES: &str =
    "update recovery_code_sets set nonce = null, shown_until = $1 where nonce is not null";

const END_PERMISSIONS: [&str; 7] = [
    "update reset_permissions set used_at = $1 where used_at is null",
    "update phone_permissions set used_at = $1 where used_at is null",
    "update phone_change_requests set ended_at = $1, ended_by = 'restore' where ended_at is null",
    "update authorisations set used_at = $1 where used_at is null",
    "update email_confirmations set used_at = $1 where used_at is null",
    "update order_permissions set expires_at = $1 where expires_at > $1",
    "update registrations set expires_at = $1 where expires_at > $1",
];

impl LiveAccess<'_> {
    /// Ends all of it.
    pub async fn end_all(&mut self, now: Timestamp) -> Result<EndedAccess> {
        let now = now.as_millis();
        let mut ended = EndedAccess {
            codes: execute!(self.0, REVOKE_CHALLENGES, now)?,
            recovery_codes: execute!(self.0, SPEND_RECOVERY_CODES, now)?,
            sign_ins: execute!(self.0, END_SIGN_INS, now)?,
            sessions: execute!(self.0, DELETE_SESSIONS, now)?,
            trusted_devices: execute!(self.0, REVOKE_DEVICES, now)?,
            permissions: 0,
        };
        execute!(self.0, FORGET_RECOVERY_CODES, now)?;
        for sql in END_PERMISSIONS {
            ended.permissions += execute!(self.0, sql, now)?;
        }
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    /// The tables whose rows open nothing by themselves.
    const OTHERS: [&str; 38] = [
        "accounts",
        "audit_events",
        "cart_lines",
        "carts",
        "categories",
        // It was renamed to `challenges` as soon as it was filled.
        "challenges_rebuilt",
        "checkouts",
        "code_failures",
        "counters",
        "emails",
        "invoice_counters",
        "disputes",
        "gateway_cursors",
        "invoices",
        "known_browsers",
        "legal_texts",
        "messages",
        "order_adjustments",
        "order_consents",
        "order_events",
        "order_lines",
        "order_origins",
        "orders",
        "payments",
        // It was renamed to `payments` as soon as it was filled.
        "payments_new",
        "processed_webhooks",
        "products",
        "provider_verifications",
        "recipient_throttle",
        "recovery_code_sets",
        "refunds",
        "stock_changes",
        "template_lists",
        "templates",
        "variants",
        "whatsapp_users",
        "withdrawals",
        "_sqlx_migrations",
    ];

    /// Whoever adds a table decides here whether a restored row of it opens something.
    #[test]
    fn every_table_is_ended_or_opens_nothing() {
        let source = include_str!("live_access.rs").split("#[cfg(test)]").next().unwrap();
        let statements = source.replace("delete from ", "update ");
        let ended = statements.split("update ").skip(1).filter_map(|rest| rest.split(' ').next());
        let known: BTreeSet<_> = ended.chain(OTHERS).map(str::to_owned).collect();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for rest in text.split("create table ").skip(1) {
                let table = rest.split([' ', '(']).next().unwrap();
                assert!(known.contains(table), "does a restored row of {table} open something?");
            }
        }
    }
}
