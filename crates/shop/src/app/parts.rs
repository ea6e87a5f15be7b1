//! The parts that several use cases share.

use store::Db;

use super::Shop;
use crate::{
    audit::Audit, emails::EmailOutbox, entropy::Entropy, outbox::OutboxSignal,
    password_attempts::PasswordAuthentication, phone_change_requests::PhoneChangeRequests,
    reauthentication::Reauthentication,
};

impl Shop {
    pub(super) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(super) fn entropy(&self) -> &Entropy {
        &self.0.entropy
    }

    pub(super) fn audit_log(&self) -> &Audit {
        &self.0.codes.audit
    }

    pub(super) fn email_outbox(&self) -> &EmailOutbox {
        &self.0.codes.emails
    }

    pub(super) fn outbox(&self) -> &OutboxSignal {
        &self.0.codes.outbox
    }

    pub(super) fn phone_changes(&self) -> PhoneChangeRequests {
        PhoneChangeRequests {
            db: self.db().clone(),
            clock: self.clock().clone(),
            entropy: self.entropy().clone(),
            audit: self.audit(),
            emails: self.email_outbox().clone(),
            outbox: self.outbox().clone(),
        }
    }

    pub(super) fn reauthentication(&self) -> Reauthentication<'_> {
        Reauthentication { db: self.db(), authentication: self.authentication() }
    }

    pub(super) fn authentication(&self) -> PasswordAuthentication<'_> {
        PasswordAuthentication {
            db: self.db(),
            clock: self.clock(),
            passwords: self.passwords(),
            audit: self.audit_log(),
            limits: self.limits(),
        }
    }
}
