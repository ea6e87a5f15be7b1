//! The composition of the shop: its dependencies, and access to the use cases.
//!
//! A [`Shop`] is a cheap clone of one shared inner value. Each method returns the use cases
//! of one subject, which are implemented in the module of that name.

use std::sync::Arc;

use domain::EmailAddress;
use payment::Gateway;
use store::Db;
use whatsapp::MessageProvider;

use crate::{
    account::Account,
    audit::{Audit, AuditBuffer},
    carts::Carts,
    catalogue::Catalogue,
    checkout::Checkout,
    clock::Clock,
    codes::Codes,
    delivery::{self, Delivery, ProviderState},
    devices::Devices,
    entropy::Entropy,
    error::Result,
    limits::{AttemptSource, Limits},
    merchant::Merchant,
    orders::Orders,
    password_attempts::PasswordAttempts,
    passwords::{Passwords, RehashQueue, rehash_outdated},
    payments::Payments,
    registration::Registration,
    reset::Reset,
    seed::Seed,
    sessions::Sessions,
    settings::Settings,
    sign_in::SignIn,
    striped_lock::StripedLock,
    templates::{TemplateJobs, Templates},
    visitor::Visitor,
};

/// The use cases of the shop.
#[derive(Clone)]
pub struct Shop(Arc<ShopInner>);

/// The dependencies of a shop, and the state that its modules keep in memory.
struct ShopInner {
    dependencies: Dependencies,
    delivery: delivery::State,
    template_jobs: TemplateJobs,
    rehash_queue: RehashQueue,
    audit_buffer: AuditBuffer,
    confirmations: StripedLock,
}

/// The dependencies of a shop.
pub struct Dependencies {
    /// The database.
    pub db: Db,
    /// The message providers, in the merchant's order of preference.
    pub providers: Vec<Arc<dyn MessageProvider>>,
    /// The payment gateway.
    pub gateway: Arc<dyn Gateway>,
    /// The clock that every use case reads.
    pub clock: Clock,
    /// The source of random numbers.
    pub entropy: Entropy,
    /// The pool in which passwords are hashed.
    pub passwords: Passwords,
    /// The merchant's configuration.
    pub settings: Settings,
}

impl Shop {
    /// A shop made of these dependencies.
    pub fn new(dependencies: Dependencies) -> Self {
        Self(Arc::new(ShopInner {
            delivery: delivery::State::new(&dependencies.providers),
            template_jobs: TemplateJobs::default(),
            rehash_queue: RehashQueue::default(),
            audit_buffer: AuditBuffer::default(),
            confirmations: StripedLock::default(),
            dependencies,
        }))
    }

    /// The account of the visitor.
    pub fn account(&self) -> Account<'_> {
        Account(self)
    }

    /// The audit log.
    pub fn audit(&self) -> Audit {
        Audit {
            db: self.db().clone(),
            clock: self.clock().clone(),
            entropy: self.entropy().clone(),
            buffer: self.0.audit_buffer.clone(),
        }
    }

    /// The carts of guests and accounts.
    pub fn carts(&self) -> Carts<'_> {
        Carts {
            db: self.db(),
            clock: self.clock(),
            entropy: self.entropy(),
            currency: self.settings().currency,
        }
    }

    /// The public catalogue.
    pub fn catalogue(&self) -> Catalogue<'_> {
        Catalogue { db: self.db() }
    }

    /// The checkout, from the address to the payment.
    pub fn checkout(&self) -> Checkout<'_> {
        Checkout(self)
    }

    /// Challenges and their codes.
    pub fn codes(&self) -> Codes<'_> {
        Codes(self)
    }

    /// Sending messages and receiving their status.
    pub fn delivery(&self) -> Delivery<'_> {
        Delivery(self)
    }

    /// Trusted devices.
    pub fn devices(&self) -> Devices<'_> {
        Devices(self)
    }

    /// The use cases of the merchant. Other visitors are refused with
    /// [`NotFound`](domain::Refusal::NotFound), as if these did not exist (S-B09).
    pub fn merchant(&self, visitor: &Visitor) -> Result<Merchant<'_>> {
        Merchant::authorise(self, visitor)
    }

    /// The rate limits.
    pub fn limits(&self) -> Limits {
        Limits::new(self.settings().policy.clone(), self.settings().keys.clone())
    }

    /// The attempts of this visitor at the password of an e-mail address.
    pub(crate) fn password_attempts(
        &self,
        visitor: &Visitor,
        email: &EmailAddress,
        source: AttemptSource,
    ) -> Result<PasswordAttempts> {
        Ok(PasswordAttempts {
            db: self.db().clone(),
            clock: self.clock().clone(),
            passwords: self.passwords().clone(),
            audit: self.audit(),
            limits: self.limits().password_attempts(email, &visitor.address, source)?,
        })
    }

    /// The orders of accounts.
    pub fn orders(&self) -> Orders<'_> {
        Orders { db: self.db(), clock: self.clock(), gateway: self.gateway() }
    }

    /// Charges and refunds at the payment gateway.
    pub fn payments(&self) -> Payments<'_> {
        Payments { db: self.db(), clock: self.clock(), gateway: self.gateway() }
    }

    /// Registration.
    pub fn registration(&self) -> Registration<'_> {
        Registration(self)
    }

    /// Replaces the password hashes that were found outdated since the last call.
    pub async fn rehash_passwords(&self) -> Result<()> {
        rehash_outdated(self).await
    }

    /// A forgotten password.
    pub fn reset(&self) -> Reset<'_> {
        Reset(self)
    }

    /// The catalogue and the accounts of the demonstration.
    pub fn seed(&self) -> Seed<'_> {
        Seed(self)
    }

    /// Sign-ins and browser sessions.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }

    /// Signing in.
    pub fn sign_in(&self) -> SignIn<'_> {
        SignIn(self)
    }

    /// The message templates that providers have to approve.
    pub fn templates(&self) -> Templates<'_> {
        Templates {
            db: self.db(),
            clock: self.clock(),
            settings: self.settings(),
            provider_states: self.provider_states(),
        }
    }

    /// The merchant's configuration.
    pub fn settings(&self) -> &Settings {
        &self.0.dependencies.settings
    }

    /// The clock that every use case reads.
    pub fn clock(&self) -> &Clock {
        &self.0.dependencies.clock
    }

    /// The pool in which passwords are hashed.
    pub fn passwords(&self) -> &Passwords {
        &self.0.dependencies.passwords
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.dependencies.db
    }

    pub(crate) fn entropy(&self) -> &Entropy {
        &self.0.dependencies.entropy
    }

    pub(crate) fn gateway(&self) -> &dyn Gateway {
        self.0.dependencies.gateway.as_ref()
    }

    pub(crate) fn delivery_state(&self) -> &delivery::State {
        &self.0.delivery
    }

    /// Every provider, in the merchant's order of preference.
    pub(crate) fn provider_states(&self) -> &[Arc<ProviderState>] {
        &self.0.delivery.provider_states
    }

    /// One confirmation of a payment at a time for each browser.
    pub(crate) fn confirmations(&self) -> &StripedLock {
        &self.0.confirmations
    }

    pub(crate) fn template_jobs(&self) -> &TemplateJobs {
        &self.0.template_jobs
    }

    pub(crate) fn rehash_queue(&self) -> &RehashQueue {
        &self.0.rehash_queue
    }

    /// Words known of an account and of the shop, which must not be the password.
    pub(crate) fn own_words<'w>(&'w self, account: &'w store::Account) -> [&'w str; 3] {
        [&self.settings().shop_name, &account.name, account.email.as_str()]
    }
}
