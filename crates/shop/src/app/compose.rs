//! The construction of a shop: its dependencies, and the state that its modules share.

use std::sync::Arc;

use super::{Shop, ShopInner};
use crate::{
    audit::{Audit, AuditBuffer},
    codes::Codes,
    delivery::{Delivery, State},
    dependencies::Dependencies,
    emails::{EmailOutbox, MailServer},
    limits::Limits,
    outbox::OutboxSignal,
    passwords::RehashQueue,
    payments::Payments,
    settings::Settings,
    striped_lock::StripedLock,
    templates::TemplateJobs,
};

impl Shop {
    /// A shop made of these dependencies, which sends no e-mail.
    pub fn new(dependencies: Dependencies) -> Self {
        Self::with_mail(dependencies, None)
    }

    /// A shop made of these dependencies, which sends e-mails by this server.
    pub fn with_mail(dependencies: Dependencies, mail_server: Option<MailServer>) -> Self {
        let codes = codes(&dependencies, mail_server.is_some());
        let settings = Arc::new(dependencies.settings.clone());
        let delivery = delivery(&dependencies, &codes, settings.clone());
        let Dependencies { db, gateways, clock, entropy, passwords, .. } = dependencies;
        Self(Arc::new(ShopInner {
            payments: Payments { db: db.clone(), clock: clock.clone(), gateways: gateways.clone() },
            db,
            gateways,
            clock,
            entropy,
            passwords,
            settings,
            codes,
            delivery,
            mail_server,
            template_jobs: TemplateJobs::default(),
            rehash_queue: RehashQueue::default(),
            confirmations: StripedLock::default(),
        }))
    }
}

/// The use cases of codes, with the limits, the audit log and the outboxes that others share.
fn codes(dependencies: &Dependencies, sends_emails: bool) -> Codes {
    let Dependencies { db, clock, entropy, providers, settings, .. } = dependencies;
    let Settings { policy, keys, .. } = settings;
    Codes {
        db: db.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        policy: policy.clone(),
        keys: keys.clone(),
        limits: Limits::new(policy.clone(), keys.clone()),
        audit: Audit {
            db: db.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            buffer: AuditBuffer::default(),
        },
        emails: EmailOutbox {
            is_on: sends_emails,
            clock: clock.clone(),
            entropy: entropy.clone(),
            keys: keys.clone(),
        },
        outbox: OutboxSignal::default(),
        providers: providers.iter().cloned().collect(),
    }
}

fn delivery(dependencies: &Dependencies, codes: &Codes, settings: Arc<Settings>) -> Delivery {
    Delivery {
        db: dependencies.db.clone(),
        clock: dependencies.clock.clone(),
        entropy: dependencies.entropy.clone(),
        settings,
        limits: codes.limits.clone(),
        templates: dependencies.templates(),
        audit: codes.audit.clone(),
        outbox: codes.outbox.clone(),
        state: Arc::new(State::new(&dependencies.providers)),
    }
}
