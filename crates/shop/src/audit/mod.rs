//! The audit log of accounts and codes, under the event names of the OWASP logging
//! vocabulary where it has one. It never holds a code, a password or a phone number.

mod buffer;

use domain::{AccountId, Timestamp};
use store::{AuditEvent, Connection, Db};
use strum::{IntoStaticStr, VariantArray};

use crate::{clock::Clock, entropy::Entropy, error::Result};

pub(crate) use buffer::AuditBuffer;

/// What the audit log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
pub enum Event {
    /// The right code was given.
    #[strum(serialize = "authn_code_success")]
    CodeAccepted,
    /// A wrong code was given.
    #[strum(serialize = "authn_code_fail")]
    CodeRefused,
    /// A code that had been accepted was given again.
    #[strum(serialize = "authn_token_reuse")]
    CodeReused,
    /// So many wrong codes were given in a row that codes are refused for a while.
    #[strum(serialize = "authn_code_lock")]
    CodesWait,
    /// So many wrong codes were given in a row that the phone's codes are disabled.
    #[strum(serialize = "authn_code_fail_max")]
    CodesDisabled,
    /// The phone's codes were enabled again.
    #[strum(serialize = "authn_code_recovered")]
    CodesRecovered,
    /// What a code confirms changed after the code was requested.
    #[strum(serialize = "sequence_fail")]
    BindingChanged,
    /// A sign-in was completed and its session created. The vocabulary's `session_created`
    /// would repeat this.
    #[strum(serialize = "authn_login_success")]
    LoginSucceeded,
    /// The right password was given; the sign-in still needs the code.
    #[strum(serialize = "authn_password_success")]
    PasswordAccepted,
    /// A wrong password was given.
    #[strum(serialize = "authn_login_fail")]
    LoginFailed,
    /// So many wrong passwords were given that an e-mail address has to wait.
    #[strum(serialize = "authn_login_lock")]
    LoginLocked,
    /// An account was created.
    #[strum(serialize = "user_created")]
    UserCreated,
    /// A password was set.
    #[strum(serialize = "authn_password_change")]
    PasswordChanged,
    /// A change of the password was requested with a wrong current password.
    #[strum(serialize = "authn_password_change_fail")]
    PasswordChangeFailed,
    /// The owner of an account confirmed the e-mail address.
    #[strum(serialize = "authn_email_confirmed")]
    EmailConfirmed,
    /// The merchant started a change of phone for an account.
    #[strum(serialize = "authn_phone_change_requested")]
    PhoneChangeRequested,
    /// A change of phone that the merchant started was stopped, by the owner or the merchant.
    #[strum(serialize = "authn_phone_change_stopped")]
    PhoneChangeStopped,
    /// After the wait, the owner was permitted to set a new phone.
    #[strum(serialize = "authn_phone_change_permitted")]
    PhoneChangePermitted,
    /// Recovery codes were made; those of before are void.
    #[strum(serialize = "authn_recovery_codes_created")]
    RecoveryCodesMade,
    /// A recovery code was used.
    #[strum(serialize = "authn_recovery_code_success")]
    RecoveryCodeUsed,
    /// A copy of an account's data was asked for with the password.
    #[strum(serialize = "user_data_exported")]
    DataExported,
    /// The owner deleted the account.
    #[strum(serialize = "user_deleted")]
    AccountDeleted,
    /// The phone of an account was replaced.
    #[strum(serialize = "user_updated")]
    PhoneChanged,
    /// A sign-in got a new id, after password and code were given again.
    #[strum(serialize = "session_renewed")]
    SessionRenewed,
    /// A session ended.
    #[strum(serialize = "session_expired")]
    SessionEnded,
    /// A browser used a sign-in that had ended.
    #[strum(serialize = "session_use_after_expire")]
    SessionUsedAfterEnd,
    /// A browser was trusted to skip the sign-in code.
    #[strum(serialize = "authn_token_created")]
    DeviceTrusted,
    /// A browser is no longer trusted to skip the sign-in code.
    #[strum(serialize = "authn_token_revoked")]
    DeviceRevoked,
    /// WhatsApp reported that the person of an account's phone has another number or other ids.
    #[strum(serialize = "user_phone_change_reported")]
    WhatsAppUserChanged,
    /// A signed-in shopper requested something that only the merchant may see.
    #[strum(serialize = "authz_fail")]
    AccessRefused,
    /// Another site sent a request for a change.
    #[strum(serialize = "malicious_csrf")]
    ForeignRequest,
    /// A limit was reached.
    #[strum(serialize = "excess_rate_limit_exceeded")]
    LimitReached,
    /// Every live code, session and permission was ended, because the database was restored.
    #[strum(serialize = "authn_all_access_ended")]
    AllAccessEnded,
    /// Most codes given in the whole shop are wrong.
    #[strum(serialize = "authn_code_fail_ratio")]
    GuessingSuspected,
}

impl Event {
    /// Every event.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The name in the row.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
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
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn s_o22_every_event_has_a_name_of_its_own() {
        let names: HashSet<_> = Event::ALL.iter().map(|event| event.as_str()).collect();
        assert_eq!(names.len(), Event::ALL.len());
    }
}
