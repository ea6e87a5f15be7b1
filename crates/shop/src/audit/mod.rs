//! The audit log of accounts and codes, under the event names of the OWASP logging
//! vocabulary where it has one. It never holds a code, a password or a phone number.

mod buffer;

use domain::{AccountId, Timestamp};
use store::{AuditEvent, Connection, Db};

use crate::{clock::Clock, entropy::Entropy, error::Result};

pub(crate) use buffer::AuditBuffer;

macro_rules! events {
    ($($(#[doc = $doc:literal])+ $event:ident = $name:literal,)+) => {
        /// What the audit log records.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Event { $($(#[doc = $doc])+ $event,)+ }

        impl Event {
            /// Every event.
            pub const ALL: &[Self] = &[$(Self::$event,)+];

            /// The name in the row.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$event => $name,)+ }
            }
        }
    };
}

events! {
    /// The right code.
    CodeAccepted = "authn_code_success",
    /// A wrong code.
    CodeRefused = "authn_code_fail",
    /// A code that was accepted before, given again.
    CodeReused = "authn_token_reuse",
    /// So many wrong codes in a row that codes wait.
    CodesWait = "authn_code_lock",
    /// So many wrong codes in a row that the phone's codes are off.
    CodesDisabled = "authn_code_fail_max",
    /// The phone's codes are on again.
    CodesRecovered = "authn_code_recovered",
    /// What a code was for changed after the code was asked for.
    BindingChanged = "sequence_fail",
    /// Somebody signed in, and a session was made: the vocabulary's `session_created`
    /// would only say the same again.
    LoginSucceeded = "authn_login_success",
    /// The right password; the code is still to come.
    PasswordAccepted = "authn_password_success",
    /// A wrong password.
    LoginFailed = "authn_login_fail",
    /// So many wrong passwords that an address waits.
    LoginLocked = "authn_login_lock",
    /// A new account.
    UserCreated = "user_created",
    /// A password was set.
    PasswordChanged = "authn_password_change",
    /// A new password was asked for with a wrong old one.
    PasswordChangeFailed = "authn_password_change_fail",
    /// A phone was replaced.
    PhoneChanged = "user_updated",
    /// A sign-in went on under a new id, after password and code were given again.
    SessionRenewed = "session_renewed",
    /// A session ended.
    SessionEnded = "session_expired",
    /// A browser came with a sign-in that is over.
    SessionUsedAfterEnd = "session_use_after_expire",
    /// A browser may skip the sign-in code.
    DeviceTrusted = "authn_token_created",
    /// A browser may no longer skip the sign-in code.
    DeviceRevoked = "authn_token_revoked",
    /// A signed-in shopper asked for something that only the merchant may see.
    AccessRefused = "authz_fail",
    /// A change was asked for by another site.
    ForeignRequest = "malicious_csrf",
    /// A limit was reached.
    LimitReached = "excess_rate_limit_exceeded",
    /// Most codes of the shop are wrong.
    GuessingSuspected = "authn_code_fail_ratio",
}

/// Writes the audit log.
#[derive(Clone)]
pub struct Audit {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) buffer: AuditBuffer,
}

impl Audit {
    /// Records an event in the transaction in which it happens. `detail` holds nothing
    /// secret.
    pub async fn record(
        &self,
        tx: &mut Connection,
        event: Event,
        account: Option<&AccountId>,
        detail: &str,
        now: Timestamp,
    ) -> Result<()> {
        let id = self.entropy.bits()?;
        let event = AuditEvent {
            name: event.as_str().to_owned(),
            account: account.cloned(),
            detail: detail.to_owned(),
            at: now,
        };
        Ok(tx.audit().insert(id, &event).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_o22_every_event_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = Event::ALL.iter().map(|e| e.as_str()).collect();
        assert_eq!(names.len(), Event::ALL.len());
    }
}
